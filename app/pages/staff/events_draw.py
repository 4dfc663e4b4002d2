"""The draw of an event on its organiser's desk: what it will be, the button, what it was."""

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.language import language
from app.pages.events import words
from app.pages.events.detail import Names
from app.pages.paths import see_other
from app.pages.staff import desk
from app.pages.staff.events import seen
from app.throttle import WRITE, limiter
from app.wording import clerk_words
from services.core import clock
from services.core.errors import Conflict, DomainError, NotFound
from services.core.transaction import in_transaction
from services.events import errors
from services.events.queries import draws
from services.events.service import drawing
from services.events.types import Event, Mode

blueprint = Blueprint("staff_event_draw", __name__, template_folder="..")


@blueprint.get("/<uuid:event_id>/draw")
def draw(event_id: UUID) -> ResponseReturnValue:
    return _page(_drawn_event(event_id))


@blueprint.post("/<uuid:event_id>/draw")
@limiter.limit(WRITE)
def hold(event_id: UUID) -> ResponseReturnValue:
    event, officer = _drawn_event(event_id), desk.officer()
    try:
        in_transaction(lambda: drawing.draw(actor=officer, event_id=event.id, now=clock.now()))
    except Conflict as error:
        return _page(_drawn_event(event_id), error), 409
    return see_other(".draw", event_id=event_id)


def _drawn_event(event_id: UUID) -> Event:
    event = seen(event_id)
    if event.terms.mode is not Mode.DRAW:
        raise NotFound(errors.NOT_A_DRAW)
    return event


def _page(event: Event, error: DomainError | None = None) -> str:
    now, named = clock.now(), Names()
    terms = event.terms
    held = event.published_at and not event.cancelled_at and not event.drawn_at
    return desk.page(
        "staff/events_draw.html", event=event, published=draws.published(event.id), now=now,
        odds=draws.odds(event) if held else None, unready=draws.unready(event.id) if held else 0,
        may=bool(held) and terms.closes_at <= now < terms.ends_at, too_late=bool(held) and now >= terms.ends_at,
        closes=words.moment_words(terms.closes_at, now), moment=words.moment_words,
        rooms=[(words.quota_name(event, room.quota, named), room) for room in event.rooms],
        problem=clerk_words(error.code, error.facts, language=language()) if error else "",
    )  # fmt: skip
