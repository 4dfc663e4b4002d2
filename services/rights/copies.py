"""A copy of everything about one person, for that person (PIPL 45)."""

import datetime
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from services.accounts import queries as accounts
from services.accounts.service import codes
from services.accounts.types import MemberActor
from services.bindings import queries as bindings
from services.cards import queries as cards
from services.complaints import queries as complaints
from services.core import audit
from services.core.paging import MOST, Page, PageRequest
from services.members.own import own_record
from services.notifications import queries as inboxes
from services.notifications.templates import words
from services.notifications.types import Recipient, RecipientKind
from services.redemptions import queries as redemptions
from services.redemptions.types import Receipt
from services.rights import queries
from services.rights.register import VERSION
from services.signals import queries as signals

T = TypeVar("T")
SECTIONS = (
    "record",
    "card",
    "redemptions",
    "complaints",
    "signals",
    "messages",
    "sessions",
    "consents",
    "requests",
    "looks",
)
"""Of the copy, beside `made_at` and `register`."""


def copy_of(*, actor: MemberActor, token: str, language: str, now: datetime.datetime) -> dict[str, Any]:
    """All sections in plain values, instants in ISO 8601 with their zone, amounts in fen. Audited as data.copied.

    In clear: the view sees to it that it is the person who asks. `token` is the session that asks.
    """
    member = Recipient(RecipientKind.MEMBER, actor.member_id)
    receipts = _all(lambda page: redemptions.history(member_id=actor.member_id, request=page))
    messages = _all(lambda page: inboxes.inbox(member, page))
    standing = bindings.standing(actor.account_id)
    copy = {
        "made_at": now,
        "register": VERSION,
        "record": asdict(own_record(actor.member_id)) | {"proven_phone": codes.proven_phone(actor.account_id)},
        "card": _card(actor),
        "redemptions": [_use(one) for one in receipts],
        "complaints": [
            asdict(one) for one in _all(lambda page: complaints.of_member(member_id=actor.member_id, request=page))
        ],
        "signals": [asdict(one) for one in _all(lambda page: signals.of_member(actor.member_id, page))],
        "messages": [
            {"at": one.created_at, "read": one.read, **vars(words(one.template, one.facts, language=language))}
            for one in messages
        ],
        "sessions": [asdict(one) for one in accounts.devices(actor.account_id, token=token, now=now)],
        "consents": [asdict(one) for one in bindings.consents(actor.account_id)],
        "requests": {
            "binding": asdict(standing) if standing else None,
            "corrections": [asdict(one) for one in queries.corrections_of(actor.member_id)],
        },
        "looks": [asdict(one) for one in _all(lambda page: queries.looks(actor.member_id, page))],
    }
    audit.record("data.copied", actor=actor.label, subject_id=actor.member_id, now=now)
    plain: dict[str, Any] = _plain(copy)
    return plain


def _use(receipt: Receipt) -> dict[str, Any]:
    """A use, and in words what became of it."""
    undone = redemptions.undoing(receipt.id) if receipt.voided_at else None
    settled = redemptions.settlement(receipt.id) if receipt.settled_at else None
    return {name: value for name, value in asdict(receipt).items() if name != "masked_name"} | {
        "number": receipt.number,
        "undone_for": undone.reason if undone else None,
        "undone_note": undone.note if undone else None,
        "settled_note": settled.note if settled else None,
    }


def _card(actor: MemberActor) -> dict[str, Any] | None:
    if not cards.has_card(actor.member_id):
        return None
    card = cards.card_of(actor.member_id)
    return {"number": card.number, "status": card.status, "issued_at": card.issued_at}


def _all(read: Callable[[PageRequest], Page[T]]) -> list[T]:
    page = read(PageRequest(limit=MOST))
    found = page.items
    while page.next:
        page = read(PageRequest(cursor=page.next, limit=MOST))
        found += page.items
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime.date | datetime.datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int) else str(value)
