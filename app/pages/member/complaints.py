"""“The shop said no”: one tap on an offer, with time and branch filled in; and what came of it."""

import datetime
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.language import language
from app.pages.member.reaching_offers import answer, consent_offer
from app.pages.paths import page_asked, see_other
from app.terms import line
from app.throttle import WRITE, limiter
from app.wording import member_words
from services.accounts.types import MemberActor
from services.cards import queries as cards
from services.cards.errors import CARD_FROZEN
from services.cards.types import CardStatus
from services.complaints import queries, service
from services.complaints.errors import SHOP_TAKES_NO_CARDS
from services.complaints.rules import LONGEST
from services.complaints.types import ComplaintId
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Conflict, DomainError, Invalid, Refusal, TooOften
from services.core.transaction import in_transaction
from services.members import queries as members
from services.members.rules import may_use_benefits
from services.merchants import queries as merchants
from services.merchants.types import Branch, BranchId
from services.notifications.service.asking import Tap
from services.offers import queries as offers
from services.offers.rules import may_use, not_running
from services.offers.types import Offer, OfferId, Person
from services.redemptions import queries as redemptions

blueprint = Blueprint("complaints", __name__, template_folder="..")

STATUS: dict[type[DomainError], int] = {Invalid: 422, Conflict: 409, TooOften: 429}


@blueprint.get("/offers/<uuid:offer_id>/refused")
def refused(offer_id: UUID) -> ResponseReturnValue:
    """What was told today already is shown as it stands."""
    member_id, today = _member().member_id, local_date(clock.now())
    told = queries.of_today(member_id=member_id, offer_id=OfferId(offer_id), day=today)
    return see_other("complaints.one", complaint_id=told) if told else _form(OfferId(offer_id))


@blueprint.post("/offers/<uuid:offer_id>/refused")
@limiter.limit(WRITE)
def tell(offer_id: UUID) -> ResponseReturnValue:
    actor, branch_id, note = _member(), _chosen(), request.form.get("note", "")
    try:
        told = in_transaction(
            lambda: service.file(
                actor=actor, offer_id=OfferId(offer_id), branch_id=branch_id, note=note, now=clock.now()
            )
        )
    except (Invalid, Conflict, TooOften) as error:
        return _form(OfferId(offer_id), error), STATUS[type(error)]
    return see_other("complaints.one", complaint_id=told)


@blueprint.get("/me/complaints")
def mine() -> ResponseReturnValue:
    page = queries.of_member(member_id=_member().member_id, request=page_asked())
    return render_template("member/complaints.html", page=page)


@blueprint.get("/me/complaints/<uuid:complaint_id>")
def one(complaint_id: UUID) -> ResponseReturnValue:
    told = queries.one_of_member(ComplaintId(complaint_id), member_id=_member().member_id)
    waits = None if told.answer else consent_offer(_member().account_id, tap=Tap.ASK, act=str(told.id))
    return answer(render_template("member/complaints_one.html", told=told, consent=waits), waits)


def _form(offer_id: OfferId, error: DomainError | None = None) -> str:
    """As typed before; what cannot be told at all says why instead. `doubt` is why the shop may have been right."""
    offer, now = offers.offer(offer_id), clock.now()
    stopped = _stopped(offer, local_date(now))
    branches = _branches(offer)
    chosen = _chosen() or (branches[0].id if branches else None)
    facts = {name: fact for name, fact in error.facts.items() if name != "field"} if error else {}
    return render_template(
        "member/complaints_new.html",
        offer=offer,
        line=line(offer),
        shop=merchants.place(branches[0].id).merchant_name if branches else None,
        branches=branches,
        elsewhere=_elsewhere(offer, branches),
        chosen=chosen,
        now=now,
        stopped=stopped,
        doubt=None if stopped else _doubt(offer, branches[0].id if len(branches) == 1 else None, now),
        note=request.form.get("note", "")[: LONGEST * 2],
        longest=LONGEST,
        said=member_words(error.code, facts, language=language()) if error else "",
        field=error.facts.get("field") if error else None,
    )


def _stopped(offer: Offer, day: datetime.date) -> Refusal | None:
    """Why nothing is to be told of this offer: the service says the same."""
    if not merchants.is_partner(offer.merchant_id, on=day):
        return Refusal(SHOP_TAKES_NO_CARDS)
    return not_running(offer, day)


def _doubt(offer: Offer, branch_id: BranchId | None, now: datetime.datetime) -> Refusal | None:
    """Why a till would refuse this member now; None where it should not have."""
    member_id = _member().member_id
    profile = members.profile(member_id)
    if refusal := may_use_benefits(profile.standing):
        return refusal
    if cards.has_card(member_id) and cards.card_of(member_id).status is not CardStatus.ACTIVE:
        return Refusal(CARD_FROZEN)
    shop = offers.at_till(merchant_id=offer.merchant_id, member_id=member_id, today=local_date(now))
    uses = next(uses for one, uses in shop if one.id == offer.id)
    visits = redemptions.visits_of(member_id, merchant_id=offer.merchant_id, now=now)
    person = Person(profile.union_path, profile.standing, profile.trade_group)
    return may_use(
        offer,
        person,
        uses=redemptions.with_visits(uses, offer.id, visits, now=now),
        moment=offers.moment(now, [offer]),
        branch_id=branch_id,
    )


def _branches(offer: Offer) -> list[Branch]:
    """Where the member used something or told of something last stands first, then where the offer may be used."""
    member_id, held = _member().member_id, _held(offer)
    last = redemptions.last_branch(member_id=member_id, merchant_id=offer.merchant_id) or queries.last_branch(
        member_id=member_id, offer_id=offer.id
    )
    found = merchants.branches_of(offer.merchant_id)
    return sorted(found, key=lambda one: (one.id != last, bool(held) and one.id not in held))


def _held(offer: Offer) -> set[BranchId]:
    return {share.branch_id for share in offer.branches}


def _elsewhere(offer: Offer, branches: list[Branch]) -> set[BranchId]:
    """Branches that the offer is not for."""
    held = _held(offer)
    return {one.id for one in branches if one.id not in held} if held else set()


def _chosen() -> BranchId | None:
    try:
        return BranchId(UUID(request.form.get("branch", "")))
    except ValueError:
        return None


def _member() -> MemberActor:
    return permissions.caller(MemberActor)
