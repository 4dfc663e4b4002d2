"""Where a member is signed in, and signing out elsewhere."""

from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app import permissions
from app.pages.paths import see_other
from app.throttle import WRITE, limiter
from services.accounts import queries, service
from services.accounts.types import Ended, MemberActor, SessionId
from services.core import clock
from services.core.transaction import in_transaction

blueprint = Blueprint("devices", __name__, template_folder="..")


@blueprint.get("/")
def devices() -> ResponseReturnValue:
    found = queries.devices(_member().account_id, token=_token(), now=clock.now())
    return render_template("member/devices.html", devices=found)


@blueprint.post("/<uuid:session_id>/end")
@limiter.limit(WRITE)
def end(session_id: UUID) -> ResponseReturnValue:
    member = _member()
    in_transaction(
        lambda: service.end_device(
            session_id=SessionId(session_id), account_id=member.account_id, actor=member.label, now=clock.now()
        )
    )
    return see_other("devices.devices")


@blueprint.post("/end-others")
@limiter.limit(WRITE)
def end_others() -> ResponseReturnValue:
    """Everywhere but here: also where the member stands at a till or at a desk."""
    member, token = _member(), _token()
    in_transaction(
        lambda: service.end_sessions(
            member.account_id, because=Ended.ELSEWHERE, actor=member.label, now=clock.now(), but=token
        )
    )
    return see_other("devices.devices")


def _member() -> MemberActor:
    return permissions.caller(MemberActor)


def _token() -> str:
    return permissions.token_of_request() or ""
