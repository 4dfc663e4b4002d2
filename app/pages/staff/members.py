"""Members at an officer's desk: look somebody up, one masked record, read it in full with a reason, correct it.

What is searched for stands in no address: it is posted, and so is the next page of what was found.
"""

from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.language import language
from app.pages.paths import page_asked, see_other
from app.pages.staff import desk
from app.pages.staff.members_forms import UnionNotClear, correction, one_of, person
from app.throttle import WRITE, limiter
from app.wording import clerk_words
from services.accounts import above
from services.accounts import queries as accounts
from services.accounts.types import Capability
from services.bindings import queries as bindings
from services.bindings.service import unbind as unbind_member
from services.bindings.types import BondEnd
from services.cards import queries as cards
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from services.core.paging import PageRequest
from services.core.transaction import in_transaction
from services.members import corrections, search
from services.members.documents import DocumentType
from services.members.types import ChangeReason, Clear, LookReason, MemberId, Sheet, Standing
from services.reports import people
from services.unions import queries as unions
from services.unions.types import Office, UnionId

blueprint = Blueprint("staff_members", __name__, template_folder="..")

LONGEST = 60
BOUND = {"yes": True, "no": False}


@blueprint.get("")
def members() -> ResponseReturnValue:
    """A list without a search: `?union=`, `?bound=yes` or `no`."""
    return _list(request.args, page_asked())


@blueprint.post("")
@limiter.limit(WRITE)
def find() -> ResponseReturnValue:
    """What was typed is a part of a name, or a whole number."""
    return _list(request.form, PageRequest(cursor=request.form.get("cursor") or None))


@blueprint.get("/<uuid:member_id>")
def member(member_id: UUID) -> ResponseReturnValue:
    return _sheet(MemberId(member_id))


@blueprint.post("/<uuid:member_id>/look")
@limiter.limit(WRITE)
def look(member_id: UUID) -> ResponseReturnValue:
    """Shows the record in full, this once; kept in the audit trail with the reason, which the member can read."""
    scopes, found = permissions.scopes(Capability.UNMASK), MemberId(member_id)
    values = {"member_id": found, "actor": desk.officer().label, "scopes": scopes, "now": clock.now()}
    try:
        reason, note = one_of(LookReason, "reason"), request.form.get("note", "")
        clear = in_transaction(lambda: corrections.unmask(reason=reason, note=note, **values))  # type: ignore[arg-type]
    except Invalid as error:
        return _sheet(found, problem=error), 422
    return _sheet(found, clear=clear)


@blueprint.get("/<uuid:member_id>/edit")
def edit_form(member_id: UUID) -> ResponseReturnValue:
    return _edit(_seen(MemberId(member_id), Capability.EDIT_MEMBERS))


@blueprint.post("/<uuid:member_id>/edit")
@limiter.limit(WRITE)
def edit(member_id: UUID) -> ResponseReturnValue:
    """Writes what was filled in; an empty field stays as it is."""
    sheet = _seen(MemberId(member_id), Capability.EDIT_MEMBERS)
    try:
        wanted, reason = correction(), one_of(ChangeReason, "reason")
        in_transaction(lambda: corrections.correct(correction=wanted, reason=reason, **_at(sheet.id)))
    except (Invalid, Conflict, Forbidden, NotFound) as error:
        return _edit(sheet, problem=error), 422
    return see_other("staff_members.member", member_id=sheet.id)


@blueprint.post("/<uuid:member_id>/standing")
@limiter.limit(WRITE)
def standing(member_id: UUID) -> ResponseReturnValue:
    sheet = _seen(MemberId(member_id), Capability.EDIT_MEMBERS)
    try:
        chosen, reason = one_of(Standing, "standing"), one_of(ChangeReason, "reason")
        in_transaction(lambda: corrections.set_standing(standing=chosen, reason=reason, **_at(sheet.id)))
    except (Invalid, Forbidden) as error:
        return _edit(sheet, problem=error), 422
    return see_other("staff_members.member", member_id=sheet.id)


@blueprint.post("/<uuid:member_id>/unbind")
@limiter.limit(WRITE)
def unbind(member_id: UUID) -> ResponseReturnValue:
    """Ends the bond with the phone: the member binds anew, and is told."""
    sheet, actor, now = _seen(MemberId(member_id), Capability.EDIT_MEMBERS), desk.officer().label, clock.now()

    def work() -> None:
        above.spare(actor, sheet.id, now)
        unbind_member(member_id=sheet.id, because=BondEnd.BY_OFFICER, actor=actor, now=now)

    try:
        in_transaction(work)
    except Forbidden as error:
        return _sheet(sheet.id, problem=error), 422
    return see_other("staff_members.member", member_id=sheet.id)


