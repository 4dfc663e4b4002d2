"""Unions at an officer's desk: how many members are bound, how a union is reached, its poster, its end."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.language import language, text
from app.pages.paths import see_other
from app.pages.staff import desk
from app.pages.staff.share_plot import share_plot
from app.sentences import group_words
from app.throttle import WRITE, limiter
from app.wording import clerk_words
from services.accounts import queries as accounts
from services.accounts.types import Capability
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Conflict, DomainError, Invalid
from services.core.transaction import in_transaction
from services.reports import people
from services.reports.people import Share
from services.unions import queries, service
from services.unions.errors import NOT_CONFIRMED, UNION_LEVEL
from services.unions.rules import BELOW, address_of, name_of, phone_of, place_of
from services.unions.types import Contact, Level, Office, TradeGroup, UnionId, UnionView

blueprint = Blueprint("staff_unions", __name__, template_folder="..")

SORTS: dict[str, Callable[[Share], Any]] = {
    "tree": lambda share: share.union.path,
    "least": lambda share: (share.percent if share.percent is not None else 101, share.union.path),
    "missing": lambda share: (share.bound - share.members, share.union.path),
    "name": lambda share: text(share.union.name),
}


@blueprint.get("")
def unions() -> ResponseReturnValue:
    """One union and those directly below it: members, bound, share. `?at=` one of them, `?sort=` how."""
    scopes = permissions.scopes(Capability.SEE_MEMBERS)
    asked = request.args.get("at", "")
    at = _view(_office(asked, Capability.SEE_MEMBERS)) if asked else queries.at(scopes[0])
    sort = request.args.get("sort", "tree")
    shares = people.shares(at)
    percents = [share.percent for share in shares.single if share.percent is not None]
    alone = {union.id for union in accounts.without_officer(scopes=(at.path,), now=clock.now())}
    return desk.page(
        "staff/unions.html",
        at=at,
        upper=next((one for one in reversed(queries.above(at.path)[:-1]) if _sees(one)), None),
        tops=[queries.at(scope) for scope in scopes] if len(scopes) > 1 else [],
        shares=shares,
        rows=sorted(shares.below, key=SORTS.get(sort, SORTS["tree"])),
        sort=sort if sort in SORTS else "tree",
        plot=share_plot(percents) if len(percents) > 1 else None,
        alone=alone,
        may_manage=desk.officer().may(Capability.MANAGE_UNIONS, at.path),
        may_invite=bool(desk.officer().scopes(Capability.INVITE_OFFICERS)),
        may_print=desk.officer().may(Capability.PRINT, at.path),
    )


@blueprint.get("/<uuid:union_id>/edit")
def edit_form(union_id: UUID) -> ResponseReturnValue:
    return _form(_office(union_id.hex))


@blueprint.post("/<uuid:union_id>/edit")
@limiter.limit(WRITE)
def edit(union_id: UUID) -> ResponseReturnValue:
    office = _office(union_id.hex)
    try:
        name, contact, group = _name(), _contact(), _trade_group()
        in_transaction(lambda: _write(office, name, contact, group))
    except (Invalid, Conflict) as error:
        return _form(office, problem=error), 422
    return see_other("staff_unions.unions", at=office.id)


@blueprint.get("/<uuid:union_id>/new")
def new_form(union_id: UUID) -> ResponseReturnValue:
    return _form(_office(union_id.hex), new=True)


@blueprint.post("/<uuid:union_id>/new")
@limiter.limit(WRITE)
def new(union_id: UUID) -> ResponseReturnValue:
    """A union directly below this one."""
    parent, actor = _office(union_id.hex), desk.officer().label
    try:
        name, contact, level, group = _name(), _contact(), _level(), _trade_group()

        def work() -> UnionView:
            now = clock.now()
            made = service.add(name=name, level=level, parent_id=parent.id, contact=contact, actor=actor, now=now)
            if level is Level.GRASSROOTS:
                service.set_trade_group(union_id=made.id, trade_group=group, actor=actor, now=now)
            return made

        founded = in_transaction(work)
    except (Invalid, Conflict) as error:
        return _form(parent, new=True, problem=error), 422
    return see_other("staff_unions.unions", at=founded.id)


@blueprint.post("/<uuid:union_id>/close")
@limiter.limit(WRITE)
def close(union_id: UUID) -> ResponseReturnValue:
    """For good; the page asks for the word to be typed."""
    office, actor = _office(union_id.hex), desk.officer().label
    try:
        _confirmed()
        in_transaction(lambda: service.close(union_id=office.id, actor=actor, now=clock.now()))
    except (Invalid, Conflict) as error:
        return _form(office, problem=error), 422
    return see_other("staff_unions.unions", at=office.parent_id)


@blueprint.post("/<uuid:union_id>/poster")
@limiter.limit(WRITE)
def renew_poster(union_id: UUID) -> ResponseReturnValue:
    """The posters that hang lead nowhere any more; new ones must be printed."""
    office, actor = _office(union_id.hex), desk.officer().label
    in_transaction(lambda: service.renew_join_token(union_id=office.id, actor=actor, now=clock.now()))
    return see_other("staff_prints.poster", union_id=office.id)


def _write(office: Office, name: dict[str, str], contact: Contact, group: TradeGroup | None) -> None:
    actor, now = desk.officer().label, clock.now()
    service.rename(union_id=office.id, name=name, actor=actor, now=now)
    service.describe(union_id=office.id, contact=contact, actor=actor, now=now)
    if office.level is Level.GRASSROOTS:
        service.set_trade_group(union_id=office.id, trade_group=group, actor=actor, now=now)


def _form(office: Office, *, new: bool = False, problem: DomainError | None = None) -> str:
    members, officers = people.still_in(_view(office), on=local_date(clock.now()))
    return desk.page(
        "staff/unions_edit.html",
        office=office,
        members=members,
        officers=officers,
        new=new,
        levels=BELOW[office.level],
        groups=[(group, group_words(group)) for group in TradeGroup],
        typed=request.form,
        problem=clerk_words(problem.code, problem.facts, language=language()) if problem else "",
    )


def _office(union_id: str, capability: Capability = Capability.MANAGE_UNIONS) -> Office:
    """A union of the officer's subtrees. Raises NotFound(union_unknown) for any other, Forbidden without the right."""
    scopes = permissions.scopes(capability)
    try:
        return queries.office_within(UnionId(UUID(hex=union_id)), scopes=scopes)
    except ValueError:
        return queries.office_within(UnionId(UUID(int=0)), scopes=scopes)


def _view(office: Office) -> UnionView:
    return UnionView(office.id, office.parent_id, office.path, office.level, office.name)


def _sees(union: UnionView) -> bool:
    return desk.officer().may(Capability.SEE_MEMBERS, union.path)


def _confirmed() -> None:
    if request.form.get("sure") != "yes":
        raise Invalid(NOT_CONFIRMED, field="sure")


def _name() -> dict[str, str]:
    return name_of(request.form.get("name", ""), request.form.get("name_en", ""))


def _contact() -> Contact:
    form = request.form
    address = address_of(form.get("address", ""), form.get("address_en", ""))
    return Contact(phone_of(form.get("phone", "")), address, place_of(form.get("place", "")))


def _trade_group() -> TradeGroup | None:
    """What was chosen; None for a mixed union, and where the form does not ask."""
    chosen = request.form.get("trade_group", "")
    return TradeGroup(chosen) if chosen in set(TradeGroup) else None


def _level() -> Level:
    try:
        return Level(request.form.get("level", ""))
    except ValueError:
        raise Invalid(UNION_LEVEL, field="level") from None
