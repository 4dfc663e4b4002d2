"""Certificates of attendance: the member's sheet to print, and the page on which anybody checks one."""

from uuid import UUID

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.language import read_in_chinese
from app.pages.paths import see_other
from app.throttle import SEARCH
from services.accounts.types import MemberActor
from services.cards.picture import QUIET_ZONE, draw
from services.core import clock
from services.core.calendar import local_date
from services.events.queries import certificates
from services.events.types import SignupId
from services.events.types.door import Certificate

blueprint = Blueprint("certificates", __name__, template_folder=".")
verify = Blueprint("verify", __name__, template_folder=".")


@blueprint.get("/me/events/<uuid:signup_id>/certificate")
def certificate(signup_id: UUID) -> ResponseReturnValue:
    actor = permissions.caller(MemberActor)
    found = certificates.of_member(SignupId(signup_id), member_id=actor.member_id, now=clock.now())
    read_in_chinese()
    drawing = draw(f"{current_app.config['SETTINGS'].public_url}/verify/{found.code.replace('-', '')}")
    return render_template(
        "certificate.html", one=found, days=_days(found), drawing=drawing, quiet=QUIET_ZONE, signup_id=signup_id
    )


@verify.get("/verify")
@SEARCH
def ask() -> ResponseReturnValue:
    """A field for the code; with ?code= on to what it says."""
    code = request.args.get("code", "").strip()[:60].replace("/", "")
    return see_other("verify.check", code=code) if code else render_template("certificate_check.html", code="")


@verify.get("/verify/<code>")
@SEARCH
def check(code: str) -> ResponseReturnValue:
    """Whether it is good, with the masked name, for anybody who holds the sheet."""
    found = certificates.by_code(code, now=clock.now())
    page = render_template("certificate_check.html", code=code[:60], one=found)
    return page, 200 if found else 404


def _days(one: Certificate) -> str:
    first, last = local_date(one.starts_at), local_date(one.ends_at)
    said = f"{first.year} 年 {first.month} 月 {first.day} 日"
    return said if first == last else f"{said}至 {last.month} 月 {last.day} 日"
