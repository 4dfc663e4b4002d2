"""The door of an event on an officer's phone: scan, search, list, paper, the venue's code on a screen."""

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, make_response, request, url_for
from flask.typing import ResponseReturnValue

from app import event_looks, partners, permissions
from app.errors import refusal_problem
from app.language import read_in_chinese
from app.pages.events import words
from app.pages.paths import see_other
from app.pages.sent import whole_number
from app.pages.shop import wechat
from app.pages.staff import desk, door_forms
from app.throttle import SCAN, WRITE, limiter
from services.accounts.errors import NOT_OUR_PAGE
from services.accounts.types import Capability
from services.cards.picture import QUIET_ZONE, draw
from services.core import clock
from services.core.errors import Conflict, Invalid, NotFound, Refusal
from services.core.phones import phone
from services.core.transaction import in_transaction
from services.events import door_codes, door_rules, errors, rules
from services.events.queries import door as queries
from services.events.queries import events, misses
from services.events.service import door, walking_in
from services.events.types import Event, EventId, Named, Phase
from services.events.types.door import Arrival, Stranger
from services.members.types import MemberId

blueprint = Blueprint("staff_door", __name__, template_folder="..")
ROWS = 100


@blueprint.get("")
def doors() -> ResponseReturnValue:
    """Events whose door is open, or was or will be within a day."""
    return desk.page("staff/door_doors.html", events=queries.near(scopes=_scopes(), now=clock.now()), words=words)


@blueprint.get("/<uuid:event_id>")
def door_of(event_id: UUID) -> ResponseReturnValue:
    """Where codes are read."""
    return _door(_event(event_id))


@blueprint.post("/<uuid:event_id>")
@limiter.limit(SCAN)
def find(event_id: UUID) -> ResponseReturnValue:
    """By name, which stands in no address."""
    return _door(_event(event_id), request.form.get("q", "").strip()[:40])


def _door(event: Event, sought: str = "") -> ResponseReturnValue:
    script, found = wechat.script(), queries.sought(event.id, sought) if sought else []
    event_looks.keep(event, len(found))
    response = make_response(_page("staff/door.html", event, wechat=script, sought=sought, found=found))
    if script:
        response.headers["Content-Security-Policy"] = wechat.policy(script)
    return response


@blueprint.get("/<uuid:event_id>/signature")
@limiter.limit(SCAN)
def signature(event_id: UUID) -> ResponseReturnValue:
    """What wx.config takes for this door's page. Raises Invalid(not_our_page)."""
    event, url = _event(event_id), request.args.get("url", "")
    own = f"{current_app.config['SETTINGS'].public_url}{url_for('.door_of', event_id=event.id)}"
    if url.partition("#")[0].partition("?")[0] != own:
        raise Invalid(NOT_OUR_PAGE, field="url")
    return wechat.config(partners.page_signature(url))


@blueprint.post("/<uuid:event_id>/scan")
@limiter.limit(SCAN)
def scan(event_id: UUID) -> ResponseReturnValue:
    event, text, officer = _event(event_id), request.form.get("code", ""), desk.officer()
    result = in_transaction(lambda: door.scan(actor=officer, event_id=event.id, text=text, now=clock.now()))
    if isinstance(result, Stranger) and result.refusal is None:
        now = clock.now()
        stamp = walking_in.scanned_stamp(actor=officer, event_id=event.id, member_id=result.member_id, now=now)
        return _verdict(event, stranger=result, stamp=stamp)
    return _verdict(event, stranger=result) if isinstance(result, Stranger) else _said(event, result)


