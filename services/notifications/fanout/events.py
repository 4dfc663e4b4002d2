"""Of events: the members of an entry, those of all entries of an event, whoever did not come.

Told as things are when the job runs: an offer that was taken, or is over, is offered to nobody any more.
"""

import datetime
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.core.outbox import Message
from services.events import showing
from services.events.messages import (
    EventCancelled,
    EventChanged,
    EventDrawn,
    Missed,
    Reminder,
    SignupChanged,
    What,
)
from services.events.queries import events, misses, telling
from services.events.queries.telling import Told
from services.events.rules import slot_of
from services.events.types import ACTIVE, Event, EventId, Mode, Presence, RefusedFor, SignupId, State
from services.events.types.door import MissId
from services.members.types import MemberId
from services.notifications.notices.rules import on_lock_screen
from services.notifications.templates.events.facts import (
    CHANGES,
    DROPPED,
    MISSES,
    NEUTRAL,
    OTHER_CHANGE,
    PASSED,
    REASONS,
    STANDING,
    cost,
)
from services.notifications.types import Crowd, Notice, Part, Recipient, RecipientKind

A_PART = 400
"""Entries of one transaction."""
SOON = datetime.timedelta(hours=12)
"""What ends within that time does not wait until somebody happens to look."""
NEAR = datetime.timedelta(hours=48)
"""An event that begins within that time: a change of it cannot wait either."""
IN, INVITED = Presence.IN, Presence.INVITED
STILL = (IN, INVITED)
_COMMAS = (("zh", "、"), ("en", ", "))


def _members(entry: Told) -> list[MemberId]:
    return entry.members(IN)


def _everybody(entry: Told) -> list[MemberId]:
    """Those who were asked too: what they were asked has come to an end."""
    return entry.members(*STILL)


def _invited(entry: Told) -> list[MemberId]:
    return entry.members(INVITED)


def _captain(entry: Told) -> list[MemberId]:
    return [entry.captain_id]


@dataclass(frozen=True)
class Tells:
    """What becomes of a What: told while the entry is in one of `states`, in `template`; `soon` when time is short."""

    template: str
    states: frozenset[State]
    whom: Callable[[Told], Sequence[MemberId]] = _members
    soon: str | None = None
    #: without the place in the line, where that would say how few of a private kind are before it
    few: str | None = None


def _in(*states: State) -> frozenset[State]:
    return frozenset(states)


TELLS: dict[What, Tells] = {
    What.CONFIRMED: Tells("event.confirmed", _in(State.CONFIRMED)),
    What.FORMING: Tells("event.forming", _in(State.FORMING), _captain),
    What.INVITED: Tells("event.invited", ACTIVE, _invited),
    What.WAITING: Tells("event.waiting", _in(State.WAITING), few="event.waiting_few"),
    What.ENTERED: Tells("event.entered", _in(State.ENTERED)),
    What.APPLIED: Tells("event.applied", _in(State.APPLIED)),
    What.OFFERED: Tells("event.offered", _in(State.OFFERED), soon="event.offered_soon"),
    What.DECLINED: Tells("event.declined", _in(State.DECLINED)),
    What.LAPSED: Tells("event.lapsed", _in(State.LAPSED), _everybody),
    What.NO_PLACE: Tells("event.no_place", _in(State.LAPSED)),
    What.MATE_DECLINED: Tells("event.mate_declined", ACTIVE, _captain),
    What.MATE_SILENT: Tells("event.mate_silent", ACTIVE, _captain),
    What.DROPPED: Tells("event.dropped", _in(*State), _invited),
    What.APPROVED: Tells("event.approved", _in(State.CONFIRMED)),
    What.REFUSED: Tells("event.refused", _in(State.REFUSED), _everybody),
    What.CANCELLED: Tells("event.cancelled", _in(State.CANCELLED), _everybody),
    What.REMOVED: Tells("event.removed", _in(State.REMOVED), _everybody),
    What.BY_UNIT: Tells("event.by_unit", ACTIVE),
}
_CHANGED = Tells("event.changed", ACTIVE, _everybody, soon="event.changed_soon")
_CALLED_OFF = Tells("event.called_off", _in(State.CALLED_OFF), _everybody, soon="event.called_off_soon")
_REMINDS = Tells("event.reminder", _in(State.CONFIRMED, State.FORMING))
_WON = Tells("event.won", _in(State.CONFIRMED))
_LOST = Tells("event.lost", _in(State.WAITING))
_MISSED, _PAUSED = "event.missed", "event.paused"
TEMPLATES = frozenset(
    {
        *(name for one in (*TELLS.values(), _WON, _LOST, _CHANGED, _CALLED_OFF, _REMINDS)
          for name in (one.template, one.soon, one.few) if name),
        _MISSED, _PAUSED,
    }
)  # fmt: skip
"""Every template that is told from here."""


