"""What is wrong with an event that somebody has written: each fault by its code and the field to mend."""

import dataclasses
import datetime
from typing import Any

import pytest

from services.core import forms
from services.core.forms.errors import LABEL_MISSING, SIGNS_UNSEEN
from services.events import errors as e
from services.events.faults import CAPACITY_MOST, faults, unready
from services.events.types import PRIVATE, Category, Eligibility, Kind, Mode, Quota, QuotaKind, Slot, Terms, Wave
from services.members.documents import Sex
from services.unions.types import TradeGroup, UnionPath

NOON = datetime.datetime(2026, 11, 21, 4, tzinfo=datetime.UTC)
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
TOWN, BELOW, BESIDE = UnionPath("0001.0002"), UnionPath("0001.0002.0003"), UnionPath("0001.0020")
SINGLE = Category(1, {"zh": "单打"})
TOTAL = Quota(0, QuotaKind.ALL, 10)
TERMS = Terms(
    kind=Kind.SPORT, title={"zh": "羽毛球"}, text={"zh": "带拍子。\n穿球鞋。"}, place={"zh": "文体中心"},
    starts_at=NOON + 7 * DAY, ends_at=NOON + 7 * DAY + 3 * HOUR, opens_at=NOON, closes_at=NOON + 5 * DAY,
    cancel_until=NOON + 6 * DAY, categories=(SINGLE,), quotas=(TOTAL,),
)  # fmt: skip
FIRST = Slot(1, TERMS.starts_at, TERMS.starts_at + HOUR)
LAST = Slot(2, TERMS.ends_at - HOUR, TERMS.ends_at)
PAIR = Category(2, {"zh": "混双"}, 2, 2, men=1, women=1)


def category(**changed: Any) -> dict[str, Any]:
    return {"categories": (dataclasses.replace(SINGLE, **changed),)}


def quota(kind: QuotaKind, capacity: int | None = 3, **of: Any) -> dict[str, Any]:
    return {"quotas": (TOTAL, Quota(1, kind, capacity, **of))}


def waves(*places: int, apart: datetime.timedelta = HOUR, first: datetime.timedelta = HOUR) -> dict[str, Any]:
    return {"waves": tuple(Wave(NOON + first + number * apart, count) for number, count in enumerate(places))}


GOOD: list[dict[str, Any]] = [
    {}, {"text": {"zh": ""}}, {"title": {"zh": "字" * 40, "en": "x" * 80}}, {"closes_at": TERMS.ends_at},
    {"cancel_until": TERMS.starts_at}, {"slots": (FIRST, LAST)}, {"categories": (SINGLE, PAIR)},
    category(least=20, most=20, men=10, women=10), category(children=2, child_from=3, child_to=3),
    category(guests=10), category(age_from=0, age_to=120), {"eligibility": Eligibility(union=TOWN)},
    {"eligibility": Eligibility(union=BELOW)}, {"eligibility": Eligibility(level=1), "series": "电工"},
    {"quotas": (dataclasses.replace(TOTAL, capacity=None),)}, {"quotas": (dataclasses.replace(TOTAL, capacity=0),)},
    quota(QuotaKind.CATEGORY, category=1), {**quota(QuotaKind.SLOT, slot=2), "slots": (FIRST, LAST)},
    quota(QuotaKind.UNION, union=BELOW), quota(QuotaKind.SEX, sex=Sex.FEMALE), quota(QuotaKind.AGE, ages=(18, 18)),
    quota(QuotaKind.TRADE, trades=frozenset({TradeGroup.RIDERS})), waves(4, 6), waves(10, first=0 * HOUR),
    {"mode": Mode.DRAW}, {"mode": Mode.APPROVAL, "quotas": (dataclasses.replace(TOTAL, capacity=None),)},
    {"waiting_most": 0, "offer_minutes": 10, "offers_end_minutes": 0}, {"series": "电工", "level": 1},
]  # fmt: skip

ASKS = forms.Form((forms.Question("ok", forms.Kind.CONSENT, {"zh": "我身体健康"}, required=True),))
NOTES = forms.Form((forms.Question("seat", forms.Kind.TEXT, {"zh": "座位"}, required=True, for_managers=True),))
GOOD += [
    {"kind": Kind.TRIP, "unit_entry": True, "form": NOTES}, {"form": ASKS},
    {"kind": Kind.CLINIC, "mode": Mode.APPROVAL, "form": ASKS}, {"kind": Kind.CHECKUP, **category(guests=1)},
]  # fmt: skip

