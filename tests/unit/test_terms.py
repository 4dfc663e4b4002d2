"""The terms of an offer in plain words: every term, Chinese and English, out of the data alone."""

import datetime
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app import terms as words
from app.sentences import Names, by_topic
from services.core.calendar import Hours
from services.members.types import Standing
from services.merchants.types import BranchId, MerchantId
from services.offers.types import AmountPolicy, BranchShare, Holidays, Offer, OfferId, OfferKind, Terms, VersionId
from services.unions.types import TradeGroup, UnionId, UnionPath

HERE, THERE = BranchId(uuid.UUID(int=1)), BranchId(uuid.UUID(int=2))
UNION = UnionId(uuid.UUID(int=3))
NAMES = Names(
    {"zh": "柳渡镇总工会", "en": "Liudu Town Federation"},
    {HERE: {"zh": "高营店", "en": "Gaoying"}, THERE: {"zh": "柳渡店", "en": "Liudu"}},
)


def terms(**given: Any) -> Terms:
    return Terms(**_whole(given))


def offer(**given: Any) -> Offer:
    whole = _whole(given)
    return Offer(
        id=OfferId(uuid.UUID(int=4)),
        merchant_id=MerchantId(uuid.UUID(int=5)),
        version_id=VersionId(uuid.UUID(int=6)),
        number=1,
        federation_path=UnionPath("0001"),
        **whole,
    )


def _whole(given: dict[str, Any]) -> dict[str, Any]:
    kind = given.get("kind", OfferKind.PERCENT)
    return {
        "title": {"zh": "会员日", "en": "Members’ day"},
        "kind": kind,
        "amount_policy": AmountPolicy.REQUIRED,
        "starts_on": datetime.date(2026, 11, 1),
        "ends_on": datetime.date(2026, 12, 31),
        **({"percent_off": 12} if kind is OfferKind.PERCENT else {}),
        **given,
    }


def branches(*shares: tuple[BranchId, int | None]) -> tuple[BranchShare, ...]:
    return tuple(BranchShare(branch, stock) for branch, stock in shares)


