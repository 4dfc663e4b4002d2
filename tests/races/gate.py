"""Many at the gate of an event: what each try came to, in one word, and what holds of the rows when all are done."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg

from services.accounts.types import MemberActor
from services.core.errors import DomainError, Refusal
from services.events.types import EventId
from tests.builders.entries import Entries
from tests.harness.invariants import nothing_doubled_or_lost
from tests.harness.threads import together


def outcome(events: Entries, work: Callable[[], Any]) -> str:
    """The state of the entry that a try made, "done" if it was another act, or the code of its no."""
    try:
        found = work()
    except DomainError as no:
        return no.code
    if found is None or isinstance(found, int):
        return "done"
    return found.code if isinstance(found, Refusal) else events.entry(found).state.value


def at_once(events: Entries, *works: Callable[[], Any]) -> list[str]:
    """The outcome of each, all from one starting line; states are looked at when all are done."""

    def tried(work: Callable[[], Any]) -> Any:
        try:
            return work()
        except DomainError as no:
            return no

    found = together(*(partial(tried, work) for work in works))
    return [outcome(events, partial(_again, one)) for one in found]


def _again(found: Any) -> Any:
    if isinstance(found, DomainError):
        raise found
    return found


def rush(events: Entries, event_id: EventId, people: list[MemberActor], **entry: Any) -> Counter[str]:
    """All sign up at once for the same."""
    return Counter(at_once(events, *(partial(events.enter, actor, event_id, **entry) for actor in people)))


_UNTRACED = """SELECT s.id, s.state, (
        SELECT a.action FROM audit_entries a WHERE a.subject_id = s.id AND a.action = 'signup.' || s.state LIMIT 1) AS a
    FROM signups s"""


def in_order(sql: psycopg.Connection) -> None:
    """What holds of every event at rest; each state of an entry has its trace, and each entry a message."""
    nothing_doubled_or_lost(sql)
    assert sql.execute(f"SELECT * FROM ({_UNTRACED}) t WHERE a IS NULL").fetchall() == []
    untold = """SELECT s.id FROM signups s WHERE s.state <> 'called_off' AND NOT EXISTS (
        SELECT FROM procrastinate_jobs j WHERE j.args #>> '{payload,signup_id}' = s.id::text)"""
    assert sql.execute(untold).fetchall() == []
    called_off = """SELECT s.id, s.state FROM signups s JOIN events e ON e.id = s.event_id
        WHERE e.cancelled_at IS NOT NULL
            AND s.state IN ('forming', 'applied', 'entered', 'waiting', 'offered', 'confirmed')"""
    assert sql.execute(called_off).fetchall() == []


def line(sql: psycopg.Connection, event_id: EventId) -> list[Any]:
    """Ids of the entries that wait, in order."""
    query = "SELECT id FROM signups WHERE event_id = %s AND state = 'waiting' ORDER BY position"
    return [row[0] for row in sql.execute(query, [event_id])]
