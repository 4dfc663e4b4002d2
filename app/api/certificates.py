"""Certificates of attendance: a member's own, and what one says to whoever holds it."""

from typing import Any
from uuid import UUID

from flask import current_app
from marshmallow import Schema, fields, validate

from app import permissions
from app.api import Blueprint
from app.api.schemas import Answer, OfficerText
from app.throttle import SEARCH
from services.accounts.types import MemberActor
from services.core import clock
from services.core.errors import NotFound
from services.events.errors import CERTIFICATE_UNKNOWN
from services.events.queries import certificates as queries
from services.events.types import SignupId

own = Blueprint("api_certificates", __name__, description="The member's certificates of attendance")
checks = Blueprint("api_certificate_checks", __name__, description="Whether a certificate is good, for anybody")


class CertificateIn(Schema):
    code = fields.String(
        required=True, validate=validate.Length(1, 60), metadata={"description": "20 signs, in groups or not"}
    )


class CertifiedOut(Answer):
    title = OfficerText()
    organiser = OfficerText()
    starts_at = fields.AwareDateTime()
    ends_at = fields.AwareDateTime()
    series = fields.String(allow_none=True)
    level = fields.Integer(allow_none=True)
    masked_name = fields.String()


class CertificateOut(CertifiedOut):
    name = fields.String()
    code = fields.String()
    address = fields.String(metadata={"description": "the page that checks it, for a QR code"})


@own.route("/me/signups/<uuid:signup_id>/certificate")
@own.response(200, CertificateOut)
@own.refusal(404, "not of this member, not over, was not there, or of a kind that has none")
def certificate(signup_id: UUID) -> dict[str, Any]:
    """That the member took part, once it is over."""
    member_id = permissions.caller(MemberActor).member_id
    found = queries.of_member(SignupId(signup_id), member_id=member_id, now=clock.now())
    address = f"{current_app.config['SETTINGS'].public_url}/verify/{found.code.replace('-', '')}"
    return {**vars(found), "masked_name": found.masked_name, "address": address}


@checks.route("/certificates/check", methods=["POST"])
@SEARCH
@checks.arguments(CertificateIn)
@checks.response(200, CertifiedOut)
@checks.refusal(404, "no certificate has this code")
@checks.doc(security=[])
def check(data: dict[str, str]) -> Any:
    """What the certificate with this code says, with the masked name."""
    found = queries.by_code(data["code"], now=clock.now())
    if found is None:
        raise NotFound(CERTIFICATE_UNKNOWN)
    return found
