import datetime
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Code, Key


class Member(Base):
    """A person in the union (会员)."""

    __tablename__ = "members"
    __table_args__ = (
        CheckConstraint("standing IN ('active', 'grace', 'moving', 'retired', 'suspended', 'left')", name="standing"),
        CheckConstraint("sex IN ('male', 'female')", name="sex"),
        CheckConstraint("id_type IN ('mainland', 'hk_macao', 'taiwan', 'passport', 'foreign_permit')", name="id_type"),
        CheckConstraint("(id_type IS NULL) = (id_index IS NULL)", name="id_whole"),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(60))
    union_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unions.id"), index=True)
    standing: Mapped[Code]
    #: sealed under "members.phone"; several people may share one phone
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: blind index of the phone
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    joined_on: Mapped[datetime.date]
    sex: Mapped[Code | None]
    born_on: Mapped[datetime.date | None]
    #: kind of the identity document: documents.DocumentType
    id_type: Mapped[Code | None]
    #: sealed under "members.id_number"
    id_number: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: blind index of Document.index_text under "members.id_number"
    id_index: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    #: sealed under "members.printed_card": the number on the old service card, a reference and never a credential
    printed_card: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: the last day in the union; only of those who left
    left_on: Mapped[datetime.date | None]
    #: the last change of this record by anybody; an import is undone only where it made that change
    changed_at: Mapped[datetime.datetime | None]


class UnmaskTally(Base):
    """How many records in full an officer has read on a day in China: counted, so that many are noticed."""

    __tablename__ = "unmask_tallies"

    #: "officer:<account id>"
    actor: Mapped[str] = mapped_column(String(60), primary_key=True)
    day: Mapped[datetime.date] = mapped_column(primary_key=True)
    looks: Mapped[int]
