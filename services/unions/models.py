import datetime
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Bilingual, Code, Key


class Union(Base):
    """A node of the tree. Several districts are a bigger tree, not new columns."""

    __tablename__ = "unions"
    __table_args__ = (
        Index("uq_unions_path", "path", unique=True, postgresql_ops={"path": "text_pattern_ops"}),
        CheckConstraint("(level = 'federation') = (parent_id IS NULL)", name="federation_is_root"),
        CheckConstraint(
            "trade_group IN ('manufacturing', 'construction', 'couriers', 'riders', 'drivers', 'sanitation', 'care', "
            "'services', 'education', 'health', 'public')",
            name="trade_group",
        ),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="place_whole"),
        CheckConstraint("latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name="place_on_earth"),
    )

    id: Mapped[Key]
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("unions.id"), index=True)
    #: see types.UnionPath; a subtree is a prefix
    path: Mapped[str] = mapped_column(String(200))
    level: Mapped[Code]
    name: Mapped[Bilingual]
    #: of the office, public, as an officer writes it: "010-12345678"
    phone: Mapped[str | None] = mapped_column(String(30))
    address: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    #: degrees in GCJ-02, which is what Chinese maps show and read
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    #: what the QR code of the union's poster says; public, but not to be guessed, and replaceable
    join_token: Mapped[str] = mapped_column(String(16), unique=True)
    #: types.TradeGroup of its members, where they have one in common
    trade_group: Mapped[Code | None]
    closed_at: Mapped[datetime.datetime | None]
