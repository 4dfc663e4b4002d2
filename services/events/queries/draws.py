"""Reads about draws: who has lost lately, what was published."""

import datetime
from collections.abc import Sequence

from sqlalchemy import func, select

from services.core.db import among, db
from services.events.models import Event, Signup, SignupPerson
from services.events.rules import LOSSES_COUNT_FOR
from services.events.types import Kind
from services.members.types import MemberId


def losses(member_ids: Sequence[MemberId], *, kind: Kind, now: datetime.datetime) -> list[int]:
    """Of each, how many draws of this kind were lost in the last 365 days, since the last one that was won."""
    drawn = (
        select(SignupPerson.member_id, Event.drawn_at, Signup.won)
        .join(Signup, Signup.id == SignupPerson.signup_id)
        .join(Event, Event.id == Signup.event_id)
        .where(
            among(SignupPerson.member_id, member_ids),
            Event.kind == kind,
            Event.drawn_at > now - LOSSES_COUNT_FOR,
            Signup.won.is_not(None),
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
