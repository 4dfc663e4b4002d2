"""Partner shops at the federation's desk: the list, one shop, its facts and its plaque; suspended, resumed, ended."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app import permissions, uploads
from app.idempotency import idempotently
from app.language import language
from app.pages.finding.shown import shown_branches
from app.pages.paths import page_asked, see_other
from app.pages.staff import desk
from app.pages.staff.shops_forms import Typed, given_facts, given_plaque, keep, next_agreement
from app.throttle import WRITE, limiter
from app.wording import clerk_words
from services.accounts.types import Capability
from services.core import clock
from services.core.calendar import DAY, local_date
from services.core.errors import Conflict, DomainError, Invalid
from services.core.files import files
from services.core.transaction import in_transaction
from services.merchants import queries, records, service
from services.merchants.rules import PAPER_LARGEST, plaque_of, reason_of
from services.merchants.types import BranchId, ClerkId, MerchantId, Record, State
from services.unions import queries as unions

blueprint = Blueprint("staff_shops", __name__, template_folder="..")

LONGEST = 60
FORM_ROOM = 64 * 1024
"""What a form with a paper may weigh beside the paper."""
uploads.room("staff_shops.add", "staff_agreements.renew", "staff_agreements.attach", most=PAPER_LARGEST + FORM_ROOM)


@blueprint.get("/")
def shops() -> ResponseReturnValue:
    """Those of the officer's federation: `?q=` words, `?trade=`, `?state=` how they stand today."""
    scopes, today = permissions.scopes(Capability.MANAGE_SHOPS), local_date(clock.now())
    text, trades = request.args.get("q", "").strip()[:LONGEST], queries.trades()
    trade = next((one.code for one in trades if one.code == request.args.get("trade")), None)
    state = State(request.args["state"]) if request.args.get("state") in set(State) else None
    page = records.page_of_records(scopes=scopes, on=today, request=page_asked(), text=text, trade=trade, state=state)
    counts = records.counts(scopes=scopes, on=today)
    return desk.page(
        "staff/shops.html", page=page, counts=counts, asked=text, trade=trade, state=state, trades=trades,
        states=State, today=today,
    )  # fmt: skip


@blueprint.get("/new")
def add_form() -> ResponseReturnValue:
    permissions.scopes(Capability.MANAGE_SHOPS)
    today = local_date(clock.now())
    return _add({"branch": "总店", "begin": "09:00", "until": "21:00", **next_agreement(today)})


@blueprint.post("/new")
@limiter.limit(WRITE)
def add() -> ResponseReturnValue:
    """A shop, its agreement and its first branch, all at once; a form that is sent twice makes one."""
    scopes, typed = permissions.scopes(Capability.MANAGE_SHOPS), Typed()
    facts, signed, where, paper = typed.facts(), typed.signed(), typed.where(), typed.paper()
    if typed.wrong:
        return _add(typed.given, typed.wrong), 422
    actor, now, federation = desk.officer().label, clock.now(), unions.at(scopes[0])
    key = keep(paper)

    def work() -> MerchantId:
        merchant_id = service.sign(
            union_id=federation.id, **facts, agreement_from=signed["starts_on"], agreement_until=signed["ends_on"],
            signed_on=signed["signed_on"], signed_by=signed["signed_by"], paper_key=key, actor=actor, now=now,
        )  # fmt: skip
        service.open_branch(merchant_id=merchant_id, **where, actor=actor, now=now)
        return merchant_id

    try:
        body, _ = idempotently(work, lambda made: {"merchant_id": str(made)}, scope=actor)
    except DomainError as error:
        if key:
            files.delete(key)
        if not isinstance(error, Invalid | Conflict):
            raise
        typed.fault(error)
        return _add(typed.given, typed.wrong), 422
    if key and all(one.paper_key != key for one in records.agreements(MerchantId(UUID(body["merchant_id"])))):
        files.delete(key)
    return see_other("staff_shops.shop", merchant_id=body["merchant_id"], new=1)


@blueprint.get("/<uuid:merchant_id>")
def shop(merchant_id: UUID) -> ResponseReturnValue:
    return one(seen(merchant_id))


@blueprint.get("/<uuid:merchant_id>/edit")
def edit_form(merchant_id: UUID) -> ResponseReturnValue:
    found = seen(merchant_id)
    return _edit(found, given_facts(found))


@blueprint.post("/<uuid:merchant_id>/edit")
@limiter.limit(WRITE)
def edit(merchant_id: UUID) -> ResponseReturnValue:
    found, typed = seen(merchant_id), Typed()
    facts = typed.facts()
    return act(
        found, typed, lambda: service.change(**facts, **_at(found)), lambda: _edit(found, typed.given, typed.wrong)
    )


@blueprint.post("/<uuid:merchant_id>/plaque")
@limiter.limit(WRITE)
def hang(merchant_id: UUID) -> ResponseReturnValue:
    """The plaque's number and day, and the day of the door sign: what is left empty is not there."""
    found, typed = seen(merchant_id), Typed()
    number = typed.read("plaque_number", lambda: plaque_of(typed.text("plaque_number")))
    hung_on, sign_on = typed.day_if_any("plaque_hung_on"), typed.day_if_any("door_sign_on")
    return act(
        found,
        typed,
        lambda: service.hang(plaque_number=number, plaque_hung_on=hung_on, door_sign_on=sign_on, **_at(found)),
        field="plaque_number",
    )


