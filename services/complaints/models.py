import datetime
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Bilingual, Code, Key


class Complaint(Base):
    """A member was not given an offer that he may use. One a day of a member and an offer."""

    __tablename__ = "complaints"
    __table_args__ = (
        UniqueConstraint("member_id", "offer_id", "happened_on"),
        CheckConstraint("answered_as IN ('owner', 'union')", name="answered_as"),
        CheckConstraint("num_nulls(answer, answered_at, answered_by, answered_as) IN (0, 4)", name="answer_whole"),
        Index(None, "merchant_id", "id"),
        Index("ix_complaints_open", "due_at", postgresql_where="answered_at IS NULL"),
    )

    id: Mapped[Key]
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id"), index=True)
    merchant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("merchants.id"))
    branch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("branches.id"))
    offer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("offers.id"))
    offer_title: Mapped[Bilingual]
    happened_at: Mapped[datetime.datetime]
    #: the day in China of happened_at
    happened_on: Mapped[datetime.date]
    note: Mapped[str | None] = mapped_column(String(200))
    told_at: Mapped[datetime.datetime]
    #: unanswered until then it is the union's
    due_at: Mapped[datetime.datetime]
    #: when the union was told of it
    raised_at: Mapped[datetime.datetime | None]
    answer: Mapped[str | None] = mapped_column(String(200))
    answered_at: Mapped[datetime.datetime | None]
    #: label of the actor, and in which capacity
    answered_by: Mapped[str | None] = mapped_column(String(60))
    answered_as: Mapped[Code | None]
