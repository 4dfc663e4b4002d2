"""Who may use an offer, and when: one row a case. Instants are UTC, as tills send them; days are days in China."""

import datetime
import uuid
from typing import Any

import pytest

from services.core.calendar import SHANGHAI, Hours
from services.members.types import Standing
from services.merchants.types import BranchId, MerchantId
from services.offers import errors as e
from services.offers.rules import may_use, windows
from services.offers.types import (
    AmountPolicy,
    BranchShare,
    Holidays,
    Moment,
    Offer,
    OfferId,
    OfferKind,
    Person,
    Uses,
    VersionId,
    Visit,
)
from services.unions.types import TradeGroup, UnionPath

HOME = UnionPath("0001.0002.0003")
HERE, THERE = BranchId(uuid.UUID(int=7)), BranchId(uuid.UUID(int=8))
BASE: dict[str, Any] = {
    "id": OfferId(uuid.UUID(int=1)), "merchant_id": MerchantId(uuid.UUID(int=2)),
    "version_id": VersionId(uuid.UUID(int=3)), "number": 1, "title": {"zh": "堂食 9 折"}, "kind": OfferKind.PERCENT,
    "percent_off": 10, "amount_policy": AmountPolicy.REQUIRED, "starts_on": datetime.date(2025, 1, 1),
    "ends_on": datetime.date(2028, 12, 31), "federation_path": "0001",
}  # fmt: skip
MEMBER_PRICE = {
    "kind": OfferKind.MEMBER_PRICE, "percent_off": None, "amount_policy": AmountPolicy.NOT_ASKED, "price_fen": 8_800,
    "list_fen": 12_800,
}  # fmt: skip
YES = None
NONE = Uses()

# 2026 in China. National Day: 1 to 7 October are off, 3 and 4 are its weekend, 10 October (a Saturday) is worked.
# Spring Festival: 15 to 23 February off, Saturday 14 and Saturday 28 worked. As services.core.workdays says of them.
HOLIDAYS = frozenset(
    [datetime.date(2026, 10, day) for day in range(1, 8)] + [datetime.date(2026, 2, day) for day in range(15, 24)]
)