OFF = {"kind": OfferKind.AMOUNT_OFF, "threshold_fen": 3000, "off_fen": 800}
MEMBER = {"kind": OfferKind.MEMBER_PRICE, "price_fen": 1990, "list_fen": 2500}
ROWS: list[tuple[str, dict[str, Any], str, str]] = [
    ("deal", {}, "按原价的 88% 付", "you pay 88% of the price"),
    ("deal", {"percent_off": 1}, "按原价的 99% 付", "you pay 99% of the price"),
    ("deal", {"percent_off": 99}, "按原价的 1% 付", "you pay 1% of the price"),
    ("deal", OFF, "满 30 元减 8 元", "¥8 off ¥30"),
    ("deal", OFF | {"threshold_fen": 3050}, "满 30.50 元减 8 元", "¥8 off ¥30.50"),
    ("deal", {"kind": OfferKind.FIXED_PRICE, "price_fen": 990}, "只付 9.90 元", "you pay ¥9.90"),
    ("deal", {"kind": OfferKind.FIXED_PRICE, "price_fen": 1000}, "只付 10 元", "you pay ¥10"),
    ("deal", MEMBER, "会员价 19.90 元，原价 25 元", "member price ¥19.90, usually ¥25"),
    ("deal", {"kind": OfferKind.GIFT, "gift": {"zh": "酸梅汤一杯", "en": "a plum juice"}}, "送酸梅汤一杯",
     "free: a plum juice"),
    ("deal", {"kind": OfferKind.GIFT, "gift": {"zh": "酸梅汤一杯"}}, "送酸梅汤一杯", "free: 酸梅汤一杯"),
    ("cap", {"most_off_fen": 2000}, "最多优惠 20 元", "at most ¥20 off"),
    ("cap", {"most_off_fen": 2050}, "最多优惠 20.50 元", "at most ¥20.50 off"),
    ("amount", {}, "店员要输消费金额", "the clerk types the bill"),
    ("amount", {"amount_policy": AmountPolicy.OPTIONAL}, "店员可以输金额，也可以不输",
     "the clerk may type the bill or leave it"),
    ("amount", {"amount_policy": AmountPolicy.NOT_ASKED}, "店员不用输金额", "the clerk types no amount"),
    ("dates", {}, "2026 年 11 月 1 日到 2026 年 12 月 31 日", "from 1 Nov 2026 to 31 Dec 2026"),
    ("weekdays", {"weekdays": (1, 2, 3, 4, 5)}, "周一至周五能用", "on Mon–Fri"),
    ("weekdays", {"weekdays": (6, 7)}, "周六、周日能用", "on Sat, Sun"),
    ("weekdays", {"weekdays": (1, 3, 5)}, "周一、周三、周五能用", "on Mon, Wed, Fri"),
    ("weekdays", {"weekdays": (3,)}, "周三能用", "on Wed"),
    ("weekdays", {"weekdays": (4, 3, 2)}, "周二至周四能用", "on Tue–Thu"),
    ("hours", {"hours": (Hours(660, 840),)}, "11:00–14:00 能用", "at 11:00–14:00"),
    ("hours", {"hours": (Hours(1080, 120),)}, "18:00–次日 02:00 能用", "at 18:00–02:00 the next day"),
    ("hours", {"hours": (Hours(660, 840), Hours(1020, 1230))}, "11:00–14:00、17:00–20:30 能用",
     "at 11:00–14:00, 17:00–20:30"),
    ("hours", {"hours": (Hours(1200, 1440),)}, "20:00–24:00 能用", "at 20:00–24:00"),
    ("hours", {"hours": (Hours(1200, 0),)}, "20:00–24:00 能用", "at 20:00–24:00"),
    ("holidays", {"holidays": Holidays.NOT}, "法定节假日不能用", "not on public holidays"),
    ("holidays", {"holidays": Holidays.ONLY}, "只在法定节假日能用", "on public holidays only"),
    ("daily", {"per_member_daily": 1}, "每人每天 1 次", "1 per member a day"),
    ("weekly", {"per_member_weekly": 2}, "每人每周 2 次", "2 per member a week"),
    ("monthly", {"per_member_monthly": 4}, "每人每月 4 次", "4 per member a month"),
    ("in_all", {"per_member_total": 10}, "每人一共 10 次", "10 per member in all"),
    ("stock", {"stock_total": 200}, "共 200 份", "200 in all"),
    ("stock", {"stock_total": 0}, "共 0 份", "0 in all"),
    ("branches", {"branches": branches((HERE, None), (THERE, None))}, "只在这些门店能用：高营店、柳渡店",
     "only at these branches: Gaoying, Liudu"),
    ("branches", {"branches": branches((HERE, 30))}, "只在这些门店能用：高营店（共 30 份）",
     "only at these branches: Gaoying (30 in all)"),
    ("branches", {"branches": branches((BranchId(uuid.UUID(int=9)), None))}, "只在部分门店能用",
     "at some branches only"),
    ("budget", {"budget_fen": 500_000}, "补贴用完为止", "until the subsidy is used up"),
    ("budget_sum", {"budget_fen": 500_000}, "补贴总额 5000 元", "subsidy of ¥5000 in all"),
    ("union", {"audience_union_id": UNION}, "只给柳渡镇总工会的会员", "for members of Liudu Town Federation"),
    ("groups", {"audience_groups": (TradeGroup.RIDERS, TradeGroup.COURIERS)}, "只给外卖骑手、快递员",
     "for delivery riders, couriers"),
    ("groups", {"audience_groups": (TradeGroup.PUBLIC,)}, "只给机关事业单位职工", "for public sector workers"),
    ("standings", {"audience_standings": (Standing.RETIRED,)}, "只给退休会员", "for retired members"),
    ("standings", {"audience_standings": (Standing.GRACE, Standing.RETIRED)}, "只给这些会员：续登宽限期、退休",
     "for these members: Grace period, Retired"),
    ("first_use", {"first_use": True}, "只给第一次到店用优惠的会员", "only for a member’s first discount at this shop"),
    ("stacks", {}, "不和本店别的优惠一起用", "not combined with other offers of the shop"),
    ("stacks", {"stacks": True}, "可以和本店别的优惠一起用", "may be combined with other offers of the shop"),
    ("note", {"note": {"zh": "酒水除外", "en": "no drinks"}}, "酒水除外", "no drinks"),
    ("note", {"note": {"zh": "酒水除外"}}, "酒水除外", "酒水除外"),
]  # fmt: skip


