"""Officers of an officer's subtree: who they are, invitations, hand-over, lost factors, unions without anybody."""

import datetime
from uuid import UUID

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.pages.paths import see_other
from app.pages.staff import desk
from app.throttle import WRITE, limiter
from services.accounts import queries, service, staff
from services.accounts.errors import DAY_MALFORMED, INVITATION_NOT_YOURS, INVITED_NAME_MISSING
from services.accounts.rules import LEVEL, invitable
from services.accounts.types import AccountId, Capability, InvitationId, Invited, Role
from services.core import clock
from services.core.calendar import YEARS, local_date
from services.core.errors import Forbidden, Invalid, NotFound
from services.core.transaction import in_transaction
from services.unions import queries as unions
from services.unions.types import UnionId, UnionView

blueprint = Blueprint("staff_officers", __name__, template_folder="..")

NAME_MOST = 60


@blueprint.get("/")
def officers() -> ResponseReturnValue:
    """Everybody with a role here, what is open, and which unions nobody looks after."""
    scopes, now = permissions.scopes(Capability.INVITE_OFFICERS), clock.now()
    may_reset = bool(desk.officer().scopes(Capability.RESET_FACTORS))
    return desk.page(
        "staff/officers.html",
        officers=staff.officers(scopes=scopes, now=now),
        invitations=staff.open_invitations(scopes=scopes, now=now),
        resets=_resets(now) if may_reset else [],
        orphans=queries.without_officer(scopes=scopes, now=now),
        may_reset=may_reset,
        me=desk.officer().account_id,
    )


@blueprint.get("/mine")
def own_roles() -> ResponseReturnValue:
    """What the officer holds himself, and how to hand it over."""
    own = staff.officers(of=desk.officer().account_id, now=clock.now())
    return desk.page("staff/own_roles.html", roles=own)


@blueprint.get("/invite")
def invite_form() -> ResponseReturnValue:
    """For one union: which roles the officer may give there. Asks first whether it is still the same person."""
    permissions.fresh()
    union = _union(request.args.get("union", ""))
    return desk.page("staff/invite.html", at=union, roles=_roles(union, request.args.get("takes_over_from", "")))


@blueprint.post("/invite")
@limiter.limit(WRITE)
def invite() -> ResponseReturnValue:
    """Shows the link once: it is not kept."""
    permissions.fresh()
    union, form = _union(request.form.get("union", "")), request.form
    name, role = form.get("name", "").strip()[:NAME_MOST], form.get("role", "")
    if not name:
        raise Invalid(INVITED_NAME_MISSING, field="name")
    if role not in _roles(union, form.get("takes_over_from", "")):
        raise Forbidden(INVITATION_NOT_YOURS)
    giver = _id(form["takes_over_from"]) if form.get("takes_over_from") else None
    token = in_transaction(
        lambda: service.invite(
            by=desk.officer(), name=name, role=Role(role), union=union, actor=desk.officer().label, now=clock.now(),
            ends_on=_day(form.get("ends_on", "")), takes_over_from=AccountId(giver) if giver else None,
        )
    )  # fmt: skip
    return desk.page("staff/invited.html", link=_link(f"/o/{token}"), name=name, role=role, at=union)


@blueprint.post("/invitations/<uuid:invitation_id>/withdraw")
@limiter.limit(WRITE)
def withdraw(invitation_id: UUID) -> ResponseReturnValue:
    scopes, now = permissions.scopes(Capability.INVITE_OFFICERS), clock.now()
    found = next((one for one in staff.open_invitations(scopes=scopes, now=now) if one.id == invitation_id), None)
    if found is None:
        raise NotFound("not_found")
    if not _gives(found) and found.invited_by != desk.officer().account_id:
        raise Forbidden(INVITATION_NOT_YOURS)
    actor = desk.officer().label
    in_transaction(lambda: service.withdraw_invitation(invitation_id=InvitationId(invitation_id), actor=actor, now=now))
    return see_other("staff_officers.officers")


