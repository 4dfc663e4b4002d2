"""Of signing in, of officers, of people's records."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from services.accounts.messages import GuessingStopped, ResetUnderWay, RoleTaken
from services.core.outbox import Message
from services.members.messages import CorrectionAsked, CorrectionDecided, RecordChanged, UnmaskedOften
from services.notifications.types import Fan, Notice, Recipient, RecipientKind
from services.unions import queries as unions
from services.unions.types import UnionPath


def _guessing(payload: Mapping[str, Any]) -> list[Notice]:
    return [Notice(_union(payload), "guessing.union", {"at": payload["at"]})]


def _reset_under_way(payload: Mapping[str, Any]) -> list[Notice]:
    return [Notice(_union(payload), "reset.union", {"at": payload["at"]})]


def _role_taken(payload: Mapping[str, Any]) -> list[Notice]:
    return [Notice(_union(payload), "role.union", {"at": payload["at"]})]


def _record_changed(payload: Mapping[str, Any]) -> list[Notice]:
    """Each member of the message is told which of his fields changed."""
    told = []
    for member_id, *names in (line.split() for line in payload["changed"].splitlines()):
        facts: dict[str, Any] = {"fields": _fields(names)}
        told.append(Notice(Recipient(RecipientKind.MEMBER, uuid.UUID(member_id)), "record.member", facts))
    return told


def _unmasked_often(payload: Mapping[str, Any]) -> list[Notice]:
    """The federation above the officer is told: its auditors read its inbox."""
    scope = UnionPath(payload["scope"])
    facts: dict[str, Any] = {"at": payload["at"], "looks": payload["looks"], "union": unions.at(scope).name}
    top = unions.at(UnionPath(scope.partition(".")[0]))
    return [Notice(Recipient(RecipientKind.UNION, top.id), "unmasking.union", facts)]


def _correction_asked(payload: Mapping[str, Any]) -> list[Notice]:
    return [Notice(_union(payload), "correction.union")]


def _correction_decided(payload: Mapping[str, Any]) -> list[Notice]:
    member = Recipient(RecipientKind.MEMBER, uuid.UUID(payload["member_id"]))
    return [Notice(member, "correction.done") if payload["accepted"] else Notice(member, "correction.refused")]


def _fields(names: Sequence[str]) -> dict[str, str]:
    known = [FIELDS[name] for name in names if name in FIELDS]
    return {"zh": "、".join(zh for zh, _ in known) or "资料", "en": ", ".join(en for _, en in known) or "record"}


def _union(payload: Mapping[str, Any]) -> Recipient:
    return Recipient(RecipientKind.UNION, uuid.UUID(payload["union_id"]))


FIELDS = {
    "name": ("姓名", "name"),
    "union": ("所在工会", "union"),
    "sex": ("性别", "sex"),
    "document": ("证件", "document"),
    "phone": ("手机号", "phone"),
    "standing": ("会籍状态", "standing"),
}

FANS: tuple[tuple[type[Message], Fan], ...] = (
    (GuessingStopped, _guessing),
    (ResetUnderWay, _reset_under_way),
    (RoleTaken, _role_taken),
    (RecordChanged, _record_changed),
    (UnmaskedOften, _unmasked_often),
    (CorrectionAsked, _correction_asked),
    (CorrectionDecided, _correction_decided),
)
