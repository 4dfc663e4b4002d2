"""Of binding: the member whose bond it is, the unions in whose trays a request lies."""

import uuid
from collections.abc import Mapping
from typing import Any

from services.bindings.messages import BondMoved, Bound, RequestFiled, RequestNudged, RequestRaised, Unbound
from services.core.outbox import Message
from services.notifications.types import Fan, Notice, Recipient, RecipientKind


def _bound(payload: Mapping[str, Any]) -> list[Notice]:
    return [Notice(_member(payload), "bond.made")]


def _moved(payload: Mapping[str, Any]) -> list[Notice]:
    return [Notice(_member(payload), "bond.moved", {"at": payload["at"]})]


def _unbound(payload: Mapping[str, Any]) -> list[Notice]:
    return [Notice(_member(payload), "bond.ended")]


def _filed(payload: Mapping[str, Any]) -> list[Notice]:
    return [Notice(_union(payload["union_id"]), "binding.filed")]


def _nudged(payload: Mapping[str, Any]) -> list[Notice]:
    return [Notice(_union(payload["union_id"]), "binding.nudged")]


def _raised(payload: Mapping[str, Any]) -> list[Notice]:
    return [
        Notice(_union(payload["to_union_id"]), "binding.raised"),
        Notice(_union(payload["from_union_id"]), "binding.missed"),
    ]


def _member(payload: Mapping[str, Any]) -> Recipient:
    return Recipient(RecipientKind.MEMBER, uuid.UUID(payload["member_id"]))


def _union(union_id: str) -> Recipient:
    return Recipient(RecipientKind.UNION, uuid.UUID(union_id))


FANS: tuple[tuple[type[Message], Fan], ...] = (
    (Bound, _bound),
    (BondMoved, _moved),
    (Unbound, _unbound),
    (RequestFiled, _filed),
    (RequestNudged, _nudged),
    (RequestRaised, _raised),
)
