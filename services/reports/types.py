import datetime
import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class HourFigure:
    """Redemptions in one hour of the day in China, 0 to 23."""

    hour: int
    redemptions: int


@dataclass(frozen=True)
class DayFigures:
    """One day in a subtree. `saved_fen` sums what was recorded and not disputed.

    `unrecorded` uses had no amount typed; of `disputed` ones the member says that it was somebody else.
    """

    day: datetime.date
    redemptions: int
    members: int
    saved_fen: int
    unrecorded: int
    disputed: int
    hours: tuple[HourFigure, ...]


@dataclass(frozen=True)
class DayRow:
    id: uuid.UUID
    redeemed_at: datetime.datetime
    merchant_name: dict[str, str]
    branch_name: dict[str, str]
    offer_title: dict[str, str]
    masked_name: str
    union_name: dict[str, str]
    amount_fen: int | None
    saved_fen: int | None
    disputed: bool
