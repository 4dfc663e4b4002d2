"""What redemptions come to, counted the same way wherever it is shown."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func


@dataclass(frozen=True)
class Sums:
    """Of some redemptions. Amounts in fen.

    `redemptions` are those that stand. Of them `unrecorded` have no bill, and of `disputed` ones the member says that
    it was somebody else and no officer has settled it: neither is in the amounts. `voided`
    ones were undone and are in nothing else.
    """

    redemptions: int = 0
    amount_fen: int = 0
    saved_fen: int = 0
    unrecorded: int = 0
    disputed: int = 0
    voided: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.redemptions + other.redemptions,
            self.amount_fen + other.amount_fen,
            self.saved_fen + other.saved_fen,
            self.unrecorded + other.unrecorded,
            self.disputed + other.disputed,
            self.voided + other.voided,
        )


def stands(rows: Any) -> ColumnElement[bool]:
    """`rows` has the columns of redemptions.queries.redemptions."""
    return rows.voided_at.is_(None)  # type: ignore[no-any-return]


def in_dispute(rows: Any) -> ColumnElement[bool]:
    """The member says that it was not him, and no officer has let it stand."""
    return rows.disputed_at.is_not(None) & rows.settled_at.is_(None)  # type: ignore[no-any-return]


def columns(rows: Any) -> list[ColumnElement[Any]]:
    """The six counts of `Sums`, for a query that groups."""
    counted = stands(rows) & ~in_dispute(rows)
    return [
        func.count().filter(stands(rows)).label("redemptions"),
        func.coalesce(func.sum(rows.amount_fen).filter(counted), 0).label("amount_fen"),
        func.coalesce(func.sum(rows.saved_fen).filter(counted), 0).label("saved_fen"),
        func.count().filter(counted, rows.saved_fen.is_(None)).label("unrecorded"),
        func.count().filter(stands(rows), in_dispute(rows)).label("disputed"),
        func.count().filter(rows.voided_at.is_not(None)).label("voided"),
    ]


def of(row: Any) -> Sums:
    """Reads the columns of `columns` off a row."""
    return Sums(row.redemptions, int(row.amount_fen), int(row.saved_fen), row.unrecorded, row.disputed, row.voided)
