import datetime
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Code, Key


class Consent(Base):
    """Somebody accepted a text about his data: who, when, which version of it, and where."""

    __tablename__ = "consents"

    id: Mapped[Key]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    #: which text: "binding"
    text: Mapped[Code]
    version: Mapped[str] = mapped_column(String(20))
    #: types.Door
    how: Mapped[Code]
    accepted_at: Mapped[datetime.datetime]


class Bond(Base):
    """A person in the roster and the account that acts for him. One open bond a person; the ended ones are history."""

    __tablename__ = "bonds"
    __table_args__ = (
        Index("uq_bonds_member_id_open", "member_id", unique=True, postgresql_where="ended_at IS NULL"),
        Index("uq_bonds_account_id_open", "account_id", unique=True, postgresql_where="ended_at IS NULL"),
        Index(None, "member_id", "made_at"),
        CheckConstraint("(ended_at IS NULL) = (ended_because IS NULL)", name="end"),
    )

    id: Mapped[Key]
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id"))
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    #: types.How
    how: Mapped[Code]
    made_at: Mapped[datetime.datetime]
    ended_at: Mapped[datetime.datetime | None]
    #: types.BondEnd
    ended_because: Mapped[Code | None]


class BindingRequest(Base):
    """Somebody whom the roster alone does not prove to be who he says: an officer decides."""

    __tablename__ = "binding_requests"
    __table_args__ = (
        Index("uq_binding_requests_account_id_open", "account_id", unique=True, postgresql_where="status = 'open'"),
        Index("ix_binding_requests_union_id_open", "union_id", "due_at", postgresql_where="status = 'open'"),
        Index("ix_binding_requests_due_at_open", "due_at", postgresql_where="status = 'open'"),
        Index(None, "account_id", "filed_at"),
        CheckConstraint("status IN ('open', 'approved', 'refused', 'withdrawn')", name="status"),
        CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed"),
    )

    id: Mapped[Key]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    #: whom the document belongs to; none: not in the roster
    member_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("members.id"))
    #: in whose tray it lies
    union_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unions.id"))
    #: which union the worker named; what he is shown, so that the page tells nobody where a document belongs
    named_union_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unions.id"))
    #: types.Why
    why: Mapped[Code]
    #: more people on this phone than a family has
    crowded: Mapped[bool]
    status: Mapped[Code]
    #: what the worker said; sealed under "binding_requests.name", ".document_number", ".phone"; gone when closed
    name: Mapped[bytes | None] = mapped_column(LargeBinary)
    document_kind: Mapped[Code]
    document_number: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    filed_at: Mapped[datetime.datetime]
    due_at: Mapped[datetime.datetime]
    nudged_at: Mapped[datetime.datetime | None]
    #: went to the union above because nobody decided in time
    raised_at: Mapped[datetime.datetime | None]
    closed_at: Mapped[datetime.datetime | None] = mapped_column(index=True)
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    #: the account that the approval bound, or that was there already: the one that the worker enters
    bound_account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    #: types.RefusedFor
    reason: Mapped[Code | None]
    #: what the officer wrote to the worker; sealed under "binding_requests.note"
    note: Mapped[bytes | None] = mapped_column(LargeBinary)