BAD: list[tuple[dict[str, Any], str, str]] = [
    *(({"kind": kind, "unit_entry": True}, "unit_entry", e.PRIVATE_UNIT_ENTRY) for kind in PRIVATE),
    *(({"kind": kind, "mode": Mode.DRAW}, "mode", e.PRIVATE_DRAW) for kind in PRIVATE),
    *(({"kind": kind, "categories": (SINGLE, PAIR)}, "categories.1.most", e.PRIVATE_TEAMS) for kind in PRIVATE),
    ({"unit_entry": True, "form": ASKS}, "unit_entry", e.UNIT_ENTRY_ASKS),
    ({"title": {"zh": " "}}, "title", e.EVENT_TITLE_MISSING),
    ({"title": {"zh": "字" * 41}}, "title", e.WORDS_LONG),
    ({"title": {"zh": "球", "en": "x" * 81}}, "title", e.WORDS_LONG),
    ({"title": {"zh": "羽\n毛"}}, "title", SIGNS_UNSEEN),
    ({"text": {"zh": "a\x00"}}, "text", SIGNS_UNSEEN),
    ({"text": {"zh": "字" * 4001}}, "text", e.WORDS_LONG),
    ({"place": {"zh": ""}}, "place", e.PLACE_MISSING),
    ({"contact": "字" * 61}, "contact", e.WORDS_LONG),
    ({"ends_at": TERMS.starts_at}, "ends_at", e.ENDS_EARLY),
    ({"closes_at": TERMS.opens_at}, "closes_at", e.CLOSES_EARLY),
    ({"closes_at": TERMS.ends_at + HOUR}, "closes_at", e.CLOSES_LATE),
    ({"cancel_until": TERMS.starts_at + HOUR}, "cancel_until", e.CANCEL_LATE),
    ({"eligibility": Eligibility(union=BESIDE)}, "eligibility.union", e.UNION_OUTSIDE),
    ({"eligibility": Eligibility(union=UnionPath("0001"))}, "eligibility.union", e.UNION_OUTSIDE),
    ({"eligibility": Eligibility(age_from=40, age_to=30)}, "eligibility.age_from", e.AGES_ORDER),
    ({"eligibility": Eligibility(age_to=121)}, "eligibility.age_from", e.NUMBER_RANGE),
    ({"eligibility": Eligibility(level=1)}, "series", e.SERIES_MISSING),
    ({"eligibility": Eligibility(level=10), "series": "电工"}, "eligibility.level", e.NUMBER_RANGE),
    ({"categories": ()}, "categories", e.ROWS_RANGE),
    ({"categories": tuple(Category(n, {"zh": "组"}) for n in range(1, 22))}, "categories", e.ROWS_RANGE),
    ({"categories": (SINGLE, SINGLE)}, "categories", e.LIST_MALFORMED),
    (category(name={"zh": ""}), "categories.0.name", e.CATEGORY_UNNAMED),
    (category(key=0), "categories.0.key", e.NUMBER_RANGE),
    (category(least=0), "categories.0.most", e.NUMBER_RANGE),
    (category(most=21), "categories.0.most", e.NUMBER_RANGE),
    (category(least=3, most=2), "categories.0.most", e.ENTRY_SIZE),
    (category(most=2, men=2, women=1), "categories.0.men", e.SEXES_MANY),
    (category(men=-1), "categories.0.men", e.SEXES_MANY),
    (category(guests=11), "categories.0.guests", e.NUMBER_RANGE),
    (category(children=-1), "categories.0.children", e.NUMBER_RANGE),
    (category(children=1, child_from=9, child_to=8), "categories.0.child_from", e.AGES_ORDER),
    (category(age_from=-1), "categories.0.age_from", e.NUMBER_RANGE),
    ({"slots": (FIRST, FIRST)}, "slots", e.LIST_MALFORMED),
    ({"slots": tuple(dataclasses.replace(FIRST, key=n) for n in range(1, 62))}, "slots", e.ROWS_RANGE),
    ({"slots": (dataclasses.replace(FIRST, ends_at=FIRST.begins_at),)}, "slots.0.ends_at", e.ENDS_EARLY),
    ({"slots": (FIRST, dataclasses.replace(LAST, ends_at=TERMS.ends_at + HOUR))}, "slots.1.begins_at", e.SLOT_OUTSIDE),
    ({"quotas": ()}, "quotas", e.LIST_MALFORMED),
    ({"quotas": (TOTAL, TOTAL)}, "quotas", e.LIST_MALFORMED),
    ({"quotas": (TOTAL, Quota(1, QuotaKind.ALL, 3))}, "quotas", e.LIST_MALFORMED),
    ({"quotas": (Quota(0, QuotaKind.SEX, 3, sex=Sex.MALE),)}, "quotas", e.LIST_MALFORMED),
    ({"quotas": (TOTAL, Quota(2, QuotaKind.SEX, 3, sex=Sex.MALE))}, "quotas", e.LIST_MALFORMED),
    ({"quotas": (dataclasses.replace(TOTAL, capacity=CAPACITY_MOST + 1),)}, "quotas.0.capacity", e.NUMBER_RANGE),
    (quota(QuotaKind.SEX, -1, sex=Sex.MALE), "quotas.1.capacity", e.NUMBER_RANGE),
    (quota(QuotaKind.SEX, None, sex=Sex.MALE), "quotas.1.capacity", e.CAPACITY_MISSING),
    (quota(QuotaKind.SEX), "quotas.1.of", e.QUOTA_OF_NOBODY),
    (quota(QuotaKind.CATEGORY, category=2), "quotas.1.of", e.QUOTA_OF_NOBODY),
    (quota(QuotaKind.SLOT, slot=1), "quotas.1.of", e.QUOTA_OF_NOBODY),
    (quota(QuotaKind.TRADE), "quotas.1.of", e.QUOTA_OF_NOBODY),
    (quota(QuotaKind.UNION, union=BESIDE), "quotas.1.of", e.UNION_OUTSIDE),
    (quota(QuotaKind.AGE, ages=(30, 20)), "quotas.1.of", e.AGES_ORDER),
    (
        {"mode": Mode.DRAW, "quotas": (dataclasses.replace(TOTAL, capacity=None),)},
        "quotas.0.capacity",
        e.DRAW_UNCOUNTED,
    ),
    ({"mode": Mode.DRAW, **waves(10)}, "waves", e.WAVES_NEEDLESS),
    ({"mode": Mode.APPROVAL, **waves(10)}, "waves", e.WAVES_NEEDLESS),
    ({"quotas": (dataclasses.replace(TOTAL, capacity=None),), **waves(10)}, "waves", e.WAVES_UNCOUNTED),
    (waves(10, 0), "waves", e.NUMBER_RANGE),
    (waves(5, 5, apart=0 * HOUR), "waves", e.WAVES_ORDER),
    (waves(5, 5, apart=6 * DAY), "waves", e.WAVES_OUTSIDE),
    (waves(5, 5, first=-HOUR), "waves", e.WAVES_OUTSIDE),
    (waves(5, 4), "waves", e.WAVES_SUM),
    ({"waiting_most": -1}, "waiting_most", e.NUMBER_RANGE),
    ({"offer_minutes": 9}, "offer_minutes", e.NUMBER_RANGE),
    ({"offer_minutes": 7 * 24 * 60 + 1}, "offer_minutes", e.NUMBER_RANGE),
    ({"offers_end_minutes": -1}, "offers_end_minutes", e.NUMBER_RANGE),
    (
        {"form": forms.Form((forms.Question("size", forms.Kind.TEXT, {"zh": ""}),))},
        "questions.0.label",
        LABEL_MISSING,
    ),
    ({"series": "字" * 41}, "series", e.WORDS_LONG),
    ({"level": 1}, "series", e.SERIES_MISSING),
    ({"series": "电工", "level": 0}, "level", e.NUMBER_RANGE),
]