def on(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def utc(text: str) -> datetime.datetime:
    """ "2026-03-01 15:59:59" in UTC."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


def china(text: str) -> datetime.datetime:
    """ "2026-03-01 23:59" in China, as the instant it is."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(datetime.UTC)


NOON = china("2026-03-04 12:00")  # a Wednesday
LUNCH, NIGHT = (Hours(660, 840),), (Hours(1080, 120),)  # 11:00–14:00; 18:00–02:00
MARCH = {"starts_on": on("2026-03-01"), "ends_on": on("2026-03-31")}
LEAP = {"starts_on": on("2028-02-29"), "ends_on": on("2028-02-29")}
OVERNIGHT = {**MARCH, "hours": NIGHT}
FRIDAYS, FRIDAY_NIGHT = {"weekdays": (5,)}, {"weekdays": (5,), "hours": NIGHT}
OFF_DAYS, WORKDAYS = {"holidays": Holidays.ONLY}, {"holidays": Holidays.NOT}
SHARED = {"branches": (BranchShare(HERE, 3), BranchShare(THERE, None))}
ONLY_THERE = {"branches": (BranchShare(THERE, 5),)}
BUDGET = {"budget_fen": 10_000}
FOUR = {"per_member_daily": 1, "per_member_weekly": 2, "per_member_monthly": 3, "per_member_total": 4}

Row = tuple[str, dict[str, Any], datetime.datetime, Uses, str | None]
#: what, terms, instant, former uses, the code of the no
WHEN: list[Row] = [
    # first and last day: both count, and both begin at 16:00 UTC of the day before
    ("first second of the first day", MARCH, utc("2026-02-28 16:00:00"), NONE, YES),
    ("one second before it", MARCH, utc("2026-02-28 15:59:59"), NONE, e.OFFER_NOT_STARTED),
    ("last second of the last day", MARCH, utc("2026-03-31 15:59:59"), NONE, YES),
    ("one second after it", MARCH, utc("2026-03-31 16:00:00"), NONE, e.OFFER_ENDED),
    ("UTC is still in February, China in March", MARCH, utc("2026-02-28 23:00:00"), NONE, YES),
    ("UTC is still in March, China in April", MARCH, utc("2026-03-31 20:00:00"), NONE, e.OFFER_ENDED),
    ("the leap day alone, its first second", LEAP, utc("2028-02-28 16:00:00"), NONE, YES),
    ("the leap day alone, its last second", LEAP, utc("2028-02-29 15:59:59"), NONE, YES),
    ("the day before the leap day", LEAP, utc("2028-02-28 15:59:59"), NONE, e.OFFER_NOT_STARTED),
    ("1 March after the leap day", LEAP, utc("2028-02-29 16:00:00"), NONE, e.OFFER_ENDED),
    ("New Year's Eve, an offer of the old year", {"ends_on": on("2026-12-31")}, utc("2026-12-31 15:59:59"), NONE, YES),
    ("New Year in China, old year in UTC", {"ends_on": on("2026-12-31")}, utc("2026-12-31 16:00:00"), NONE,
     e.OFFER_ENDED),
    ("New Year's first second, an offer of the new year", {"starts_on": on("2027-01-01")}, utc("2026-12-31 16:00:00"),
     NONE, YES),
    # weekdays
    ("Friday's first second", FRIDAYS, utc("2026-03-05 16:00:00"), NONE, YES),
    ("Thursday's last second", FRIDAYS, utc("2026-03-05 15:59:59"), NONE, e.NOT_THIS_WEEKDAY),
    ("Friday's last second", FRIDAYS, utc("2026-03-06 15:59:59"), NONE, YES),
    ("Saturday's first second", FRIDAYS, utc("2026-03-06 16:00:00"), NONE, e.NOT_THIS_WEEKDAY),
    ("Sunday of a weekend offer", {"weekdays": (6, 7)}, china("2026-03-08 12:00"), NONE, YES),
    ("Monday of a weekend offer", {"weekdays": (6, 7)}, china("2026-03-09 00:00"), NONE, e.NOT_THIS_WEEKDAY),
    ("a worked Saturday is a Saturday to weekdays", {"weekdays": (6,)}, china("2026-10-10 12:00"), NONE, YES),
    ("a Monday that is off is a Monday to weekdays", {"weekdays": (1,)}, china("2026-10-05 12:00"), NONE, YES),
    # hours of the day: from the first minute, up to but not including the last
    ("the minute before lunch", {"hours": LUNCH}, china("2026-03-04 10:59:59"), NONE, e.NOT_AT_THIS_HOUR),
    ("lunch begins", {"hours": LUNCH}, china("2026-03-04 11:00"), NONE, YES),
    ("lunch's last second", {"hours": LUNCH}, china("2026-03-04 13:59:59"), NONE, YES),
    ("lunch is over", {"hours": LUNCH}, china("2026-03-04 14:00"), NONE, e.NOT_AT_THIS_HOUR),
    ("between two windows", {"hours": (*LUNCH, Hours(1020, 1260))}, china("2026-03-04 15:00"), NONE,
     e.NOT_AT_THIS_HOUR),
    ("in the second of two windows", {"hours": (*LUNCH, Hours(1020, 1260))}, china("2026-03-04 20:59"), NONE, YES),
    ("all day, first minute", {"hours": (Hours(0, 1440),)}, china("2026-03-04 00:00"), NONE, YES),
    ("all day, last minute", {"hours": (Hours(0, 1440),)}, china("2026-03-04 23:59"), NONE, YES),
    ("until midnight, 23:59", {"hours": (Hours(1080, 1440),)}, china("2026-03-04 23:59"), NONE, YES),
    ("until midnight, 00:00", {"hours": (Hours(1080, 1440),)}, china("2026-03-05 00:00"), NONE, e.NOT_AT_THIS_HOUR),
    ("until 0:00 said as 0, 23:59", {"hours": (Hours(1080, 0),)}, china("2026-03-04 23:59"), NONE, YES),
    ("until 0:00 said as 0, 00:00", {"hours": (Hours(1080, 0),)}, china("2026-03-05 00:00"), NONE,
     e.NOT_AT_THIS_HOUR),
    # past midnight: the night belongs to the day on which it begins
    ("a night, before it", {"hours": NIGHT}, china("2026-03-04 17:59:59"), NONE, e.NOT_AT_THIS_HOUR),
    ("a night begins", {"hours": NIGHT}, china("2026-03-04 18:00"), NONE, YES),
    ("a night, midnight", {"hours": NIGHT}, china("2026-03-05 00:00"), NONE, YES),
    ("a night's last second", {"hours": NIGHT}, china("2026-03-05 01:59:59"), NONE, YES),
    ("a night is over", {"hours": NIGHT}, china("2026-03-05 02:00"), NONE, e.NOT_AT_THIS_HOUR),
    ("the night before the first day is not its night", OVERNIGHT, china("2026-03-01 01:00"), NONE,
     e.NOT_AT_THIS_HOUR),
    ("the first night runs on", OVERNIGHT, china("2026-03-02 01:00"), NONE, YES),
    ("the last night runs on after the last day", OVERNIGHT, china("2026-04-01 01:59:59"), NONE, YES),
    ("and ends as every night does", OVERNIGHT, china("2026-04-01 02:00"), NONE, e.OFFER_ENDED),
    ("the evening after the last day is none of its", OVERNIGHT, china("2026-04-01 18:00"), NONE, e.OFFER_ENDED),
    ("two nights after the last day", OVERNIGHT, china("2026-04-02 01:00"), NONE, e.OFFER_ENDED),
    ("the last day is no Friday, so no night runs on", {**OVERNIGHT, **FRIDAYS}, china("2026-04-01 01:00"), NONE,
     e.OFFER_ENDED),
    ("no hours, so no night after the last day", MARCH, china("2026-04-01 01:00"), NONE, e.OFFER_ENDED),
    ("Friday night, Friday 18:00", FRIDAY_NIGHT, china("2026-03-06 18:00"), NONE, YES),
    ("Friday night, Saturday 01:59", FRIDAY_NIGHT, china("2026-03-07 01:59"), NONE, YES),
    ("Friday night, Saturday 02:00", FRIDAY_NIGHT, china("2026-03-07 02:00"), NONE, e.NOT_THIS_WEEKDAY),
    ("Friday night, Saturday 18:00", FRIDAY_NIGHT, china("2026-03-07 18:00"), NONE, e.NOT_THIS_WEEKDAY),
    ("Friday 01:00 is Thursday's night", FRIDAY_NIGHT, china("2026-03-06 01:00"), NONE, e.NOT_AT_THIS_HOUR),
    # public holidays with their weekends, and the Saturdays worked for them
    ("holidays only, the day before, last second", OFF_DAYS, utc("2026-09-30 15:59:59"), NONE, e.HOLIDAYS_ONLY),
    ("holidays only, the first day, first second", OFF_DAYS, utc("2026-09-30 16:00:00"), NONE, YES),
    ("holidays only, its Saturday", OFF_DAYS, china("2026-10-03 12:00"), NONE, YES),
    ("holidays only, its Sunday", OFF_DAYS, china("2026-10-04 12:00"), NONE, YES),
    ("holidays only, the last day, last second", OFF_DAYS, utc("2026-10-07 15:59:59"), NONE, YES),
    ("holidays only, the day after", OFF_DAYS, utc("2026-10-07 16:00:00"), NONE, e.HOLIDAYS_ONLY),
    ("holidays only, the Saturday worked for it", OFF_DAYS, china("2026-10-10 12:00"), NONE, e.HOLIDAYS_ONLY),
    ("holidays only, a plain weekend", OFF_DAYS, china("2026-03-07 12:00"), NONE, e.HOLIDAYS_ONLY),
    ("not on holidays, the day before, last second", WORKDAYS, utc("2026-09-30 15:59:59"), NONE, YES),
    ("not on holidays, the first day", WORKDAYS, utc("2026-09-30 16:00:00"), NONE, e.NOT_ON_HOLIDAYS),
    ("not on holidays, its Sunday", WORKDAYS, china("2026-10-04 12:00"), NONE, e.NOT_ON_HOLIDAYS),
    ("not on holidays, the day after", WORKDAYS, utc("2026-10-07 16:00:00"), NONE, YES),
    ("not on holidays, the Saturday worked for it", WORKDAYS, china("2026-10-10 12:00"), NONE, YES),
    ("not on holidays, a plain weekend", WORKDAYS, china("2026-03-07 12:00"), NONE, YES),
    ("any day, a holiday", {}, china("2026-10-01 12:00"), NONE, YES),
    ("the eve's night runs into the holiday", {**WORKDAYS, "hours": NIGHT}, china("2026-10-01 01:00"), NONE, YES),
    ("the holiday's own evening", {**WORKDAYS, "hours": NIGHT}, china("2026-10-01 19:00"), NONE, e.NOT_ON_HOLIDAYS),
    ("the last holiday's night runs into the working day", {**OFF_DAYS, "hours": NIGHT}, china("2026-10-08 01:00"),
     NONE, YES),
    ("Mondays, but no holidays: an off Monday", {"weekdays": (1,), **WORKDAYS}, china("2026-10-05 12:00"), NONE,
     e.NOT_ON_HOLIDAYS),
    ("Saturdays of holidays: a worked Saturday", {"weekdays": (6,), **OFF_DAYS}, china("2026-02-28 12:00"), NONE,
     e.HOLIDAYS_ONLY),
    ("Saturdays of holidays: Spring Festival's", {"weekdays": (6,), **OFF_DAYS}, china("2026-02-21 12:00"), NONE, YES),
]  # fmt: skip
HOW_OFTEN: list[Row] = [
    ("no limit, no count", {}, NOON, Uses(99, 99, 99, 999), YES),
    ("a day: none yet", {"per_member_daily": 2}, NOON, NONE, YES),
    ("a day: one left", {"per_member_daily": 2}, NOON, Uses(today=1), YES),
    ("a day: used up", {"per_member_daily": 2}, NOON, Uses(today=2), e.DAILY_LIMIT),
    ("a day: more than allowed, by older terms", {"per_member_daily": 2}, NOON, Uses(today=5), e.DAILY_LIMIT),
    ("a day: other windows do not count", {"per_member_daily": 1}, NOON, Uses(0, 9, 9, 9), YES),
    ("a week: one left", {"per_member_weekly": 2}, NOON, Uses(this_week=1), YES),
    ("a week: used up", {"per_member_weekly": 2}, NOON, Uses(this_week=2), e.WEEKLY_LIMIT),
    ("a week: other windows do not count", {"per_member_weekly": 1}, NOON, Uses(9, 0, 9, 9), YES),
    ("a month: one left", {"per_member_monthly": 2}, NOON, Uses(this_month=1), YES),
    ("a month: used up", {"per_member_monthly": 2}, NOON, Uses(this_month=2), e.MONTHLY_LIMIT),
    ("a month: other windows do not count", {"per_member_monthly": 1}, NOON, Uses(9, 9, 0, 9), YES),
    ("in all: one left", {"per_member_total": 2}, NOON, Uses(in_all=1), YES),
    ("in all: used up", {"per_member_total": 2}, NOON, Uses(in_all=2), e.TOTAL_LIMIT),
    ("in all: other windows do not count", {"per_member_total": 1}, NOON, Uses(9, 9, 9, 0), YES),
    ("all four: none used", FOUR, NOON, NONE, YES),
    ("all four: the day's first", FOUR, NOON, Uses(1, 1, 1, 1), e.DAILY_LIMIT),
    ("all four: the next day", FOUR, NOON, Uses(0, 1, 1, 1), YES),
    ("all four: the week is full", FOUR, NOON, Uses(0, 2, 2, 2), e.WEEKLY_LIMIT),
    ("all four: the next week", FOUR, NOON, Uses(0, 0, 2, 2), YES),
    ("all four: the month is full", FOUR, NOON, Uses(0, 1, 3, 3), e.MONTHLY_LIMIT),
    ("all four: the next month", FOUR, NOON, Uses(0, 0, 0, 3), YES),
    ("all four: in all is full", FOUR, NOON, Uses(0, 0, 0, 4), e.TOTAL_LIMIT),
    ("day and week full: the week's is said", FOUR, NOON, Uses(1, 2, 2, 2), e.WEEKLY_LIMIT),
    ("week and month full: the month's is said", FOUR, NOON, Uses(0, 2, 3, 3), e.MONTHLY_LIMIT),
    ("all full: what never comes back is said", FOUR, NOON, Uses(1, 2, 3, 4), e.TOTAL_LIMIT),
]
HOW_MUCH: list[Row] = [
    ("stock untouched", {"stock_total": 5}, NOON, NONE, YES),
    ("the last piece", {"stock_total": 5, "stock_taken": 4}, NOON, NONE, YES),
    ("no piece left", {"stock_total": 5, "stock_taken": 5}, NOON, NONE, e.SOLD_OUT),
    ("a stock of none", {"stock_total": 0}, NOON, NONE, e.SOLD_OUT),
    ("taken is of no account without a stock", {"stock_taken": 99}, NOON, NONE, YES),
    ("this branch's last piece", {**SHARED, "branch_taken": ((HERE, 2),)}, NOON, NONE, YES),
    ("this branch has none left", {**SHARED, "branch_taken": ((HERE, 3),)}, NOON, NONE, e.SOLD_OUT_HERE),
    ("another branch has none left", {"branches": (BranchShare(HERE, 3), BranchShare(THERE, 1)),
     "branch_taken": ((THERE, 1),)}, NOON, NONE, YES),
    ("this branch has no stock of its own", {"branches": (BranchShare(HERE, None),), "branch_taken": ((HERE, 9),)},
     NOON, NONE, YES),
    ("both stocks, the branch's is gone", {**SHARED, "stock_total": 9, "branch_taken": ((HERE, 3),)}, NOON, NONE,
     e.SOLD_OUT_HERE),
    ("both stocks, the offer's is gone", {**SHARED, "stock_total": 9, "stock_taken": 9}, NOON, NONE, e.SOLD_OUT),
    ("not at this branch", ONLY_THERE, NOON, NONE, e.NOT_AT_THIS_BRANCH),
    ("budget untouched", BUDGET, NOON, NONE, YES),
    ("one fen of it left", {**BUDGET, "budget_spent_fen": 9_999}, NOON, NONE, YES),
    ("budget spent", {**BUDGET, "budget_spent_fen": 10_000}, NOON, NONE, e.BUDGET_SPENT),
    ("a budget of nothing", {"budget_fen": 0}, NOON, NONE, e.BUDGET_SPENT),
    ("a member price that the budget just holds", {**MEMBER_PRICE, "budget_fen": 4_000}, NOON, NONE, YES),
    ("a member price one fen above the budget", {**MEMBER_PRICE, "budget_fen": 3_999}, NOON, NONE, e.BUDGET_SPENT),
]  # fmt: skip
GROUPS = {"audience_groups": (TradeGroup.COURIERS, TradeGroup.RIDERS)}
STANDINGS = {"audience_standings": (Standing.RETIRED,)}
STATES: list[Row] = [
    ("withdrawn", {"withdrawn": True}, NOON, NONE, e.OFFER_WITHDRAWN),
    ("paused", {"paused": True}, NOON, NONE, e.OFFER_PAUSED),
    ("withdrawn while paused", {"withdrawn": True, "paused": True}, NOON, NONE, e.OFFER_WITHDRAWN),
    ("ended while paused", {"paused": True, "ends_on": on("2026-03-03")}, NOON, NONE, e.OFFER_ENDED),
    ("paused before its first day", {"paused": True, "starts_on": on("2026-03-05")}, NOON, NONE, e.OFFER_PAUSED),
]
TITLE = {"zh": "送酸梅汤"}
PLAIN_VISIT = Visit(TITLE, china("2026-03-04 12:00"), stacks=False)
FRIENDLY = Visit(TITLE, china("2026-03-04 12:00"), stacks=True)
AFTER = Uses(lately=PLAIN_VISIT)
TOGETHER: list[Row] = [
    ("nothing else was used", {}, NOON, NONE, YES),
    ("another offer in the same second", {}, china("2026-03-04 12:00"), AFTER, e.NOT_WITH_ANOTHER),
    ("another offer 14:59 ago", {}, china("2026-03-04 12:14:59"), AFTER, e.NOT_WITH_ANOTHER),
    ("another offer 15:00 ago", {}, china("2026-03-04 12:15:00"), AFTER, YES),
    ("this one adds up", {"stacks": True}, china("2026-03-04 12:01"), AFTER, YES),
    ("the other one adds up", {}, china("2026-03-04 12:01"), Uses(lately=FRIENDLY), YES),
    ("both add up", {"stacks": True}, china("2026-03-04 12:01"), Uses(lately=FRIENDLY), YES),
    ("first use, never here", {"first_use": True}, NOON, NONE, YES),
    ("first use, here before", {"first_use": True}, NOON, Uses(been_here=True), e.FIRST_USE_ONLY),
    ("here before does not matter", {}, NOON, Uses(been_here=True), YES),
]
ORDER: list[Row] = [
    ("withdrawn before ended", {"withdrawn": True, "ends_on": on("2026-01-31")}, NOON, NONE, e.OFFER_WITHDRAWN),
    ("ended before audience", {"ends_on": on("2026-01-31"), "audience_path": "0002"}, NOON, NONE, e.OFFER_ENDED),
    ("not begun before audience", {"starts_on": on("2026-12-01"), "audience_path": "0002"}, NOON, NONE,
     e.OFFER_NOT_STARTED),
    ("union before trade", {"audience_path": "0002", **GROUPS}, NOON, NONE, e.NOT_FOR_YOUR_UNION),
    ("trade before standing", {**GROUPS, **STANDINGS}, NOON, NONE, e.NOT_FOR_YOUR_TRADE),
    ("standing before first use", {**STANDINGS, "first_use": True}, NOON, Uses(been_here=True),
     e.NOT_FOR_YOUR_STANDING),
    ("audience before stock", {"audience_path": "0002", "stock_total": 0}, NOON, NONE, e.NOT_FOR_YOUR_UNION),
    ("first use before stock", {"first_use": True, "stock_total": 0}, NOON, Uses(been_here=True), e.FIRST_USE_ONLY),
    ("stock before budget", {"stock_total": 0, "budget_fen": 0}, NOON, NONE, e.SOLD_OUT),
    ("budget before branch", {**ONLY_THERE, "budget_fen": 0}, NOON, NONE, e.BUDGET_SPENT),
    ("branch before limits", {**ONLY_THERE, **FOUR}, NOON, Uses(1, 2, 3, 4), e.NOT_AT_THIS_BRANCH),
    ("stock before limits", {"stock_total": 0, **FOUR}, NOON, Uses(1, 2, 3, 4), e.SOLD_OUT),
    ("limits before weekdays", {**FOUR, **FRIDAYS}, NOON, Uses(1, 1, 1, 1), e.DAILY_LIMIT),
    ("weekdays before holidays", {**FRIDAYS, **OFF_DAYS}, NOON, NONE, e.NOT_THIS_WEEKDAY),
    ("weekdays before hours", {**FRIDAYS, "hours": NIGHT}, NOON, NONE, e.NOT_THIS_WEEKDAY),
    ("holidays before hours", {**OFF_DAYS, "hours": NIGHT}, NOON, NONE, e.HOLIDAYS_ONLY),
    ("hours before another offer", {"hours": NIGHT}, NOON, AFTER, e.NOT_AT_THIS_HOUR),
]  # fmt: skip
ROWS = [*WHEN, *HOW_OFTEN, *HOW_MUCH, *STATES, *TOGETHER, *ORDER]

RETIRED, ACTIVE = Standing.RETIRED, Standing.ACTIVE
AUDIENCE: list[tuple[str, dict[str, Any], Person, str | None]] = [
    ("everybody", {}, Person(HOME, ACTIVE), YES),
    ("his federation", {"audience_path": "0001"}, Person(HOME, ACTIVE), YES),
    ("his town", {"audience_path": "0001.0002"}, Person(HOME, ACTIVE), YES),
    ("his own union", {"audience_path": "0001.0002.0003"}, Person(HOME, ACTIVE), YES),
    ("a union below his", {"audience_path": "0001.0002.0003.0004"}, Person(HOME, ACTIVE), e.NOT_FOR_YOUR_UNION),
    ("the union beside his", {"audience_path": "0001.0002.0004"}, Person(HOME, ACTIVE), e.NOT_FOR_YOUR_UNION),
    ("another town", {"audience_path": "0001.0009"}, Person(HOME, ACTIVE), e.NOT_FOR_YOUR_UNION),
    ("another federation", {"audience_path": "0002"}, Person(HOME, ACTIVE), e.NOT_FOR_YOUR_UNION),
    ("half a code is no code", {"audience_path": "0001.000"}, Person(HOME, ACTIVE), e.NOT_FOR_YOUR_UNION),
    ("a shop of another federation", {"federation_path": "0002"}, Person(HOME, ACTIVE), e.NOT_FOR_YOUR_UNION),
    ("its path begins as his does", {"federation_path": "000"}, Person(HOME, ACTIVE), e.NOT_FOR_YOUR_UNION),
    ("at the very federation", {}, Person(UnionPath("0001"), ACTIVE), YES),
    ("no audience opens another federation's shop", {"federation_path": "0002", "audience_path": "0001"},
     Person(HOME, ACTIVE), e.NOT_FOR_YOUR_UNION),
    ("his trade", GROUPS, Person(HOME, ACTIVE, TradeGroup.RIDERS), YES),
    ("another trade", GROUPS, Person(HOME, ACTIVE, TradeGroup.HEALTH), e.NOT_FOR_YOUR_TRADE),
    ("no trade is known", GROUPS, Person(HOME, ACTIVE), e.NOT_FOR_YOUR_TRADE),
    ("retired, for the retired", STANDINGS, Person(HOME, RETIRED), YES),
    ("active, for the retired", STANDINGS, Person(HOME, ACTIVE), e.NOT_FOR_YOUR_STANDING),
    ("union, trade and standing together", {"audience_path": "0001", **GROUPS, **STANDINGS},
     Person(HOME, RETIRED, TradeGroup.COURIERS), YES),
    ("one of the three is wrong", {"audience_path": "0001", **GROUPS, **STANDINGS},
     Person(HOME, ACTIVE, TradeGroup.COURIERS), e.NOT_FOR_YOUR_STANDING),
]  # fmt: skip
AT_HOME: list[tuple[str, dict[str, Any], str | None]] = [
    ("some branch has some left", {**SHARED, "branch_taken": ((HERE, 3),)}, YES),
    ("every branch is sold out", {**ONLY_THERE, "branch_taken": ((THERE, 5),)}, e.SOLD_OUT),
    ("only other branches: he may go there", ONLY_THERE, YES),
]
FACTS: list[tuple[dict[str, Any], datetime.datetime, Uses, dict[str, Any]]] = [
    ({"starts_on": on("2026-03-05")}, NOON, NONE, {"date": "2026-03-05"}),
    ({"ends_on": on("2026-03-03")}, NOON, NONE, {"date": "2026-03-03"}),
    ({"per_member_daily": 2}, NOON, Uses(today=2), {"limit": 2}),
    ({"per_member_weekly": 2}, NOON, Uses(this_week=2), {"limit": 2, "date": "2026-03-09"}),
    ({"per_member_weekly": 2}, china("2026-03-08 23:59"), Uses(this_week=2), {"limit": 2, "date": "2026-03-09"}),
    ({"per_member_weekly": 2}, china("2026-03-09 00:00"), Uses(this_week=2), {"limit": 2, "date": "2026-03-16"}),
    ({"per_member_weekly": 1}, china("2026-12-30 12:00"), Uses(this_week=1), {"limit": 1, "date": "2027-01-04"}),
    ({"per_member_monthly": 3}, NOON, Uses(this_month=3), {"limit": 3, "date": "2026-04-01"}),
    ({"per_member_monthly": 3}, china("2026-01-31 23:59"), Uses(this_month=3), {"limit": 3, "date": "2026-02-01"}),
    ({"per_member_monthly": 3}, china("2028-02-29 12:00"), Uses(this_month=3), {"limit": 3, "date": "2028-03-01"}),
    ({"per_member_monthly": 3}, china("2026-12-31 23:59"), Uses(this_month=3), {"limit": 3, "date": "2027-01-01"}),
    ({"per_member_total": 3}, NOON, Uses(in_all=3), {"limit": 3}),
    ({"weekdays": (1, 2, 5)}, NOON, NONE, {"weekdays": "125"}),
    ({"hours": (Hours(420, 540), *NIGHT)}, NOON, NONE, {"hours": "07:00–09:00, 18:00–02:00"}),
    ({}, china("2026-03-04 12:00"), AFTER, {"minutes": 15}),
    ({}, china("2026-03-04 12:00:01"), AFTER, {"minutes": 15}),
    ({}, china("2026-03-04 12:14:01"), AFTER, {"minutes": 1}),
    ({}, china("2026-03-04 12:14:59"), AFTER, {"minutes": 1}),
    ({"withdrawn": True}, NOON, NONE, {}),
    ({"stock_total": 0}, NOON, NONE, {}),
]
WINDOWS: list[tuple[str, str, list[str]]] = [
    ("an ordinary day", "2026-03-04", ["2026-03", "2026-03-04", "2026-W10", "all"]),
    ("Monday begins a week", "2026-03-09", ["2026-03", "2026-03-09", "2026-W11", "all"]),
    ("Sunday ends it", "2026-03-08", ["2026-03", "2026-03-08", "2026-W10", "all"]),
    ("the leap day", "2028-02-29", ["2028-02", "2028-02-29", "2028-W09", "all"]),
    ("New Year's Eve in the old year's last week", "2026-12-31", ["2026-12", "2026-12-31", "2026-W53", "all"]),
    ("New Year in the old year's last week", "2027-01-01", ["2026-W53", "2027-01", "2027-01-01", "all"]),
    ("New Year's Eve in the new year's first week", "2025-12-31", ["2025-12", "2025-12-31", "2026-W01", "all"]),
    ("its New Year", "2026-01-01", ["2026-01", "2026-01-01", "2026-W01", "all"]),
]


def offer(terms: dict[str, Any]) -> Offer:
    return Offer(**{**BASE, **terms})


def answer(terms: dict[str, Any], at: datetime.datetime, uses: Uses, who: Person, branch: BranchId | None) -> Any:
    return may_use(offer(terms), who, uses=uses, moment=Moment(at, HOLIDAYS), branch_id=branch)


@pytest.mark.parametrize(("terms", "at", "uses", "said"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_member_may_use_an_offer_now_or_is_told_why_not(
    terms: dict[str, Any], at: datetime.datetime, uses: Uses, said: str | None
) -> None:
    refusal = answer(terms, at, uses, Person(HOME, Standing.ACTIVE), HERE)
    assert (refusal.code if refusal else YES) == said


@pytest.mark.parametrize(("terms", "who", "said"), [row[1:] for row in AUDIENCE], ids=[row[0] for row in AUDIENCE])
def test_an_offer_is_for_its_audience(terms: dict[str, Any], who: Person, said: str | None) -> None:
    refusal = answer(terms, NOON, NONE, who, HERE)
    assert (refusal.code if refusal else YES) == said


@pytest.mark.parametrize(("terms", "said"), [row[1:] for row in AT_HOME], ids=[row[0] for row in AT_HOME])
def test_who_stands_nowhere_yet_is_refused_only_if_no_branch_will_do(terms: dict[str, Any], said: str | None) -> None:
    refusal = answer(terms, NOON, NONE, Person(HOME, Standing.ACTIVE), None)
    assert (refusal.code if refusal else YES) == said


@pytest.mark.parametrize(("terms", "at", "uses", "facts"), FACTS)
def test_a_no_brings_the_facts_of_its_sentence(
    terms: dict[str, Any], at: datetime.datetime, uses: Uses, facts: dict[str, Any]
) -> None:
    assert answer(terms, at, uses, Person(HOME, Standing.ACTIVE), HERE).facts == facts


@pytest.mark.parametrize(("day", "keys"), [row[1:] for row in WINDOWS], ids=[row[0] for row in WINDOWS])
def test_a_use_is_counted_in_its_day_week_and_month(day: str, keys: list[str]) -> None:
    assert windows(offer(FOUR), day=on(day)) == keys == sorted(keys)


def test_the_table_has_its_rows_and_every_no_has_one() -> None:
    assert len(ROWS) + len(AUDIENCE) + len(AT_HOME) >= 120
    assert len({row[0] for row in ROWS}) == len(ROWS)
    decided = {row[-1] for row in [*ROWS, *AUDIENCE]} - {YES}
    assert decided == {
        e.OFFER_WITHDRAWN, e.OFFER_PAUSED, e.OFFER_NOT_STARTED, e.OFFER_ENDED, e.NOT_FOR_YOUR_UNION,
        e.NOT_FOR_YOUR_TRADE, e.NOT_FOR_YOUR_STANDING, e.FIRST_USE_ONLY, e.NOT_AT_THIS_BRANCH, e.SOLD_OUT,
        e.SOLD_OUT_HERE, e.BUDGET_SPENT, e.TOTAL_LIMIT, e.MONTHLY_LIMIT, e.WEEKLY_LIMIT, e.DAILY_LIMIT,
        e.NOT_THIS_WEEKDAY, e.NOT_ON_HOLIDAYS, e.HOLIDAYS_ONLY, e.NOT_AT_THIS_HOUR, e.NOT_WITH_ANOTHER,
    }  # fmt: skip
