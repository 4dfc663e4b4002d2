"""Of “the shop said no”: the shop, without a word about who it was; its federation after a day; the member."""

import uuid
from collections.abc import Mapping
from typing import Any

from services.complaints import queries
from services.complaints.messages import ComplaintAnswered, ComplaintMade, ComplaintOverdue
from services.complaints.types import AnsweredAs, Complaint, ComplaintId
from services.core.outbox import Message
from services.members.types import MemberId
from services.merchants import queries as merchants
from services.notifications.types import Fan, Notice, Recipient, RecipientKind
from services.unions.types import UnionId


def _made(payload: Mapping[str, Any]) -> list[Notice]:
    """The branch, and every branch where an owner of the shop stands: one shop is told once at each."""
    found = _found(payload)
    if found is None:
        return []
    complaint, _, _ = found
    owners = {one.branch_id for one in merchants.clerks_of_merchant(complaint.merchant_id) if one.owner}
    facts: dict[str, Any] = {"branch": complaint.branch_name, "offer": complaint.offer_title}
    told = sorted({complaint.branch_id, *owners})
    return [Notice(Recipient(RecipientKind.BRANCH, one), "complaint.branch", facts) for one in told]


def _overdue(payload: Mapping[str, Any]) -> list[Notice]:
    found = _found(payload)
    if found is None or found[0].answer:
        return []
    complaint, _, union_id = found
    return [Notice(Recipient(RecipientKind.UNION, union_id), "complaint.union", _facts(complaint))]


def _answered(payload: Mapping[str, Any]) -> list[Notice]:
    found = _found(payload)
    if found is None:
        return []
    complaint, member_id, _ = found
    notices = [Notice(Recipient(RecipientKind.MEMBER, member_id), "complaint.answered", _facts(complaint))]
    if complaint.answer and complaint.answer.answered_as is AnsweredAs.UNION:
        facts: dict[str, Any] = {"branch": complaint.branch_name, "offer": complaint.offer_title}
        notices.append(Notice(Recipient(RecipientKind.BRANCH, complaint.branch_id), "complaint.settled", facts))
    return notices


def _found(payload: Mapping[str, Any]) -> tuple[Complaint, MemberId, UnionId] | None:
    return queries.to_tell(ComplaintId(uuid.UUID(payload["complaint_id"])))


def _facts(complaint: Complaint) -> dict[str, Any]:
    return {
        "at": complaint.happened_at.isoformat(),
        "merchant": complaint.merchant_name,
        "branch": complaint.branch_name,
        "offer": complaint.offer_title,
    }


FANS: tuple[tuple[type[Message], Fan], ...] = (
    (ComplaintMade, _made),
    (ComplaintOverdue, _overdue),
    (ComplaintAnswered, _answered),
)
