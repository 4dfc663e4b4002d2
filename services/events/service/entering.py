"""A unit's officer enters its people (单位统一报名): looks at a list first, then enters those whom he chooses."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from services.accounts.types import Capability, OfficerActor
from services.core.calendar import local_date
from services.core.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from services.events import eligibility, errors, rules
from services.events.lists import Line
from services.events.queries import entrants, events
from services.events.service import signing_up
from services.events.service.recording import Asked
from services.events.types import Category, Entrant, Entry, Event, EventId, SignupId
from services.members import queries as members
from services.members.types import MemberId
from services.unions import queries as unions
from services.unions.rules import within
from services.unions.types import UnionPath


class Verdict(StrEnum):
    """What a line of the list comes to."""

    FOUND = "found"
    NOBODY = "nobody"  # of this officer's units: of others nothing is said
    SEVERAL = "several"
    PHONE = "phone"  # what stands there is no mobile number
    TWICE = "twice"  # stands above already
    ALREADY = "already"
    NOT_ELIGIBLE = "not_eligible"


@dataclass(frozen=True)
class Looked:
    """A line with its verdict. `member_id` of those who may be entered; `refusal` says why somebody may not."""

    line: Line
    verdict: Verdict
    member_id: MemberId | None = None
    union_path: UnionPath | None = None
    refusal: Refusal | None = None


def enterable(actor: OfficerActor, event_id: EventId) -> Event:
    """The event, if this officer may enter people into it: one of a union above or below his, or of his own, and never
    of a private kind.

    Raises Forbidden(not_allowed), NotFound(event_unknown), Conflict(unit_entry_off).
    """
    scopes = actor.scopes(Capability.ENTER_MEMBERS)
    if not scopes:
        raise Forbidden("not_allowed")
    event = events.public(event_id, counted=False)
    if not any(within(scope, event.union_path) or within(event.union_path, scope) for scope in scopes):
        raise NotFound(errors.EVENT_UNKNOWN)
    if not event.terms.unit_entry or event.private:
        raise Conflict(errors.UNIT_ENTRY_OFF)
    return event


def look(
    *, actor: OfficerActor, event_id: EventId, lines: Sequence[Line], category: int, now: datetime.datetime
) -> list[Looked]:
    """A verdict for each line; writes nothing. Six statements. Raises as `enterable`, and Invalid(category_unknown)."""
    event, scopes = enterable(actor, event_id), actor.scopes(Capability.ENTER_MEMBERS)
    wanted = rules.category_of(event.terms, category)
    if wanted is None:
        raise Invalid(errors.CATEGORY_UNKNOWN, field="category")
    lines, fitting = _people(lines, scopes)
    ids = list(dict.fromkeys(one for found in fitting for one in found))
    once_id = rules.once_id(event.id, event.terms.once, wanted.key)
    known = {one.member_id: one for one in entrants.entrants(ids, event=event, once_id=once_id, now=now)}
    seen: set[MemberId] = set()
    looked = []
    for line, found in zip(lines, fitting, strict=True):
        looked.append(_verdict(line, [known[one] for one in found if one in known], event, wanted, scopes, seen, now))
    return looked


def enter(
    *,
    actor: OfficerActor,
    event_id: EventId,
    member_ids: Sequence[MemberId],
    category: int,
    slot: int | None,
    wait: bool,
    now: datetime.datetime,
) -> SignupId | Refusal:
    """One entry: one person, or a team with its captain first, all or none. Nobody has to confirm; they are told who
    has entered them and may withdraw. Who it was stays with the entry.

    A refusal is returned and writes nothing; entering somebody again is Refusal(already_signed_up). Locks, posts and
    raises as signing_up.enter, and as `enterable`.
    """
    event, scopes = enterable(actor, event_id), actor.scopes(Capability.ENTER_MEMBERS)
    wanted, chosen_slot = signing_up.chosen(event, Entry(category, slot), now)
    if refusal := eligibility.open_now(event, now):
        return refusal
    once_id = rules.once_id(event.id, event.terms.once, wanted.key)
    people = entrants.entrants(list(member_ids), event=event, once_id=once_id, now=now)
    at = [next((scope for scope in scopes if within(one.union_path, scope)), None) for one in people]
    if len(people) < len(set(member_ids)) or not at or None in at:
        return Refusal(errors.UNIT_ELSEWHERE)
    if refusal := next(filter(None, (_refusal(one, event, wanted, now) for one in people)), None):
        return refusal
    if refusal := eligibility.composed(wanted, people, (), on=local_date(event.terms.starts_at)):
        return refusal
    unit = unions.at(at[0] or scopes[0])
    by_unit = {"entered_by": actor.label, "entered_union_id": unit.id}
    asked = Asked(
        category=wanted, slot=chosen_slot, members=people, companions=(), answers={}, wait=wait, actor=actor.label,
        now=now, by_unit=by_unit,
    )  # fmt: skip
    found = signing_up.place(event, asked)
    return found if isinstance(found, Refusal) else found.id


def _people(lines: Sequence[Line], scopes: Sequence[UnionPath]) -> tuple[list[Line], list[list[MemberId]]]:
    """Who each line may be: whose phone it is decides which word of it is the name."""
    tried = [(at, name) for at, line in enumerate(lines) for name in line.names]
    found = members.fitting([(name, lines[at].phone or "") for at, name in tried], scopes=scopes)
    read, fitting = list(lines), [list[MemberId]() for _ in lines]
    for (at, name), ids in zip(tried, found, strict=True):
        if ids and not fitting[at]:
            read[at], fitting[at] = replace(lines[at], name=name), ids
    return read, fitting


def _verdict(
    line: Line,
    found: Sequence[Entrant],
    event: Event,
    category: Category,
    scopes: Sequence[UnionPath],
    seen: set[MemberId],
    now: datetime.datetime,
) -> Looked:
    if line.phone is None:
        return Looked(line, Verdict.PHONE)
    own = [one for one in found if any(within(one.union_path, scope) for scope in scopes)]
    if len(own) != 1:
        return Looked(line, Verdict.SEVERAL if own else Verdict.NOBODY)
    one = own[0]
    here = Looked(line, Verdict.FOUND, one.member_id, one.union_path)
    if one.member_id in seen:
        return replace(here, verdict=Verdict.TWICE)
    seen.add(one.member_id)
    refusal = _refusal(one, event, category, now)
    if refusal is None:
        return here
    if one.signup_id:
        return replace(here, verdict=Verdict.ALREADY)
    return replace(here, verdict=Verdict.NOT_ELIGIBLE, refusal=refusal)


def _refusal(one: Entrant, event: Event, category: Category, now: datetime.datetime) -> Refusal | None:
    if one.signup_id:
        return Refusal(errors.ALREADY_SIGNED_UP, {"signup": str(one.signup_id)})
    return eligibility.eligible(event.terms, category, one, today=local_date(now))