@blueprint.get("/new")
def add_form() -> ResponseReturnValue:
    return _add()


@blueprint.post("/new")
@limiter.limit(WRITE)
def add() -> ResponseReturnValue:
    scopes, actor, now = permissions.scopes(Capability.EDIT_MEMBERS), desk.officer().label, clock.now()
    try:
        new, reason = person(local_date(now)), one_of(ChangeReason, "reason")
        member_id = in_transaction(
            lambda: corrections.add(person=new, reason=reason, actor=actor, scopes=scopes, now=now)
        )
    except (Invalid, Conflict, NotFound) as error:
        return _add(problem=error), 422
    return see_other("staff_members.member", member_id=member_id)


def _list(asked: Any, page: PageRequest) -> str:
    scopes = permissions.scopes(Capability.SEE_MEMBERS)
    union = _union_asked(asked.get("union", ""))
    text, bound = asked.get("q", "").strip()[:LONGEST], asked.get("bound", "")
    found = people.page_of_members(
        scopes=scopes, request=page, text=text, union_path=union.path if union else None, bound=BOUND.get(bound)
    )
    return desk.page(
        "staff/members.html",
        page=found,
        asked=text,
        at=union,
        bound=bound if bound in BOUND else "",
        may_edit=_may_edit(),
    )


def _sheet(member_id: MemberId, *, clear: Clear | None = None, problem: DomainError | None = None) -> str:
    sheet = _seen(member_id, Capability.SEE_MEMBERS)
    officer = desk.officer()
    return desk.page(
        "staff/members_one.html",
        sheet=sheet,
        clear=clear,
        card=cards.card_of(sheet.id) if cards.has_card(sheet.id) else None,
        bound=accounts.account_of_member(sheet.id) is not None,
        bound_since=bindings.bound_since(sheet.id),
        may_look=officer.may(Capability.UNMASK, sheet.union_path),
        may_edit=officer.may(Capability.EDIT_MEMBERS, sheet.union_path),
        reasons=list(LookReason),
        problem=_words(problem),
    )


def _edit(sheet: Sheet, *, problem: DomainError | None = None) -> str:
    return desk.page(
        "staff/members_edit.html",
        sheet=sheet,
        kinds=list(DocumentType),
        standings=list(Standing),
        reasons=list(ChangeReason),
        typed=request.form,
        problem=_words(problem),
        choices=problem.choices if isinstance(problem, UnionNotClear) else [],
    )


def _add(*, problem: DomainError | None = None) -> str:
    scopes = permissions.scopes(Capability.EDIT_MEMBERS)
    union = _union_asked(request.values.get("union", ""))
    own = desk.own_union()
    if union is None and own.level == "grassroots" and scopes == (own.path,):
        union = unions.office(own.id)
    return desk.page(
        "staff/members_new.html",
        at=union,
        kinds=list(DocumentType),
        reasons=list(ChangeReason),
        typed=request.form,
        problem=_words(problem),
        choices=problem.choices if isinstance(problem, UnionNotClear) else [],
    )


def _seen(member_id: MemberId, capability: Capability) -> Sheet:
    """The masked record, if it is this officer's to see. Raises NotFound(member_unknown), Forbidden(not_allowed)."""
    return search.sheet(member_id, scopes=permissions.scopes(capability))


def _at(member_id: MemberId) -> dict[str, Any]:
    """What every change of a record is given: whose it is, who changes it, within what."""
    officer = desk.officer()
    return {
        "member_id": member_id,
        "actor": officer.label,
        "scopes": officer.scopes(Capability.EDIT_MEMBERS),
        "now": clock.now(),
        "own": accounts.member_of(officer.account_id),
        "untouchable": above.untouchable,
    }


def _may_edit() -> bool:
    return bool(desk.officer().scopes(Capability.EDIT_MEMBERS))


def _union_asked(text: str) -> Office | None:
    """The union of a filter, if it is the officer's to see; None when none is asked for."""
    if not text:
        return None
    try:
        union_id = UnionId(UUID(hex=text))
    except ValueError:
        raise NotFound("not_found") from None
    return unions.office_within(union_id, scopes=permissions.scopes(Capability.SEE_MEMBERS))


def _words(problem: DomainError | None) -> str:
    return clerk_words(problem.code, problem.facts, language=language()) if problem else ""
