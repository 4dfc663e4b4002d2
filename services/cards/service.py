"""Verbs: issue, freeze, unfreeze and reissue a card; show, verify and burn its codes."""

import datetime
import secrets
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from services.cards import errors, queries, rules
from services.cards.messages import CardFrozen
from services.cards.models import Card, CardBurn, TypedCode
from services.cards.types import CardId, CardStatus, CardView, Presented, RotatingCode, Serial, Source, TypedCodeView
from services.core import audit, outbox, purging
from services.core.db import db, run
from services.core.errors import Conflict, Refusal
from services.core.ids import uuid7
from services.core.signing import signer
from services.members.types import MemberId

TYPED_PURPOSE = "cards.typed-code"
DIGIT_DRAWS = CARD_DRAWS = 5


def issue(*, member_id: MemberId, actor: str, now: datetime.datetime) -> CardId:
    """A first card, active at once. Raises Conflict(card_exists) if the member holds a live one."""
    card = Card(**_new_card(member_id, now))
    db.session.add(card)
    db.session.flush()
    audit.record("card.issued", actor=actor, subject_id=card.id, now=now)
    return CardId(card.id)


def issue_many(*, member_ids: Sequence[MemberId], actor: str, now: datetime.datetime) -> list[CardId]:
    """First cards for a few thousand members at most; returns their ids in the same order.

    A number or serial that is taken is drawn again, at most five times: among 72,000 cards one clash is likely.
    Raises Conflict(card_exists) if a member holds a live card.
    """
    issued: dict[uuid.UUID, uuid.UUID] = {}
    statement = insert(Card).on_conflict_do_nothing().returning(Card.member_id, Card.id)
    for _ in range(CARD_DRAWS):
        if rows := [_new_card(member_id, now) for member_id in member_ids if member_id not in issued]:
            issued |= {row.member_id: row.id for row in db.session.execute(statement, rows)}
    if len(issued) < len(member_ids):
        raise Conflict(errors.CARD_EXISTS)
    audit.record_many(audit.Act("card.issued", actor, card_id, now) for card_id in issued.values())
    return [CardId(issued[member_id]) for member_id in member_ids]


def freeze(*, member_id: MemberId, actor: str, now: datetime.datetime, tell: bool = True) -> CardView:
    """Stops the card at once; freezing a frozen card changes nothing and is no error. Locks the card's row.

    Raises NotFound(card_unknown). Posts cards.frozen, unless the caller tells the member in words of its own.
    """
    card = _lock_card(member_id)
    if card.status is CardStatus.ACTIVE:
        _set_status(card, CardStatus.FROZEN, actor=actor, now=now)
        if tell:
            outbox.post(CardFrozen(card_id=card.id, member_id=member_id))
    return queries.card_of(member_id)


def unfreeze(*, member_id: MemberId, actor: str, now: datetime.datetime) -> CardView:
    """Lifts a freeze; no error if there is none. Locks the card's row. Raises NotFound(card_unknown)."""
    card = _lock_card(member_id)
    if card.status is CardStatus.FROZEN:
        _set_status(card, CardStatus.ACTIVE, actor=actor, now=now)
    return queries.card_of(member_id)


def reissue(*, member_id: MemberId, actor: str, now: datetime.datetime) -> CardId:
    """Ends the live card and issues another: all old codes fail as card_replaced. Locks the card's row."""
    card = _lock_card(member_id)
    db.session.execute(update(Card).where(Card.id == card.id).values(status=CardStatus.REPLACED, ended_at=now))
    db.session.execute(delete(TypedCode).where(TypedCode.card_id == card.id))
    return issue(member_id=member_id, actor=actor, now=now)


def end(*, member_id: MemberId, actor: str, now: datetime.datetime) -> None:
    """Ends the live card for good and issues no other; no error without one. Locks the card's row. Audited."""
    if not queries.has_card(member_id):
        return
    card = _lock_card(member_id)
    db.session.execute(update(Card).where(Card.id == card.id).values(status=CardStatus.REPLACED, ended_at=now))
    db.session.execute(delete(TypedCode).where(TypedCode.card_id == card.id))
    audit.record("card.ended", actor=actor, subject_id=card.id, now=now)


def rotating_code(card: CardView, *, now: datetime.datetime) -> RotatingCode | None:
    """The code of the running step; None while the card is frozen. Reads and writes nothing."""
    return rules.sign(signer, card.serial, now=now) if card.status is CardStatus.ACTIVE else None


