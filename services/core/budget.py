"""How often something may happen that costs money or feeds guessing: counted in the database, so it holds everywhere.

app/throttle.py is the views' coarse limit, which may be lost with Redis. What stands here may not: codes sent to one
phone, guesses at one document.
"""

import datetime
from collections.abc import Sequence

from sqlalchemy import LargeBinary
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from services.core import purging
from services.core.crypto import vault
from services.core.db import Base, db

MINUTE, HOUR, DAY = 60, 3600, 86400
KEPT = datetime.timedelta(days=2)
_OFFSET = 8 * HOUR
"""China's clock is 8 hours ahead of UTC and knows no summer time."""


class Spending(Base):
    """How much of one budget is used up in one minute, hour or day."""

    __tablename__ = "spendings"

    #: keyed digest of what is counted and for whom: it names neither a phone nor a document
    who: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    #: length of the span
    seconds: Mapped[int] = mapped_column(primary_key=True)
    begins_at: Mapped[datetime.datetime] = mapped_column(primary_key=True, index=True)
    used: Mapped[int]


def spend(what: str, who: bytes, *, limits: Sequence[tuple[int, int]], now: datetime.datetime, amount: int = 1) -> int:
    """Takes `amount` of each limit (seconds of the span, how much); 0, or the seconds until the full one begins anew.

    Spans are whole minutes, hours and days of China's clock. A conditional upsert for each, in the order given: two at
    once cannot both have the last one. Roll back when it says no and nothing else shall be counted.
    """
    digest = vault.blind_index("spendings.who", f"{what}:{who.hex()}")
    for seconds, most in limits:
        begin = int(now.timestamp() + _OFFSET) // seconds * seconds - _OFFSET
        begins_at = datetime.datetime.fromtimestamp(begin, datetime.UTC)
        row = insert(Spending).values(who=digest, seconds=seconds, begins_at=begins_at, used=amount)
        counted = row.on_conflict_do_update(
            index_elements=[Spending.who, Spending.seconds, Spending.begins_at],
            set_={"used": Spending.used + amount},
            where=Spending.used <= most - amount,
        ).returning(Spending.used)
        if amount > most or db.session.execute(counted).first() is None:
            return max(1, int(begin + seconds - now.timestamp()) + 1)
    return 0


def left(what: str, who: bytes, *, limits: Sequence[tuple[int, int]], now: datetime.datetime) -> bool:
    """Is any of each limit left? Takes nothing, and makes whoever asks the same wait until the commit: so nobody looks
    first and takes later what another has taken meanwhile."""
    return not spend(what, who, limits=[(seconds, most - 1) for seconds, most in limits], now=now, amount=0)


def purge(now: datetime.datetime) -> int:
    """Forgets a batch of spans that are over. Run it until it returns 0."""
    return purging.forget(Spending.begins_at, before=now - KEPT)
