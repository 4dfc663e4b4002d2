"""Of cards, tills and redemptions."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from services.cards.messages import CardFrozen
from services.core.db import db
from services.core.outbox import Message
from services.members import queries as members
from services.members.types import MemberId
from services.merchants import queries as merchants
from services.notifications.templates.till import UNDONE_FOR
from services.notifications.types import Fan, Notice, Recipient, RecipientKind
from services.redemptions import queries as redemptions
from services.redemptions.messages import (
    DisputeSettled,
    RedemptionDisputed,
    RedemptionRecorded,
    RedemptionVoided,
    TypingStopped,
)
from services.redemptions.types import Receipt, RedemptionId, VoidReason
from services.unions import queries as unions
from services.unions.types import UnionId, UnionPath


def _recorded(payload: Mapping[str, Any]) -> list[Notice]:
    found = redemptions.receipt(RedemptionId(uuid.UUID(payload["redemption_id"])))
    if found is None:
        return []
    receipt, member_id, branch_id = found
    facts = _facts(receipt)
    return [
        Notice(Recipient(RecipientKind.MEMBER, member_id), "redemption.member", facts),
        Notice(Recipient(RecipientKind.BRANCH, branch_id), "redemption.branch", {**facts, "name": receipt.masked_name}),
    ]


def _disputed(payload: Mapping[str, Any]) -> list[Notice]:
    found = redemptions.receipt(RedemptionId(uuid.UUID(payload["redemption_id"])))
    if found is None:
        return []
    receipt, member_id, branch_id = found
    facts = _facts(receipt)
    return [
        Notice(Recipient(RecipientKind.MEMBER, member_id), "dispute.member", facts),
        Notice(Recipient(RecipientKind.BRANCH, branch_id), "dispute.branch", facts),
        Notice(Recipient(RecipientKind.UNION, _federation_of(member_id)), "dispute.union", facts),
    ]


def _voided(payload: Mapping[str, Any]) -> list[Notice]:
    found = redemptions.receipt(RedemptionId(uuid.UUID(payload["redemption_id"])))
    if found is None:
        return []
    receipt, member_id, branch_id = found
    undone, facts = redemptions.undoing(receipt.id), _facts(receipt)
    why: dict[str, Any] = {"reason": UNDONE_FOR[undone.reason if undone else VoidReason.OTHER]}
    return [
        Notice(Recipient(RecipientKind.MEMBER, member_id), "void.member", {**facts, **why}),
        Notice(Recipient(RecipientKind.BRANCH, branch_id), "void.branch", facts),
    ]


def _settled(payload: Mapping[str, Any]) -> list[Notice]:
    redemption_id = RedemptionId(uuid.UUID(payload["redemption_id"]))
    found, settled = redemptions.receipt(redemption_id), redemptions.settlement(redemption_id)
    if found is None or settled is None:
        return []
    receipt, member_id, branch_id = found
    facts = _facts(receipt)
    return [
        Notice(Recipient(RecipientKind.MEMBER, member_id), "settled.member", {**facts, "note": settled.note}),
        Notice(Recipient(RecipientKind.BRANCH, branch_id), "settled.branch", facts),
    ]


def _frozen(payload: Mapping[str, Any]) -> list[Notice]:
    return [Notice(Recipient(RecipientKind.MEMBER, uuid.UUID(payload["member_id"])), "card.frozen")]


def _typing_stopped(payload: Mapping[str, Any]) -> list[Notice]:
    """Tells every federation: no fact says yet which of them a shop has its agreement with."""
    branch_id = uuid.UUID(payload["branch_id"])
    place = merchants.place(branch_id)
    facts: dict[str, Any] = {"merchant": place.merchant_name, "branch": place.branch_name}
    return [
        Notice(Recipient(RecipientKind.BRANCH, branch_id), "typing.branch"),
        *(Notice(Recipient(RecipientKind.UNION, root.id), "typing.union", facts) for root in unions.roots()),
    ]


def _federation_of(member_id: MemberId) -> UnionId:
    """The top of the tree that the member's union stands in: other federations are told nothing of him."""
    holder = members.holders().subquery()
    path = db.session.scalars(select(holder.c.union_path).where(holder.c.member_id == member_id)).one()
    return unions.at(UnionPath(path.partition(".")[0])).id


def _facts(receipt: Receipt) -> dict[str, Any]:
    return {
        "at": receipt.redeemed_at.isoformat(),
        "merchant": receipt.merchant_name,
        "branch": receipt.branch_name,
        "offer": receipt.offer_title,
        "saved_fen": receipt.saved_fen,
        "number": receipt.number,
    }


FANS: tuple[tuple[type[Message], Fan], ...] = (
    (RedemptionRecorded, _recorded),
    (RedemptionDisputed, _disputed),
    (RedemptionVoided, _voided),
    (DisputeSettled, _settled),
    (CardFrozen, _frozen),
    (TypingStopped, _typing_stopped),
)
