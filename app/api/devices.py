"""Where a member is signed in, signing out elsewhere, and the fresh proof that some acts ask for."""

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import fields

from app import partners, permissions, phone_codes
from app.api import Blueprint
from app.api.schemas import Answer
from app.api.sign_in import PLATFORM, CodeAskedOut, TypedIn, WechatCodeIn
from app.errors import problem_response, refusal_problem
from app.throttle import SIGN_IN, WRITE, limiter
from services.accounts import queries, service
from services.accounts.errors import PHONE_NOT_ON_RECORD
from services.accounts.types import CodeFor, Device, Ended, MemberActor, SessionId
from services.core import clock
from services.core.errors import Conflict, Refusal
from services.core.transaction import in_transaction

devices = Blueprint("api_devices", __name__, description="The member's devices, and proofs to be there")


class DeviceOut(Answer):
    id = fields.UUID()
    persona = fields.String()
    via = fields.String()
    device = fields.String(metadata={"description": "what its owner will recognise; may be empty"})
    created_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime()
    this = fields.Boolean(metadata={"description": "the device that asks"})


@devices.route("/me/devices", methods=["GET"])
@devices.response(200, DeviceOut(many=True))
def list_devices() -> list[Device]:
    """Where the caller is signed in, the newest first."""
    return queries.devices(_member().account_id, token=_token(), now=clock.now())


@devices.route("/me/devices/<uuid:session_id>", methods=["DELETE"])
@limiter.limit(WRITE)
@devices.response(204)
@devices.refusal(404, "it is signed out already, or somebody else's")
def end_device(session_id: UUID) -> None:
    """Signs one device out."""
    member = _member()
    in_transaction(
        lambda: service.end_device(
            session_id=SessionId(session_id), account_id=member.account_id, actor=member.label, now=clock.now()
        )
    )


@devices.route("/me/devices", methods=["DELETE"])
@limiter.limit(WRITE)
@devices.response(204)
def end_other_devices() -> None:
    """Signs out everywhere but here."""
    member, token = _member(), _token()
    in_transaction(
        lambda: service.end_sessions(
            member.account_id, because=Ended.ELSEWHERE, actor=member.label, now=clock.now(), but=token
        )
    )


@devices.route("/me/proof/phone-code", methods=["POST"])
@limiter.limit(SIGN_IN)
@devices.response(201, CodeAskedOut)
@devices.refusal(404, "codes cannot be sent here yet")
@devices.refusal(409, "no phone is on record")
@devices.refusal(429, "one a minute, five an hour and ten a day for each phone")
def ask_proof() -> dict[str, Any]:
    """Sends six digits to the phone on record."""
    asked = phone_codes.ask(phone_codes.on_record(_member()), CodeFor.FRESH)
    return phone_codes.told(asked)


@devices.route("/me/proof/phone", methods=["POST"])
@limiter.limit(SIGN_IN)
@devices.arguments(TypedIn)
@devices.response(204)
@devices.refusal(409, "the digits are wrong, used or over")
def prove_by_code(data: dict[str, Any]) -> Response | None:
    """The digits that were sent prove for ten minutes that the caller is there."""
    member, token, now = _member(), _token(), clock.now()

    def work() -> Refusal | None:
        refused = phone_codes.use_own(
            member, request=data["request"], code=data["code"], purpose=CodeFor.FRESH, now=now
        )
        if refused is None:
            service.prove(token, now=now)
        return refused

    refused = in_transaction(work)
    return problem_response(refusal_problem(refused)) if refused else None


@devices.route("/me/proof/mini-program", methods=["POST"])
@limiter.limit(SIGN_IN)
@devices.arguments(WechatCodeIn)
@devices.response(204)
@devices.refusal(404, "sign-in with WeChat is not set up here")
@devices.refusal(409, "it is another phone than the one on record")
@devices.refusal(503, PLATFORM)
def prove_by_wechat(data: dict[str, Any]) -> None:
    """The phone that WeChat vouches for proves it, if it is the one on record."""
    on_record, token = phone_codes.on_record(_member()), _token()
    if partners.mini_program().phone_number(data["code"]) != on_record:
        raise Conflict(PHONE_NOT_ON_RECORD)
    in_transaction(lambda: service.prove(token, now=clock.now()))


def _member() -> MemberActor:
    return permissions.caller(MemberActor)


def _token() -> str:
    return permissions.token_of_request() or ""
