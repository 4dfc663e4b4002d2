"""Agreements of a shop at the desk: renewed, and the signed papers."""

import io
from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, send_file
from flask.typing import ResponseReturnValue

from app.pages.paths import see_other
from app.pages.staff import desk
from app.pages.staff.shops import one, seen
from app.pages.staff.shops_forms import Typed, keep, next_agreement, paper_needed
from app.throttle import WRITE, limiter
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Conflict, DomainError, Invalid, NotFound
from services.core.files import FILE_UNKNOWN, files
from services.core.transaction import in_transaction
from services.merchants import records, service
from services.merchants.rules import paper_kind
from services.merchants.types import AgreementId, Record

blueprint = Blueprint("staff_agreements", __name__, template_folder="..")

ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


@blueprint.get("/<uuid:merchant_id>/renew")
def renew_form(merchant_id: UUID) -> ResponseReturnValue:
    found = seen(merchant_id)
    last = next(iter(records.agreements(found.id)), None)
    return _renew(found, next_agreement(local_date(clock.now()), last, found.agreement_until))


@blueprint.post("/<uuid:merchant_id>/renew")
@limiter.limit(WRITE)
def renew(merchant_id: UUID) -> ResponseReturnValue:
    """Records another agreement; a form that is sent twice records one."""
    found, typed = seen(merchant_id), Typed()
    signed, paper = typed.signed(), typed.paper()
    if typed.wrong:
        return _renew(found, typed.given, typed.wrong), 422
    actor, now, key = desk.officer().label, clock.now(), keep(paper)
    try:
        agreement_id = in_transaction(
            lambda: service.renew(merchant_id=found.id, **signed, paper_key=key, actor=actor, now=now)
        )
    except DomainError as error:
        _drop(key)
        if not isinstance(error, Invalid | Conflict):
            raise
        typed.fault(error)
        return _renew(found, typed.given, typed.wrong), 422
    if records.agreement(agreement_id, merchant_id=found.id).paper_key != key:
        _drop(key)
    return see_other("staff_shops.shop", merchant_id=found.id)


@blueprint.get("/<uuid:merchant_id>/agreements/<uuid:agreement_id>/paper")
def paper(merchant_id: UUID, agreement_id: UUID) -> ResponseReturnValue:
    """The signed paper, to be kept by whoever opens it: it never opens in the page of our own house."""
    agreement = records.agreement(AgreementId(agreement_id), merchant_id=seen(merchant_id).id)
    if agreement.paper_key is None:
        raise NotFound(FILE_UNKNOWN)
    data = files.get(agreement.paper_key)
    kind = paper_kind(data)
    name = f"agreement-{agreement.starts_on}.{ENDINGS[kind]}"
    return send_file(io.BytesIO(data), mimetype=kind, as_attachment=True, download_name=name)


@blueprint.post("/<uuid:merchant_id>/agreements/<uuid:agreement_id>/paper")
@limiter.limit(WRITE)
def attach(merchant_id: UUID, agreement_id: UUID) -> ResponseReturnValue:
    """The paper of an agreement that was recorded without one."""
    found, typed = seen(merchant_id), Typed()
    data = typed.read("paper", lambda: paper_needed(typed.paper()))
    if typed.wrong:
        return one(found, wrong=typed.wrong), 422
    actor, now, key = desk.officer().label, clock.now(), keep(data) or ""
    try:
        in_transaction(
            lambda: service.attach_paper(
                agreement_id=AgreementId(agreement_id), merchant_id=found.id, paper_key=key, actor=actor, now=now
            )
        )
    except DomainError as error:
        _drop(key)
        if not isinstance(error, Conflict):
            raise
        typed.fault(error, "paper")
        return one(found, wrong=typed.wrong), 409
    return see_other("staff_shops.shop", merchant_id=found.id)


def _renew(found: Record, given: Mapping[str, str], wrong: Mapping[str, str] | None = None) -> str:
    return desk.page(
        "staff/shops_renew.html", shop=found, given=given, wrong=wrong or {}, today=local_date(clock.now())
    )


def _drop(key: str | None) -> None:
    """A paper that no row names."""
    if key:
        files.delete(key)
