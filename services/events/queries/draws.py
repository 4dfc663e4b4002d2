"""Reads about draws: who has lost lately, what chances are, what was published."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, cast, func, select

from services.core.db import among, db
from services.events.models import Draw, Event, Signup, SignupPerson
from services.events.odds import Odds
from services.events.odds import odds as odds_of
from services.events.rules import LOSSES_COUNT_FOR
from services.events.types import Event as EventView
from services.events.types import Kind, Presence, State
from services.members.types import MemberId


@dataclass(frozen=True)
class Published:
    """What everybody may know of a draw. Before it the promise alone; after it `record`, what draw.json says
    (draw.write_record makes the file of it), and `entries`, how many took part. The list itself: `list_file`."""

    commitment: str
    committed_at: datetime.datetime
    drawn_at: datetime.datetime | None
    entries: int | None
    record: dict[str, Any] | None


def published(event_id: uuid.UUID) -> Published | None:
    """None for an event that has no draw, or is not published. One statement."""
    columns = (Draw.commitment, Draw.committed_at, Draw.drawn_at, Draw.result)
    row = db.session.execute(select(*columns).where(Draw.event_id == event_id)).first()
    if row is None:
        return None
    # Whoever takes part wins or waits.
    entries = len(row.result["winners"]) + len(row.result["waiting"]) if row.result else None
    return Published(row.commitment, row.committed_at, row.drawn_at, entries, row.result)


def list_file(event_id: uuid.UUID) -> bytes | None:
    """entries.csv, byte by byte; None before the draw. One statement."""
    text = db.session.scalar(select(Draw.entries).where(Draw.event_id == event_id))
    return text.encode() if text is not None else None


def record_of(event_id: uuid.UUID) -> dict[str, Any] | None:
    """What draw.json says; None before the draw. One statement."""
    return db.session.scalar(select(Draw.result).where(Draw.event_id == event_id))


def odds(event: EventView) -> Odds:
    """The chances in a draw that is to come, by tickets, from the entries that are in it now. One statement.

    As if the total were the only quota: an entry that counts against a scarcer one has less.
    """
    size = cast(Signup.counts["0"].astext, Integer)
    query = (
        select(func.coalesce(Signup.tickets, 1), size, func.count())
        .where(Signup.event_id == event.id, Signup.state == State.ENTERED)
        .group_by(Signup.tickets, size)
    )
    entries = {(row[0], row[1] or 1): row[2] for row in db.session.execute(query)}
    return odds_of(entries, event.total.left or 0)


def unready(event_id: uuid.UUID) -> int:
    """How many entries of a draw to come still wait for somebody to confirm. One statement."""
    missing = (
        select(SignupPerson.signup_id)
        .where(SignupPerson.signup_id == Signup.id, SignupPerson.presence != Presence.IN)
        .exists()
    )
    query = select(func.count()).where(Signup.event_id == event_id, Signup.state == State.ENTERED, missing)
    return db.session.scalar(query) or 0


def losses(member_ids: Sequence[MemberId], *, kind: Kind, now: datetime.datetime) -> list[int]:
    """Of each, how many draws of this kind were lost in the last 365 days, since the last one that was won.

    Only who has said yes himself has won or lost: a mate whom the captain vouched for, or whom a unit entered, has not
    until then. What he says once the draw is held makes no loss of it; a place that was won is his from then on, and so
    it is when he comes. Whoever was offered a place out of the waiting order has lost nothing, whether he took it or
    not. The draw of an event that was called off was neither won nor lost: its winners have got nothing for their
    tickets.
    """
    lost = Signup.won.is_(False) & Signup.offered_at.is_(None) & (SignupPerson.agreed_at <= Event.drawn_at)
    won = Signup.won & (SignupPerson.agreed_at.is_not(None) | SignupPerson.checked_in_at.is_not(None))
    drawn = (
        select(SignupPerson.member_id, Event.drawn_at, Signup.won)
        .join(Signup, Signup.id == SignupPerson.signup_id)
        .join(Event, Event.id == Signup.event_id)
        .where(
            among(SignupPerson.member_id, member_ids),
            Event.kind == kind,
            Event.drawn_at > now - LOSSES_COUNT_FOR,
            Event.cancelled_at.is_(None),
            won | lost,
        )
        .subquery()
    )
    won_at = (
        select(drawn.c.member_id, func.max(drawn.c.drawn_at).label("at")).where(drawn.c.won).group_by(drawn.c.member_id)
    ).subquery()
    query = (
        select(drawn.c.member_id, func.count())
        .outerjoin(won_at, won_at.c.member_id == drawn.c.member_id)
        .where(~drawn.c.won, (won_at.c.at.is_(None)) | (drawn.c.drawn_at > won_at.c.at))
        .group_by(drawn.c.member_id)
    )
    found: dict[MemberId, int] = {MemberId(row[0]): row[1] for row in db.session.execute(query)}
    return [found.get(one, 0) for one in member_ids]
