"""What the WeChat platform lends us, shared by all processes: one renews at a time, the others wait for it."""

import datetime
import uuid
from enum import Enum, auto

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.accounts.models.wechat import PlatformValue
from services.accounts.types import Lent
from services.core.crypto import vault
from services.core.db import db

VALUE_FIELD = "platform_values.value"
LEASE = datetime.timedelta(seconds=10)
"""How long a process may take to renew a value. One that dies doing it holds the others up no longer than this."""


class Renewal(Enum):
    """Who renews a value that is missing, over or rejected."""

    YOURS = auto()
    SOMEBODY_ELSES = auto()


def borrow(*, appid: str, kind: Lent, rejected: str | None, holder: uuid.UUID, now: datetime.datetime) -> str | Renewal:
    """The value if it is good: not over, and not the one that the platform has just `rejected`.

    Else takes the lease to renew it, by a conditional UPDATE on what was read, or says that somebody has it. With
    YOURS: commit, ask the platform outside of any transaction, then `keep` or `give_back`.
    """
    of = (PlatformValue.appid == appid) & (PlatformValue.kind == kind)
    seen = db.session.execute(select(PlatformValue.value, PlatformValue.expires_at).where(of)).first()
    if seen is None:
        db.session.execute(insert(PlatformValue).values(appid=appid, kind=kind).on_conflict_do_nothing())
    sealed = seen.value if seen else None
    if seen and sealed and seen.expires_at > now:
        value = vault.unseal(VALUE_FIELD, sealed)
        if value != rejected:
            return value
    # Seals of one text differ, so this finds a value that somebody renewed since it was read here.
    unchanged = PlatformValue.value.is_not_distinct_from(sealed)
    free = PlatformValue.leased_until.is_(None) | (PlatformValue.leased_until <= now)
    taken = db.session.execute(
        update(PlatformValue)
        .where(of, unchanged, free)
        .values(leased_until=now + LEASE, lease_holder=holder)
        .returning(PlatformValue.appid)
    ).first()
    return Renewal.YOURS if taken else Renewal.SOMEBODY_ELSES


def keep(*, appid: str, kind: Lent, value: str, expires_at: datetime.datetime, holder: uuid.UUID) -> None:
    """Stores a renewed value and ends the lease. Nothing if the lease has passed to somebody else meanwhile."""
    db.session.execute(
        update(PlatformValue)
        .where(PlatformValue.appid == appid, PlatformValue.kind == kind, PlatformValue.lease_holder == holder)
        .values(value=vault.seal(VALUE_FIELD, value), expires_at=expires_at, leased_until=None, lease_holder=None)
    )


def give_back(*, appid: str, kind: Lent, holder: uuid.UUID) -> None:
    """Ends a lease without a new value: the next who needs it may try at once."""
    db.session.execute(
        update(PlatformValue)
        .where(PlatformValue.appid == appid, PlatformValue.kind == kind, PlatformValue.lease_holder == holder)
        .values(leased_until=None, lease_holder=None)
    )
