"""One event, put together for its page and whoever reads it."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from flask import url_for
from flask_babel import gettext as _

from app.language import language
from app.maps import map_link
from app.pages.events import own, words
from app.pages.events.choosing import Choice, Place, choices, places, wanted
from app.pages.events.face import Face, face
from app.pages.events.why import Mend, mend
from app.wording import member_words
from services.core.calendar import local
from services.core.errors import Refusal
from services.events import errors, rules
from services.events.queries import entrants, mine
from services.events.queries.mine import Own
from services.events.types import ACTIVE, Entrant, Event, Mode, Once, Phase, Presence, SignupId
from services.members.types import MemberId
from services.unions import queries as unions
from services.unions.types import UnionPath


@dataclass(frozen=True)
class Notice:
    tone: str
    icon: str
    words: str
    mend: Mend | None = None


@dataclass(frozen=True)
class Reading:
    """What is known of a member who reads this event. `entries`: his, the newest first."""

    entrant: Entrant
    entries: Sequence[Own]

    @property
    def active(self) -> list[Own]:
        """Those that keep him from entering again."""
        inside = [one for one in self.entries if one.me.presence is not Presence.DECLINED]
        return [one for one in inside if one.signup.state in ACTIVE]


@dataclass(frozen=True, kw_only=True)
class Shown:
    day: datetime.date
    weekday: str
    off: bool
    kind: str
    when: str
    map_link: str | None
    face: Face
    #: seconds until this page says something else, if that is soon
    turns: float | None
    who: list[str]
    how: list[str]
    steps: list[tuple[str, str]]
    categories: list[Choice]
    slots: list[tuple[str, list[Choice]]]
    places: list[Place]
    notice: Notice | None = None
    mine: Face | None = None
    mine_id: SignupId | None = None
    #: words of the one red button, empty where there is nothing to do
    act: str = ""
    draw_url: str = ""


class Names:
    """Names of unions by path, each read once."""

    def __init__(self) -> None:
        self._known: dict[UnionPath, Mapping[str, str]] = {}

    def __call__(self, path: UnionPath) -> Mapping[str, str]:
        if path not in self._known:
            self._known[path] = unions.at(path).name
        return self._known[path]


def reading(event: Event, member_id: MemberId, now: datetime.datetime) -> Reading | None:
    """Five statements at most; None where the record is gone."""
    found = entrants.entrants([member_id], event=event, once_id=event.id, now=now)
    return Reading(found[0], mine.of_event(event.id, member_id=member_id)) if found else None


def own_choices(event: Event, reader: Reading | None, now: datetime.datetime) -> tuple[list[Choice], list[Choice]]:
    """As face.choices; a category that he is in already is closed where one may enter several."""
    categories, slots = choices(event, now, reader.entrant if reader else None)
    if reader is None or event.terms.once is not Once.CATEGORY:
        return categories, slots
    inside = {one.signup.category for one in reader.active}
    closed = Refusal(errors.ALREADY_SIGNED_UP)
    return [replace(one, refusal=closed) if one.key in inside else one for one in categories], slots


def by_day(slots: Sequence[Choice]) -> list[tuple[str, list[Choice]]]:
    return [(day, list(inside)) for day, inside in groupby(slots, key=lambda one: one.day)]


def shown(event: Event, reader: Reading | None, persona: str | None, now: datetime.datetime) -> Shown:
    """`persona`: who reads, None for nobody signed in."""
    terms, here, named = event.terms, face(event, now), Names()
    categories, slots = own_choices(event, reader, now)
    phase, starts = rules.phase(event, now), local(event.terms.starts_at)
    last = next(iter(reader.active or reader.entries), None) if reader else None
    still = reader is not None and bool(reader.active)
    notice, act = (None, "") if still and _once(event) else may(event, here, reader, categories, persona, now)
    concerns = wanted(event, reader.entrant, now) if reader else {}
    turns = [one for one in (here.turns_at,) if one]
    return Shown(
        day=starts.date(),
        weekday=words.weekday(starts.date()),
        off=phase in (Phase.OVER, Phase.CANCELLED),
        kind=words.kind_words(terms.kind),
        when=words.when(terms.starts_at, terms.ends_at),
        map_link=map_link(terms.point, terms.place),
        face=here,
        turns=(turns[0] - now).total_seconds() if turns else None,
        who=words.who(terms, named),
        how=words.how(event, now),
        steps=words.steps(event, now) if phase in (Phase.COMING, Phase.OPEN) else [],
        categories=categories,
        slots=by_day(slots),
        places=places(event, now, named, concerns),
        notice=notice,
        mine=own.face(event, last.signup, last.me.member_id, now) if last else None,
        mine_id=last.signup.id if last else None,
        act=act,
        draw_url=f"{url_for('events.one', event_id=event.id)}/draw" if terms.mode is Mode.DRAW else "",
    )


def _once(event: Event) -> bool:
    return event.terms.once is Once.EVENT


def may(
    event: Event,
    here: Face,
    reader: Reading | None,
    categories: Sequence[Choice],
    persona: str | None,
    now: datetime.datetime,
) -> tuple[Notice | None, str]:
    """Whether this reader may, or why not; and the words of the button, which its form repeats."""
    phase = rules.phase(event, now)
    if phase not in (Phase.COMING, Phase.OPEN) or event.drawn_at:
        return None, ""
    if reader is None:
        return _stranger(here, persona)
    free = [one for one in categories if one.open]
    if not free:
        refusal = categories[0].refusal if categories else None
        return (_refused(event, refusal, reader) if refusal else None), ""
    if not here.act:
        known = Notice("ok", "check", _("到时您可以报名。")) if phase is Phase.COMING else None
        return known, ""
    if event.terms.mode is Mode.FIRST_COME and all(one.full for one in free) and here.pill.icon == "check":
        return _own_full(event, now)
    if here.pill.icon == "queue":
        return Notice("info", "queue", _("您可以排候补，随时可以不排。")), here.act
    also = _along(event, free)
    return Notice("ok", "check", _("您可以报名%(also)s。", also=also)), here.act


def _stranger(here: Face, persona: str | None) -> tuple[Notice | None, str]:
    if persona == "visitor":
        words_ = _("绑定会员身份后就能报名。")
        return Notice("info", "info", words_), _("去绑定，再报名") if here.act else ""
    if persona is None:
        return None, _("登录后报名") if here.act else ""
    return Notice("info", "info", _("用会员身份登录后可以报名。")), ""


def _refused(event: Event, refusal: Refusal, reader: Reading) -> Notice:
    said = member_words(refusal.code, refusal.facts, language=language())
    return Notice("warn", "info", _("您暂时不能报：%(why)s", why=said), mend(refusal, event, reader.entrant.member_id))


def _own_full(event: Event, now: datetime.datetime) -> tuple[Notice, str]:
    """There are places, and none of those that count this member."""
    said = member_words(errors.QUOTA_FULL, {}, language=language())
    waits = event.terms.waiting_most > event.waiting and not rules.next_wave(event.terms.waves, now)
    if waits and rules.offered_until(event.terms, now):
        return Notice("warn", "queue", said + _("您可以排候补。")), _("排候补")
    return Notice("warn", "info", said), ""


def _along(event: Event, free: Sequence[Choice]) -> str:
    """ "，可带 1 名 6–14 岁的孩子": of the only category that is open."""
    only = rules.category_of(event.terms, free[0].key) if len(free) == 1 else None
    return "".join(_("，%(what)s", what=said) for said in words.companion_words(only)) if only else ""
