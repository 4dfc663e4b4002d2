"""An officer puts on events: the list, a new one from a tile, and its form, which keeps all that was typed."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app import permissions, uploads
from app.idempotency import idempotently
from app.pages import asked_editor
from app.pages.asked_editor import Editor
from app.pages.events import face, words
from app.pages.paths import page_asked, see_other
from app.pages.sent import whole_number
from app.pages.staff import desk, events_forms, events_rows
from app.pages.staff.events_fill import section_of, typed_of
from app.pages.staff.events_forms import Written
from app.pages.staff.events_presets import PRESETS, terms_of
from app.pages.staff.events_typed import Typed
from app.sentences import group_words, standing_words
from app.throttle import WRITE, limiter
from services.accounts.types import Capability
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Conflict, DomainError, Invalid, NotFound
from services.core.transaction import in_transaction
from services.events import changes, errors
from services.events.queries import events
from services.events.queries import organising as lists
from services.events.queries.organising import Shelf
from services.events.service import organising
from services.events.types import Event, EventId, Kind
from services.members.types import Standing
from services.unions import queries as unions
from services.unions.types import TradeGroup

blueprint = Blueprint("staff_events", __name__, template_folder="..")

FORM_MOST = 512 * 1024
"""Bytes of the form with its longest text, all slots and all questions."""


uploads.room("staff_events.edit", most=FORM_MOST)


@blueprint.get("")
def all_events() -> ResponseReturnValue:
    """`?on=`: those to come, that run, drafts, or that are over."""
    asked = request.args.get("on", "")
    shelf = Shelf(asked) if asked in set(Shelf) else Shelf.COMING
    scopes, now = permissions.scopes(Capability.MANAGE_EVENTS), clock.now()
    page = lists.page(page_asked(), shelf=shelf, scopes=scopes, now=now)
    faces = {one.id: face.face(one, now) for one in page.items}
    return desk.page("staff/events.html", page=page, shelf=shelf, shelves=Shelf, faces=faces, when=words.when)


@blueprint.get("/new")
def new_form() -> ResponseReturnValue:
    permissions.scopes(Capability.MANAGE_EVENTS)
    return desk.page("staff/events_new.html", presets=PRESETS)


@blueprint.post("/new")
@limiter.limit(WRITE)
def new() -> ResponseReturnValue:
    """A draft of this sort in the officer's own union; the same form sent twice is one."""
    scopes, officer, now = permissions.scopes(Capability.MANAGE_EVENTS), desk.officer(), clock.now()
    sort = request.form.get("sort", "")
    if sort not in PRESETS:
        return desk.page("staff/events_new.html", presets=PRESETS), 422
    union, terms = unions.at(scopes[0]), terms_of(sort, now=now)
    made, _status = idempotently(
        lambda: organising.draft(actor=officer, union_id=union.id, terms=terms, now=now),
        lambda event_id: {"event_id": str(event_id)},
        scope=officer.label,
    )
    return see_other("staff_events.edit_form", event_id=made["event_id"])


@blueprint.get("/<uuid:event_id>/edit")
def edit_form(event_id: UUID) -> ResponseReturnValue:
    event = seen(event_id)
    return _form(event, typed_of(event))


@blueprint.post("/<uuid:event_id>/edit")
@limiter.limit(WRITE)
def edit(event_id: UUID) -> ResponseReturnValue:
    """A draft is kept whenever it can be read, finished or not. Of a published event those signed up may be told:
    then it asks first. A button of a list adds or takes a row."""
    event = seen(event_id)
    typed: MultiDict[str, str] = MultiDict(request.form.items(multi=True))
    if "do" in typed:
        return _acted(event, typed)
    found = _read(typed, event)
    if found.editor.acted:
        return _acted(event, typed, found.editor)
    if found.terms is None or (event.published_at and found.wrong):
        return _form(event, typed, found), 422
    told = _told(event, found)
    if told and not typed.get("sure"):
        return _form(event, typed, found, told=told)
    try:
        revision = _keep(event, found)
    except (Conflict, Invalid) as error:
        if "field" in error.facts:
            found.at_field(error)
        elif error.code != errors.EVENT_CHANGED:
            raise
        return _form(seen(event_id), typed, found, changed=error.code == errors.EVENT_CHANGED), 409
    if found.wrong:
        return _form(seen(event_id), _seen_now(typed, revision), found, kept=True), 422
    return see_other("staff_event_acts.one", event_id=event_id)


