"""What the demo's unions put on: each event's words and terms, its times by the day on which the demo is prepared."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.demo_data import places
from app.demo_data.events_words import WORDS, Words
from app.demo_data.fronts import place as point
from services.core import forms
from services.core.calendar import day_start, local_date
from services.core.forms import Form, Question
from services.events.types import (
    Category,
    Eligibility,
    Joining,
    Kind,
    Mode,
    Once,
    Quota,
    QuotaKind,
    Slot,
    Terms,
    Unit,
    Wave,
)
from services.members.documents import Sex
from services.unions.types import UnionPath

HOUR = datetime.timedelta(hours=1)
SERIES = "急救"
ALONE = (Category(1, {"zh": "个人", "en": "On your own"}),)
WOMEN, MEN = 1, 2
"""Ordinals of the quotas of the social."""


@dataclass(frozen=True)
class Days:
    """Times of days around the one on which the demo is prepared."""

    now: datetime.datetime

    def at(self, days: int, time: str) -> datetime.datetime:
        """At this time in China, so many days from today."""
        hour, minute = map(int, time.split(":"))
        midnight = day_start(local_date(self.now) + datetime.timedelta(days=days))
        return midnight + datetime.timedelta(hours=hour, minutes=minute)

    def coming(self, time: str, after: datetime.datetime) -> datetime.datetime:
        """The next time that it is so late."""
        at = self.at(0, time)
        while at <= after:
            at += datetime.timedelta(days=1)
        return at

    def half_hour(self, hours: float) -> datetime.datetime:
        """About so many hours from now, at a half or full hour."""
        at = self.now + hours * HOUR
        return at.replace(minute=30 * (at.minute // 30), second=0, microsecond=0)


def total(places_: int | None, unit: Unit = Unit.PEOPLE) -> Quota:
    return Quota(0, QuotaKind.ALL, places_, unit)


def terms(key: str, **given: Any) -> Terms:
    """`days`: opening and closing, beginning and end, and until when one may cancel; `places_` without `quotas`."""
    words: Words = WORDS[key]
    opens_at, closes_at, starts_at, ends_at, cancel_until = given.pop("times")
    return Terms(
        title={"zh": words.title[0], "en": words.title[1]},
        text={"zh": words.text[0], "en": words.text[1]},
        place={"zh": words.place[0], "en": words.place[1]},
        point=point(words.place[0], len(key)),
        contact=words.contact,
        opens_at=opens_at, closes_at=closes_at, starts_at=starts_at, ends_at=ends_at, cancel_until=cancel_until,
        **{"categories": ALONE, "quotas": (total(given.pop("places_", None)),), **given},
    )  # fmt: skip


def _first_aid(days: Days, _own: UnionPath, _other: UnionPath) -> Terms:
    times = days.at(-30, "09:00"), days.at(-13, "18:00"), days.at(-12, "09:00"), days.at(-12, "16:30")
    return terms(
        "first_aid", kind=Kind.TRAINING, times=(*times, days.at(-14, "18:00")), places_=30, series=SERIES, level=1
    )


def _puppets(days: Days, _own: UnionPath, _other: UnionPath) -> Terms:
    times = days.at(-32, "09:00"), days.at(-22, "18:00"), days.at(-9, "19:00"), days.at(-9, "20:30")
    return terms("puppets", kind=Kind.SHOW, times=(*times, days.at(-11, "18:00")), mode=Mode.DRAW, places_=18)


def _orchard(days: Days, _own: UnionPath, _other: UnionPath) -> Terms:
    times = days.at(-9, "12:00"), days.at(3, "18:00"), days.at(6, "08:00"), days.at(6, "17:00")
    return terms("orchard", kind=Kind.TRIP, times=(*times, days.at(4, "18:00")), places_=45)


def _badminton(days: Days, _own: UnionPath, _other: UnionPath) -> Terms:
    times = days.at(-6, "12:00"), days.at(9, "18:00"), days.at(15, "08:30"), days.at(16, "17:30")
    categories = (
        Category(1, {"zh": "男子单打", "en": "Men's singles"}, sex=Sex.MALE),
        Category(2, {"zh": "女子单打", "en": "Women's singles"}, sex=Sex.FEMALE),
        Category(3, {"zh": "混合双打", "en": "Mixed doubles"}, 2, 2, men=1, women=1),
    )
    quotas = [
        Quota(key, QuotaKind.CATEGORY, size, Unit.ENTRIES, category=key) for key, size in ((1, 32), (2, 32), (3, 24))
    ]
    return terms(
        "badminton", kind=Kind.SPORT, times=(*times, days.at(12, "18:00")), categories=categories,
        quotas=(total(None), *quotas), once=Once.CATEGORY, waiting_most=20,
    )  # fmt: skip


def _tug_of_war(days: Days, _own: UnionPath, _other: UnionPath) -> Terms:
    times = days.at(-8, "09:00"), days.at(5, "18:00"), days.at(10, "09:00"), days.at(10, "16:00")
    team = Category(1, {"zh": "八人队（至少三名女职工）", "en": "Team of eight, three women at least"}, 8, 10, women=3)
    return terms(
        "tug_of_war", kind=Kind.SPORT, times=(*times, days.at(7, "18:00")), categories=(team,),
        quotas=(total(16, Unit.ENTRIES),), joining=Joining.VOUCHED, unit_entry=True,
    )  # fmt: skip


def _pottery(days: Days, _own: UnionPath, _other: UnionPath) -> Terms:
    times = days.at(-5, "20:00"), days.at(4, "20:00"), days.at(8, "13:30"), days.at(8, "17:30")
    promise = Question(
        "single", forms.Kind.CONSENT, required=True,
        label={"zh": "我现在单身，愿意认真认识人", "en": "I am single and here in earnest"},
    )  # fmt: skip
    hope = Question(
        "hobby", forms.Kind.TEXT, {"zh": "平时喜欢做什么", "en": "What do you like to do"},
        {"zh": "分组时参考，只有主办工会能看到", "en": "For the groups; only the organiser reads it"}, most=60,
    )  # fmt: skip
    quotas = (
        total(24),
        Quota(WOMEN, QuotaKind.SEX, 12, sex=Sex.FEMALE),
        Quota(MEN, QuotaKind.SEX, 12, sex=Sex.MALE),
    )
    return terms(
        "pottery", kind=Kind.SOCIAL, times=(*times, days.at(6, "18:00")), quotas=quotas,
        eligibility=Eligibility(age_from=22, age_to=45), form=Form((promise, hope)),
    )  # fmt: skip


def _calligraphy(days: Days, _own: UnionPath, _other: UnionPath) -> Terms:
    times = days.at(-12, "09:00"), days.at(8, "24:00"), days.at(22, "09:00"), days.at(29, "17:00")
    categories = (Category(1, {"zh": "毛笔", "en": "Brush"}), Category(2, {"zh": "硬笔", "en": "Pen"}))
    work = Question(
        "work", forms.Kind.FILE, {"zh": "作品照片", "en": "Photo of the work"}, required=True,
        hint={"zh": "拍清楚整幅作品", "en": "All of it, and sharp"},
    )  # fmt: skip
    says = Question("says", forms.Kind.TEXT, {"zh": "写的是什么", "en": "What it says"}, required=True, most=60)
    return terms(
        "calligraphy", kind=Kind.CONTEST, times=(*times, days.at(15, "18:00")), mode=Mode.APPROVAL,
        categories=categories, places_=60, form=Form((says, work), keep_days=180),
    )  # fmt: skip


def _labour_law(days: Days, _own: UnionPath, _other: UnionPath) -> Terms:
    starts_at = days.at(1, "19:00")
    times = days.at(-7, "12:00"), starts_at - HOUR, starts_at, days.at(1, "21:00"), days.at(1, "12:00")
    return terms("labour_law", kind=Kind.LECTURE, times=times, places_=80, walk_ins=True)


def _clinic(days: Days, _own: UnionPath, other: UnionPath) -> Terms:
    times = days.at(-3, "12:00"), days.at(3, "18:00"), days.at(5, "13:30"), days.at(5, "17:00")
    return terms(
        "clinic",
        kind=Kind.CLINIC,
        times=(*times, days.at(4, "12:00")),
        places_=30,
        eligibility=Eligibility(union=other),
    )


def _checkup(days: Days, _own: UnionPath, _other: UnionPath) -> Terms:
    starts_at = days.at(12, "07:30")
    times = days.at(-4, "12:00"), days.at(7, "18:00"), starts_at, days.at(12, "10:30"), days.at(10, "18:00")
    slots = tuple(Slot(key, starts_at + (key - 1) * HOUR / 2, starts_at + key * HOUR / 2) for key in range(1, 7))
    quotas = (total(36), *(Quota(one.key, QuotaKind.SLOT, 6, slot=one.key) for one in slots))
    before = Question(
        "fasting", forms.Kind.CONSENT, required=True,
        label={"zh": "我知道前一天晚上十点以后不吃东西", "en": "I know: nothing to eat after ten the night before"},
    )  # fmt: skip
    return terms("checkup", kind=Kind.CHECKUP, times=times, slots=slots, quotas=quotas, form=Form((before,)))


def _rescuers(days: Days, _own: UnionPath, _other: UnionPath) -> Terms:
    times = days.at(-6, "09:00"), days.at(6, "18:00"), days.at(13, "08:30"), days.at(14, "17:00")
    return terms(
        "rescuers", kind=Kind.TRAINING, times=(*times, days.at(10, "18:00")), mode=Mode.APPROVAL, places_=12,
        series=SERIES, level=2, eligibility=Eligibility(level=1),
    )  # fmt: skip


def _farm(days: Days, _own: UnionPath, _other: UnionPath) -> Terms:
    times = days.at(-6, "20:00"), days.at(5, "20:00"), days.at(9, "08:00"), days.at(9, "16:30")
    family = Category(
        1, {"zh": "家庭", "en": "Family"}, guests=1, children=2, child_from=4, child_to=14
    )  # fmt: skip
    allergy = Question(
        "food", forms.Kind.TEXT, {"zh": "有没有不能吃的", "en": "Anything you cannot eat"}, most=60
    )  # fmt: skip
    return terms(
        "farm", kind=Kind.TRIP, times=(*times, days.at(7, "18:00")), categories=(family,), places_=45,
        form=Form((allergy,)),
    )  # fmt: skip


def _play(days: Days, _own: UnionPath, _other: UnionPath) -> Terms:
    times = days.at(-4, "09:00"), days.at(3, "18:00"), days.at(11, "19:30"), days.at(11, "21:30")
    pair = (Category(1, {"zh": "每人可带一位家属", "en": "With one guest, if you like"}, guests=1),)
    return terms(
        "play", kind=Kind.SHOW, times=(*times, days.at(8, "18:00")), mode=Mode.DRAW, places_=40, categories=pair
    )


def _magic(days: Days, _own: UnionPath, _other: UnionPath) -> Terms:
    times = days.at(-10, "09:00"), days.half_hour(-1), days.at(6, "19:30"), days.at(6, "21:00")
    return terms("magic", kind=Kind.SHOW, times=(*times, days.at(4, "18:00")), mode=Mode.DRAW, places_=20)


def _lake(days: Days, _own: UnionPath, _other: UnionPath) -> Terms:
    opens_at = days.at(-1, "12:00")
    evening = days.coming("20:00", days.now)
    waves = Wave(opens_at, 12), Wave(evening, 12), Wave(days.coming("23:00", evening), 12)
    times = opens_at, days.at(10, "18:00"), days.at(20, "08:00"), days.at(22, "16:00"), days.at(15, "18:00")
    return terms("lake", kind=Kind.TRIP, times=times, waves=waves, places_=36)


def _yoga(days: Days, _own: UnionPath, _other: UnionPath) -> Terms:
    times = days.at(-4, "12:00"), days.at(5, "18:00"), days.at(7, "18:30"), days.at(7, "20:00")
    return terms("yoga", kind=Kind.SPORT, times=(*times, days.at(6, "12:00")), places_=20)


def _chess(days: Days, _own: UnionPath, _other: UnionPath) -> Terms:
    starts_at, ends_at = days.half_hour(-1), days.half_hour(3)
    times = days.at(-9, "12:00"), starts_at, starts_at, ends_at, starts_at - 24 * HOUR
    return terms("chess", kind=Kind.SPORT, times=times, places_=32, walk_ins=True)


def _film(days: Days, own: UnionPath, _other: UnionPath) -> Terms:
    times = days.at(1, "12:00"), days.at(8, "18:00"), days.at(10, "18:30"), days.at(10, "21:00")
    return terms(
        "film", kind=Kind.SHOW, times=(*times, days.at(9, "18:00")), places_=50, eligibility=Eligibility(union=own)
    )


def _singers(days: Days, _own: UnionPath, _other: UnionPath) -> Terms:
    times = days.at(7, "09:00"), days.at(25, "18:00"), days.at(40, "14:00"), days.at(40, "17:30")
    return terms("singers", kind=Kind.CONTEST, times=(*times, days.at(35, "18:00")), places_=30)


FEDERATION, OWN_TOWN, OTHER_TOWN, OWN_UNION = "", places.PERSONA_TOWN[0], places.OTHER_TOWN[0], "own"


@dataclass(frozen=True)
class Plan:
    """`by`: who puts it on. `terms_of` takes the days, the path of the persona's union and that of the other town."""

    by: str
    terms_of: Callable[[Days, UnionPath, UnionPath], Terms]


PLANS: dict[str, Plan] = {
    "first_aid": Plan(FEDERATION, _first_aid),
    "puppets": Plan(FEDERATION, _puppets),
    "orchard": Plan(OWN_TOWN, _orchard),
    "badminton": Plan(FEDERATION, _badminton),
    "tug_of_war": Plan(FEDERATION, _tug_of_war),
    "pottery": Plan(FEDERATION, _pottery),
    "calligraphy": Plan(FEDERATION, _calligraphy),
    "labour_law": Plan(OWN_TOWN, _labour_law),
    "clinic": Plan(OTHER_TOWN, _clinic),
    "checkup": Plan(FEDERATION, _checkup),
    "rescuers": Plan(FEDERATION, _rescuers),
    "farm": Plan(FEDERATION, _farm),
    "play": Plan(FEDERATION, _play),
    "magic": Plan(FEDERATION, _magic),
    "lake": Plan(FEDERATION, _lake),
    "yoga": Plan(OWN_TOWN, _yoga),
    "chess": Plan(OWN_TOWN, _chess),
    "film": Plan(OWN_UNION, _film),
    "singers": Plan(FEDERATION, _singers),
}