@blueprint.post("/<uuid:event_id>/tick")
@limiter.limit(SCAN)
def tick(event_id: UUID) -> ResponseReturnValue:
    """Checks in people by name: of one entry, or one of them from the list, to which it goes back."""
    event, officer = _event(event_id), desk.officer()
    keys = door_forms.people(request.form.getlist("person"))
    if not keys or len({signup_id for signup_id, _ in keys}) > 1:
        raise NotFound(errors.SIGNUP_UNKNOWN)
    signup_id, ordinals = keys[0][0], [ordinal for _, ordinal in keys]
    result = in_transaction(
        lambda: door.tick(actor=officer, event_id=event.id, signup_id=signup_id, ordinals=ordinals, now=clock.now())
    )
    if "list" in request.form and isinstance(result, Arrival):
        return see_other(".listed", event_id=event.id, _anchor=f"p{signup_id}", **door_forms.filters(request.form))
    return _said(event, result)


@blueprint.post("/<uuid:event_id>/undo")
@limiter.limit(WRITE)
def undo(event_id: UUID) -> ResponseReturnValue:
    event, officer = _event(event_id), desk.officer()
    keys = door_forms.people(request.form.getlist("person"))
    if len(keys) != 1:
        raise NotFound(errors.SIGNUP_UNKNOWN)
    signup_id, ordinal = keys[0]
    try:
        in_transaction(
            lambda: door.undo(actor=officer, event_id=event.id, signup_id=signup_id, ordinal=ordinal, now=clock.now())
        )
    except Conflict as error:
        return _said(event, Refusal(error.code, error.facts))
    return see_other(".listed", event_id=event.id, _anchor=f"p{signup_id}", **door_forms.filters(request.form))


@blueprint.post("/<uuid:event_id>/walk-in")
@limiter.limit(WRITE)
def walk_in(event_id: UUID) -> ResponseReturnValue:
    """Takes in whose card was just read, or a member by name and phone."""
    event, form, officer = _event(event_id), request.form, desk.officer()
    category, slot = whole_number(form.get("category")) or 0, whole_number(form.get("slot"))

    def act() -> Arrival | Refusal:
        now = clock.now()
        if "member" in form:
            return walking_in.take_in(
                actor=officer, event_id=event.id, member_id=_member(), stamp=form.get("stamp", ""), category=category,
                slot=slot, now=now,
            )  # fmt: skip
        named = Named(form.get("name", "").strip()[:40], phone(form.get("phone", "")) or "")
        return walking_in.take_in_named(
            actor=officer, event_id=event.id, named=named, category=category, slot=slot, now=now
        )

    try:
        result: Arrival | Refusal = in_transaction(act)
    except Invalid as error:
        result = Refusal(error.code, {name: fact for name, fact in error.facts.items() if name != "field"})
    if isinstance(result, Refusal) and "member" not in form:
        return _page("staff/door_walk_in.html", event, problem=refusal_problem(result), typed=form), 409
    return _said(event, result)


@blueprint.get("/<uuid:event_id>/walk-in")
def walk_in_form(event_id: UUID) -> ResponseReturnValue:
    return _page("staff/door_walk_in.html", _event(event_id), problem=None, typed={})


@blueprint.get("/<uuid:event_id>/list")
def listed(event_id: UUID) -> ResponseReturnValue:
    """Everybody with a place; names in clear, for the organiser."""
    event, filters = _event(event_id), door_forms.filters(request.args)
    wanted = door_forms.wanted(filters)
    first = max(0, whole_number(request.args.get("from")) or 0)
    shown = queries.expected(event.id, **wanted, first=first, most=ROWS)
    event_looks.keep(event, len(shown))
    return _page(
        "staff/door_list.html", event, people=shown, total=queries.count(event.id, **wanted), first=first, rows=ROWS,
        filters=filters, closed=queries.settled(event.id),
    )  # fmt: skip


@blueprint.get("/<uuid:event_id>/print")
def printed(event_id: UUID) -> ResponseReturnValue:
    """The same on paper, with boxes to tick by hand."""
    event = _event(event_id)
    read_in_chinese()
    people = queries.expected(event.id)
    event_looks.keep(event, len(people))
    return _page("staff/door_print.html", event, people=people, asked=door_forms.on_paper)


