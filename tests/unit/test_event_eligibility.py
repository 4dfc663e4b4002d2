"""Who may enter, what makes an entry, and which places it takes."""

import dataclasses
import datetime
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.errors import Refusal
from services.events import eligibility, errors
from services.events.types import Category, Companion, Eligibility, Entrant, Quota, QuotaKind, Role, Unit
from services.members.documents import Sex
from services.members.types import MemberId, Standing
from services.unions.types import TradeGroup, UnionPath
from tests.unit.test_event_rules import CLOSES, DAY, OPENS, TICK, event, terms

TODAY = datetime.date(2027, 3, 1)
ONE = Category(1, {"zh": "个人"})
TOWN = UnionPath("fed.town")
FACTORY, SERVICES = list(TradeGroup)[:2]


def entrant(number: int = 1, **said: Any) -> Entrant:
    given = {
        "member_id": MemberId(uuid.UUID(int=number)), "name": "陈静", "union_path": UnionPath("fed.town.a"),
        "standing": Standing.ACTIVE, "sex": Sex.FEMALE, "born_on": datetime.date(1997, 2, 28), "trade": FACTORY, **said,
    }  # fmt: skip
    return Entrant(**given)


def asked(rule: Eligibility | None = None, category: Category = ONE, **record: Any) -> Refusal | None:
    written = terms(eligibility=rule or Eligibility(), series="电工")
    return eligibility.eligible(written, category, entrant(**record), today=TODAY)


@pytest.mark.parametrize(
    ("now", "said", "code", "fact"),
    [
        (OPENS - TICK, {}, errors.SIGN_UP_NOT_OPEN, OPENS), (OPENS, {}, None, None), (CLOSES - TICK, {}, None, None),
        (CLOSES, {}, errors.SIGN_UP_OVER, CLOSES), (OPENS, {"cancelled": True}, errors.EVENT_CANCELLED, None),
        (CLOSES + DAY, {"cancelled": True}, errors.EVENT_CANCELLED, None),
    ],
)  # fmt: skip
def test_sign_up_is_open_from_its_first_instant_to_its_last(
    now: datetime.datetime, said: dict[str, Any], code: str | None, fact: datetime.datetime | None
) -> None:
    refusal = eligibility.open_now(event(**said), now)
    facts = {"at": fact.isoformat()} if fact else {}
    assert refusal == (None if code is None else Refusal(code, facts))


def test_what_is_drawn_takes_no_more_entries() -> None:
    refusal = eligibility.open_now(dataclasses.replace(event(), drawn_at=OPENS), OPENS)
    assert refusal is not None and refusal.code == errors.SIGN_UP_OVER


def test_no_rule_lets_everybody_in_of_whom_nothing_is_known() -> None:
    assert asked(sex=None, born_on=None, trade=None) is None


@pytest.mark.parametrize(
    ("rule", "record", "refusal"),
    [
        (Eligibility(union=TOWN), {}, None),
        (Eligibility(union=TOWN), {"union_path": TOWN}, None),
        (Eligibility(union=TOWN), {"union_path": UnionPath("fed.town2")}, Refusal(errors.EVENT_NOT_FOR_UNION)),
        (Eligibility(union=TOWN), {"union_path": UnionPath("fed")}, Refusal(errors.EVENT_NOT_FOR_UNION)),
        (Eligibility(standings=frozenset({Standing.ACTIVE})), {}, None),
        (
            Eligibility(standings=frozenset({Standing.ACTIVE})), {"standing": Standing.LEFT},
            Refusal(errors.EVENT_NOT_FOR_STANDING, {"standing": Standing.LEFT}),
        ),
        (Eligibility(trades=frozenset({FACTORY})), {}, None),
        (Eligibility(trades=frozenset({SERVICES})), {}, Refusal(errors.EVENT_NOT_FOR_TRADE)),
        (Eligibility(trades=frozenset({SERVICES})), {"trade": None}, Refusal(errors.EVENT_NOT_FOR_TRADE)),
        (Eligibility(sex=Sex.FEMALE), {}, None),
        (Eligibility(sex=Sex.MALE), {}, Refusal(errors.EVENT_NOT_FOR_SEX, {"sex": Sex.MALE})),
        (Eligibility(sex=Sex.MALE), {"sex": None}, Refusal(errors.SEX_UNKNOWN)),
        (Eligibility(age_from=30, age_to=30), {}, None),
        (Eligibility(age_from=31), {}, Refusal(errors.TOO_YOUNG, {"least": 31, "age": 30})),
        (Eligibility(age_to=29), {}, Refusal(errors.TOO_OLD, {"most": 29, "age": 30})),
        (Eligibility(age_to=29), {"born_on": datetime.date(1997, 3, 2)}, None),
        (Eligibility(age_from=0), {"born_on": None}, Refusal(errors.BIRTH_UNKNOWN)),
        (Eligibility(level=2), {"levels": {"电工": 2}}, None),
        (Eligibility(level=2), {"levels": {"电工": 1}}, Refusal(errors.LEVEL_MISSING, {"level": 2, "series": "电工"})),
        (Eligibility(level=1), {"levels": {"焊工": 3}}, Refusal(errors.LEVEL_MISSING, {"level": 1, "series": "电工"})),
    ],
)  # fmt: skip
def test_each_rule_of_the_event_says_its_own_no(
    rule: Eligibility, record: dict[str, Any], refusal: Refusal | None
) -> None:
    assert asked(rule, **record) == refusal


