"""An event as one card of a list."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from flask import url_for
from flask_babel import gettext as _

from app.language import language
from app.pages.events import words
from app.pages.events.face import Face, Meter, Pill, face
from app.wording import member_words
from services.core.calendar import local, local_date
from services.core.errors import Refusal
from services.events import eligibility, rules
from services.events.types import Both, Entrant, Event, Phase, State

MAY = frozenset({Phase.COMING, Phase.OPEN})


@dataclass(frozen=True)
class Listed:
    url: str
    day: datetime.date
    weekday: str
    off: bool
    clock: str
    title: Both
    place: Both
    pill: Pill
    figures: str
    meter: Meter | None
    note: str
    refusal: str


def refusal_of(event: Event, entrant: Entrant, now: datetime.datetime) -> Refusal | None:
    """Why this member may enter no category of it; None where he may enter one."""
    said = [eligibility.eligible(event.terms, one, entrant, today=local_date(now)) for one in event.terms.categories]
    return None if not said or None in said else said[0]


def may(event: Event, entrant: Entrant | None, now: datetime.datetime) -> bool:
    """Is it something that this member can sign up for, now or once it opens?"""
    if entrant is None or entrant.signup_id or rules.phase(event, now) not in MAY or event.drawn_at:
        return False
    return refusal_of(event, entrant, now) is None


def listed(event: Event, now: datetime.datetime, entrant: Entrant | None) -> Listed:
    shown, phase, starts = face(event, now), rules.phase(event, now), local(event.terms.starts_at)
    refusal = refusal_of(event, entrant, now) if entrant and phase in MAY and not entrant.signup_id else None
    pill = _own(entrant) if entrant and entrant.signup_id else shown.pill
    return Listed(
        url_for("events.one", event_id=event.id),
        starts.date(),
        words.weekday(starts.date()),
        phase in (Phase.OVER, Phase.CANCELLED),
        f"{starts:%H:%M}",
        event.terms.title,
        event.terms.place,
        pill,
        shown.figures,
        shown.meter,
        _note(shown, phase),
        member_words(refusal.code, refusal.facts, language=language()) if refusal else "",
    )


def _own(entrant: Entrant) -> Pill:
    """Where the reader's own entry stands: whoever only waits for a place is not told that he has one."""
    if entrant.asked:
        return Pill("warn", "clock", _("等您确认"))
    pills = {
        State.WAITING: Pill("warn", "queue", _("候补中")),
        State.ENTERED: Pill("info", "draw", _("等摇号")),
        State.APPLIED: Pill("info", "clock", _("等审核")),
        State.FORMING: Pill("info", "clock", _("等队友确认")),
    }
    return pills.get(entrant.signup_state or State.CONFIRMED, Pill("brand", "check", _("您已报")))


def _note(shown: Face, phase: Phase) -> str:
    """What the pill and the figures leave open."""
    if phase is Phase.COMING or (phase is Phase.OPEN and shown.pill.icon in ("draw", "clock", "queue")):
        return shown.title
    return ""


def by_month(events: Iterable[Listed]) -> list[tuple[str, list[Listed]]]:
    """In the order given, under the names of their months."""
    groups = groupby(events, key=lambda one: (one.day.year, one.day.month))
    return [(_month(key), list(inside)) for key, inside in groups]


def _month(key: tuple[int, int]) -> str:
    year, month = key
    if language() == "zh":
        return f"{year} 年 {month} 月"
    return f"{datetime.date(year, month, 1):%B %Y}"
