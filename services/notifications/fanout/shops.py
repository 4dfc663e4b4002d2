"""Of partner shops: each open branch and that of each owner, and the federation that the agreement is with."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from services.core.db import db
from services.core.errors import Value
from services.core.outbox import Message
from services.merchants import queries as merchants
from services.merchants.messages import AgreementEnding, Ended, Resumed, Suspended
from services.notifications.types import Fan, Notice, Recipient, RecipientKind


def _ending(payload: Mapping[str, Any]) -> list[Notice]:
    facts: dict[str, Value] = {"on": payload["on"]}
    shop = merchants.federations().subquery()
    row = db.session.execute(select(shop).where(shop.c.merchant_id == uuid.UUID(payload["merchant_id"]))).one()
    union = Recipient(RecipientKind.UNION, row.federation_id)
    named: dict[str, Any] = {**facts, "merchant": row.merchant_name}
    told = [Notice(branch, "agreement.branch", facts) for branch in _branches(payload)]
    return [*told, Notice(union, "agreement.union", named)]


def _suspended(payload: Mapping[str, Any]) -> list[Notice]:
    return [Notice(branch, "suspended.branch", _why(payload)) for branch in _branches(payload)]


def _resumed(payload: Mapping[str, Any]) -> list[Notice]:
    return [Notice(branch, "resumed.branch") for branch in _branches(payload)]


def _ended(payload: Mapping[str, Any]) -> list[Notice]:
    return [Notice(branch, "ended.branch", _why(payload)) for branch in _branches(payload)]


def _why(payload: Mapping[str, Any]) -> dict[str, Value]:
    return {"on": payload["on"], "reason": payload["reason"]}


def _branches(payload: Mapping[str, Any]) -> list[Recipient]:
    """An owner reads the messages of his own branch, closed or not."""
    shop = uuid.UUID(payload["merchant_id"])
    open_ones = [branch.id for branch in merchants.branches_of(shop)]
    owners = [clerk.branch_id for clerk in merchants.clerks_of_merchant(shop) if clerk.owner]
    return [Recipient(RecipientKind.BRANCH, branch_id) for branch_id in dict.fromkeys([*open_ones, *owners])]


FANS: tuple[tuple[type[Message], Fan], ...] = (
    (AgreementEnding, _ending),
    (Suspended, _suspended),
    (Resumed, _resumed),
    (Ended, _ended),
)
