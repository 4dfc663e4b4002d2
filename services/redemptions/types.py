import datetime
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from services.accounts.types import ClerkActor
from services.cards.types import CardId
from services.core.errors import Refusal
from services.core.ids import to_base32
from services.members.types import MemberId
from services.offers.types import Offer, OfferId, Uses, VersionId

ScanId = NewType("ScanId", uuid.UUID)
RedemptionId = NewType("RedemptionId", uuid.UUID)


def number_of(redemption_id: uuid.UUID) -> str:
    """What to read out on the phone when asking about it: 8 characters out of the id's random part."""
    text = to_base32(redemption_id.int & ((1 << 40) - 1), 8)
    return f"{text[:4]}-{text[4:]}"


class Capacity(StrEnum):
    """In which capacity somebody undoes a redemption."""

    CLERK = "clerk"
    OWNER = "owner"
    OFFICER = "officer"


class VoidReason(StrEnum):
    """Why a redemption is undone."""

    WRONG_AMOUNT = "wrong_amount"  # 金额输错
    WRONG_OFFER = "wrong_offer"  # 选错优惠
    WRONG_CUSTOMER = "wrong_customer"  # 扫错人
    RETURNED = "returned"  # 顾客退货、退款
    NOT_GIVEN = "not_given"  # 优惠没有给
    OTHER = "other"


@dataclass(frozen=True)
class OfferAnswer:
    """One offer of the shop for this member: allowed, or why not."""

    offer: Offer
    uses: Uses
    refusal: Refusal | None


@dataclass(frozen=True)
class ScanView:
    """What a clerk sees after a scan: enough to compare with the person, and what the person may use."""

    id: ScanId
    masked_name: str
    union_name: dict[str, str]
    scanned_at: datetime.datetime
    expires_at: datetime.datetime
    offers: tuple[OfferAnswer, ...]
    #: set when the scan has led to a redemption
    redemption_id: RedemptionId | None = None


@dataclass(frozen=True)
class PastUse:
    """A redemption that happened before it is written here."""

    actor: ClerkActor
    member_id: MemberId
    card_id: CardId
    offer: Offer
    amount_fen: int | None
    scanned_at: datetime.datetime
    redeemed_at: datetime.datetime


@dataclass(frozen=True)
class Undoing:
    """Why a redemption was undone, and by whom: `actor` is a label, `note` what he wrote beside the reason."""

    capacity: Capacity
    reason: VoidReason
    note: str | None
    actor: str
    at: datetime.datetime


@dataclass(frozen=True)
class Settlement:
    """What an officer found when he looked into a dispute: `note` is what the member was told."""

    note: str
    actor: str
    at: datetime.datetime


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """A redemption (核销) as both sides see it. Amounts in fen, None where none was typed."""

    id: RedemptionId
    offer_title: dict[str, str]
    gift: dict[str, str] | None
    merchant_name: dict[str, str]
    branch_name: dict[str, str]
    masked_name: str
    amount_fen: int | None
    saved_fen: int | None
    pay_fen: int | None
    redeemed_at: datetime.datetime
    #: when the member said that it was not him
    disputed_at: datetime.datetime | None
    #: when it was undone
    voided_at: datetime.datetime | None = None
    #: when the union had looked into it and let it stand
    settled_at: datetime.datetime | None = None
    offer_id: OfferId | None = None
    #: the terms that it was decided by: offers.queries.terms_of_version
    version_id: VersionId | None = None

    @property
    def number(self) -> str:
        return number_of(self.id)

    @property
    def in_dispute(self) -> bool:
        """Somebody still has to look into it."""
        return self.disputed_at is not None and self.settled_at is None and self.voided_at is None
