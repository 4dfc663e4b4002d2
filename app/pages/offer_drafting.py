"""A draft on its way through the form, for officers and for owners: what the form and the look at it need.

The two doors differ in who may and in where a draft goes; what is shown is the same.
"""

from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict

from app import terms
from app.language import language
from app.pages.offer_form import Desk, Written
from app.pages.offer_form_fill import opened
from app.pages.offer_preview import samples, trial
from app.pages.sent import whole_number
from app.wording import weekdays
from services.core import clock
from services.members.rules import may_use_benefits
from services.members.types import Standing
from services.merchants.queries import branches_of
from services.merchants.types import MerchantId, Record
from services.offers import queries
from services.offers.types import Offer, OfferId, OfferKind, Terms
from services.unions.types import TradeGroup


def kind_asked(source: MultiDict[str, str]) -> OfferKind | None:
    return next((kind for kind in OfferKind if kind == source.get("kind")), None)


def seen_asked() -> int | None:
    """The revision that the form was made of."""
    return whole_number(request.form.get("seen"))


def desk_of(shop: Record) -> Desk:
    return Desk(shop.id, shop.federation_path, tuple(branches_of(shop.id)))


def changed_by_other(merchant_id: MerchantId, offer_id: OfferId) -> tuple[MultiDict[str, str], list[str]]:
    """What was typed under the newest revision, and what that revision says."""
    draft = queries.draft(offer_id)
    typed = request.form.copy()
    typed["seen"] = str(draft.revision) if draft else ""
    newer: Terms = draft.terms if draft else queries.offer(offer_id)
    return typed, [newer.title["zh"], *terms.sentences(newer, terms.names(merchant_id, newer))]


def form_values(
    shop: Record, typed: MultiDict[str, str], read: Written | None = None, newer: list[str] | None = None
) -> dict[str, Any]:
    """The form with what was typed, each fault at its field, and what somebody else wrote meanwhile."""
    wrong = read.wrong if read else {}
    return {
        "shop": shop,
        "branches": branches_of(shop.id),
        "weekdays": [weekdays([one], language()) for one in range(1, 8)],
        "groups": [(group.value, terms.group_words(group)) for group in TradeGroup],
        "standings": [(one.value, terms.standing_words(one)) for one in Standing if may_use_benefits(one) is None],
        "typed": typed,
        "wrong": wrong,
        "opened": opened(typed, wrong),
        "unions": read.unions if read else [],
        "newer": newer,
        "kind": kind_asked(typed) or OfferKind.PERCENT,
    }


def preview_values(offer: Offer, shop: Record) -> dict[str, Any]:
    """What the parts of a preview need."""
    tried = trial(offer, shop.federation_path, request.args, clock.now())
    return {
        "offer": offer,
        "line": terms.terms(offer),
        "said": terms.sentences(offer, terms.names(shop.id, offer)),
        "samples": samples(offer, shop.federation_path, tried.at),
        "trial": tried,
        "branches": branches_of(shop.id),
    }