@blueprint.get("/<uuid:event_id>/paper")
def paper_form(event_id: UUID) -> ResponseReturnValue:
    event = _event(event_id)
    return _paper(event, door_forms.Paper.blank(event))


@blueprint.post("/<uuid:event_id>/paper")
@limiter.limit(WRITE)
def paper(event_id: UUID) -> ResponseReturnValue:
    """Ticks made on paper: each at its own time, or all at one."""
    event, officer = _event(event_id), desk.officer()
    form = door_forms.Paper.sent(request.form)
    ticks = form.ticks()
    if ticks is None:
        return _paper(event, form), 422
    result = in_transaction(lambda: door.enter_ticks(actor=officer, event_id=event.id, ticks=ticks, now=clock.now()))
    if isinstance(result, Refusal):
        form.problem = refusal_problem(result)
        return _paper(event, form), 409
    return _paper(event, door_forms.Paper.blank(event), done=result)


@blueprint.get("/<uuid:event_id>/code")
def code(event_id: UUID) -> ResponseReturnValue:
    """The venue's code for a screen or a tablet: it renews itself, with scripts and without."""
    event = _event(event_id)
    return _page("staff/door_code.html", event, **_code(event))


@blueprint.get("/<uuid:event_id>/code/part")
def code_part(event_id: UUID) -> ResponseReturnValue:
    """The moving part of that page, for its script."""
    event = _event(event_id)
    return _page("staff/door_code_part.html", event, **_code(event))


def _code(event: Event) -> dict[str, Any]:
    now, settings = clock.now(), current_app.config["SETTINGS"]
    shown = door_codes.venue_code(queries.serial(event.id), now=now)
    address = f"{settings.public_url}/v/{shown.text}"
    return {
        "drawing": draw(address.upper() if settings.code_case == "upper" else address.lower()),
        "quiet": QUIET_ZONE,
        "left": (shown.renew_at - now).total_seconds(),
        "good": (shown.expires_at - now).total_seconds(),
    }


def _said(event: Event, result: Arrival | Refusal) -> ResponseReturnValue:
    if isinstance(result, Refusal):
        return _verdict(event, problem=door_forms.at_door(refusal_problem(result)))
    return _verdict(event, arrival=result)


def _verdict(
    event: Event, *, arrival: Arrival | None = None, stranger: Stranger | None = None,
    problem: dict[str, Any] | None = None, stamp: str = "",
) -> ResponseReturnValue:  # fmt: skip
    page = _page("staff/door_verdict.html", event, arrival=arrival, stranger=stranger, problem=problem, stamp=stamp)
    return page, 200 if arrival else 409


def _paper(event: Event, form: door_forms.Paper, done: Any = None) -> str:
    people = queries.expected(event.id, come=False)
    event_looks.keep(event, len(people))
    return _page("staff/door_paper.html", event, people=people, form=form, done=done)


def _page(template: str, event: Event, **values: Any) -> str:
    now, attendance = clock.now(), queries.attendance(event.id)
    over = rules.phase(event, now) is Phase.OVER
    return desk.page(
        template, event=event, attendance=attendance, expected=sum(one.expected for one in attendance),
        come=sum(one.come for one in attendance), closed_now=door_rules.by_staff(event, now),
        may_walk_in=door_rules.walk_in(event, now) is None, over=over, missed=misses.written(event.id) if over else 0,
        words=words, **door_forms.SAYS, **values,
    )  # fmt: skip


def _event(event_id: UUID) -> Event:
    """A published event of the officer's. Raises NotFound(event_unknown)."""
    event = events.within(EventId(event_id), scopes=_scopes())
    if not event.published_at:
        raise NotFound(errors.EVENT_UNKNOWN)
    return event


def _member() -> MemberId:
    try:
        return MemberId(UUID(request.form["member"]))
    except ValueError:
        raise NotFound(errors.SIGNUP_UNKNOWN) from None


def _scopes() -> Any:
    return permissions.scopes(Capability.MANAGE_EVENTS)
