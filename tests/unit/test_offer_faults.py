"""What is wrong with terms that somebody has written: each fault by its code and the field to mend."""

import dataclasses
import datetime
import uuid
from typing import Any

import pytest

from services.core.calendar import Hours
from services.core.money import MAX_FEN
from services.merchants.types import BranchId
from services.offers import errors as e
from services.offers.faults import MOST_BUDGET_FEN, MOST_STOCK, MOST_USES, faults
from services.offers.types import AmountPolicy, BranchShare, OfferKind, Terms

HERE = BranchId(uuid.UUID(int=7))
REQUIRED, OPTIONAL, NOT_ASKED = AmountPolicy.REQUIRED, AmountPolicy.OPTIONAL, AmountPolicy.NOT_ASKED
PERCENT = Terms(
    title={"zh": "堂食 9 折"}, kind=OfferKind.PERCENT, percent_off=10, amount_policy=REQUIRED,
    starts_on=datetime.date(2026, 3, 1), ends_on=datetime.date(2026, 3, 31),
)  # fmt: skip
OFF = {"kind": OfferKind.AMOUNT_OFF, "percent_off": None, "threshold_fen": 10_000, "off_fen": 2_000}
FIXED = {"kind": OfferKind.FIXED_PRICE, "percent_off": None, "price_fen": 8_800}
MEMBER = {**FIXED, "kind": OfferKind.MEMBER_PRICE, "list_fen": 12_800, "amount_policy": NOT_ASKED}
GIFT = {"kind": OfferKind.GIFT, "percent_off": None, "gift": {"zh": "小菜一份"}}
DAILY, WEEKLY, MONTHLY, TOTAL = "per_member_daily", "per_member_weekly", "per_member_monthly", "per_member_total"

GOOD: list[dict[str, Any]] = [
    {}, OFF, FIXED, MEMBER, GIFT,
    {"percent_off": 1}, {"percent_off": 99}, {"most_off_fen": 1}, {"most_off_fen": MAX_FEN},
    {**OFF, "off_fen": 10_000}, {**MEMBER, "list_fen": 8_801}, {**FIXED, "price_fen": MAX_FEN},
    {"amount_policy": OPTIONAL}, {**GIFT, "amount_policy": NOT_ASKED},
    {"title": {"zh": "字" * 40, "en": "x" * 80}}, {"note": {"zh": "字" * 200}}, {"note": {}},
    {"ends_on": PERCENT.starts_on}, {"weekdays": (1, 2, 3, 4, 5, 6, 7)},
    {"hours": (Hours(0, 1440), Hours(1439, 0), Hours(0, 1))},
    {DAILY: 1, WEEKLY: 1, MONTHLY: 1, TOTAL: 1}, {DAILY: 1, TOTAL: MOST_USES}, {DAILY: 2, WEEKLY: 3, MONTHLY: 4},
    {"stock_total": 0}, {"stock_total": MOST_STOCK}, {"branches": (BranchShare(HERE, None),)},
    {"budget_fen": 0}, {"budget_fen": MOST_BUDGET_FEN}, {**MEMBER, "budget_fen": 4_000},
]  # fmt: skip
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"title": {"zh": ""}}, e.TITLE_MISSING, "title"),
    ({"title": {"zh": " \u3000"}}, e.TITLE_MISSING, "title"),
    ({"title": {"en": "10% off"}}, e.TITLE_MISSING, "title"),
    ({"title": {"zh": "字" * 41}}, e.TEXT_TOO_LONG, "title"),
    ({"title": {"zh": "九折", "en": "x" * 81}}, e.TEXT_TOO_LONG, "title"),
    ({**GIFT, "gift": {"zh": "字" * 41}}, e.TEXT_TOO_LONG, "gift"),
    ({"note": {"zh": "字" * 201}}, e.TEXT_TOO_LONG, "note"),
    ({"percent_off": 0}, e.PERCENT_RANGE, "percent_off"),
    ({"percent_off": 100}, e.PERCENT_RANGE, "percent_off"),
    ({"percent_off": None}, e.PERCENT_RANGE, "percent_off"),
    ({"most_off_fen": 0}, e.MOST_OFF_RANGE, "most_off"),
    ({"most_off_fen": MAX_FEN + 1}, e.MOST_OFF_RANGE, "most_off"),
    ({**OFF, "threshold_fen": MAX_FEN + 1}, e.THRESHOLD_RANGE, "threshold"),
    ({**OFF, "off_fen": 0}, e.OFF_RANGE, "off"),
    ({**OFF, "off_fen": None}, e.OFF_RANGE, "off"),
    ({**OFF, "off_fen": 10_001}, e.OFF_ABOVE_THRESHOLD, "off"),
    ({**FIXED, "price_fen": None}, e.PRICE_RANGE, "price"),
    ({**FIXED, "price_fen": 0}, e.PRICE_RANGE, "price"),
    ({**FIXED, "price_fen": MAX_FEN + 1}, e.PRICE_RANGE, "price"),
    ({**MEMBER, "list_fen": None}, e.LIST_PRICE_RANGE, "list_price"),
    ({**MEMBER, "list_fen": 8_800}, e.LIST_PRICE_RANGE, "list_price"),
    ({**MEMBER, "amount_policy": REQUIRED}, e.AMOUNT_POLICY_WRONG, "amount_policy"),
    ({**GIFT, "gift": None}, e.GIFT_MISSING, "gift"),
    ({**GIFT, "gift": {"zh": " "}}, e.GIFT_MISSING, "gift"),
    ({"starts_on": datetime.date(1999, 12, 31)}, e.YEAR_RANGE, "starts_on"),
    ({"ends_on": datetime.date(2100, 1, 1)}, e.YEAR_RANGE, "ends_on"),
    ({"ends_on": PERCENT.starts_on - datetime.timedelta(days=1)}, e.DATES_ORDER, "ends_on"),
    ({"weekdays": (0,)}, e.WEEKDAYS_WRONG, "weekdays"),
    ({"weekdays": (8,)}, e.WEEKDAYS_WRONG, "weekdays"),
    ({"weekdays": (1, 1)}, e.WEEKDAYS_WRONG, "weekdays"),
    ({"hours": (Hours(600, 600),)}, e.HOURS_WRONG, "hours"),
    ({"hours": (Hours(-1, 600),)}, e.HOURS_WRONG, "hours"),
    ({"hours": (Hours(1440, 60),)}, e.HOURS_WRONG, "hours"),
    ({"hours": (Hours(60, 1441),)}, e.HOURS_WRONG, "hours"),
    ({DAILY: 0}, e.LIMIT_RANGE, DAILY),
    ({WEEKLY: -1}, e.LIMIT_RANGE, WEEKLY),
    ({TOTAL: MOST_USES + 1}, e.LIMIT_RANGE, TOTAL),
    ({DAILY: 2, WEEKLY: 1}, e.LIMITS_ORDER, DAILY),
    ({DAILY: 2, TOTAL: 1}, e.LIMITS_ORDER, DAILY),
    ({DAILY: 1, WEEKLY: 5, MONTHLY: 4}, e.LIMITS_ORDER, WEEKLY),
    ({DAILY: 1, MONTHLY: 4, TOTAL: 3}, e.LIMITS_ORDER, MONTHLY),
    ({"stock_total": -1}, e.STOCK_RANGE, "stock_total"),
    ({"stock_total": MOST_STOCK + 1}, e.STOCK_RANGE, "stock_total"),
    ({"branches": (BranchShare(HERE, -1),)}, e.STOCK_RANGE, "stock_total"),
    ({"branches": (BranchShare(HERE, 1), BranchShare(HERE, 2))}, e.BRANCH_TWICE, "branches"),
    ({"budget_fen": -1}, e.BUDGET_RANGE, "budget"),
    ({"budget_fen": MOST_BUDGET_FEN + 1}, e.BUDGET_RANGE, "budget"),
    ({"budget_fen": 1, "amount_policy": OPTIONAL}, e.BUDGET_NEEDS_AMOUNT, "budget"),
    ({**FIXED, "budget_fen": 1, "amount_policy": NOT_ASKED}, e.BUDGET_NEEDS_AMOUNT, "budget"),
    ({**GIFT, "budget_fen": 1}, e.BUDGET_FOR_GIFT, "budget"),
]


