import datetime
import uuid

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Code, Key


class Card(Base):
    """A benefit card (会员服务卡). A reissue ends one row and begins another, so old codes can say why they fail."""

    __tablename__ = "cards"
    __table_args__ = (
        Index("uq_cards_member_id_live", "member_id", unique=True, postgresql_where="status <> 'replaced'"),
        CheckConstraint("status IN ('active', 'frozen', 'replaced')", name="status"),
    )

    id: Mapped[Key]
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id"))
    #: what is read out to a hotline; no credential, nothing follows from knowing it
    number: Mapped[str] = mapped_column(String(16), unique=True)
    #: types.Serial
    serial: Mapped[int] = mapped_column(BigInteger, unique=True)
    status: Mapped[Code]
    issued_at: Mapped[datetime.datetime]
    ended_at: Mapped[datetime.datetime | None]


class CardBurn(Base):
    """A code that has been scanned (已核验的码). Kept a day: a code lives a minute."""

    __tablename__ = "card_burns"

    card_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    #: types.Presented.ref
    ref: Mapped[str] = mapped_column(String(40), primary_key=True)
    burnt_at: Mapped[datetime.datetime] = mapped_column(index=True)


class TypedCode(Base):
    """Eight digits to read out when a code cannot be scanned. One a card; the next replaces it."""

    __tablename__ = "typed_codes"

    card_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cards.id"), primary_key=True)
    #: names this issue of digits in card_burns
    id: Mapped[uuid.UUID]
    #: keyed hash of the digits; unique, so that no two live codes can be the same
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    expires_at: Mapped[datetime.datetime] = mapped_column(index=True)