@pytest.mark.parametrize(
    ("category", "record", "code"),
    [
        ({"sex": Sex.MALE}, {}, errors.EVENT_NOT_FOR_SEX), ({"sex": Sex.MALE}, {"sex": None}, errors.SEX_UNKNOWN),
        ({"age_from": 31}, {}, errors.TOO_YOUNG), ({"age_to": 29}, {}, errors.TOO_OLD),
        ({"age_to": 29}, {"born_on": None}, errors.BIRTH_UNKNOWN), ({"age_from": 30, "age_to": 30}, {}, None),
    ],
)  # fmt: skip
def test_a_category_has_rules_of_its_own(category: dict[str, Any], record: dict[str, Any], code: str | None) -> None:
    refusal = asked(category=Category(1, {"zh": "男单"}, **category), **record)
    assert (refusal.code if refusal else None) == code


def test_a_pause_is_said_with_its_end() -> None:
    assert asked(paused_until=CLOSES) == Refusal(errors.SIGN_UP_PAUSED, {"at": CLOSES.isoformat()})


def test_of_several_reasons_the_first_is_said_and_each_that_is_mended_uncovers_the_next() -> None:
    rule = Eligibility(
        union=TOWN, standings=frozenset({Standing.ACTIVE}), trades=frozenset({SERVICES}), sex=Sex.MALE, age_from=40,
        level=1,
    )  # fmt: skip
    category = Category(1, {"zh": "男单"}, sex=Sex.MALE, age_from=45)
    record: dict[str, Any] = {
        "union_path": UnionPath("fed.other"), "standing": Standing.LEFT, "paused_until": CLOSES,
    }  # fmt: skip
    mended: list[tuple[str, dict[str, Any]]] = [
        (errors.EVENT_NOT_FOR_UNION, {"union_path": TOWN}),
        (errors.EVENT_NOT_FOR_STANDING, {"standing": Standing.ACTIVE}),
        (errors.EVENT_NOT_FOR_TRADE, {"trade": SERVICES}),
        (errors.EVENT_NOT_FOR_SEX, {"sex": Sex.MALE}),
        (errors.TOO_YOUNG, {"born_on": datetime.date(1985, 1, 1)}),
        (errors.TOO_YOUNG, {"born_on": datetime.date(1980, 1, 1)}),
        (errors.LEVEL_MISSING, {"levels": {"电工": 3}}),
        (errors.SIGN_UP_PAUSED, {"paused_until": None}),
    ]
    for code, mending in mended:
        refusal = asked(rule, category, **record)
        assert refusal is not None and refusal.code == code
        record |= mending
    assert asked(rule, category, **record) is None


GUEST = Companion(Role.GUEST, "王伟")
CHILD = Companion(Role.CHILD, "小雨", datetime.date(2019, 3, 1))
MAN, WOMAN, UNSAID = ({"sex": sex} for sex in (Sex.MALE, Sex.FEMALE, None))
MIXED = {"least": 2, "most": 2, "men": 1, "women": 1}
FAMILY = {"guests": 1, "children": 2, "child_from": 6, "child_to": 8}