@blueprint.post("/end")
@limiter.limit(WRITE)
def end() -> ResponseReturnValue:
    """Takes a role back. One's own is handed over, not ended: somebody has to be there."""
    permissions.fresh()
    union, form = _union(request.form.get("union", "")), request.form
    account_id, role = AccountId(_id(form.get("account", ""))), form.get("role", "")
    if role not in _roles(union) or account_id == desk.officer().account_id:
        raise Forbidden(INVITATION_NOT_YOURS)
    actor = desk.officer().label
    in_transaction(
        lambda: service.end_role(
            account_id=account_id, role=Role(role), union_id=union.id, actor=actor, now=clock.now()
        )
    )
    return see_other("staff_officers.officers")


@blueprint.post("/resets")
@limiter.limit(WRITE)
def ask_reset() -> ResponseReturnValue:
    """The first of two: a colleague lost password or authenticator. For roles that the officer gives himself."""
    scopes, now = permissions.scopes(Capability.RESET_FACTORS), clock.now()
    account_id = AccountId(_id(request.form.get("account", "")))
    found = staff.officers(scopes=scopes, now=now)
    roles = [one for one in found if one.account_id == account_id]
    if not roles:
        raise NotFound("not_found")
    if not all(_gives(one) for one in roles):
        raise Forbidden(INVITATION_NOT_YOURS)
    permissions.fresh()
    in_transaction(lambda: service.ask_reset(account_id=account_id, by=desk.officer(), now=now))
    return see_other("staff_officers.officers")


@blueprint.post("/resets/<uuid:reset_id>/agree")
@limiter.limit(WRITE)
def agree_reset(reset_id: UUID) -> ResponseReturnValue:
    """The second: shows the link for the owner once."""
    now = clock.now()
    found = next((one for one in _resets(now) if one.id == reset_id), None)
    if found is None:
        raise NotFound("not_found")
    permissions.fresh()
    token = in_transaction(lambda: service.agree_reset(reset_id=reset_id, by=desk.officer(), now=now))
    return desk.page("staff/invited.html", link=_link(f"/r/{token}"), name=found.name, role="", at=None)


def _resets(now: datetime.datetime) -> list[staff.OpenReset]:
    """Open resets of officers whom the caller may see."""
    scopes = permissions.scopes(Capability.RESET_FACTORS)
    known = {one.account_id for one in staff.officers(scopes=scopes, now=now)}
    return [one for one in staff.open_resets(now=now) if one.account_id in known]


def _union(text: str) -> UnionView:
    """A union to which the officer invites, or where he has a role to hand over. NotFound for any other."""
    office = unions.office(UnionId(_id(text)))
    own = any(grant.scope == office.path for grant in desk.officer().grants)
    if not own and not desk.officer().may(Capability.INVITE_OFFICERS, office.path):
        raise NotFound("not_found")
    return UnionView(office.id, office.parent_id, office.path, office.level, office.name)


def _gives(one: Invited | staff.Officer) -> bool:
    """Is this role, there, one that the officer may give and take?"""
    level = unions.office(one.union_id).level
    return invitable(desk.officer(), role=one.role, level=level, path=one.union_path)


def _roles(union: UnionView, giver: str = "") -> list[Role]:
    """What the officer may give there: what lies below him, and his own role when he hands it over."""
    officer = desk.officer()
    own = (
        {grant.role for grant in officer.grants if grant.scope == union.path}
        if giver == str(officer.account_id)
        else ()
    )
    return [role for role in LEVEL if role in own or invitable(officer, role=role, level=union.level, path=union.path)]


def _id(text: str) -> UUID:
    try:
        return UUID(hex=text)
    except ValueError:
        raise NotFound("not_found") from None


def _day(text: str) -> datetime.date | None:
    """The last day of a role; none for good. Raises Invalid(day_malformed)."""
    if not text:
        return None
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        raise Invalid(DAY_MALFORMED, field="ends_on") from None
    if day < local_date(clock.now()) or day.year not in YEARS:
        raise Invalid(DAY_MALFORMED, field="ends_on")
    return day


def _link(path: str) -> str:
    return f"{current_app.config['SETTINGS'].public_url}{path}"
