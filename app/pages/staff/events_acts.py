"""One event on its organiser’s desk: looked at as a member would, published, called off, copied, dropped."""

import datetime
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import uploads
from app.errors import problem
from app.idempotency import idempotently
from app.language import language, read_in_chinese
from app.pages import event_picture
from app.pages.events import choosing, detail, face, words
from app.pages.events.detail import Names, Notice
from app.pages.events.pages import poster_path
from app.pages.paths import see_other
from app.pages.sent import whole_number
from app.pages.staff import desk
from app.pages.staff.events import seen
from app.throttle import WRITE, limiter
from app.wording import clerk_words
from services.cards.picture import QUIET_ZONE, draw
from services.core import clock
from services.core.errors import Conflict, DomainError, Invalid, NotFound
from services.core.files import files
from services.core.transaction import in_transaction
from services.events import door_rules, rules
from services.events.errors import EVENT_UNKNOWN
from services.events.faults import faults, unready
from services.events.queries import misses
from services.events.queries import organising as lists
from services.events.service import copying, organising
from services.events.types import Event, EventId, Mode, Phase

blueprint = Blueprint("staff_event_acts", __name__, template_folder="..")
FORM_ROOM = 64 * 1024


uploads.room("staff_event_acts.hand_in_picture", most=event_picture.LARGEST + FORM_ROOM)


@blueprint.get("/<uuid:event_id>")
def one(event_id: UUID) -> ResponseReturnValue:
    """`?done=published`: right after it went out, with what to do next."""
    return _one(seen(event_id), fresh=request.args.get("done") == "published")


@blueprint.get("/<uuid:event_id>/preview")
def preview(event_id: UUID) -> ResponseReturnValue:
    """As a member will see it; nothing on it can be pressed."""
    event, now = seen(event_id), clock.now()
    page = replace(
        detail.shown(event, None, "member", now),
        act="", notice=Notice("info", "info", _("这是预览，会员还看不到。")),
    )  # fmt: skip
    picture = None
    if event.terms.picture:
        picture = desk.address("staff_event_acts.picture", event_id=event_id)
    return render_template("events/detail.html", event=event, page=page, picture=picture)


@blueprint.get("/<uuid:event_id>/picture")
def picture(event_id: UUID) -> ResponseReturnValue:
    return event_picture.shown(seen(event_id).terms.picture, public=False)


@blueprint.get("/<uuid:event_id>/poster")
def poster(event_id: UUID) -> ResponseReturnValue:
    """A sheet to hang up, with the code that leads to the event. None for what nobody can sign up for any more."""
    event, now = seen(event_id), clock.now()
    if not _on_walls(event, now):
        raise NotFound(EVENT_UNKNOWN)
    read_in_chinese()
    terms = event.terms
    drawing = draw(current_app.config["SETTINGS"].public_url + poster_path(event.id))
    return render_template(
        "staff/events_poster.html", event=event, drawing=drawing, quiet=QUIET_ZONE, who=words.who(terms, Names()),
        when=words.when(terms.starts_at, terms.ends_at), signs_up=words.when(terms.opens_at, terms.closes_at),
    )  # fmt: skip


@blueprint.post("/<uuid:event_id>/publish")
@limiter.limit(WRITE)
def publish(event_id: UUID) -> ResponseReturnValue:
    """What was looked at goes out. Raises nothing that the page does not say."""
    revision = whole_number(request.form.get("seen")) or 0
    return _act(event_id, lambda **by: organising.publish(revision=revision, **by), done="published")


@blueprint.post("/<uuid:event_id>/cancel")
@limiter.limit(WRITE)
def cancel(event_id: UUID) -> ResponseReturnValue:
    note = request.form.get("note", "")
    return _act(event_id, lambda **by: organising.cancel(note=note, **by))


@blueprint.post("/<uuid:event_id>/copy")
@limiter.limit(WRITE)
def copy(event_id: UUID) -> ResponseReturnValue:
    """The same form sent twice is one draft."""
    event, officer = seen(event_id), desk.officer()
    made, _status = idempotently(
        lambda: copying.copy(actor=officer, event_id=event.id, now=clock.now()),
        lambda copied: {"event_id": str(copied)},
        scope=officer.label,
    )
    return see_other("staff_events.edit_form", event_id=made["event_id"])


@blueprint.post("/<uuid:event_id>/discard")
@limiter.limit(WRITE)
def discard(event_id: UUID) -> ResponseReturnValue:
    event = seen(event_id)
    answer = _act(event_id, organising.discard, back="staff_events.all_events")
    event_picture.forget(event.terms.picture)
    return answer