def _signup(payload: Mapping[str, Any], after: uuid.UUID | None, now: datetime.datetime) -> Part:
    what, entry = What(payload["what"]), telling.entry(SignupId(uuid.UUID(payload["signup_id"])))
    if entry is None or entry.state not in TELLS[what].states:
        return Part([])
    only, more = payload.get("only"), dict[str, Any]()
    if what is What.DROPPED:
        whom = MemberId(uuid.UUID(only))
        if whom in entry.members(*STILL):
            return Part([])
        more["why"] = DROPPED[whom in entry.members(Presence.DECLINED)]
        entry = replace(entry, people=((whom, INVITED),))
    event = events.event(entry.event_id)
    over = entry.due_at is not None and entry.due_at <= now and what in (What.OFFERED, What.INVITED, What.FORMING)
    if over or event.cancelled_at or (entry.state in ACTIVE and now >= event.terms.ends_at):
        return Part([])
    soon = entry.due_at is not None and entry.due_at - now <= SOON
    more |= _limit(what, event, entry)
    if what is What.WAITING:
        more["passed"] = PASSED[event.terms.mode is Mode.APPROVAL]
    if what is What.BY_UNIT:
        more["standing"] = STANDING[entry.state]
    notices = _notices(TELLS[what], event, entry, more, soon=soon)
    return Part([one for one in notices if not only or str(one.recipient.id) == only])


def _changed(payload: Mapping[str, Any], after: uuid.UUID | None, now: datetime.datetime) -> Part:
    event = events.event(EventId(uuid.UUID(payload["event_id"])))
    if event.cancelled_at or now >= event.terms.ends_at:
        return Part([])
    names = payload["fields"].replace(",", " ").split() or [""]
    words = [CHANGES.get(name, OTHER_CHANGE) for name in names]
    facts = {"fields": {tongue: comma.join(dict.fromkeys(one[tongue] for one in words)) for tongue, comma in _COMMAS}}
    return _part(_CHANGED, event, after, facts, soon=event.terms.starts_at - now <= NEAR)


def _cancelled(payload: Mapping[str, Any], after: uuid.UUID | None, now: datetime.datetime) -> Part:
    event = events.event(EventId(uuid.UUID(payload["event_id"])))
    if now >= event.terms.ends_at:
        return Part([])
    facts = {"note": event.cancelled_note or ""}
    return _part(_CALLED_OFF, event, after, facts, soon=event.terms.starts_at - now <= NEAR)


def _drawn(payload: Mapping[str, Any], after: uuid.UUID | None, now: datetime.datetime) -> Part:
    """Those who were in the draw; who was entered later stands behind them in the waiting order and knows it."""
    event = events.event(EventId(uuid.UUID(payload["event_id"])))
    if event.cancelled_at or now >= event.terms.ends_at:
        return Part([])
    found = telling.part(event.id, states=_WON.states | _LOST.states, after=after, limit=A_PART)
    told = ((_WON if entry.won else _LOST, entry) for entry in telling.ordered(found) if entry.won is not None)
    notices = (one for tells, entry in told if entry.state in tells.states for one in _notices(tells, event, entry, {}))
    return Part(list(notices), _last(found))


