"""A member at the venue: she reads the code that it shows, and checks herself in."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.errors import refusal_problem
from app.pages.events import words
from app.pages.sent import whole_number
from app.pages.staff.door_forms import SAYS
from app.throttle import SCAN, WRITE, limiter
from services.accounts.types import MemberActor
from services.core import clock
from services.core.errors import Invalid, NotFound, Refusal
from services.core.transaction import in_transaction
from services.events import door_rules, errors
from services.events.queries import door as queries
from services.events.queries import events
from services.events.service import door, walking_in
from services.events.types import Event, EventId, Role
from services.events.types.door import Arrival, DoorPerson

blueprint = Blueprint("venue", __name__, template_folder=".")


@blueprint.get("/V/<code>")
@blueprint.get("/v/<code>")
@limiter.limit(SCAN)
def here(code: str) -> ResponseReturnValue:
    """Where she is, her entry and one button. Changes nothing: what a link preview opens checks nobody in."""
    actor, now = permissions.caller(MemberActor), clock.now()
    event = queries.at_venue(code, now)
    if isinstance(event, Refusal):
        return _refused(None, event)
    mine = queries.of_member(event.id, actor.member_id)
    placed = [one for one in mine if one.joined and one.state in door_rules.PLACED]
    refusal = _why_not(event, mine, placed, now)
    anew = door_rules.comes_anew(event, [one.state for one in mine], now)
    walk_in = anew and door_rules.by_member(event, None, now) is None
    if refusal and not walk_in:
        return _refused(event, refusal)
    captained = [one.signup_id for one in placed if one.captain]
    people = [one for one in queries.of_entries(event.id, captained) if one.role is not Role.MEMBER]
    return _page(
        "venue.html", event, mine=placed, people=people, walk_in=walk_in,
        stamp=door.venue_stamp(actor=actor, event_id=event.id, now=now),
    )  # fmt: skip


@blueprint.post("/v/check-in")
@limiter.limit(WRITE)
def check_in() -> ResponseReturnValue:
    """Within five minutes of reading the code."""
    actor, event, form = permissions.caller(MemberActor), _event(), request.form
    ordinals = [found for one in form.getlist("with") if (found := whole_number(one)) is not None]
    result = in_transaction(
        lambda: door.check_in_here(
            actor=actor, event_id=event.id, stamp=form.get("stamp", ""), ordinals=ordinals, now=clock.now()
        )
    )
    return _said(event, result)


@blueprint.post("/v/walk-in")
@limiter.limit(WRITE)
def walk_in() -> ResponseReturnValue:
    """Signs up at the door, where there is room, and is in."""
    actor, event, form = permissions.caller(MemberActor), _event(), request.form
    try:
        result: Arrival | Refusal = in_transaction(
            lambda: walking_in.take_in_here(
                actor=actor, event_id=event.id, stamp=form.get("stamp", ""),
                category=whole_number(form.get("category")) or 0, slot=whole_number(form.get("slot")), now=clock.now(),
            )
        )  # fmt: skip
    except Invalid as error:
        result = Refusal(error.code, {name: fact for name, fact in error.facts.items() if name != "field"})
    return _said(event, result)


def _why_not(event: Event, mine: list[DoorPerson], placed: list[DoorPerson], now: Any) -> Refusal | None:
    """None: one of her entries lets her in now."""
    if not mine:
        return Refusal(errors.NOT_SIGNED_UP)
    if not placed:
        return door_rules.entry(mine[0].state, joined=mine[0].joined)
    refusals = [door_rules.by_member(event, one.slot, now) for one in placed]
    # Who is in already sees that she is, whatever the hour.
    return None if None in refusals or all(one.in_at for one in placed) else refusals[0]


def _said(event: Event, result: Arrival | Refusal) -> ResponseReturnValue:
    return _refused(event, result) if isinstance(result, Refusal) else _page("venue_in.html", event, arrival=result)


def _refused(event: Event | None, refusal: Refusal) -> ResponseReturnValue:
    return _page("venue_no.html", event, problem=refusal_problem(refusal)), 409


def _page(template: str, event: Event | None, **values: Any) -> str:
    return render_template(template, event=event, words=words, **SAYS, **values)


def _event() -> Event:
    try:
        return events.public(EventId(UUID(request.form.get("event", ""))))
    except ValueError:
        raise NotFound(errors.EVENT_UNKNOWN) from None
