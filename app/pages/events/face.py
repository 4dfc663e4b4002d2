"""What a member sees of an event at a moment: its state, its places, whether he may enter, and why not.

Of a private kind no figure under five is shown, nor any that it could be worked out from.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from app.pages.events import words
from services.core.calendar import local_date
from services.events import rules, showing
from services.events.types import (
    Event,
    Mode,
    Phase,
    Quota,
    Unit,
    Wave,
)

LOW_PART = 10
"""A tenth of the places left, or fewer than this many, is little."""
SOON = datetime.timedelta(hours=1)
"""From when on a page counts down and looks again by itself."""


@dataclass(frozen=True)
class Pill:
    tone: str
    icon: str
    words: str


@dataclass(frozen=True)
class Meter:
    taken: int
    most: int
    look: str = ""


@dataclass(frozen=True)
class Face:
    """`title` is the one sentence that matters; `act` the words of the button, where there is something to do."""

    pill: Pill
    title: str
    figures: str = ""
    meter: Meter | None = None
    said: Sequence[str] = ()
    #: when this page will say something else, if that is soon
    turns_at: datetime.datetime | None = None
    act: str = ""


def shown(event: Event, count: int) -> int | None:
    """A count of people that may be shown."""
    return None if event.private and count < showing.FEW else count


def taken(event: Event) -> int | None:
    """How many places are taken, where everybody may know: of a private kind a full quota beside it may give others
    away."""
    return event.total.taken if 0 in showing.rooms_shown(event) else None


def units(quota: Quota, count: int) -> str:
    """ "46 人", "8 队"."""
    entries = quota.unit is Unit.ENTRIES
    return str(_("%(count)s 队", count=count) if entries else _("%(count)s 人", count=count))


def face(event: Event, now: datetime.datetime) -> Face:
    """For everybody, whoever reads."""
    phase, at = rules.phase(event, now), event.terms
    if phase is Phase.CANCELLED:
        return Face(Pill("bad", "warn", _("已取消")), _("这个活动取消了"), said=[event.cancelled_note or ""])
    if phase in (Phase.DRAFT, Phase.COMING):
        opens = words.moment_words(at.opens_at, now)
        rest = at.opens_at - now
        return Face(
            Pill("info", "clock", _("未开始")),
            _("%(at)s 开始报名", at=opens),
            _capacity(event),
            said=[] if rest <= SOON else [_("还有 %(time)s", time=words.lasting(rest))],
            turns_at=_soon(at.opens_at, now),
        )
    if phase is Phase.OPEN and not event.drawn_at:
        return _open(event, now)
    return _later(event, phase, now)


def _open(event: Event, now: datetime.datetime) -> Face:
    until = _("%(at)s 截止", at=words.moment_words(event.terms.closes_at, now))
    if event.terms.mode is Mode.DRAW:
        title, odds = _("%(at)s 截止，之后摇号", at=words.moment_words(event.terms.closes_at, now)), _odds(event)
        said = [_("先报后报，机会一样。%(odds)s", odds=_chance(event))]
        return Face(Pill("info", "draw", _("摇号")), title, odds, said=said, act=_("参加摇号"))
    if event.terms.mode is Mode.APPROVAL:
        said = [_("%(until)s，由主办方审核后通知您", until=until)]
        return Face(Pill("info", "file", _("要审核")), _("正在接受报名"), _capacity(event), said=said, act=_("报名"))
    left = rules.left(event, now)[0]
    if left is None:
        return Face(Pill("ok", "check", _("报名中")), _("报名中，不限名额"), _taken(event), said=[until], act=_("报名"))
    wave = rules.next_wave(event.terms.waves, now)
    if left:
        said = [_("先到先得，%(until)s", until=until), *([_wave(wave, now)] if wave else []), *_others_wait(event)]
        title = _("还有名额") if taken(event) is None else left_words(event.total.quota, left)
        return Face(
            Pill("ok", "check", _("报名中")), title, _taken(event), _meter(event, left), said, act=_("报名"),
        )  # fmt: skip
    if wave:
        said = [_("这一批报满了，下一批到点再报，不用排队")]
        turns = _soon(wave.at, now)
        return Face(
            Pill("info", "clock", _("等下一批")), _wave(wave, now), _taken(event), _meter(event, 0), said, turns
        )
    return _full(event, until, now)


def _others_wait(event: Event) -> list[str]:
    """There are places, and somebody waits for some of them."""
    ahead = shown(event, event.waiting)
    if not event.waiting:
        return []
    if ahead is None:
        return [_("有人在候补：要同样名额的，排在他们后面")]
    return [_("有 %(count)s 份在候补：要同样名额的，排在他们后面", count=ahead)]


def _full(event: Event, until: str, now: datetime.datetime) -> Face:
    meter, figures = _meter(event, 0), _taken(event)
    if event.waiting >= event.terms.waiting_most or rules.offered_until(event.terms, now) is None:
        title = _("名额和候补都满了") if 0 < event.terms.waiting_most <= event.waiting else _("名额满了")
        return Face(Pill("", "lock", _("已满")), title, figures, meter)
    ahead = shown(event, event.waiting)
    if kept := words.kept(event.terms, now):
        said = [_("有人退出就按先后补上，补上会发消息，名额给您留 %(time)s。%(until)s", time=kept, until=until)]
    else:
        said = [_("有人退出就按先后补上，补上会发消息，要马上确认。%(until)s", until=until)]
    if ahead is None:
        title, act = _("名额满了，可以排候补"), _("排候补")
    elif ahead:
        title, act = (
            _("名额满了，前面最多 %(count)s 份候补", count=ahead),
            _("排候补（第 %(place)s 位）", place=ahead + 1),
        )
    else:
        title, act = _("名额满了，现在没有人候补"), _("排候补（第 1 位）")
    return Face(Pill("warn", "queue", _("可候补")), title, figures, meter, said, act=act)


def _later(event: Event, phase: Phase, now: datetime.datetime) -> Face:
    """Sign-up is over."""
    draws = event.terms.mode is Mode.DRAW
    if phase is Phase.OVER:
        return Face(Pill("", "check", _("已结束")), _("活动结束了"), _taken(event))
    if phase is Phase.RUNNING:
        return Face(Pill("ok", "clock", _("进行中")), _("活动正在进行"), _taken(event))
    if draws and not event.drawn_at:
        said = [_("摇号结果会发消息，号码表和种子一起公布")]
        return Face(Pill("info", "draw", _("等摇号")), _("报名截止了，等着摇号"), _odds(event), said=said)
    if draws and event.drawn_at:
        return Face(
            Pill("info", "draw", _("已摇号")),
            _("%(at)s 摇过号了", at=words.moment_words(event.drawn_at, now)),
            _taken(event),
        )
    ended = words.day_words(local_date(event.terms.closes_at))
    return Face(Pill("", "lock", _("已截止")), _("报名 %(day)s 已截止", day=ended), _taken(event))


def left_words(quota: Quota, left: int) -> str:
    return str(_("还剩 %(places)s", places=words.counted(quota, left)))


def _capacity(event: Event) -> str:
    capacity = event.total.quota.capacity
    return "" if capacity is None else str(_("共 %(places)s", places=words.counted(event.total.quota, capacity)))


def _taken(event: Event) -> str:
    """ "已报 46 / 60 人"; of a private kind with few in it no more than how many places there are."""
    quota, count = event.total.quota, taken(event)
    if count is None:
        return _capacity(event)
    if quota.capacity is None:
        return str(_("已报 %(count)s", count=units(quota, count))) if count else ""
    return str(_("已报 %(taken)s / %(all)s", taken=count, all=units(quota, quota.capacity)))


def _odds(event: Event) -> str:
    entries, capacity = shown(event, event.undecided), event.total.quota.capacity
    if not entries or capacity is None:
        return _capacity(event)
    return str(_("%(entries)s 份报名抢 %(places)s", entries=entries, places=words.counted(event.total.quota, capacity)))


def _chance(event: Event) -> str:
    """About how many of those in the draw win, if nobody came after."""
    entries, room = shown(event, event.undecided), event.total.quota
    by_people = room.unit is not Unit.ENTRIES
    if not entries or not room.capacity or (by_people and _teams(event)):
        return ""
    if entries <= room.capacity:
        return str(_("现在报名的比名额少，都能中。"))
    return str(_("现在大约每 %(count)s 份中 1 份。", count=f"{entries / room.capacity:.1f}".removesuffix(".0")))


def _teams(event: Event) -> bool:
    """May one entry take several places?"""
    return any(one.most + one.guests + one.children > 1 for one in event.terms.categories)


def _wave(wave: Wave, now: datetime.datetime) -> str:
    return str(_("下一批 %(count)s 个，%(at)s", count=wave.places, at=words.moment_words(wave.at, now)))


def _meter(event: Event, left: int) -> Meter | None:
    most, count = event.total.quota.capacity, taken(event)
    if not most or count is None:
        return None
    low = left < LOW_PART and left * LOW_PART <= most
    return Meter(count, most, "full" if not left else "low" if low else "")


def _soon(at: datetime.datetime, now: datetime.datetime) -> datetime.datetime | None:
    return at if at - now <= SOON else None
