"""The draw of an event, for everybody: before it the promise and the rules, after it the files and the result."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import permissions
from app.pages.events import words
from app.pages.events.detail import Names
from app.pages.sent import whole_number
from services.accounts.types import MemberActor
from services.core import clock
from services.core.errors import NotFound
from services.core.ids import CROCKFORD
from services.events import draw as drum
from services.events import errors
from services.events.queries import draws, events, mine
from services.events.queries.draws import Published
from services.events.types import Event, EventId, Mode, Quota, QuotaKind

blueprint = Blueprint("event_draws", __name__, template_folder="..")

SHOWN = 300
"""Numbers on one page."""
KEPT_FOR = 3600
"""Seconds that anybody on the way may keep a file of a draw that was held."""
LISTS = ("winners", "waiting")


@dataclass(frozen=True)
class Stand:
    """Where a number stands. `place`: among those who won, or in the waiting order; None: not on the list."""

    number: str
    won: bool = False
    place: int | None = None
    own: bool = False


@blueprint.get("/events/<uuid:event_id>/draw")
def files(event_id: UUID) -> ResponseReturnValue:
    """`?number=` says where one entry stands; `?list=waiting` and `from=` go through the numbers."""
    event, published = _drawn(event_id)
    now = clock.now()
    listed = request.args.get("list", "")
    listed = listed if listed in LISTS else LISTS[0]
    numbers: Sequence[str] = published.record[listed] if published.record else []
    typed, start = request.args.get("number", "")[:20], whole_number(request.args.get("from")) or 0
    own = _own_numbers(event.id)
    return render_template(
        "events/draw.html", event=event, published=published, now=now, closes=words.moment_words(
            event.terms.closes_at, now
        ), drawn=words.moment_words(published.drawn_at, now) if published.drawn_at else "",
        listed=listed, start=start, shown=SHOWN, numbers=numbers[start : start + SHOWN], total=len(numbers), own=own,
        stands=[_stand(published, one, own=True) for one in own] if published.record else [], typed=typed,
        sought=_stand(published, drum.spelled(typed)) if typed.strip() and published.record else None,
        rooms=[(f"Q{room.quota.ordinal}", _label(event, room.quota), room) for room in event.rooms],
        odds=draws.odds(event) if not published.record and not event.cancelled_at else None,
    )  # fmt: skip


@blueprint.get("/events/<uuid:event_id>/draw/entries.csv")
def entries(event_id: UUID) -> ResponseReturnValue:
    return _sent(event_id, "entries.csv", "text/csv; charset=utf-8", lambda: draws.list_file(event_id))


@blueprint.get("/events/<uuid:event_id>/draw/draw.json")
def record(event_id: UUID) -> ResponseReturnValue:

    def read() -> bytes | None:
        found = draws.record_of(event_id)
        return drum.write_record(found) if found else None

    return _sent(event_id, "draw.json", "application/json", read)


@blueprint.get("/events/<uuid:event_id>/draw/draw.py")
def program(event_id: UUID) -> ResponseReturnValue:
    """What runs the draw again: the very file that drew."""
    _event(event_id)
    return _attached(Path(drum.__file__).read_bytes(), "draw.py", "text/x-python; charset=utf-8")


def _label(event: Event, quota: Quota) -> str:
    """The list says of each number which quotas count it: by those that count a union, a sex, an age or a trade it
    would say who is who."""
    said = quota.kind in (QuotaKind.ALL, QuotaKind.CATEGORY, QuotaKind.SLOT)
    return words.quota_name(event, quota, Names()) if said else str(_("其他名额"))


def _drawn(event_id: UUID) -> tuple[Event, Published]:
    """Raises NotFound(event_unknown, not_a_draw)."""
    event = _event(event_id)
    published = draws.published(event_id)
    if published is None:
        raise NotFound(errors.NOT_A_DRAW)
    return event, published


def _event(event_id: UUID) -> Event:
    event = events.public(event_id)
    if event.terms.mode is not Mode.DRAW:
        raise NotFound(errors.NOT_A_DRAW)
    return event


def _own_numbers(event_id: EventId) -> list[str]:
    """Of a signed-in member's entries in this event."""
    actor = permissions.caller_if_any()
    if not isinstance(actor, MemberActor):
        return []
    return [one.signup.number for one in mine.of_event(event_id, member_id=actor.member_id)]


def _stand(published: Published, number: str, *, own: bool = False) -> Stand:
    found = published.record or {}
    for name in LISTS:
        if number in found.get(name, ()):
            return Stand(number, name == "winners", found[name].index(number) + 1, own)
    return Stand("".join(one for one in number if one in CROCKFORD + "-"), own=own)


def _sent(event_id: UUID, name: str, media: str, read: Callable[[], bytes | None]) -> Response:
    """A file of a draw that was held: it never changes, so whoever has it is told so, and it is not read again."""
    event = _event(event_id)
    if event.drawn_at is None:
        raise NotFound("not_found")
    held = f"{name}-{event.drawn_at.timestamp():.0f}"
    if request.if_none_match.contains(held):
        return _public(Response(status=304), held)
    data = read()
    if data is None:
        raise NotFound("not_found")
    return _public(_attached(data, name, media), held)


def _attached(data: bytes, name: str, media: str) -> Response:
    response = Response(data, content_type=media)
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


def _public(response: Response, etag: str) -> Response:
    response.set_etag(etag)
    response.headers["Cache-Control"] = f"public, max-age={KEPT_FOR}"
    return response