@pytest.fixture
def speak(app: Flask) -> Callable[[str, Callable[[], Any]], Any]:
    """Does something for a reader of that language."""

    def run(language: str, work: Callable[[], Any]) -> Any:
        with app.test_request_context(headers={"Cookie": f"lang={language}"}):
            return work()

    return run


@pytest.mark.parametrize(("topic", "given", "zh", "en"), ROWS, ids=[f"{row[0]}-{row[2]}" for row in ROWS])
def test_a_term_is_said(speak: Any, topic: str, given: dict[str, Any], zh: str, en: str) -> None:
    said = {language: speak(language, lambda: by_topic(terms(**given), NAMES)) for language in ("zh", "en")}
    assert (said["zh"].get(topic), said["en"].get(topic)) == (zh, en)


def test_a_term_that_limits_nothing_is_not_said(speak: Any) -> None:
    assert set(speak("zh", lambda: by_topic(terms()))) == {"title", "title_en", "deal", "amount", "dates", "stacks"}


@pytest.mark.parametrize("group", TradeGroup)
def test_every_trade_group_has_words(speak: Any, group: TradeGroup) -> None:
    said = [
        speak(language, lambda: by_topic(terms(audience_groups=(group,))))["groups"]
        for language in ("zh", "en")
    ]  # fmt: skip
    assert said[0].startswith("只给") and said[1].startswith("for ") and group.value not in said[0]


def test_the_list_says_what_tells_offers_apart(speak: Any) -> None:
    one = offer(
        title={"zh": "堂食满 30 减 8"}, per_member_weekly=1, weekdays=(1, 2, 3), stock_total=5, stock_taken=2,
        budget_fen=100, note={"zh": "酒水除外"}, **OFF,
    )  # fmt: skip
    assert speak("zh", lambda: words.terms(one)) == [
        "周一至周三能用",
        "每人每周 1 次",
        "还剩 3 份",
        "补贴用完为止",
        "到 2026 年 12 月 31 日为止",
    ]


def test_an_offer_for_the_whole_federation_names_no_union(speak: Any) -> None:
    name = {"zh": "雍河区总工会"}
    whole = offer(audience_union_id=UNION, audience_path=UnionPath("0001"), audience_name=name)
    town = offer(audience_union_id=UNION, audience_path=UnionPath("0001.0001"), audience_name=NAMES.union)
    assert not any("总工会" in said for said in speak("zh", lambda: words.terms(whole)))
    assert "只给柳渡镇总工会的会员" in speak("zh", lambda: words.terms(town))


def test_what_is_left_is_said_here_and_in_all(speak: Any) -> None:
    one = offer(stock_total=50, stock_taken=20, branches=branches((HERE, 10), (THERE, None)), branch_taken=((HERE, 4),))
    said = speak("zh", lambda: words.sentences(one, NAMES))
    assert "还剩 30 份" in said and "只在这些门店能用：高营店（还剩 6 份）、柳渡店" in said


def test_members_are_not_told_the_budget_nor_what_the_clerk_types(speak: Any) -> None:
    said = speak("zh", lambda: words.sentences(terms(budget_fen=500_000)))
    assert "补贴用完为止" in said and not [one for one in said if "5000" in one or "店员" in one]


def test_a_receipt_says_what_it_was_decided_by_and_nothing_of_others(speak: Any) -> None:
    decided = terms(most_off_fen=2000, per_member_daily=1, stock_total=9, budget_fen=9, note={"zh": "酒水除外"})
    assert speak("zh", lambda: words.receipt(decided)) == [
        "按原价的 88% 付",
        "最多优惠 20 元",
        "每人每天 1 次",
        "不和本店别的优惠一起用",
        "酒水除外",
    ]


def test_differences_are_said_in_pairs(speak: Any) -> None:
    old = offer(per_member_daily=1, first_use=True, stock_total=5, stock_taken=3)
    new = terms(percent_off=20, per_member_daily=1, stock_total=5, hours=(Hours(660, 840),))
    assert speak("zh", lambda: words.differences(old, new)) == [
        ("按原价的 88% 付", "按原价的 80% 付"),
        ("", "11:00–14:00 能用"),
        ("只给第一次到店用优惠的会员", ""),
    ]


def test_nothing_changed_is_no_difference(speak: Any) -> None:
    assert speak("en", lambda: words.differences(terms(), terms())) == []