def seen(event_id: UUID) -> Event:
    """Of the officer's own subtrees."""
    return events.within(event_id, scopes=permissions.scopes(Capability.MANAGE_EVENTS))


def _acted(event: Event, typed: MultiDict[str, str], editor: Editor | None = None) -> ResponseReturnValue:
    """The form after a button of a list. A draft is kept on the way, if what is there can be read."""
    at = Typed(typed)
    where = events_rows.act(at, typed.pop("do", "")) if editor is None else "ask"
    if event.published_at is None and editor is None and not at.wrong:
        found = _read(MultiDict(typed), event)
        if found.terms and typed.get("seen") == str(event.revision):
            try:
                _seen_now(typed, _keep(event, found))
            except DomainError:
                # What was typed comes back all the same, and is kept when it is sent.
                where = where or ""
    return _form(seen(event.id), typed, editor=editor, wrong=at.wrong, where=where)


def _read(typed: MultiDict[str, str], event: Event) -> Written:
    scopes = permissions.scopes(Capability.MANAGE_EVENTS)
    return events_forms.read(typed, event, scopes=scopes, now=clock.now())


def _keep(event: Event, found: Written) -> int:
    revision, terms, officer = whole_number(found.typed.get("seen")), found.terms, desk.officer()
    if terms is None or revision is None:
        raise Conflict(errors.EVENT_CHANGED)
    return in_transaction(
        lambda: organising.rewrite(
            actor=officer, event_id=event.id, revision=revision, terms=terms, now=clock.now(),
            union_id=found.union_id if event.published_at is None else None,
        )
    )  # fmt: skip


def _told(event: Event, found: Written) -> list[str]:
    """The terms, by name, of which people will be told; none where there is nobody to tell."""
    if event.published_at is None or found.terms is None or not lists.told(EventId(event.id)):
        return []
    return changes.told(event.terms, found.terms, lists.used(event.id))


def _seen_now(typed: MultiDict[str, str], revision: int) -> MultiDict[str, str]:
    typed["seen"] = str(revision)
    return typed


def _form(
    event: Event,
    typed: MultiDict[str, str],
    found: Written | None = None,
    *,
    editor: Editor | None = None,
    wrong: dict[str, str] | None = None,
    where: str = "",
    **said: Any,
) -> str:
    if event.cancelled_at:
        raise NotFound(errors.EVENT_UNKNOWN)
    lines = Typed(typed)
    if "seen" not in typed or said.get("changed"):
        typed["seen"] = str(event.revision)
    editor = editor or (found.editor if found else _editor(event))
    wrong = wrong or (found.wrong if found else {})
    opened = {section_of(name) for name in wrong} | ({"asked"} if editor.wrong or editor.acted else set())
    return desk.page(
        "staff/events_form.html", event=event, typed=typed, wrong=wrong, editor=editor,
        opened=opened | {_fold(where)}, rows={name: lines.rows(name) for name in events_rows.SEVERAL},
        kinds=[(one.value, words.kind_words(one)) for one in Kind], days=_days(event), people=lists.told(event.id),
        standings=[(one.value, standing_words(one)) for one in Standing if one is not Standing.LEFT],
        groups=[(one.value, group_words(one)) for one in TradeGroup],
        faults=len(wrong) + len(editor.wrong), **said,
    )  # fmt: skip


def _editor(event: Event) -> Editor:
    return asked_editor.sent(event.terms.form) if request.method == "POST" else asked_editor.fill(event.terms.form)


def _fold(where: str) -> str:
    return {"cat": "teams", "slot": "slots", "quota": "places", "wave": "ways", "ask": "asked"}.get(where, "")


def _days(event: Event) -> bool:
    """Does the event, or what lies in it, touch several days?"""
    return words.several_days(event.terms.slots) or local_date(event.terms.starts_at) != local_date(event.terms.ends_at)
