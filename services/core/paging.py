"""Cursor pages over rows that sort by a UUIDv7: newest first, stable while new rows arrive."""

import uuid
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from services.core.db import Rows
from services.core.errors import Invalid

T = TypeVar("T")
DEFAULT, MOST = 20, 100


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows and the cursor of the next page, None at the end."""

    items: list[T]
    next: str | None


@dataclass(frozen=True)
class PageRequest:
    """`cursor` is what the last page gave as `next`; `limit` is 1 to 100."""

    cursor: str | None = None
    limit: int = DEFAULT

    def apply(self, query: Rows, key: Any) -> Rows:
        """Newest first by `key`, one row more than asked, to know whether there is a next page."""
        if self.cursor:
            query = query.where(key < _read(self.cursor))
        return query.order_by(key.desc()).limit(min(self.limit, MOST) + 1)

    def page(self, rows: list[T], ids: list[uuid.UUID]) -> Page[T]:
        limit = min(self.limit, MOST)
        return Page(rows[:limit], ids[limit - 1].hex if len(rows) > limit else None)


def _read(cursor: str) -> uuid.UUID:
    try:
        return uuid.UUID(hex=cursor)
    except ValueError:
        raise Invalid("cursor_malformed", field="cursor") from None
