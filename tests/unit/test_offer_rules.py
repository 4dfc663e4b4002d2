"""What an offer is worth on a bill; and that no use passes a limit. Who may use it when: test_offer_rules_table.py."""

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
    starts_on=TODAY - 10 * DAY, ends_on=TODAY + 10 * DAY, federation_path=UnionPath("0001"),
)  # fmt: skip
NOON = Moment(day_start(TODAY) + datetime.timedelta(hours=12))
WHO = Person(HOME, Standing.ACTIVE)
YES = None


def offer(**terms: Any) -> Offer:
    return dataclasses.replace(PLAIN, **terms)


REQUIRED, OPTIONAL, NOT_ASKED = AmountPolicy.REQUIRED, AmountPolicy.OPTIONAL, AmountPolicy.NOT_ASKED
OFF = {"kind": OfferKind.AMOUNT_OFF, "percent_off": None, "threshold_fen": 10_000, "off_fen": 2_000}
GIFT = {"kind": OfferKind.GIFT, "percent_off": None, "gift": {"zh": "小菜一份"}}
CAPPED = {"most_off_fen": 5_000}
FIXED = {"kind": OfferKind.FIXED_PRICE, "percent_off": None, "price_fen": 8_800}
MEMBER = {
    "kind": OfferKind.MEMBER_PRICE, "percent_off": None, "amount_policy": NOT_ASKED, "price_fen": 8_800,
    "list_fen": 12_800,
}  # fmt: skip
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
    # a percentage with a cap
    (CAPPED, 49_990, Saving(49_990, 4_999, 44_991)),
    (CAPPED, 50_000, Saving(50_000, 5_000, 45_000)),
    (CAPPED, 50_010, Saving(50_010, 5_000, 45_010)),
    (CAPPED, MAX_FEN, Saving(MAX_FEN, 5_000, MAX_FEN - 5_000)),
    # a fixed price, whatever the bill
    (FIXED, 8_800, Saving(8_800, 0, 8_800)),
    (FIXED, 8_801, Saving(8_801, 1, 8_800)),
    (FIXED, MAX_FEN, Saving(MAX_FEN, MAX_FEN - 8_800, 8_800)),
    (FIXED, 8_799, errors.BELOW_PRICE),
    (FIXED, None, errors.AMOUNT_MISSING),
    ({**FIXED, "amount_policy": OPTIONAL}, None, Saving(None, None, None)),
    # a member price is known without an amount
    (MEMBER, None, Saving(12_800, 4_000, 8_800)),
    # a budget: what is left just holds the saving, or is one fen short
    ({"budget_fen": 465}, 4650, Saving(4650, 465, 4185)),
    ({"budget_fen": 464}, 4650, errors.BUDGET_SPENT),
    ({"budget_fen": 10_000, "budget_spent_fen": 9_535}, 4650, Saving(4650, 465, 4185)),
    ({"budget_fen": 10_000, "budget_spent_fen": 9_536}, 4650, errors.BUDGET_SPENT),
    ({"budget_fen": 10_000, "budget_spent_fen": 9_999}, 4, Saving(4, 0, 4)),  # takes nothing off: costs nothing
    ({**CAPPED, "budget_fen": 5_000}, MAX_FEN, Saving(MAX_FEN, 5_000, MAX_FEN - 5_000)),
    ({**CAPPED, "budget_fen": 4_999}, MAX_FEN, errors.BUDGET_SPENT),
    ({**OFF, "budget_fen": 2_000}, 10_000, Saving(10_000, 2_000, 8_000)),
    ({**OFF, "budget_fen": 1_999}, 10_000, errors.BUDGET_SPENT),
    ({**OFF, "budget_fen": 1_999}, 9_999, errors.BELOW_THRESHOLD),
    ({**FIXED, "budget_fen": 1_200}, 10_000, Saving(10_000, 1_200, 8_800)),
    ({**FIXED, "budget_fen": 1_199}, 10_000, errors.BUDGET_SPENT),
    ({**MEMBER, "budget_fen": 4_000}, None, Saving(12_800, 4_000, 8_800)),
    ({**MEMBER, "budget_fen": 3_999}, None, errors.BUDGET_SPENT),
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
    (FIXED, -1, errors.AMOUNT_NEGATIVE),
    (MEMBER, 12_800, errors.AMOUNT_NOT_ASKED),
]


@pytest.mark.parametrize(("terms", "amount", "worth"), WORTH)
def test_a_bill_is_worth_what_the_terms_say(terms: dict[str, Any], amount: int | None, worth: Saving | str) -> None:
    found = saving(offer(**terms), amount)
    assert (found.code if isinstance(found, Refusal) else found) == worth


@pytest.mark.parametrize(("terms", "amount", "said"), NONSENSE)
def test_an_amount_that_cannot_be_is_invalid(terms: dict[str, Any], amount: int, said: str) -> None:
    with pytest.raises(Invalid) as raised:
        saving(offer(**terms), amount)
    assert (raised.value.code, raised.value.facts["field"]) == (said, "amount_fen")


def test_only_limits_have_windows() -> None:
    assert windows(offer(), day=TODAY) == []
    assert windows(offer(per_member_weekly=1, per_member_total=3), day=TODAY) == ["2026-W09", "all"]


@pytest.mark.parametrize(
    ("terms", "amount", "facts"),
    [
        (OFF, 9_945, {"threshold_fen": 10_000, "short_fen": 55}),
        (FIXED, 8_799, {"price_fen": 8_800}),
        ({"budget_fen": 100}, 100_000, {}),
        ({}, None, {}),
    ],
)
def test_a_bill_that_will_not_do_is_told_what_is_missing(
    terms: dict[str, Any], amount: int | None, facts: dict[str, Any]
) -> None:
    found = saving(offer(**terms), amount)
    assert isinstance(found, Refusal)
    assert found.facts == facts


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


COUNTS = st.integers(0, 5)
MOST = st.one_of(st.none(), st.integers(1, 5))


@given(st.builds(Uses, today=COUNTS, this_week=COUNTS, this_month=COUNTS, in_all=COUNTS), MOST, MOST, MOST, MOST)
def test_no_limit_is_ever_exceeded(
    uses: Uses, daily: int | None, weekly: int | None, monthly: int | None, total: int | None
) -> None:
    limited = offer(
        per_member_daily=daily, per_member_weekly=weekly, per_member_monthly=monthly, per_member_total=total
    )
    counted = ((daily, uses.today), (weekly, uses.this_week), (monthly, uses.this_month), (total, uses.in_all))
    full = any(limit is not None and used >= limit for limit, used in counted)
    assert (may_use(limited, WHO, uses=uses, moment=NOON) is not None) is full


@given(offers(), st.integers(1, MAX_FEN), st.integers(0, MAX_FEN), st.integers(0, MAX_FEN))
def test_no_budget_is_ever_exceeded(any_offer: Offer, amount: int, budget: int, spent: int) -> None:
    limited = dataclasses.replace(any_offer, budget_fen=budget, budget_spent_fen=min(spent, budget))
    asked = None if any_offer.amount_policy is NOT_ASKED else amount
    without, worth = saving(any_offer, asked), saving(limited, asked)
    if isinstance(without, Saving) and (without.saved_fen or 0) > budget - min(spent, budget):
        assert worth == Refusal(errors.BUDGET_SPENT)
    else:
        assert worth == without
