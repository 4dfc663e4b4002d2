"""What an officer puts on most often, as terms to begin with: only title, place, day and places are left to fill."""

import datetime
from collections.abc import Callable
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _

from services.core import forms
from services.core.calendar import DAY, SATURDAY, SHANGHAI, local_date
from services.events.types import Category, Door, Joining, Kind, Mode, Quota, QuotaKind, Slot, Terms, Unit
from services.members.documents import Sex

AHEAD = 14 * DAY
"""How far ahead the first Saturday lies that a new event stands on until somebody says the day."""
UNFILLED = 0
"""A capacity that nobody has written yet."""


class Preset(NamedTuple):
    """A tile: what it is called, what for, its icon; from when to when; what it begins with."""

    name: Any
    example: Any
    icon: str
    hours: tuple[int, int]
    make: Callable[[datetime.datetime], dict[str, Any]]


def _single(zh: str = "个人", en: str = "Single", **said: Any) -> tuple[Category, ...]:
    return (Category(1, {"zh": zh, "en": en}, **said),)


def _total(unit: Unit = Unit.PEOPLE, capacity: int | None = UNFILLED) -> Quota:
    return Quota(0, QuotaKind.ALL, capacity, unit)


def _pair(starts_at: datetime.datetime) -> dict[str, Any]:
    pairs = (
        Category(1, {"zh": "男双", "en": "Men’s doubles"}, 2, 2, sex=Sex.MALE),
        Category(2, {"zh": "女双", "en": "Women’s doubles"}, 2, 2, sex=Sex.FEMALE),
        Category(3, {"zh": "混双", "en": "Mixed doubles"}, 2, 2, men=1, women=1),
    )
    return {"kind": Kind.SPORT, "categories": pairs, "quotas": (_total(Unit.ENTRIES),)}


def _trip(starts_at: datetime.datetime) -> dict[str, Any]:
    family = _single("家庭", "Family", guests=2, children=2, child_from=0, child_to=17)
    return {"kind": Kind.TRIP, "categories": family, "cancel_until": starts_at - 3 * DAY}


def _show(starts_at: datetime.datetime) -> dict[str, Any]:
    return {"kind": Kind.SHOW, "mode": Mode.DRAW, "categories": _single(guests=1)}


def _checkup(starts_at: datetime.datetime) -> dict[str, Any]:
    half = datetime.timedelta(minutes=30)
    slots = tuple(Slot(n + 1, starts_at + n * half, starts_at + (n + 1) * half) for n in range(6))
    quotas = [Quota(slot.key, QuotaKind.SLOT, 20, slot=slot.key) for slot in slots]
    total = _total(capacity=20 * len(slots))
    return {"kind": Kind.CHECKUP, "slots": slots, "quotas": (total, *quotas), "waiting_most": 100}


def _social(starts_at: datetime.datetime) -> dict[str, Any]:
    halves = (
        Quota(1, QuotaKind.SEX, UNFILLED, sex=Sex.MALE),
        Quota(2, QuotaKind.SEX, UNFILLED, sex=Sex.FEMALE),
    )
    return {"kind": Kind.SOCIAL, "quotas": (_total(), *halves), "door": Door.STAFF}


def _training(starts_at: datetime.datetime) -> dict[str, Any]:
    why = forms.Question("why", forms.Kind.TEXT, {"zh": "为什么想参加", "en": "Why you want to come"}, required=True)
    return {"kind": Kind.TRAINING, "mode": Mode.APPROVAL, "form": forms.Form((why,))}


def _team(starts_at: datetime.datetime) -> dict[str, Any]:
    team = _single("单位队", "Union team")[0]
    return {
        "kind": Kind.SPORT,
        "categories": (Category(1, team.name, 8, 10),),
        "quotas": (_total(Unit.ENTRIES),),
        "joining": Joining.VOUCHED,
        "unit_entry": True,
    }


def _lecture(starts_at: datetime.datetime) -> dict[str, Any]:
    return {"kind": Kind.LECTURE, "walk_ins": True}


def _contest(starts_at: datetime.datetime) -> dict[str, Any]:
    work = forms.Question(
        "work", forms.Kind.FILE, {"zh": "作品照片或扫描件", "en": "A picture or scan of your work"}, required=True
    )
    return {"kind": Kind.CONTEST, "form": forms.Form((work,), keep_days=180)}


PRESETS: dict[str, Preset] = {
    "pair": Preset(_("双打比赛"), _("羽毛球、乒乓球，两人一起报"), "event", (9, 17), _pair),
    "team": Preset(_("单位组队"), _("拔河、接力，由单位工会报队，8 到 10 人"), "shield", (9, 12), _team),
    "contest": Preset(_("作品比赛"), _("书法、摄影，报名时交作品"), "camera", (9, 17), _contest),
    "trip": Preset(_("家庭出游"), _("春游、亲子，可带家属和孩子"), "car", (8, 17), _trip),
    "show": Preset(_("演出电影"), _("摇号发票，先报后报机会一样"), "draw", (19, 21), _show),
    "lecture": Preset(_("讲座"), _("先到先得，有空位现场也能进"), "text", (14, 16), _lecture),
    "checkup": Preset(_("体检义诊"), _("分时段，到点再来不排队"), "clock", (8, 11), _checkup),
    "training": Preset(_("培训"), _("要审核，按条件录取"), "file", (9, 17), _training),
    "social": Preset(_("交友联谊"), _("男女名额各一半，名单不公开"), "me", (14, 17), _social),
}


def terms_of(name: str, *, now: datetime.datetime) -> Terms:
    """The terms that a new event of this sort begins with, on a Saturday some weeks ahead."""
    preset = PRESETS[name]
    day = local_date(now) + AHEAD
    day += (SATURDAY - day.weekday()) % 7 * DAY
    starts_at, ends_at = (_at(day, hour) for hour in preset.hours)
    given: dict[str, Any] = {
        "title": {"zh": ""},
        "text": {"zh": ""},
        "place": {"zh": ""},
        "starts_at": starts_at,
        "ends_at": ends_at,
        "opens_at": now.replace(second=0, microsecond=0),
        "closes_at": evening_before(starts_at),
        "cancel_until": evening_before(starts_at),
        "categories": _single(),
        "quotas": (_total(),),
        **preset.make(starts_at),
    }
    return Terms(**given)


def evening_before(at: datetime.datetime) -> datetime.datetime:
    """18:00 of the day before."""
    return _at(local_date(at) - DAY, 18)


def _at(day: datetime.date, hour: int) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(hour), SHANGHAI).astimezone(datetime.UTC)
