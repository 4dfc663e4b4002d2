"""The same request twice is one act: the answer to a key is stored in the transaction of the act itself.

The row is written last. Of two requests with one key that run at once, the second waits at the unique constraint
until the first has committed, is rolled back whole, and reads the first one's answer. So no request pays for a
look-up, and nothing the second one did survives.
"""

import datetime
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LargeBinary, String, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core import constraints, purging
from services.core.db import Base, db, run

KEPT = datetime.timedelta(hours=48)
KEY_TAKEN = "idempotency_key_taken"

constraints.register({"pk_idempotency_keys": KEY_TAKEN})


class IdempotencyKey(Base):
    __tablename__ = "idempotency_keys"

    #: whose key, for which route: two clerks may use the same key, and one clerk on two routes
    scope: Mapped[str] = mapped_column(String(120), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    #: SHA-256 of the request body: the same key with another body is a mistake of the client
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int]
    answer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    stored_at: Mapped[datetime.datetime] = mapped_column(index=True)


@dataclass(frozen=True)
class Stored:
    digest: bytes
    status: int
    answer: dict[str, Any]


_ANSWERED = insert(IdempotencyKey)


def store(*, scope: str, key: str, digest: bytes, status: int, answer: dict[str, Any], now: datetime.datetime) -> None:
    """Last statement of the act. A clash (Conflict KEY_TAKEN) means that this key was answered already."""
    answered = {"scope": scope, "key": key, "digest": digest, "status": status, "answer": answer, "stored_at": now}
    run(_ANSWERED, answered)


def stored(*, scope: str, key: str) -> Stored | None:
    row = db.session.execute(
        select(IdempotencyKey.digest, IdempotencyKey.status, IdempotencyKey.answer).where(
            IdempotencyKey.scope == scope, IdempotencyKey.key == key
        )
    ).first()
    return Stored(*row) if row else None


def purge(now: datetime.datetime) -> int:
    """Forgets a batch of answers older than 48 hours; returns how many. Run it until it returns 0."""
    return purging.forget(IdempotencyKey.stored_at, before=now - KEPT)
