"""The ledger of consents (订阅授权): granted, reserved before a send, spent or given back after it."""

import datetime
import uuid
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.core.db import among, db
from services.core.ids import uuid7
from services.notifications.models import Credit

MOST_PROVISIONAL = 20
"""A client may say anything, but not without end."""
_KEY = [Credit.appid, Credit.openid_index, Credit.template_id]


def available() -> ColumnElement[int]:
    return Credit.granted - Credit.reserved - Credit.spent - Credit.lost


_HELD = case((Credit.standing, 0), else_=Credit.reserved)
"""Under a standing consent nothing is reserved; what one message held before it stood counts no more."""
_LOST: Any = {
    "lost": Credit.granted - Credit.spent - _HELD, "reserved": _HELD, "standing": False, "provisional": 0,
}  # fmt: skip


def usable(
    *, addresses: Collection[bytes], appids: Collection[str], templates: Collection[str], hold: bool = True
) -> list[tuple[str, bytes, str, uuid.UUID, int]]:
    """(appid, openid_index, template, id, how many may be sent) of every consent that is left.

    A standing one counts as very many. Locks these rows in the order of their ids until the end, so that what is
    counted here can be reserved; without `hold` it only looks.
    """
    if not addresses:
        return []
    query = (
        select(Credit)
        .where(among(Credit.openid_index, addresses), Credit.appid.in_(appids), Credit.template_id.in_(templates))
        .where(or_(Credit.standing, available() >= 1))
        .order_by(Credit.id)
    )
    if hold:
        query = query.with_for_update()
    return [
        (row.appid, row.openid_index, row.template_id, row.id, 1_000_000 if row.standing else _left(row))
        for row in db.session.scalars(query)
    ]


def grant(*, appid: str, openid_index: bytes, template_id: str, standing: bool, now: datetime.datetime) -> None:
    """The platform says that somebody consented: to one message more, or with `standing` to any number.

    It takes the place of one consent that only the client told us of.
    """
    row = insert(Credit).values(
        id=uuid7(), appid=appid, openid_index=openid_index, template_id=template_id, granted=0 if standing else 1,
        standing=standing, changed_at=now,
    )  # fmt: skip
    more = {
        "granted": Credit.granted + row.excluded.granted,
        "standing": or_(Credit.standing, row.excluded.standing),
        "provisional": func.greatest(Credit.provisional - 1, 0),
        "changed_at": now,
    }
    db.session.execute(row.on_conflict_do_update(index_elements=_KEY, set_=more))


def provisional(*, appid: str, openid_index: bytes, template_ids: Collection[str], now: datetime.datetime) -> None:
    """The client says that somebody consented. Nothing is sent on its word; it says where the platform's is late."""
    for template_id in sorted(set(template_ids)):
        row = insert(Credit).values(
            id=uuid7(), appid=appid, openid_index=openid_index, template_id=template_id, provisional=1, changed_at=now
        )
        more = {"provisional": func.least(Credit.provisional + 1, MOST_PROVISIONAL), "changed_at": now}
        db.session.execute(row.on_conflict_do_update(index_elements=_KEY, set_=more))


def of(*, appid: str, openid_index: bytes, template_id: str) -> list[uuid.UUID]:
    """The id of this one's consent, if there is any."""
    theirs = Credit.appid == appid, Credit.openid_index == openid_index, Credit.template_id == template_id
    return list(db.session.scalars(select(Credit.id).where(*theirs)))


def refuse(*, appid: str, openid_index: bytes, template_id: str, now: datetime.datetime) -> None:
    """Somebody said no, or switched it off: what is left of this template is lost, and so is a standing consent."""
    theirs = update(Credit).where(
        Credit.appid == appid, Credit.openid_index == openid_index, Credit.template_id == template_id
    )
    db.session.execute(theirs.values({**_LOST, "changed_at": now}))


def hold(credit_ids: Iterable[uuid.UUID]) -> None:
    """Locks these rows in the order of their ids: who then changes them in any order waits for nobody in a circle."""
    wanted = set(credit_ids)
    if wanted:
        db.session.execute(select(Credit.id).where(Credit.id.in_(wanted)).order_by(Credit.id).with_for_update())


def reserve(credit_ids: Iterable[uuid.UUID], *, now: datetime.datetime) -> None:
    """Holds one of each for a delivery, several of one that is named several times. The caller holds the rows."""
    for number, ids in _by_number(credit_ids).items():
        taken = update(Credit).where(Credit.id.in_(ids), ~Credit.standing)
        db.session.execute(taken.values(reserved=Credit.reserved + number, changed_at=now))


def spend(credit_ids: Iterable[uuid.UUID], *, now: datetime.datetime) -> None:
    """What was reserved is used up: the channel took the message, or nobody knows."""
    for number, ids in _by_number(credit_ids).items():
        held = update(Credit).where(Credit.id.in_(ids), ~Credit.standing)
        moved = func.least(Credit.reserved, number)
        db.session.execute(held.values(reserved=Credit.reserved - moved, spent=Credit.spent + moved, changed_at=now))


def give_back(credit_ids: Iterable[uuid.UUID], *, now: datetime.datetime) -> None:
    """What was reserved is free again: the channel did not use it up."""
    for number, ids in _by_number(credit_ids).items():
        held = update(Credit).where(Credit.id.in_(ids), ~Credit.standing)
        db.session.execute(held.values(reserved=func.greatest(Credit.reserved - number, 0), changed_at=now))


def lose(credit_ids: Iterable[uuid.UUID], *, now: datetime.datetime) -> None:
    """43101: the platform has none left, until the next grant. `recording.end` first: nothing open holds one then."""
    rows = update(Credit).where(Credit.id.in_(set(credit_ids)))
    db.session.execute(rows.values({**_LOST, "changed_at": now}))


def _left(row: Credit) -> int:
    return row.granted - row.reserved - row.spent - row.lost


def _by_number(credit_ids: Iterable[uuid.UUID]) -> dict[int, list[uuid.UUID]]:
    found: dict[int, list[uuid.UUID]] = {}
    for credit_id, number in sorted(Counter(credit_ids).items()):
        found.setdefault(number, []).append(credit_id)
    return found