@pytest.mark.parametrize(
    ("category", "members", "companions", "refusal"),
    [
        ({}, [{}], [], None),
        (MIXED, [MAN, WOMAN], [], None),
        (MIXED, [MAN], [], Refusal(errors.TOO_FEW_MATES, {"least": 2, "count": 1})),
        (MIXED, [MAN, WOMAN, MAN], [], Refusal(errors.TOO_MANY_MATES, {"most": 2, "count": 3})),
        (MIXED, [MAN, MAN], [], Refusal(errors.WOMEN_MISSING, {"least": 1})),
        (MIXED, [WOMAN, WOMAN], [], Refusal(errors.MEN_MISSING, {"least": 1})),
        (MIXED, [WOMAN, UNSAID], [], Refusal(errors.MEN_MISSING, {"least": 1})),
        ({"least": 3, "most": 5}, [MAN] * 3, [], None),
        ({"least": 3, "most": 5}, [MAN] * 5, [], None),
        ({"least": 3, "most": 5}, [MAN] * 2, [], Refusal(errors.TOO_FEW_MATES, {"least": 3, "count": 2})),
        ({}, [{}], [GUEST], Refusal(errors.TOO_MANY_GUESTS, {"most": 0})),
        ({}, [{}], [CHILD], Refusal(errors.TOO_MANY_CHILDREN, {"most": 0})),
        (FAMILY, [{}], [GUEST, CHILD, CHILD], None),
        (FAMILY, [{}], [GUEST, GUEST], Refusal(errors.TOO_MANY_GUESTS, {"most": 1})),
        (FAMILY, [{}], [CHILD] * 3, Refusal(errors.TOO_MANY_CHILDREN, {"most": 2})),
        (FAMILY, [{}], [Companion(Role.GUEST, "")], Refusal(errors.COMPANION_NAME)),
        (FAMILY, [{}], [Companion(Role.CHILD, "小雨")], Refusal(errors.CHILD_BIRTH_MISSING)),
    ],
)  # fmt: skip
def test_what_makes_an_entry(
    category: dict[str, int], members: list[dict[str, Any]], companions: list[Companion], refusal: Refusal | None
) -> None:
    people = [entrant(number, **one) for number, one in enumerate(members, start=1)]
    found = eligibility.composed(
        Category(1, {"zh": "组"}, **category), people, companions, on=datetime.date(2027, 3, 1)
    )
    assert found == refusal


def test_one_person_makes_no_pair() -> None:
    refusal = eligibility.composed(Category(1, {"zh": "双打"}, 2, 2), [entrant(), entrant()], [], on=TODAY)
    assert refusal == Refusal(errors.MATE_TWICE)


@pytest.mark.parametrize(
    ("born_on", "fits"),
    [("2021-03-01", True), ("2021-03-02", False), ("2018-03-02", True), ("2018-03-01", False), ("2027-06-01", False)],
)
def test_a_child_is_as_old_as_on_the_day_of_the_event(born_on: str, fits: bool) -> None:
    child = Companion(Role.CHILD, "小雨", datetime.date.fromisoformat(born_on))
    found = eligibility.composed(
        Category(1, {"zh": "亲子"}, **FAMILY), [entrant()], [child], on=datetime.date(2027, 3, 1)
    )
    assert found == (None if fits else Refusal(errors.CHILD_AGE, {"least": 6, "most": 8}))


def counted(quota: Quota, members: list[dict[str, Any]], companions: tuple[Companion, ...] = ()) -> int:
    people = [entrant(number, **one) for number, one in enumerate(members, start=1)]
    found = eligibility.counts(
        [quota], category=1, slot=2, members=people, companions=companions, today=datetime.date(2027, 3, 1)
    )
    assert 0 not in found.values(), "what is not taken is not listed"
    return found.get(quota.ordinal, 0)


BABY = Companion(Role.CHILD, "小雪", datetime.date(2026, 1, 1))
ELSEWHERE = {"union_path": UnionPath("fed.b"), "trade": SERVICES, "born_on": datetime.date(1960, 1, 1)}


