import datetime
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Code, Key


class Member(Base):
    """A person in the union (会员). Identity documents and the roster come with the import."""

    __tablename__ = "members"
    __table_args__ = (
        CheckConstraint("standing IN ('active', 'grace', 'moving', 'retired', 'suspended')", name="standing"),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(60))
    union_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unions.id"), index=True)
    standing: Mapped[Code]
    #: sealed under "members.phone"; several people may share one phone
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: blind index of the phone
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    joined_on: Mapped[datetime.date]
