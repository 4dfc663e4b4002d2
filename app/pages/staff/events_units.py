"""A unit's officer enters its people: a pasted list or a sheet, a verdict for each line, then those chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import permissions, uploads
from app.language import language
from app.pages.events import face, words
from app.pages.events.detail import Names
from app.pages.paths import page_asked
from app.pages.sent import whole_number
from app.pages.staff import desk
from app.pages.staff.events_signups_words import STATES, VERDICTS
from app.throttle import WRITE, limiter
from app.wording import clerk_words
from services.accounts.types import Capability
from services.core import clock
from services.core.errors import Conflict, DomainError, Invalid, Refusal
from services.core.transaction import in_transaction
from services.events import eligibility, errors, lists, rules
from services.events.queries import mine, signups
from services.events.service import entering
from services.events.service.entering import Looked, Verdict
from services.events.types import ACTIVE, Event, EventId, QuotaKind, SignupId, State
from services.members.types import MemberId
from services.unions import queries as unions
from services.unions.rules import within
from services.unions.types import UnionPath

blueprint = Blueprint("staff_event_units", __name__, template_folder="..")

AT_ONCE = 100
"""Entries of one request: a longer list goes on by a button, so that nobody waits before an empty page."""
SHEET_ROOM = 4 * 1024 * 1024
TEXT_MOST = 60_000


@dataclass(frozen=True)
class Outcome:
    """What became of somebody who was chosen; `problem` says why not."""

    looked: Looked
    state: State | None = None
    problem: str = ""


uploads.room("staff_event_units.look", "staff_event_units.put", most=SHEET_ROOM)


@blueprint.get("/units")
def events() -> ResponseReturnValue:
    """Events into which this officer may enter people now or soon."""
    scopes, now = permissions.scopes(Capability.ENTER_MEMBERS), clock.now()
    found = signups.for_units(scopes=scopes, now=now)
    return desk.page(
        "staff/events_units_events.html", events=[(one, face.face(one, now)) for one in found], words=words,
        phase=rules.phase, now=now,
    )  # fmt: skip


@blueprint.get("/<uuid:event_id>/units")
def enter(event_id: UUID) -> ResponseReturnValue:
    return _page(entering.enterable(desk.officer(), EventId(event_id)))


@blueprint.post("/<uuid:event_id>/units")
@limiter.limit(WRITE)
def look(event_id: UUID) -> ResponseReturnValue:
    """Reads the list and says of each line what it comes to; enters nobody."""
    event = entering.enterable(desk.officer(), EventId(event_id))
    try:
        pasted = _pasted()
        looked = _looked(event, pasted)
    except Invalid as error:
        return _page(event, wrong=error), 422
    return _page(event, looked=looked, pasted=pasted)


@blueprint.post("/<uuid:event_id>/units/enter")
@limiter.limit(WRITE)
def put(event_id: UUID) -> ResponseReturnValue:
    """Enters those ticked: as one entry, or each for himself, a transaction each. The same list again changes nothing,
    so a page that is sent twice does no harm."""
    event = entering.enterable(desk.officer(), EventId(event_id))
    pasted = request.form.get("list", "")[:TEXT_MOST]
    try:
        looked = _looked(event, pasted)
        ticked = set(request.form.getlist("line")[: lists.MOST])
        chosen = [one for one in looked if one.member_id and str(one.line.number) in ticked]
        wanted = [one for one in chosen if one.verdict is Verdict.FOUND]
        outcomes = _as_team(event, wanted) if _team(event) else _each(event, wanted[:AT_ONCE])
    except Invalid as error:
        return _page(event, wrong=error, pasted=pasted), 422
    left = [] if _team(event) else wanted[AT_ONCE:]
    # Whoever could not be ticked is said once more: of a list nobody is lost on the way.
    others = [one for one in looked if one.verdict is not Verdict.FOUND and (one in chosen or not one.member_id)]
    said = [] if left else [Outcome(one, problem=_said(one)) for one in others]
    after = entering.enterable(desk.officer(), EventId(event_id))
    return _page(after, outcomes=[*outcomes, *said], left=left, pasted=pasted)


def _each(event: Event, chosen: Sequence[Looked]) -> list[Outcome]:
    return [Outcome(one, *_entered(event, [one.member_id] if one.member_id else [])) for one in chosen]


def _as_team(event: Event, chosen: Sequence[Looked]) -> list[Outcome]:
    """All of them or none."""
    found = _entered(event, [one.member_id for one in chosen if one.member_id])
    return [Outcome(one, *found) for one in chosen]


def _entered(event: Event, member_ids: list[MemberId]) -> tuple[State | None, str]:
    officer, wait = desk.officer(), request.form.get("wait") == "1"
    category, slot = _category(event), whole_number(request.form.get("slot"))

    def work() -> SignupId | Refusal:
        return entering.enter(
            actor=officer, event_id=event.id, member_ids=member_ids, category=category, slot=slot, wait=wait,
            now=clock.now(),
        )  # fmt: skip

    try:
        found = in_transaction(work)
    except Conflict as error:
        return None, clerk_words(error.code, error.facts, language=language())
    if isinstance(found, Refusal):
        return None, clerk_words(found.code, found.facts, language=language())
    return mine.signups([found])[0].state, ""


def _page(
    event: Event,
    *,
    looked: Sequence[Looked] = (),
    outcomes: Sequence[Outcome] = (),
    left: Sequence[Looked] = (),
    pasted: str | None = None,
    wrong: DomainError | None = None,
) -> str:
    now, scopes = clock.now(), desk.officer().scopes(Capability.ENTER_MEMBERS)
    closed = eligibility.open_now(event, now)
    page = signups.by_units(event.id, page_asked(), scopes=scopes)
    return desk.page(
        "staff/events_units.html", event=event, when=words.when(event.terms.starts_at, event.terms.ends_at),
        face=face.face(event, now), closed=_problem(closed).get("text"),
        looked=[(one, _said(one)) for one in looked], outcomes=outcomes, left=left, pasted=pasted or "",
        typed=request.form, page=page, homes=signups.homes(page.items), states=STATES, active=ACTIVE,
        names_of=_names([one.union_path for one in looked if one.union_path]), verdict=Verdict, team=_team(event),
        category=_category(event), slot=whole_number(request.form.get("slot")), slot_words=words.slot_words,
        quotas=_quotas(event, scopes), category_words=words.category_words, most=lists.MOST, moment=words.moment_words,
        now=now, problem=_problem(wrong), demo=current_app.config["SETTINGS"].demo,
        manages=desk.officer().may(Capability.MANAGE_EVENTS, event.union_path),
    )  # fmt: skip


def _looked(event: Event, pasted: str) -> list[Looked]:
    return entering.look(
        actor=desk.officer(), event_id=event.id, lines=lists.lines_of(pasted), category=_category(event),
        now=clock.now(),
    )  # fmt: skip


def _pasted() -> str:
    """What was pasted, or what the sheet says that came instead."""
    sheet = request.files.get("sheet")
    data = sheet.read(SHEET_ROOM) if sheet else b""
    text = request.form.get("list", "")
    if data:
        return lists.pasted_of(data)
    if len(text) > TEXT_MOST:
        raise Invalid(errors.UNIT_LIST_LONG, field="list", most=lists.MOST, count=len(text.splitlines()))
    return text


def _said(one: Looked) -> str:
    if one.verdict is Verdict.NOT_ELIGIBLE and one.refusal:
        return clerk_words(one.refusal.code, one.refusal.facts, language=language())
    line = one.line
    if line.crowded:
        return str(_("这一行不止一位，请一行写一位"))
    if not line.name:
        return str(_("没有写姓名") if line.phone else _("没有看到姓名和手机号"))
    if one.verdict is Verdict.NOBODY and not line.phone:
        return str(_("没有写手机号，您管的单位里也没有叫这个名字的，请补上手机号"))
    return str(VERDICTS[one.verdict])


def _team(event: Event) -> bool:
    """Are they one entry?"""
    category = rules.category_of(event.terms, _category(event))
    if category is None or category.most == 1:
        return False
    return category.least > 1 or request.form.get("as") == "team"


def _category(event: Event) -> int:
    return whole_number(request.form.get("category")) or event.terms.categories[0].key


def _names(paths: Sequence[UnionPath]) -> dict[UnionPath, dict[str, str]]:
    known = unions.named(set(paths))
    return {path: known[path] for path in set(paths) if path in known}


def _quotas(event: Event, scopes: Sequence[UnionPath]) -> list[tuple[str, int]]:
    """What is left of the places that count this officer's people."""
    named = Names()
    return [
        (words.quota_name(event, room.quota, named), room.left)
        for room in event.rooms
        if room.left is not None
        and (
            room.quota.kind is QuotaKind.ALL
            or (room.quota.kind is QuotaKind.UNION and any(_overlap(room.quota.union, scope) for scope in scopes))
        )
    ]


def _overlap(one: UnionPath | None, other: UnionPath) -> bool:
    return one is not None and (within(one, other) or within(other, one))


def _problem(error: DomainError | Refusal | None) -> dict[str, Any]:
    if error is None:
        return {}
    return {"text": clerk_words(error.code, error.facts, language=language()), "field": error.facts.get("field", "")}
