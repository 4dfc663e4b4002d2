"""When an offer that is refused now can be used."""

import datetime
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.core.calendar import Hours
from services.members.types import Standing
from services.merchants.types import MerchantId
from services.offers.again import again
from services.offers.rules import may_use
from services.offers.types import (
    AmountPolicy,
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
from services.unions.types import UnionPath

SHANGHAI = ZoneInfo("Asia/Shanghai")
MEMBER = Person(UnionPath("0001.0002"), Standing.ACTIVE)
NOON = datetime.datetime(2026, 11, 25, 12, 0, tzinfo=SHANGHAI)
"""A Wednesday."""


def an_offer(**terms: Any) -> Offer:
    given: dict[str, Any] = {
        "title": {"zh": "堂食 9 折"}, "kind": OfferKind.PERCENT, "percent_off": 10,
        "amount_policy": AmountPolicy.REQUIRED, "starts_on": datetime.date(2026, 1, 1),
        "ends_on": datetime.date(2027, 12, 31),
    }  # fmt: skip
    ids = {"id": OfferId(uuid.uuid4()), "merchant_id": MerchantId(uuid.uuid4()), "version_id": VersionId(uuid.uuid4())}
    return Offer(**{**given, **terms}, **ids, number=1, federation_path=UnionPath("0001"))


def visit(minutes_ago: int) -> Visit:
    return Visit({"zh": "送汤"}, NOON - datetime.timedelta(minutes=minutes_ago), stacks=False)


@pytest.mark.parametrize(
    ("terms", "uses", "then"),
    [
        ({"per_member_daily": 1}, Uses(today=1), "2026-11-26 00:00"),
        ({"per_member_daily": 1, "hours": (Hours(660, 840),)}, Uses(today=1), "2026-11-26 11:00"),
        ({"per_member_weekly": 2}, Uses(this_week=2), "2026-11-30 00:00"),
        ({"per_member_monthly": 2}, Uses(this_month=2), "2026-12-01 00:00"),
        ({"per_member_monthly": 2, "weekdays": (6,)}, Uses(this_month=2), "2026-12-05 00:00"),
        ({"weekdays": (6, 7)}, Uses(), "2026-11-28 00:00"),
        ({"hours": (Hours(1020, 1260),)}, Uses(), "2026-11-25 17:00"),
        ({"hours": (Hours(540, 660),)}, Uses(), "2026-11-26 09:00"),
        ({"hours": (Hours(1080, 120),), "weekdays": (3,)}, Uses(), "2026-11-25 18:00"),
        ({"starts_on": datetime.date(2026, 12, 24)}, Uses(), "2026-12-24 00:00"),
        ({"holidays": Holidays.ONLY}, Uses(), "2027-01-01 00:00"),
        ({}, Uses(lately=visit(minutes_ago=5)), "2026-11-25 12:10"),
    ],
)
def test_the_first_instant_at_which_it_may_be_used(terms: dict[str, Any], uses: Uses, then: str) -> None:
    offer, moment = an_offer(**terms), Moment(NOON, {datetime.date(2027, 1, 1)})
    assert may_use(offer, MEMBER, uses=uses, moment=moment) is not None
    found = again(offer, MEMBER, uses=uses, moment=moment)
    assert found is not None and f"{found.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" == then


@pytest.mark.parametrize(
    ("terms", "uses"),
    [
        ({"per_member_total": 1}, Uses(in_all=1)),
        ({"first_use": True}, Uses(been_here=True)),
        ({"audience_path": UnionPath("0001.0009")}, Uses()),
        ({"audience_standings": (Standing.RETIRED,)}, Uses()),
        ({"stock_total": 5, "stock_taken": 5}, Uses()),
        ({"paused": True}, Uses()),
        ({"withdrawn": True}, Uses()),
        ({"ends_on": datetime.date(2026, 11, 24)}, Uses()),
        ({"ends_on": datetime.date(2026, 11, 25), "per_member_daily": 1}, Uses(today=1)),
        ({"ends_on": datetime.date(2026, 11, 27), "weekdays": (6,)}, Uses()),
        ({"holidays": Holidays.ONLY, "ends_on": datetime.date(2026, 12, 31)}, Uses()),
    ],
)
def test_time_alone_mends_nothing(terms: dict[str, Any], uses: Uses) -> None:
    offer, moment = an_offer(**terms), Moment(NOON, {datetime.date(2027, 1, 1)})
    assert may_use(offer, MEMBER, uses=uses, moment=moment) is not None
    assert again(offer, MEMBER, uses=uses, moment=moment) is None