@blueprint.post("/<uuid:event_id>/picture")
@limiter.limit(WRITE)
def hand_in_picture(event_id: UUID) -> ResponseReturnValue:
    """Another picture, or none. It is kept before the event names it, and the old one forgotten after."""
    event, sent, key = seen(event_id), request.files.get("picture"), None
    data = sent.read(event_picture.LARGEST + 1) if sent else b""
    if not data and "gone" not in request.form:
        return _one(event, picture_wrong=_("请先选一张图片。")), 422
    if data:
        try:
            key = files.put(event_picture.drawn_anew(data))
        except Invalid as error:
            return _one(event, picture_wrong=clerk_words(error.code, error.facts, language=language())), 422
    terms = replace(event.terms, picture=key)
    answer = _act(event_id, lambda **by: organising.rewrite(revision=event.revision, terms=terms, **by))
    event_picture.forget(event.terms.picture)
    event_picture.forget(key)
    return answer


def _act(event_id: UUID, verb: Callable[..., Any], *, back: str = "", done: str | None = None) -> ResponseReturnValue:
    """One verb; a no is said on the event's page. `done`: what that page says first where it was a yes."""
    event, officer = seen(event_id), desk.officer()
    try:
        in_transaction(lambda: verb(actor=officer, event_id=EventId(event.id), now=clock.now()))
    except (Conflict, Invalid) as error:
        return _one(seen(event_id), error), 422 if isinstance(error, Invalid) else 409
    return see_other(back) if back else see_other("staff_event_acts.one", event_id=event_id, done=done)


def _one(event: Event, error: DomainError | None = None, *, picture_wrong: str = "", fresh: bool = False) -> str:
    now, named = clock.now(), Names()
    missing = []
    if event.published_at is None:
        found = [*faults(event.terms, union=event.union_path), *unready(event.terms, now=now)]
        missing = [clerk_words(one.code, one.facts, language=language()) for one in found]
    wrong = problem(error.code, 409, dict(error.facts)) if error else None
    return desk.page(
        "staff/events_one.html", event=event, face=face.face(event, now), phase=rules.phase(event, now), phases=Phase,
        when=words.when(event.terms.starts_at, event.terms.ends_at), kind=words.kind_words(event.terms.kind),
        opens=words.moment_words(event.terms.opens_at, now), closes=words.moment_words(event.terms.closes_at, now),
        who=words.who(event.terms, named), how=words.how(event, now), steps=words.steps(event, now),
        places=choosing.places(event, now, named, {}), categories=[
            (one, words.category_words(one)) for one in event.terms.categories
        ],
        missing=missing, wrong=wrong, note=request.form.get("note", ""), people=lists.told(event.id),
        settling=_settling(event, now), fresh=fresh, link=_link(event, now), picture_wrong=picture_wrong,
        more=_more(event), demo=current_app.config["SETTINGS"].demo,
    )  # fmt: skip


def _link(event: Event, now: datetime.datetime) -> str:
    """What is sent to a chat while people may still sign up."""
    path = url_for("events.one", event_id=event.id)
    return f"{current_app.config['SETTINGS'].public_url}{path}" if _on_walls(event, now) else ""


def _settling(event: Event, now: datetime.datetime) -> str:
    """What being absent from this event will cost, from its beginning until it is counted."""
    at = event.terms.ends_at + door_rules.TICKS_UNTIL
    if event.published_at is None or event.cancelled_at or not event.terms.starts_at <= now < at:
        return ""
    seen = misses.turnout(event.id)
    if not seen.expected:
        return ""
    said = _("签到 %(come)s / %(all)s 人。", come=seen.come, all=seen.expected)
    when = words.moment_words(at, now)
    if not door_rules.kept(seen.expected, seen.come):
        few = _("签到的不到五分之一，就当没有用签到：谁都不算爽约。在纸上签到的，请在 %(at)s 前补录。", at=when)
        return str(said + few)
    if not seen.absent:
        return str(said)
    absent = _("没签到的 %(count)s 人，%(at)s 起各记一次爽约。有漏签的，请在此前补录。", count=seen.absent, at=when)
    return str(said + absent)


def _more(event: Event) -> list[tuple[str, str, str]]:
    """Other pages about this event, as far as there are any: address, icon, words."""
    pages = [
        ("staff_event_live.live", "me", _("报名名单")),
        ("staff_door.door_of", "scan", _("现场签到")),
        ("staff_event_figures.figures", "chart", _("图表")),
    ]
    if _on_walls(event, clock.now()):
        pages.append(("staff_event_acts.poster", "file", _("打印海报")))
    if event.terms.mode is Mode.DRAW:
        pages.insert(1, ("staff_event_draw.draw", "draw", _("摇号")))
    if event.terms.unit_entry:
        pages.insert(1, ("staff_event_units.enter", "file", _("统一报名")))
    found = [(desk.address(endpoint, event_id=event.id), icon, said) for endpoint, icon, said in pages]
    return [(url, icon, said) for url, icon, said in found if url]


def _on_walls(event: Event, now: datetime.datetime) -> bool:
    return event.published_at is not None and rules.phase(event, now) in (Phase.COMING, Phase.OPEN)