def _reminder(payload: Mapping[str, Any], after: uuid.UUID | None, now: datetime.datetime) -> Part:
    event = events.event(EventId(uuid.UUID(payload["event_id"])))
    if event.cancelled_at:
        return Part([])
    found = telling.entries([SignupId(uuid.UUID(one)) for one in payload["signup_ids"].split(",")])
    there = [one for one in found if one.state in _REMINDS.states and _begins_at(event, one) > now]
    return Part([notice for one in there for notice in _notices(_REMINDS, event, one, {})])


def _missed(payload: Mapping[str, Any], after: uuid.UUID | None, now: datetime.datetime) -> Part:
    found = telling.miss(MissId(uuid.UUID(payload["miss_id"])))
    if found is None:
        return Part([])
    member_id, miss = found
    event = events.event(miss.event_id)
    record = misses.record(member_id, miss.kind, event.union_path, now)
    left = record.rule.free + 1 - len(record.misses)
    facts: dict[str, Any] = {
        **_event_facts(event), "at": _written(event.terms.starts_at), "why": MISSES[miss.because],
        "cost": cost(max(left, 1), record.rule.pause_days),
    }  # fmt: skip
    if record.paused_until:
        facts["until"] = _written(record.paused_until)
    name = _PAUSED if record.paused_until else _MISSED
    return Part([Notice(Recipient(RecipientKind.MEMBER, member_id), template=name, facts=facts)])


def _part(tells: Tells, event: Event, after: uuid.UUID | None, facts: Mapping[str, Any], *, soon: bool = False) -> Part:
    found = telling.part(event.id, states=tells.states, after=after, limit=A_PART)
    return Part([one for entry in found for one in _notices(tells, event, entry, facts, soon=soon)], _last(found))


def _last(found: Sequence[Told]) -> uuid.UUID | None:
    return found[-1].id if len(found) == A_PART else None


def _notices(tells: Tells, event: Event, entry: Told, more: Mapping[str, Any], *, soon: bool = False) -> list[Notice]:
    """One for each who is told. `good_until`: what the gateway does not tell any later."""
    begins = _begins_at(event, entry)
    # Of an entry that stands it is the time of those alone who were asked in anew.
    due_at = entry.due_at if entry.state is not State.CONFIRMED or tells.whom is _invited else None
    ends = min(begins, due_at or begins) if entry.state in ACTIVE else event.terms.ends_at
    facts: dict[str, Any] = {
        **_event_facts(event),
        "signup": str(entry.id),
        "at": _written(begins),
        "until": _written(event.terms.cancel_until),
        "good_until": _written(ends),
        **more,
    }
    if entry.state in (State.REFUSED, State.REMOVED):
        facts["reason"] = REASONS[RefusedFor(entry.reason or RefusedFor.OTHER)]
    order = showing.place_shown(event.private, entry.order or None)
    if order:
        facts["order"] = order
    name = tells.soon if soon and tells.soon else tells.few if tells.few and not order else tells.template
    return [Notice(Recipient(RecipientKind.MEMBER, one), template=name, facts=facts) for one in tells.whom(entry)]


def _limit(what: What, event: Event, entry: Told) -> dict[str, str]:
    """The instant that the words of this What explain, where it is not that for cancelling."""
    if what is What.ENTERED:
        return {"until": _written(event.terms.closes_at)}
    if what in (What.OFFERED, What.INVITED, What.FORMING):
        return {"until": _written(entry.due_at or event.terms.closes_at)}
    return {}


def _event_facts(event: Event) -> dict[str, Any]:
    title = event.terms.title
    hidden = event.private or on_lock_screen(title)
    return {"event": title, "lock": NEUTRAL if hidden else title, "place": event.terms.place}


def _begins_at(event: Event, entry: Told) -> datetime.datetime:
    """Of a slot, when that begins."""
    slot = slot_of(event.terms, entry.slot) if entry.slot is not None else None
    return slot.begins_at if slot else event.terms.starts_at


def _written(at: datetime.datetime) -> str:
    return at.astimezone(datetime.UTC).isoformat()


CROWDS: tuple[tuple[type[Message], Crowd], ...] = (
    (SignupChanged, _signup),
    (EventChanged, _changed),
    (EventCancelled, _cancelled),
    (EventDrawn, _drawn),
    (Reminder, _reminder),
    (Missed, _missed),
)
