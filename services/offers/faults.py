"""What is wrong with terms that somebody has written. Pure; the table refuses the worst of it once more."""

import datetime
from collections.abc import Iterator
from itertools import pairwise

from services.core.calendar import YEARS
from services.core.errors import Invalid
from services.core.money import MAX_FEN
from services.offers import errors
from services.offers.types import AmountPolicy, OfferKind, Terms

TITLE_LONGEST, GIFT_LONGEST, NOTE_LONGEST = 40, 40, 200
"""In Chinese; English may be twice as long."""
MOST_USES, MOST_STOCK, MOST_BUDGET_FEN = 999, 1_000_000, 2_000_000_000
DAY_MINUTES = 1440


def faults(terms: Terms) -> list[Invalid]:
    """Every fault with the field to mend, in the order of the form; none when the terms may be published."""
    return [
        *_texts(terms),
        *_given(terms),
        *_when(terms),
        *_how_often(terms),
        *_how_much(terms),
    ]


def over(terms: Terms, *, today: datetime.date) -> Invalid | None:
    """The fault of terms whose last day has passed: nobody could use what would be published."""
    return Invalid(errors.LAST_DAY_PAST, field="ends_on") if terms.ends_on < today else None


def _texts(terms: Terms) -> Iterator[Invalid]:
    texts = (
        ("title", terms.title, TITLE_LONGEST),
        ("gift", terms.gift, GIFT_LONGEST),
        ("note", terms.note, NOTE_LONGEST),
    )
    for field, text, longest in texts:
        if text and any(len(words) > longest * (1 + (language != "zh")) for language, words in text.items()):
            yield Invalid(errors.TEXT_TOO_LONG, field=field, limit=longest)
    if not terms.title.get("zh", "").strip():
        yield Invalid(errors.TITLE_MISSING, field="title")


def _given(terms: Terms) -> Iterator[Invalid]:
    """What the kind asks for. What another kind would ask for is not looked at: no rule reads it."""
    kind = terms.kind
    if kind is OfferKind.PERCENT and not 1 <= (terms.percent_off or 0) <= 99:
        yield Invalid(errors.PERCENT_RANGE, field="percent_off")
    if terms.most_off_fen is not None and not _money(terms.most_off_fen):
        yield Invalid(errors.MOST_OFF_RANGE, field="most_off")
    if kind is OfferKind.AMOUNT_OFF:
        yield from _amount_off(terms)
    if kind in (OfferKind.FIXED_PRICE, OfferKind.MEMBER_PRICE) and not _money(terms.price_fen):
        yield Invalid(errors.PRICE_RANGE, field="price")
    if kind is OfferKind.MEMBER_PRICE:
        if not _money(terms.list_fen) or (terms.list_fen or 0) <= (terms.price_fen or 0):
            yield Invalid(errors.LIST_PRICE_RANGE, field="list_price")
        if terms.amount_policy is not AmountPolicy.NOT_ASKED:
            yield Invalid(errors.AMOUNT_POLICY_WRONG, field="amount_policy")
    if kind is OfferKind.GIFT and not (terms.gift or {}).get("zh", "").strip():
        yield Invalid(errors.GIFT_MISSING, field="gift")


def _amount_off(terms: Terms) -> Iterator[Invalid]:
    if not _money(terms.threshold_fen):
        yield Invalid(errors.THRESHOLD_RANGE, field="threshold")
    if not _money(terms.off_fen):
        yield Invalid(errors.OFF_RANGE, field="off")
    elif (terms.off_fen or 0) > (terms.threshold_fen or 0):
        yield Invalid(errors.OFF_ABOVE_THRESHOLD, field="off")


def _when(terms: Terms) -> Iterator[Invalid]:
    for field, day in (("starts_on", terms.starts_on), ("ends_on", terms.ends_on)):
        if day.year not in YEARS:
            yield Invalid(errors.YEAR_RANGE, field=field)
    if terms.starts_on > terms.ends_on:
        yield Invalid(errors.DATES_ORDER, field="ends_on")
    if len(set(terms.weekdays)) < len(terms.weekdays) or not set(terms.weekdays) <= set(range(1, 8)):
        yield Invalid(errors.WEEKDAYS_WRONG, field="weekdays")
    for one in terms.hours:
        if not (0 <= one.begin < DAY_MINUTES and 0 <= one.until <= DAY_MINUTES and one.begin != one.until):
            yield Invalid(errors.HOURS_WRONG, field="hours")


def _how_often(terms: Terms) -> Iterator[Invalid]:
    limits = {
        "per_member_daily": terms.per_member_daily,
        "per_member_weekly": terms.per_member_weekly,
        "per_member_monthly": terms.per_member_monthly,
        "per_member_total": terms.per_member_total,
    }
    said = {field: limit for field, limit in limits.items() if limit is not None}
    for field, limit in said.items():
        if not 1 <= limit <= MOST_USES:
            yield Invalid(errors.LIMIT_RANGE, field=field, limit=MOST_USES)
    # A day's limit above the week's would never be reached: one of the two is a slip.
    for (field, limit), (_, wider) in pairwise(said.items()):
        if limit > wider:
            yield Invalid(errors.LIMITS_ORDER, field=field)


def _how_much(terms: Terms) -> Iterator[Invalid]:
    stocks = [terms.stock_total, *(one.stock_total for one in terms.branches)]
    if any(stock is not None and not 0 <= stock <= MOST_STOCK for stock in stocks):
        yield Invalid(errors.STOCK_RANGE, field="stock_total", limit=MOST_STOCK)
    if len({one.branch_id for one in terms.branches}) < len(terms.branches):
        yield Invalid(errors.BRANCH_TWICE, field="branches")
    if terms.budget_fen is None:
        return
    if not 0 <= terms.budget_fen <= MOST_BUDGET_FEN:
        yield Invalid(errors.BUDGET_RANGE, field="budget")
    if terms.kind is OfferKind.GIFT:
        yield Invalid(errors.BUDGET_FOR_GIFT, field="budget")
    elif terms.kind is not OfferKind.MEMBER_PRICE and terms.amount_policy is not AmountPolicy.REQUIRED:
        yield Invalid(errors.BUDGET_NEEDS_AMOUNT, field="budget")


def _money(fen: int | None) -> bool:
    return fen is not None and 1 <= fen <= MAX_FEN
