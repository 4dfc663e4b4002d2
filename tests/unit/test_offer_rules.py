"""Who may use an offer, when, how often, and what it is worth."""

import dataclasses
import datetime
import uuid
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.core.calendar import day_start
from services.core.errors import Invalid, Refusal
from services.core.money import MAX_FEN
from services.members.types import Standing
from services.merchants.types import MerchantId
from services.offers import errors
from services.offers.rules import may_use, saving, windows
from services.offers.types import AmountPolicy, Moment, Offer, OfferId, OfferKind, Person, Saving, Uses, VersionId
from services.unions.types import UnionPath

TODAY = datetime.date(2026, 3, 1)
DAY = datetime.timedelta(days=1)
HOME = UnionPath("0001.0002.0003")
PLAIN = Offer(
    id=OfferId(uuid.UUID(int=1)), merchant_id=MerchantId(uuid.UUID(int=2)), version_id=VersionId(uuid.UUID(int=3)),
    number=1, title={"zh": "堂食 9 折"}, kind=OfferKind.PERCENT, percent_off=10, amount_policy=AmountPolicy.REQUIRED,
    starts_on=TODAY - 10 * DAY, ends_on=TODAY + 10 * DAY,
)  # fmt: skip
NOON = Moment(day_start(TODAY) + datetime.timedelta(hours=12))
WHO = Person(HOME, Standing.ACTIVE)
YES = None
LIMITS = {"per_member_daily": 1, "per_member_total": 3}


def offer(**terms: Any) -> Offer:
    return dataclasses.replace(PLAIN, **terms)


