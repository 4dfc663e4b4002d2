"""The form of an event, read: what was typed becomes terms, and each fault stands at its field.

What was typed is never lost: a form that cannot be read comes back as it was sent.
"""

import dataclasses
import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.pages import asked_editor
from app.pages.asked_editor import Editor
from app.pages.staff import events_places, events_rows
from app.pages.staff.events_fill import minute, section_of
from app.pages.staff.events_places import Kept, office_at
from app.pages.staff.events_typed import Typed
from services.core.calendar import SHANGHAI, local_date
from services.core.errors import DomainError, Invalid
from services.events import errors
from services.events.faults import faults
from services.events.types import (
    Door,
    Eligibility,
    Event,
    Joining,
    Kind,
    Mode,
    Once,
    Terms,
)
from services.members.documents import Sex
from services.members.types import Standing
from services.unions import queries as unions
from services.unions.errors import UNION_PLACE_MALFORMED
from services.unions.rules import place_of
from services.unions.types import Place, TradeGroup, UnionId, UnionPath

FIELDS = {
    "starts_at": "day", "ends_at": "until", "opens_at": "opens", "closes_at": "closes", "cancel_until": "cancels",
    "categories": "cats", "eligibility.union": "for_union", "eligibility.age_from": "for_age_from",
    "eligibility.level": "for_level", "quotas.0.capacity": "places", "union": "union",
}  # fmt: skip
"""Where a term is typed under a name of its own."""
PARTS = {"begins_at": "from", "ends_at": "to"}
QUESTIONS = ("questions", "keep_days")


@dataclass
class Written(Typed):
    """`terms` is there when everything could be read, however unfinished; `union` the organiser's."""

    typed: MultiDict[str, str]
    event: Event
    scopes: Sequence[UnionPath]
    now: datetime.datetime
    editor: Editor
    wrong: dict[str, str] = field(default_factory=dict)
    unread: bool = False
    terms: Terms | None = None
    union_id: UnionId | None = None
    where: list[Kept] = field(default_factory=list)

    @property
    def opened(self) -> set[str]:
        """The folds with a fault."""
        names = [*self.wrong, *(["ask-"] if self.editor.wrong else ())]
        return {section_of(name) for name in names}

    def at_field(self, error: DomainError) -> None:
        """A fault or a no about a term, at the field where it is typed."""
        term = str(error.facts.get("field", "title"))
        if term.startswith(QUESTIONS):
            name = term.replace("questions.", "ask-").replace(".key", ".label").replace(".", "-")
            name = name if term.startswith("questions.") else f"ask-{term}"
            at = Typed(self.typed)
            at.fault(name, error)
            self.editor.wrong.setdefault(name, at.wrong[name])
            return
        self.fault(self._field(term), error)

    def _field(self, term: str) -> str:
        if term == "ends_at" and "" < self.typed.get("end_day", "") < self.typed.get("day", ""):
            return "end_day"
        if term in FIELDS:
            return FIELDS[term]
        head, _dot, rest = term.partition(".")
        at, _dot, part = rest.partition(".")
        if head == "quotas" and at.isdigit() and int(at) < len(self.where):
            kept = self.where[int(at)]
            return kept.of if part == "of" else kept.capacity
        if at and head in ("categories", "slots"):
            return f"{'cat' if head == 'categories' else 'slot'}-{at}-{PARTS.get(part, part)}"
        return term


def read(typed: MultiDict[str, str], event: Event, *, scopes: Sequence[UnionPath], now: datetime.datetime) -> Written:
    """Reads the form over the event as it is kept; `scopes`: where the officer may put events on."""
    editor = asked_editor.sent(event.terms.form)
    found = Written(typed, event, scopes, now, editor)
    events_rows.tidy(found)
    before = event.terms
    organiser = found.union("union", scopes, known=[unions.office(event.union_id)])
    found.union_id = organiser.id if organiser else event.union_id
    path = organiser.path if organiser else event.union_path
    times = _times(found)
    categories = events_places.categories(found, before)
    shift = local_date(times["starts_at"]) - local_date(before.starts_at)
    known = {slot.key: slot for slot in before.slots}
    slots = tuple(events_rows.slots(found, local_date(times["starts_at"]), known, shift))
    found.where = events_places.quotas(found, before, categories, [slot.key for slot in slots], path)
    terms = dataclasses.replace(
        before,
        **times,
        **_texts(found),
        **_ways(found),
        eligibility=_eligibility(found, path),
        categories=categories,
        slots=slots,
        quotas=tuple(dataclasses.replace(one.quota, ordinal=at) for at, one in enumerate(found.where)),
        form=editor.form or before.form,
    )
    _judge(found, terms, path)
    if not found.unread and (editor.form is not None):
        found.terms = terms
    return found