@pytest.mark.parametrize("terms", GOOD)
def test_what_makes_sense_has_no_fault(terms: dict[str, Any]) -> None:
    assert faults(dataclasses.replace(TERMS, **terms), union=TOWN) == []


@pytest.mark.parametrize(("terms", "field", "code"), BAD)
def test_each_fault_stands_at_its_field(terms: dict[str, Any], field: str, code: str) -> None:
    found = faults(dataclasses.replace(TERMS, **terms), union=TOWN)
    assert [(one.facts["field"], one.code) for one in found] == [(field, code)]


def test_all_faults_are_said_at_once_in_the_order_of_the_form() -> None:
    terms = dataclasses.replace(TERMS, title={"zh": ""}, ends_at=TERMS.starts_at, waiting_most=-1)
    found = [str(one.facts["field"]) for one in faults(terms, union=TOWN)]
    assert found == ["title", "ends_at", "waiting_most"]


def test_nobody_can_sign_up_for_what_has_closed_or_has_no_place() -> None:
    assert unready(TERMS, now=TERMS.closes_at - HOUR) == []
    found = unready(dataclasses.replace(TERMS, quotas=(dataclasses.replace(TOTAL, capacity=0),)), now=TERMS.closes_at)
    assert [one.facts["field"] for one in found] == ["closes_at", "quotas.0.capacity"]
