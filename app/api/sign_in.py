"""Sign-in of mini programs, and of phones by a code."""

from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from app import partners, phone_codes
from app.api import Blueprint
from app.api.accounts import SignInOut
from app.api.schemas import Answer
from app.devices import device
from app.errors import problem_response, refusal_problem
from app.throttle import CROWD, SIGN_IN, address, limiter
from services.accounts import service as accounts
from services.accounts.service import codes, wechat
from services.accounts.types import CodeFor, SignIn, Via
from services.core import clock
from services.core.errors import Refusal
from services.core.transaction import in_transaction

sign_in = Blueprint("api_sign_in", __name__, description="Sign-in through WeChat or by a code to the phone")
PLATFORM = "the platform is busy, or refuses us"


class WechatCodeIn(Schema):
    code = fields.String(
        required=True,
        validate=validate.Length(1, 128),
        metadata={"description": "what wx.login or the phone button gave; it works once"},
    )


class PhoneIn(Schema):
    phone = fields.String(required=True, validate=validate.Length(1, 30))
    purpose = fields.String(required=True, validate=validate.OneOf([CodeFor.SIGN_IN.value, CodeFor.BINDING.value]))


class CodeAskedOut(Answer):
    request = fields.String(metadata={"description": "comes back with the digits; keep it on the device"})
    expires_at = fields.AwareDateTime()
    again_at = fields.AwareDateTime(metadata={"description": "when the next code may be asked for"})


class TypedIn(Schema):
    request = fields.String(required=True, validate=validate.Length(1, 64))
    code = fields.String(required=True, validate=validate.Regexp(r"^[0-9]{6}\Z"))


@sign_in.route("/session/mini-program", methods=["POST"])
@limiter.limit(CROWD, key_func=address)
@sign_in.arguments(WechatCodeIn)
@sign_in.response(201, SignInOut)
@sign_in.refusal(404, "sign-in with WeChat is not set up here")
@sign_in.refusal(503, PLATFORM)
@sign_in.doc(security=[])
def sign_in_mini_program(data: dict[str, Any]) -> SignIn:
    """Signs in whoever stands behind a code of wx.login: as the member, or as a visitor who may bind."""
    user = partners.mini_program().code_to_session(data["code"])

    def work() -> SignIn:
        now = clock.now()
        actor = wechat.actor_of_account(wechat.identify(user=user, now=now))
        return accounts.sign_in(actor, now=now, via=Via.MINI_PROGRAM, device=device())

    return in_transaction(work)


@sign_in.route("/phone-codes", methods=["POST"])
@limiter.limit(SIGN_IN, key_func=address)
@sign_in.arguments(PhoneIn)
@sign_in.response(201, CodeAskedOut)
@sign_in.refusal(404, "codes cannot be sent here yet")
@sign_in.refusal(429, "one a minute, five an hour and ten a day for each phone")
@sign_in.doc(security=[])
def ask_code(data: dict[str, Any]) -> dict[str, Any]:
    """Sends six digits to a phone. The answer is the same for every number."""
    return phone_codes.told(phone_codes.ask(data["phone"], CodeFor(data["purpose"])))


@sign_in.route("/session/phone", methods=["POST"])
@limiter.limit(SIGN_IN, key_func=address)
@sign_in.arguments(TypedIn)
@sign_in.response(201, SignInOut)
@sign_in.refusal(409, "the digits are wrong, used or over")
@sign_in.doc(security=[])
def sign_in_phone(data: dict[str, Any]) -> SignIn | Response:
    """Signs in with digits that were sent for it: the one member of that phone, or a visitor who may bind."""

    def work() -> SignIn | Refusal:
        now = clock.now()
        phone = phone_codes.use(request=data["request"], code=data["code"], purpose=CodeFor.SIGN_IN, now=now)
        if isinstance(phone, Refusal):
            return phone
        actor = codes.by_phone(phone=phone, now=now)
        proved = codes.on_record(actor, phone=phone)
        return accounts.sign_in(actor, now=now, via=Via.PHONE, device=device(), proved=proved)

    result = in_transaction(work)
    return problem_response(refusal_problem(result)) if isinstance(result, Refusal) else result
