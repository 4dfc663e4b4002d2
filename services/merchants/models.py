import datetime
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Bilingual, Code, Key


class Trade(Base):
    """A trade of partner shops (行业): rows, so that a federation names its own."""

    __tablename__ = "trades"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[Bilingual]
    #: a symbol of icons.svg
    icon: Mapped[Code]
    #: in which order they are listed
    position: Mapped[int]


class Merchant(Base):
    """A partner shop (合作商户) under an agreement with the federation."""

    __tablename__ = "merchants"
    __table_args__ = (
        CheckConstraint("agreement_from <= agreement_until", name="agreement_dates"),
        CheckConstraint("(suspended_on IS NULL) = (suspension_reason IS NULL)", name="suspension_whole"),
        CheckConstraint("(ended_at IS NULL) = (ended_reason IS NULL)", name="ending_whole"),
    )

    id: Mapped[Key]
    #: the federation that the agreement is with
    union_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unions.id"), index=True)
    name: Mapped[Bilingual]
    trade: Mapped[str] = mapped_column(ForeignKey("trades.code"))
    #: what the shop is, in a sentence
    about: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    #: first and last day on which cards are taken under its agreements, both included, days in China
    agreement_from: Mapped[datetime.date]
    agreement_until: Mapped[datetime.date]
    #: the first day in China without cards; the shop was told before
    suspended_on: Mapped[datetime.date | None]
    #: told to the shop
    suspension_reason: Mapped[str | None] = mapped_column(String(200))
    #: the number on the plaque (牌匾), the day it was hung, the day the door sign was handed over
    plaque_number: Mapped[str | None] = mapped_column(String(30), unique=True)
    plaque_hung_on: Mapped[datetime.date | None]
    door_sign_on: Mapped[datetime.date | None]
    #: when the federation ended the partnership: nobody waits for a renewal; the reason is told to the shop
    ended_at: Mapped[datetime.datetime | None]
    ended_reason: Mapped[str | None] = mapped_column(String(200))


class Agreement(Base):
    """A signed agreement (合作协议); a renewal is another one. Append-only but for `told_at` and a later paper."""

    __tablename__ = "agreements"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="dates"),)

    id: Mapped[Key]
    merchant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("merchants.id"), index=True)
    starts_on: Mapped[datetime.date]
    ends_on: Mapped[datetime.date]
    signed_on: Mapped[datetime.date]
    #: who signed for the shop
    signed_by: Mapped[str] = mapped_column(String(60))
    #: the signed paper in core/files
    paper_key: Mapped[str | None] = mapped_column(String(26))
    #: label of the actor who recorded it, and when
    recorded_by: Mapped[str] = mapped_column(String(60))
    recorded_at: Mapped[datetime.datetime]
    #: when shop and federation were told that it is about to end
    told_at: Mapped[datetime.datetime | None]


class Branch(Base):
    """One address of a shop (门店)."""

    __tablename__ = "branches"
    __table_args__ = (
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="place_whole"),
        CheckConstraint("latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name="place_on_earth"),
    )

    id: Mapped[Key]
    merchant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("merchants.id"), index=True)
    name: Mapped[Bilingual]
    address: Mapped[Bilingual]
    #: of the shop, public, as an officer writes it
    phone: Mapped[str | None] = mapped_column(String(30))
    #: degrees in GCJ-02, which is what Chinese maps show and read
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    #: when it is open: [[weekday 1 to 7, begin, until], …] in minutes as core.calendar.Hours; none where not known
    hours: Mapped[list[list[int]] | None] = mapped_column(JSONB(none_as_null=True))
    closed_at: Mapped[datetime.datetime | None]


class Clerk(Base):
    """Somebody who may scan cards at one branch (店员)."""

    __tablename__ = "clerks"

    id: Mapped[Key]
    branch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("branches.id"), index=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str] = mapped_column(String(60))
    #: may invite clerks and let them go (店主、店长)
    owner: Mapped[bool] = mapped_column(default=False)
    left_at: Mapped[datetime.datetime | None]


class ClerkInvite(Base):
    """Six digits by which somebody becomes a clerk of a branch, once, within ten minutes."""

    __tablename__ = "clerk_invites"

    #: blind index of the digits: two open invitations never have the same
    code_index: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    branch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("branches.id"))
    name: Mapped[str] = mapped_column(String(60))
    owner: Mapped[bool]
    expires_at: Mapped[datetime.datetime] = mapped_column(index=True)