@pytest.mark.parametrize("terms", GOOD)
def test_terms_that_say_what_they_must_have_no_fault(terms: dict[str, Any]) -> None:
    assert faults(dataclasses.replace(PERCENT, **terms)) == []


@pytest.mark.parametrize(("terms", "code", "field"), BAD)
def test_a_fault_is_named_with_the_field_to_mend(terms: dict[str, Any], code: str, field: str) -> None:
    found = faults(dataclasses.replace(PERCENT, **terms))
    assert [(fault.code, fault.facts["field"]) for fault in found] == [(code, field)]


def test_every_fault_is_said_at_once_in_the_order_of_the_form() -> None:
    terms = dataclasses.replace(
        PERCENT, title={"zh": ""}, kind=OfferKind.AMOUNT_OFF, ends_on=datetime.date(2026, 2, 1), weekdays=(9,),
        per_member_daily=0, stock_total=-1, budget_fen=-1, amount_policy=OPTIONAL,
    )  # fmt: skip
    assert [fault.code for fault in faults(terms)] == [
        e.TITLE_MISSING, e.THRESHOLD_RANGE, e.OFF_RANGE, e.DATES_ORDER, e.WEEKDAYS_WRONG, e.LIMIT_RANGE, e.STOCK_RANGE,
        e.BUDGET_RANGE, e.BUDGET_NEEDS_AMOUNT,
    ]  # fmt: skip


def test_each_fault_has_a_row() -> None:
    told = {code for _, code, _ in BAD}
    # Decided where the counters and the branches are known: tests/services/test_offers.py.
    elsewhere = {
        e.STOCK_BELOW_TAKEN, e.BUDGET_BELOW_SPENT, e.BRANCH_OF_ANOTHER_SHOP, e.AUDIENCE_OF_ANOTHER_FEDERATION,
        e.LAST_DAY_PAST,
    }  # fmt: skip
    names = [name for name in vars(e) if name.isupper()]
    faulty = names[names.index("TITLE_MISSING") : names.index("NOTHING_TO_PUBLISH")]
    assert told == {getattr(e, name) for name in faulty} - elsewhere