@pytest.mark.parametrize(
    ("quota", "members", "companions", "people"),
    [
        ({"kind": QuotaKind.ALL}, [{}], (), 1), ({"kind": QuotaKind.ALL}, [MAN, WOMAN], (GUEST, BABY), 4),
        ({"kind": QuotaKind.CATEGORY, "category": 1}, [{}, {}], (GUEST,), 3),
        ({"kind": QuotaKind.CATEGORY, "category": 2}, [{}, {}], (GUEST,), 0),
        ({"kind": QuotaKind.SLOT, "slot": 2}, [{}], (BABY,), 2), ({"kind": QuotaKind.SLOT, "slot": 1}, [{}], (), 0),
        ({"kind": QuotaKind.UNION, "union": TOWN}, [{}, ELSEWHERE], (GUEST, BABY), 3),
        ({"kind": QuotaKind.UNION, "union": TOWN}, [ELSEWHERE, {}], (GUEST, BABY), 1),
        ({"kind": QuotaKind.UNION, "union": UnionPath("fed.to")}, [{}], (), 0),
        ({"kind": QuotaKind.SEX, "sex": Sex.MALE}, [MAN, WOMAN, MAN, UNSAID], (GUEST, BABY), 2),
        ({"kind": QuotaKind.SEX, "sex": Sex.FEMALE}, [MAN, UNSAID], (GUEST,), 0),
        ({"kind": QuotaKind.TRADE, "trades": frozenset({FACTORY})}, [{}, ELSEWHERE], (GUEST,), 2),
        ({"kind": QuotaKind.TRADE, "trades": frozenset({FACTORY})}, [{"trade": None}], (GUEST,), 0),
        ({"kind": QuotaKind.AGE, "ages": (30, 30)}, [{}, ELSEWHERE, {"born_on": None}], (GUEST, BABY), 1),
        ({"kind": QuotaKind.AGE, "ages": (0, 6)}, [{}], (BABY, CHILD, GUEST), 1),
        ({"kind": QuotaKind.AGE, "ages": (1, 8)}, [{}], (BABY, CHILD, GUEST), 2),
        ({"kind": QuotaKind.AGE, "ages": (31, 99)}, [{}], (BABY,), 0),
    ],
)  # fmt: skip
def test_a_quota_counts_its_own_as_people_or_as_one_entry(
    quota: dict[str, Any], members: list[dict[str, Any]], companions: tuple[Companion, ...], people: int
) -> None:
    by_people = Quota(ordinal=4, capacity=9, **quota)
    assert counted(by_people, members, companions) == people
    assert counted(dataclasses.replace(by_people, unit=Unit.ENTRIES), members, companions) == min(people, 1)


_records = st.builds(
    entrant,
    st.integers(1, 9),
    sex=st.none() | st.sampled_from(Sex),
    trade=st.none() | st.sampled_from(TradeGroup),
    union_path=st.sampled_from(["fed", "fed.town", "fed.town.a", "fed.townb"]).map(UnionPath),
    born_on=st.none() | st.dates(datetime.date(1950, 1, 1), datetime.date(2010, 1, 1)),
)


@given(
    members=st.lists(_records, min_size=1, max_size=5),
    companions=st.lists(st.sampled_from([GUEST, CHILD, BABY]), max_size=3),
)
def test_quotas_that_split_people_count_each_once_and_none_more_than_the_total(
    members: list[Entrant], companions: list[Companion]
) -> None:
    quotas = [
        Quota(0, QuotaKind.ALL, 9),
        *(Quota(at, QuotaKind.SEX, 9, sex=sex) for at, sex in enumerate(Sex, 1)),
        *(Quota(at, QuotaKind.AGE, 9, ages=ages) for at, ages in enumerate(((0, 29), (30, 59), (60, 120)), 10)),
        *(Quota(at, QuotaKind.TRADE, 9, trades=frozenset({one})) for at, one in enumerate(TradeGroup, 20)),
    ]
    found = eligibility.counts(quotas, category=1, slot=None, members=members, companions=companions, today=TODAY)
    assert found[0] == len(members) + len(companions) == max(found.values())
    assert sum(found.get(at, 0) for at in (1, 2)) == sum(one.sex is not None for one in members)
    aged = sum(one.born_on is not None for one in [*members, *companions])
    assert sum(found.get(at, 0) for at in (10, 11, 12)) == aged
    with_trade = sum(one.trade is not None for one in members) + len(companions) * (members[0].trade is not None)
    assert sum(count for at, count in found.items() if at >= 20) == with_trade
