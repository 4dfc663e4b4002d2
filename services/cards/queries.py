"""Reads."""

from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from services.cards.errors import CARD_UNKNOWN
from services.cards.models import Card
from services.cards.types import CardId, CardStatus, CardView, Serial
from services.core.db import Rows, db, run
from services.core.errors import NotFound
from services.members import queries as members
from services.members.types import Holder, MemberId

_COLUMNS = (
    Card.id.label("card_id"),
    Card.member_id,
    Card.number,
    Card.serial,
    Card.status.label("card_status"),
    Card.issued_at,
)

BARE = aliased(Card)
"""The rows of cards, to be locked by a join: what a member does with his card is done one after another."""


def card_of(member_id: MemberId) -> CardView:
    """The member's live card. Raises NotFound(card_unknown)."""
    query = select(*_COLUMNS).where(Card.member_id == member_id, Card.status != CardStatus.REPLACED)
    row = db.session.execute(query).first()
    if row is None:
        raise NotFound(CARD_UNKNOWN)
    return card_view(row)


def has_card(member_id: MemberId) -> bool:
    """Has this member a live card, active or frozen?"""
    query = select(Card.id).where(Card.member_id == member_id, Card.status != CardStatus.REPLACED)
    return db.session.scalar(query) is not None


def cards_with_holders() -> Rows:
    """Every card, also replaced ones, with the columns of members.holders, for a join or a where."""
    holder = members.holders().subquery("holder")
    return select(
        *_COLUMNS, holder.c.member_name, holder.c.standing, holder.c.union_id, holder.c.union_path,
        holder.c.union_name, holder.c.union_trade_group,
    ).join(holder, holder.c.member_id == Card.member_id)  # fmt: skip


def card_view(row: Any) -> CardView:
    return CardView(
        CardId(row.card_id),
        MemberId(row.member_id),
        row.number,
        Serial(row.serial),
        CardStatus(row.card_status),
        row.issued_at,
    )


_BY_SERIAL = cards_with_holders().where(Card.serial == bindparam("serial"))


def by_serial(serial: Serial) -> tuple[CardView, Holder] | None:
    row = run(_BY_SERIAL, {"serial": serial}).first()
    return (card_view(row), members.holder_of(row)) if row else None


def by_id(card_id: CardId) -> tuple[CardView, Holder]:
    row = db.session.execute(cards_with_holders().where(Card.id == card_id)).one()
    return card_view(row), members.holder_of(row)
