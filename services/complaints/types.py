import datetime
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from services.merchants.types import BranchId, MerchantId
from services.offers.types import OfferId

ComplaintId = NewType("ComplaintId", uuid.UUID)


class AnsweredAs(StrEnum):
    """Who answered."""

    OWNER = "owner"  # 店主
    UNION = "union"  # 工会


@dataclass(frozen=True)
class Answer:
    text: str
    at: datetime.datetime
    answered_as: AnsweredAs


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """A member was not given an offer, as the member himself sees it."""

    id: ComplaintId
    offer_id: OfferId
    offer_title: dict[str, str]
    merchant_id: MerchantId
    merchant_name: dict[str, str]
    branch_id: BranchId
    branch_name: dict[str, str]
    happened_at: datetime.datetime
    note: str | None
    #: unanswered until then it is the union's
    due_at: datetime.datetime
    #: when the union was told of it
    raised_at: datetime.datetime | None
    answer: Answer | None


@dataclass(frozen=True, kw_only=True)
class ForShop:
    """The same, as the shop sees it: nothing in it tells one customer from another, hence the hour and no minute."""

    id: ComplaintId
    offer_title: dict[str, str]
    branch_name: dict[str, str]
    #: the beginning of the hour in which it happened
    hour: datetime.datetime
    note: str | None
    due_at: datetime.datetime
    #: the union looks into it as well
    raised: bool
    answer: Answer | None


@dataclass(frozen=True, kw_only=True)
class ForUnion(Complaint):
    """The same, as the shop's federation sees it."""

    masked_name: str
    union_name: dict[str, str]
    #: label of the actor who answered
    answered_by: str | None