MAY: list[tuple[dict[str, Any], Uses, str | None]] = [
    ({}, Uses(), YES),
    ({}, Uses(99, in_all=999), YES),  # no limit, no count
    # dates: both ends are included
    ({"starts_on": TODAY}, Uses(), YES),
    ({"starts_on": TODAY + DAY}, Uses(), errors.OFFER_NOT_STARTED),
    ({"ends_on": TODAY}, Uses(), YES),
    ({"ends_on": TODAY - DAY}, Uses(), errors.OFFER_ENDED),
    ({"starts_on": TODAY, "ends_on": TODAY}, Uses(), YES),
    ({"starts_on": TODAY + 5 * DAY, "ends_on": TODAY + 9 * DAY}, Uses(), errors.OFFER_NOT_STARTED),
    ({"starts_on": TODAY - 9 * DAY, "ends_on": TODAY - 5 * DAY}, Uses(), errors.OFFER_ENDED),
    # withdrawn
    ({"withdrawn": True}, Uses(), errors.OFFER_WITHDRAWN),
    # audience: the union itself and all below it, by whole codes
    ({"audience_path": "0001"}, Uses(), YES),
    ({"audience_path": "0001.0002"}, Uses(), YES),
    ({"audience_path": "0001.0002.0003"}, Uses(), YES),
    ({"audience_path": "0001.0002.0003.0004"}, Uses(), errors.NOT_FOR_YOUR_UNION),
    ({"audience_path": "0001.0009"}, Uses(), errors.NOT_FOR_YOUR_UNION),
    ({"audience_path": "0001.000"}, Uses(), errors.NOT_FOR_YOUR_UNION),
    ({"audience_path": "0002"}, Uses(), errors.NOT_FOR_YOUR_UNION),
    # stock
    ({"stock_total": 5, "stock_taken": 0}, Uses(), YES),
    ({"stock_total": 5, "stock_taken": 4}, Uses(), YES),
    ({"stock_total": 5, "stock_taken": 5}, Uses(), errors.SOLD_OUT),
    ({"stock_total": 5, "stock_taken": 6}, Uses(), errors.SOLD_OUT),
    ({"stock_total": 0}, Uses(), errors.SOLD_OUT),
    # a day's limit
    ({"per_member_daily": 1}, Uses(), YES),
    ({"per_member_daily": 1}, Uses(1, in_all=1), errors.DAILY_LIMIT),
    ({"per_member_daily": 2}, Uses(1, in_all=9), YES),
    ({"per_member_daily": 2}, Uses(2, in_all=9), errors.DAILY_LIMIT),
    ({"per_member_daily": 2}, Uses(3, in_all=9), errors.DAILY_LIMIT),
    # a limit in all
    ({"per_member_total": 1}, Uses(), YES),
    ({"per_member_total": 1}, Uses(in_all=1), errors.TOTAL_LIMIT),
    ({"per_member_total": 3}, Uses(9, in_all=2), YES),
    ({"per_member_total": 3}, Uses(in_all=3), errors.TOTAL_LIMIT),
    # both: what will not come back is said before what is back tomorrow
    (LIMITS, Uses(), YES),
    (LIMITS, Uses(1, in_all=1), errors.DAILY_LIMIT),
    (LIMITS, Uses(in_all=3), errors.TOTAL_LIMIT),
    (LIMITS, Uses(1, in_all=3), errors.TOTAL_LIMIT),
    # the first reason that holds, from what nobody can change to what time will mend
    ({"withdrawn": True, "ends_on": TODAY - DAY}, Uses(), errors.OFFER_WITHDRAWN),
    ({"ends_on": TODAY - DAY, "audience_path": "0002"}, Uses(), errors.OFFER_ENDED),
    ({"starts_on": TODAY + DAY, "audience_path": "0002"}, Uses(), errors.OFFER_NOT_STARTED),
    ({"audience_path": "0002", "stock_total": 0}, Uses(), errors.NOT_FOR_YOUR_UNION),
    ({"stock_total": 0, **LIMITS}, Uses(1, in_all=3), errors.SOLD_OUT),
]
REQUIRED, OPTIONAL, NOT_ASKED = AmountPolicy.REQUIRED, AmountPolicy.OPTIONAL, AmountPolicy.NOT_ASKED
OFF = {"kind": OfferKind.AMOUNT_OFF, "percent_off": None, "threshold_fen": 10_000, "off_fen": 2_000}
GIFT = {"kind": OfferKind.GIFT, "percent_off": None, "gift": {"zh": "小菜一份"}}
WORTH: list[tuple[dict[str, Any], int | None, Saving | str]] = [
    ({}, 4650, Saving(4650, 465, 4185)),
    ({}, 1, Saving(1, 0, 1)),
    ({}, 4, Saving(4, 0, 4)),
    ({}, 5, Saving(5, 1, 4)),  # half a fen is the member's
    ({}, 14, Saving(14, 1, 13)),
    ({}, 15, Saving(15, 2, 13)),
    ({}, MAX_FEN, Saving(MAX_FEN, MAX_FEN // 10, MAX_FEN // 10 * 9)),
    ({"percent_off": 1}, 49, Saving(49, 0, 49)),
    ({"percent_off": 1}, 50, Saving(50, 1, 49)),
    ({"percent_off": 12}, 4650, Saving(4650, 558, 4092)),
    ({"percent_off": 33}, 100, Saving(100, 33, 67)),
    ({"percent_off": 50}, 3, Saving(3, 2, 1)),
    ({"percent_off": 99}, 1, Saving(1, 1, 0)),
    ({"percent_off": 99}, 10_000, Saving(10_000, 9_900, 100)),
    ({}, None, errors.AMOUNT_MISSING),
    ({"amount_policy": OPTIONAL}, None, Saving(None, None, None)),
    ({"amount_policy": OPTIONAL}, 4650, Saving(4650, 465, 4185)),
    ({"amount_policy": NOT_ASKED}, None, Saving(None, None, None)),
    (OFF, 10_000, Saving(10_000, 2_000, 8_000)),
    (OFF, 10_001, Saving(10_001, 2_000, 8_001)),
    (OFF, 25_000, Saving(25_000, 2_000, 23_000)),  # once a bill, not once a threshold
    (OFF, 9_999, errors.BELOW_THRESHOLD),
    (OFF, 1, errors.BELOW_THRESHOLD),
    (OFF, None, errors.AMOUNT_MISSING),
    ({**OFF, "amount_policy": OPTIONAL}, None, Saving(None, None, None)),
    ({**OFF, "off_fen": 10_000}, 10_000, Saving(10_000, 10_000, 0)),
    (GIFT, 4650, Saving(4650, 0, 4650)),
    ({**GIFT, "amount_policy": NOT_ASKED}, None, Saving(None, None, None)),
]
NONSENSE: list[tuple[dict[str, Any], int, str]] = [
    ({}, 0, errors.AMOUNT_ZERO),
    ({}, -1, errors.AMOUNT_NEGATIVE),
    ({}, MAX_FEN + 1, errors.AMOUNT_TOO_LARGE),
    ({}, 10**30, errors.AMOUNT_TOO_LARGE),
    ({"amount_policy": OPTIONAL}, 0, errors.AMOUNT_ZERO),
    ({"amount_policy": NOT_ASKED}, 4650, errors.AMOUNT_NOT_ASKED),
    ({"amount_policy": NOT_ASKED}, 0, errors.AMOUNT_NOT_ASKED),
    ({**GIFT, "amount_policy": NOT_ASKED}, -5, errors.AMOUNT_NOT_ASKED),
    (OFF, 0, errors.AMOUNT_ZERO),
]


@pytest.mark.parametrize(("terms", "uses", "said"), MAY)
def test_a_member_may_use_an_offer_or_is_told_why_not(terms: dict[str, Any], uses: Uses, said: str | None) -> None:
    refusal = may_use(offer(**terms), WHO, uses=uses, moment=NOON)
    assert (refusal.code if refusal else YES) == said


@pytest.mark.parametrize(("terms", "amount", "worth"), WORTH)
def test_a_bill_is_worth_what_the_terms_say(terms: dict[str, Any], amount: int | None, worth: Saving | str) -> None:
    found = saving(offer(**terms), amount)
    assert (found.code if isinstance(found, Refusal) else found) == worth


@pytest.mark.parametrize(("terms", "amount", "said"), NONSENSE)
def test_an_amount_that_cannot_be_is_invalid(terms: dict[str, Any], amount: int, said: str) -> None:
    with pytest.raises(Invalid) as raised:
        saving(offer(**terms), amount)
    assert (raised.value.code, raised.value.facts["field"]) == (said, "amount_fen")


@pytest.mark.parametrize(
    ("terms", "uses", "facts"),
    [
        ({"starts_on": TODAY + DAY}, Uses(), {"date": "2026-03-02"}),
        ({"ends_on": TODAY - DAY}, Uses(), {"date": "2026-02-28"}),
        ({"per_member_daily": 2}, Uses(2, in_all=2), {"limit": 2}),
        ({"per_member_total": 3}, Uses(in_all=3), {"limit": 3}),
    ],
)
def test_a_no_brings_the_facts_of_its_sentence(terms: dict[str, Any], uses: Uses, facts: dict[str, Any]) -> None:
    refusal = may_use(offer(**terms), WHO, uses=uses, moment=NOON)
    assert refusal is not None
    assert refusal.facts == facts


def test_a_bill_below_the_threshold_is_told_what_is_missing() -> None:
    found = saving(offer(**OFF), 9_945)
    assert found == Refusal(errors.BELOW_THRESHOLD, {"threshold_fen": 10_000, "short_fen": 55})


def test_only_limits_have_windows_and_they_are_sorted() -> None:
    assert windows(offer(), day=TODAY) == []
    assert windows(offer(per_member_total=3), day=TODAY) == ["all"]
    both = windows(offer(**LIMITS), day=TODAY)
    assert both == ["2026-03-01", "all"] == sorted(both)


def test_there_are_sixty_rows_and_more() -> None:
    assert len(MAY) + len(WORTH) + len(NONSENSE) >= 60


@st.composite
def offers(draw: st.DrawFn) -> Offer:
    """Any offer that the table takes."""
    kind, policy = draw(st.sampled_from(OfferKind)), draw(st.sampled_from(AmountPolicy))
    policy = NOT_ASKED if kind is OfferKind.MEMBER_PRICE else policy
    threshold = draw(st.integers(1, MAX_FEN))
    return offer(
        kind=kind,
        amount_policy=policy,
        percent_off=draw(st.integers(1, 99)) if kind is OfferKind.PERCENT else None,
        threshold_fen=threshold if kind is OfferKind.AMOUNT_OFF else None,
        off_fen=draw(st.integers(1, threshold)) if kind is OfferKind.AMOUNT_OFF else None,
        price_fen=threshold if kind in (OfferKind.FIXED_PRICE, OfferKind.MEMBER_PRICE) else None,
        list_fen=threshold + draw(st.integers(1, MAX_FEN)) if kind is OfferKind.MEMBER_PRICE else None,
        gift={"zh": "小菜"} if kind is OfferKind.GIFT else None,
    )


@given(offers(), st.one_of(st.none(), st.integers(1, MAX_FEN)))
def test_what_is_saved_and_what_is_paid_make_the_bill(any_offer: Offer, amount: int | None) -> None:
    assume(amount is None or any_offer.amount_policy is not NOT_ASKED)
    worth = saving(any_offer, amount)
    if isinstance(worth, Refusal):
        assert worth.code in (errors.AMOUNT_MISSING, errors.BELOW_THRESHOLD, errors.BELOW_PRICE)
    elif worth.amount_fen is None or worth.saved_fen is None or worth.pay_fen is None:
        assert amount is None
        assert worth == Saving(None, None, None)
    else:
        assert worth.amount_fen == (any_offer.list_fen if amount is None else amount)
        assert 0 <= worth.saved_fen <= worth.amount_fen
        assert worth.saved_fen + worth.pay_fen == worth.amount_fen


@given(st.integers(1, MAX_FEN - 1), st.integers(1, 99))
def test_a_larger_bill_never_saves_less(amount: int, percent: int) -> None:
    less, more = (saving(offer(percent_off=percent), fen) for fen in (amount, amount + 1))
    assert isinstance(less, Saving)
    assert isinstance(more, Saving)
    assert (less.saved_fen or 0) <= (more.saved_fen or 0)
    assert (less.pay_fen or 0) <= (more.pay_fen or 0)


@given(st.builds(Uses, today=st.integers(0, 5), in_all=st.integers(0, 9)), st.integers(1, 5), st.integers(1, 9))
def test_no_limit_is_ever_exceeded(uses: Uses, daily: int, total: int) -> None:
    limited = offer(per_member_daily=daily, per_member_total=total)
    if may_use(limited, WHO, uses=uses, moment=NOON) is None:
        assert uses.today < daily
        assert uses.in_all < total
