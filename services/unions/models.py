import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Bilingual, Code, Key


class Union(Base):
    """A node of the tree. Several districts are a bigger tree, not new columns."""

    __tablename__ = "unions"
    __table_args__ = (
        Index("uq_unions_path", "path", unique=True, postgresql_ops={"path": "text_pattern_ops"}),
        CheckConstraint("(level = 'federation') = (parent_id IS NULL)", name="federation_is_root"),
    )

    id: Mapped[Key]
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("unions.id"), index=True)
    #: see types.UnionPath; a subtree is a prefix
    path: Mapped[str] = mapped_column(String(200))
    level: Mapped[Code]
    name: Mapped[Bilingual]