def typed_code(*, member_id: MemberId, now: datetime.datetime) -> TypedCodeView | Refusal:
    """Eight random digits for 120 s and one scan; a former one stops working. Refuses a frozen card.

    Locks the card's row: two requests at once both get digits. These are unique among live ones by constraint: on a
    clash others are drawn, at most five times.
    """
    card = _lock_card(member_id)
    if refusal := rules.may_present(card.status):
        return refusal
    expires_at = now + datetime.timedelta(seconds=rules.TYPED_SECONDS)
    db.session.execute(delete(TypedCode).where(TypedCode.card_id == card.id))
    for _ in range(DIGIT_DRAWS):
        digits = f"{secrets.randbelow(10**rules.TYPED_DIGITS):0{rules.TYPED_DIGITS}d}"
        row = {"card_id": card.id, "id": uuid7(), "digest": _digits_digest(digits), "expires_at": expires_at}
        statement = insert(TypedCode).values(row).on_conflict_do_nothing().returning(TypedCode.id)
        if db.session.execute(statement).first():
            return TypedCodeView(digits, expires_at)
    raise Conflict(errors.DIGITS_TAKEN)


def present(code: rules.QrText | rules.Digits, *, now: datetime.datetime) -> Presented | Refusal:
    """Which card was held out, if its code is good. Burns nothing and does not judge the card's state."""
    if isinstance(code, rules.Digits):
        return _present_digits(code.text, now=now)
    step = rules.verify(signer, code, now=now)
    if isinstance(step, Refusal):
        return step
    found = queries.by_serial(Serial(code.serial))
    if found is None:
        return Refusal(errors.CARD_UNKNOWN)
    return Presented(*found, ref=f"s{step}", source=Source.QR)


_BURN = insert(CardBurn).on_conflict_do_nothing().returning(CardBurn.ref)


def burn(presented: Presented, *, now: datetime.datetime) -> bool:
    """Uses the code up. False if it was used before; waits for another scan of it that is under way."""
    burnt = run(_BURN, {"card_id": presented.card.id, "ref": presented.ref, "burnt_at": now}).first()
    return burnt is not None


def purge(now: datetime.datetime) -> int:
    """Forgets burns of codes that died a day ago and typed codes past their time, a batch of each.

    Returns how many rows. Run it until it returns 0.
    """
    burns = purging.forget(CardBurn.burnt_at, before=now - datetime.timedelta(days=1))
    return burns + purging.forget(TypedCode.expires_at, before=now - datetime.timedelta(minutes=10))


def _present_digits(digits: str, *, now: datetime.datetime) -> Presented | Refusal:
    row = db.session.execute(
        select(TypedCode.card_id, TypedCode.id, TypedCode.expires_at).where(TypedCode.digest == _digits_digest(digits))
    ).first()
    if row is None:
        return Refusal(errors.TYPED_CODE_WRONG)
    if row.expires_at <= now:
        return Refusal(errors.CODE_EXPIRED, {"seconds": int((now - row.expires_at).total_seconds())})
    return Presented(*queries.by_id(CardId(row.card_id)), ref=f"t{row.id.hex}", source=Source.TYPED)


def _digits_digest(digits: str) -> bytes:
    return signer.mac(TYPED_PURPOSE, digits.encode())


def _new_card(member_id: MemberId, now: datetime.datetime) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "member_id": member_id,
        "number": f"{secrets.randbelow(10**12):012d}",
        "serial": secrets.randbits(rules.SERIAL_BITS),
        "status": CardStatus.ACTIVE,
        "issued_at": now,
    }


def _lock_card(member_id: MemberId) -> CardView:
    """The member's live card, its row locked. Raises NotFound(card_unknown).

    Whoever waited here for a reissue finds the old row gone; then the card that took its place is locked.
    """
    query = (
        select(Card.id)
        .where(Card.member_id == member_id, Card.status != CardStatus.REPLACED)
        .with_for_update(key_share=True)
    )
    while db.session.scalar(query) is None:
        queries.card_of(member_id)
    return queries.card_of(member_id)


def _set_status(card: CardView, status: CardStatus, *, actor: str, now: datetime.datetime) -> None:
    db.session.execute(update(Card).where(Card.id == card.id).values(status=status))
    audit.record(f"card.{status}", actor=actor, subject_id=card.id, now=now)