@blueprint.post("/<uuid:merchant_id>/suspend")
@limiter.limit(WRITE)
def suspend(merchant_id: UUID) -> ResponseReturnValue:
    """From a day on the shop takes no cards; it is told why."""
    found, typed = seen(merchant_id), Typed()
    first_day = typed.day("first_day")
    reason = typed.read("reason", lambda: reason_of(typed.text("reason")))
    return act(
        found, typed, lambda: service.suspend(first_day=first_day, reason=reason, **_at(found)), field="first_day"
    )


@blueprint.post("/<uuid:merchant_id>/resume")
@limiter.limit(WRITE)
def resume(merchant_id: UUID) -> ResponseReturnValue:
    found = seen(merchant_id)
    return act(found, Typed(), lambda: service.resume(**_at(found)))


@blueprint.post("/<uuid:merchant_id>/end")
@limiter.limit(WRITE)
def end(merchant_id: UUID) -> ResponseReturnValue:
    """Ends the partnership on a day; the shop is told why."""
    found, typed = seen(merchant_id), Typed()
    last_day = typed.day("last_day")
    reason = typed.read("why", lambda: reason_of(typed.text("why"), field="why"))
    return act(found, typed, lambda: service.end(last_day=last_day, reason=reason, **_at(found)), field="last_day")


@blueprint.post("/<uuid:merchant_id>/owner")
@limiter.limit(WRITE)
def invite_owner(merchant_id: UUID) -> ResponseReturnValue:
    """Shows six digits for the owner, good for ten minutes: to be told to him in person or by telephone."""
    found = seen(merchant_id)
    permissions.fresh()
    branches = {str(branch.id): branch for branch in queries.branches_of(found.id)}
    branch = branches.get(request.form.get("branch", ""))
    if branch is None:
        return one(found, wrong={"branch": _said("branch_unknown")}), 422
    actor, name = desk.officer().label, found.name["zh"][:LONGEST]
    digits = in_transaction(
        lambda: service.invite_clerk(branch_id=BranchId(branch.id), name=name, actor=actor, now=clock.now(), owner=True)
    )
    return one(found, digits=digits, told_at=branch)


@blueprint.post("/<uuid:merchant_id>/clerks/<uuid:clerk_id>/leave")
@limiter.limit(WRITE)
def let_go(merchant_id: UUID, clerk_id: UUID) -> ResponseReturnValue:
    """Ends a clerk's work, or an owner's, at once; somebody who has left is gone already."""
    found, actor = seen(merchant_id), desk.officer().label
    if any(one.clerk_id == clerk_id for one in queries.clerks_of_merchant(found.id)):
        in_transaction(lambda: service.let_clerk_go(clerk_id=ClerkId(clerk_id), actor=actor, now=clock.now()))
    return see_other("staff_shops.shop", merchant_id=found.id)


def seen(merchant_id: UUID) -> Record:
    """A shop of the officer's federation. Raises NotFound(merchant_unknown), Forbidden(not_allowed)."""
    scopes = permissions.scopes(Capability.MANAGE_SHOPS)
    return records.record(MerchantId(merchant_id), scopes=scopes, on=local_date(clock.now()))


def act(
    found: Record,
    typed: Typed,
    verb: Callable[[], object],
    again: Callable[[], str] | None = None,
    *,
    field: str = "",
    run: Callable[[Callable[[], object]], object] = in_transaction,
) -> ResponseReturnValue:
    """Runs a verb and shows the shop. A fault shows the form again, the shop's own page unless another is given.

    `field` is where a fault stands that names none; `run` opens the transaction.
    """
    if not typed.wrong:
        try:
            run(verb)
        except (Invalid, Conflict) as error:
            typed.fault(error, field)
    if not typed.wrong:
        return see_other("staff_shops.shop", merchant_id=found.id)
    return (again() if again else one(seen(found.id), given=typed.given, wrong=typed.wrong)), 422


def one(
    found: Record, *, given: Mapping[str, str] | None = None, wrong: Mapping[str, str] | None = None, **values: Any
) -> str:
    """The page of a shop, with what was typed into its forms and what is wrong with it."""
    today = local_date(clock.now())
    outlets = records.outlets(found.id)
    signed = records.agreements(found.id)
    clerks = queries.clerks_of_merchant(found.id)
    shown = shown_branches([outlet.branch for outlet in outlets], clock.now())
    return desk.page(
        "staff/shops_one.html",
        shop=found,
        agreements=signed,
        outlets=list(zip(shown, outlets, strict=True)),
        clerks=clerks,
        owned=any(clerk.owner for clerk in clerks),
        given={**given_plaque(found), "first_day": today.isoformat(), "last_day": today.isoformat(), **(given or {})},
        wrong=wrong or {},
        today=today,
        soon=today + DAY,
        states=State,
        offers_at=desk.address("staff_offers.of_shop", merchant_id=found.id),
        may_print=bool(desk.officer().scopes(Capability.PRINT)),
        **values,
    )


def _edit(found: Record, given: Mapping[str, str], wrong: Mapping[str, str] | None = None) -> str:
    return desk.page("staff/shops_edit.html", shop=found, given=given, wrong=wrong or {}, trades=queries.trades())


def _add(given: Mapping[str, str], wrong: Mapping[str, str] | None = None) -> str:
    return desk.page("staff/shops_new.html", given=given, wrong=wrong or {}, trades=queries.trades())


def _at(found: Record) -> dict[str, Any]:
    return {"merchant_id": found.id, "actor": desk.officer().label, "now": clock.now()}


def _said(code: str) -> str:
    return clerk_words(code, {}, language=language())
