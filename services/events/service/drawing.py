"""The draw (摇号): held once, by an officer, after sign-up has ended. draw.py is what everybody can run again."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Uuid, bindparam, func, select, update

from services.accounts.types import OfficerActor
from services.core import audit, outbox
from services.core.crypto import vault
from services.core.db import among, db
from services.core.errors import Conflict
from services.events import draw as drum
from services.events import errors
from services.events.messages import EventDrawn, What
from services.events.models import POSITIONS, Signup, SignupPerson
from services.events.models import Draw as DrawRow
from services.events.models import Event as EventRow
from services.events.queries import events
from services.events.rows import read_counts
from services.events.service import seats, writing
from services.events.service.organising import SEED_FIELD
from services.events.types import Event, EventId, Mode, Presence, SignupId, State

NO_LIMIT = 9_999_999
"""What the files say of a quota without one: the largest number that they can."""


@dataclass(frozen=True)
class Drawn:
    """How many entries won a place, how many wait, how many fell out because somebody of them had not confirmed."""

    won: int
    waiting: int
    lapsed: int


def draw(*, actor: OfficerActor, event_id: EventId, now: datetime.datetime) -> Drawn:
    """Opens the seed, draws, gives places in the order of the draw and publishes the files. Once.

    Entries in which everybody is in take part, the others end. Whoever finds no room waits in the order of the draw,
    however many they are. Locks the event; some ten statements however many entries.
    Raises NotFound(event_unknown), Forbidden(not_allowed), Conflict(not_a_draw, event_not_published, event_cancelled,
    event_over, draw_too_early with `at`, drawn_already). Posts events.drawn, and events.signup for who fell out.
    Audited as event.drawn, and for each entry.
    """
    events.managed(event_id, actor=actor)
    event = seats.hold(event_id)
    _may(event, now)
    rows = _entered(event_id)
    out = [SignupId(row.id) for row in rows if not row.whole]
    if out:
        writing.move_many(out, State.LAPSED, event_id=event_id, actor=actor.label, now=now)
    writing.tell_many(out, What.LAPSED)
    entries = {drum.spelled(row.number): row for row in rows if row.whole}
    record, list_of = _held(event, entries, now)
    winners = [entries[number] for number in record["winners"]]
    waiting = [entries[number] for number in record["waiting"]]
    _write_winners(event, winners, now)
    _write_waiting(waiting, now)
    _publish(event_id, record, list_of, now)
    _trace(event_id, winners, waiting, len(out), actor=actor.label, now=now)
    outbox.post(EventDrawn(event_id))
    return Drawn(len(winners), len(waiting), len(out))


def _may(event: Event, now: datetime.datetime) -> None:
    terms = event.terms
    if terms.mode is not Mode.DRAW:
        raise Conflict(errors.NOT_A_DRAW)
    if event.drawn_at:
        raise Conflict(errors.DRAWN_ALREADY)
    if not event.published_at:
        raise Conflict(errors.EVENT_NOT_PUBLISHED)
    if event.cancelled_at:
        raise Conflict(errors.EVENT_CANCELLED)
    if now < terms.closes_at:
        raise Conflict(errors.DRAW_TOO_EARLY, at=terms.closes_at.isoformat())
    if now >= terms.ends_at:
        raise Conflict(errors.EVENT_OVER)


def _entered(event_id: EventId) -> Sequence[Any]:
    missing = (
        select(SignupPerson.signup_id)
        .where(SignupPerson.signup_id == Signup.id, SignupPerson.presence != Presence.IN)
        .exists()
    )
    columns = (Signup.id, Signup.number, Signup.tickets, Signup.counts, (~missing).label("whole"))
    query = select(*columns).where(Signup.event_id == event_id, Signup.state == State.ENTERED)
    return db.session.execute(query.order_by(Signup.id)).all()


def _held(event: Event, entries: dict[str, Any], now: datetime.datetime) -> tuple[drum.Record, bytes]:
    """The record of the draw and the list that it was drawn from."""
    sealed = db.session.scalars(select(DrawRow.seed).where(DrawRow.event_id == event.id)).one()
    listed = [
        drum.Entry(number, row.tickets or 1, read_counts(row.counts)) for number, row in entries.items()
    ]  # fmt: skip
    capacities = [NO_LIMIT if room.left is None else room.left for room in event.rooms]
    record = drum.hold(
        event=str(event.id),
        title=event.terms.title["zh"],
        seed=vault.unseal_bytes(SEED_FIELD, sealed),
        entries=listed,
        capacities=capacities,
        drawn_at=now,
    )
    return record, drum.write_entries(listed, len(capacities))


def _write_winners(event: Event, winners: Sequence[Any], now: datetime.datetime) -> None:
    moved = {"state": State.CONFIRMED, "won": True, "position": None, "changed_at": now}
    db.session.execute(update(Signup).where(among(Signup.id, [row.id for row in winners])).values(moved))
    taken: dict[int, int] = {}
    for row in winners:
        for ordinal, places in read_counts(row.counts).items():
            taken[ordinal] = taken.get(ordinal, 0) + places
    seats.add(event.id, taken)


def _write_waiting(waiting: Sequence[Any], now: datetime.datetime) -> None:
    """Positions rise in the order of the draw; whoever begins to wait later stands behind."""
    if not waiting:
        return
    numbers = select(POSITIONS.next_value()).select_from(func.generate_series(1, len(waiting)))
    positions = sorted(db.session.scalars(numbers))
    place = select(
        func.unnest(bindparam("ids", [row.id for row in waiting], type_=ARRAY(Uuid()))).label("id"),
        func.unnest(bindparam("positions", positions, type_=ARRAY(BigInteger()))).label("position"),
    ).subquery()
    moved = {"state": State.WAITING, "won": False, "position": place.c.position, "changed_at": now}
    db.session.execute(
        update(Signup).where(Signup.id == place.c.id).values(moved).execution_options(synchronize_session=False)
    )


def _publish(event_id: EventId, record: drum.Record, list_of: bytes, now: datetime.datetime) -> None:
    values = {"drawn_at": now, "revealed": record["seed"], "entries": list_of.decode(), "result": record}
    db.session.execute(update(DrawRow).where(DrawRow.event_id == event_id).values(values))
    db.session.execute(update(EventRow).where(EventRow.id == event_id).values(drawn_at=now))


def _trace(
    event_id: EventId,
    winners: Sequence[Any],
    waiting: Sequence[Any],
    lapsed: int,
    *,
    actor: str,
    now: datetime.datetime,
) -> None:
    detail = {"won": len(winners), "waiting": len(waiting), "lapsed": lapsed}
    audit.record("event.drawn", actor=actor, subject_id=event_id, now=now, detail=detail)
    of = {"event": str(event_id)}
    moved = ((row.id, state) for state, rows in ((State.CONFIRMED, winners), (State.WAITING, waiting)) for row in rows)
    audit.record_many(audit.Act(f"signup.{state}", actor, one, now, of) for one, state in moved)