def _judge(found: Written, terms: Terms, path: UnionPath) -> None:
    """What makes no sense, but for rows while some of them could not be read."""
    for one in faults(terms, union=path):
        term = str(one.facts["field"])
        if not (found.unread and "." in term):
            found.at_field(one)
    if terms.quotas[0].capacity == 0:
        found.fault("places", Invalid(errors.CAPACITY_MISSING))


def _texts(found: Written) -> dict[str, Any]:
    point: Place | None = None
    try:
        point = place_of(found.line("point"))
    except Invalid:
        found.cannot_read("point", Invalid(UNION_PLACE_MALFORMED))
    return {
        "kind": found.one_of(Kind, "kind", found.event.terms.kind),
        "title": found.both("title"),
        "text": found.both("text", several=True),
        "place": found.both("place"),
        "point": point,
        "contact": found.line("contact") or None,
        "series": found.line("series") or None,
        "level": found.number("level"),
    }


def _times(found: Written) -> dict[str, Any]:
    """Beginning and end, and when sign-up opens and closes. What was left blank follows from the day; what was not
    touched goes along when the day of a draft moves."""
    before, draft = found.event.terms, found.event.published_at is None
    day, first, last = found.day("day"), found.clock("from"), found.clock("until")
    if day is None:
        found.cannot_read("day", _("请选一个日期。"))
    for name, clock in (("from", first), ("until", last)):
        if clock is None:
            found.cannot_read(name, _("请填时间，比如 14:00。"))
    if day is None or first is None or last is None:
        return {"starts_at": before.starts_at, "ends_at": before.ends_at} | _untouched(found)
    starts_at = datetime.datetime.combine(day, first, SHANGHAI).astimezone(datetime.UTC)
    ends_at = datetime.datetime.combine(found.day("end_day") or day, last, SHANGHAI).astimezone(datetime.UTC)
    moved = local_date(starts_at) - local_date(before.starts_at)
    opens = found.line("opens")
    given: dict[str, datetime.datetime | None] = {
        "starts_at": starts_at,
        "ends_at": ends_at,
        "opens_at": found.now.replace(second=0, microsecond=0),
    }
    if opens:
        given["opens_at"] = before.opens_at if opens == minute(before.opens_at) else found.minute("opens")
    for name, term in (("closes", "closes_at"), ("cancels", "cancel_until")):
        was, said = getattr(before, term), found.line(name)
        along = was + moved if draft else was
        if said and said != minute(was):
            given[term] = found.minute(name)
        else:
            given[term] = along if said or along > found.now else starts_at
    return {name: at or getattr(before, name) for name, at in given.items()}


def _untouched(found: Written) -> dict[str, Any]:
    return {name: getattr(found.event.terms, name) for name in ("opens_at", "closes_at", "cancel_until")}


def _eligibility(found: Written, path: UnionPath) -> Eligibility:
    rule = found.event.terms.eligibility
    union = found.union("for_union", [path], known=[office_at(rule.union)] if rule.union else [])
    return Eligibility(
        union=union.path if union else None,
        standings=found.chosen(Standing, "for_standings"),
        trades=found.chosen(TradeGroup, "for_trades"),
        sex=found.one_of(Sex, "for_sex", None),
        age_from=found.number("for_age_from"),
        age_to=found.number("for_age_to"),
        level=found.number("for_level"),
    )


def _ways(found: Written) -> dict[str, Any]:
    before = found.event.terms
    return {
        "mode": found.one_of(Mode, "mode", before.mode),
        "waves": tuple(events_rows.waves(found)),
        "once": found.one_of(Once, "once", before.once),
        "joining": found.one_of(Joining, "joining", before.joining),
        "waiting_most": found.count("waiting_most", 0),
        "offer_minutes": found.count("offer_minutes", before.offer_minutes),
        "offers_end_minutes": found.count("offers_end_minutes", before.offers_end_minutes),
        "unit_entry": bool(found.typed.get("unit_entry")),
        "walk_ins": bool(found.typed.get("walk_ins")),
        "door": found.one_of(Door, "door", before.door),
    }
