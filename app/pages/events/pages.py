"""Events for everybody: the list, one event with everything that it says, the way in from a poster."""

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import permissions
from app.pages.events import detail, words
from app.pages.events.listed import Listed, by_month, listed, may
from app.throttle import SEARCH
from services.accounts.service.sessions import PERSONAS
from services.accounts.types import MemberActor
from services.core import clock, ids
from services.core.errors import NotFound
from services.core.paging import DEFAULT, PageRequest
from services.core.searching import TYPED_MOST
from services.core.searching import words as searched
from services.events.errors import EVENT_UNKNOWN
from services.events.queries import events, finding, reading
from services.events.queries.finding import When
from services.events.types import Kind

blueprint = Blueprint("events", __name__, template_folder="..")

TOKEN_LENGTH = 26
PAGES_MOST = 10
"""Pages that are looked through for something that a member may sign up for."""


@dataclass(frozen=True)
class Asked:
    """What somebody looks for. Nonsense is left out."""

    kind: Kind | None
    when: When | None
    typed: str
    mine: bool

    @property
    def kept(self) -> dict[str, str | None]:
        """As parameters of an address; None leaves one out."""
        return {
            "kind": self.kind,
            "when": self.when,
            "q": self.typed or None,
            "mine": "1" if self.mine else None,
        }


@blueprint.get("/events")
@SEARCH
def all_events() -> ResponseReturnValue:
    """What is on, the next first: by kind, time and words; for a member with why not, or only what he may."""
    asked, member = _asked(), _member()
    found, cursor = _page(asked, member)
    return render_template(
        "events/list.html",
        asked=asked,
        months=by_month(found),
        next=cursor,
        member=member is not None,
        kinds=[(one, words.kind_words(one)) for one in Kind],
        times=[
            (None, _("全部")),
            (When.WEEK, _("本周")),
            (When.MONTH, _("一个月内")),
            (When.LATER, _("以后")),
            (When.PAST, _("往期")),
        ],
    )


@blueprint.get("/events/<uuid:event_id>")
def one(event_id: UUID) -> ResponseReturnValue:
    """One event: state, places, who may come, how places are given; for a member his entry, or why not."""
    return shown(event_id)


def shown(event_id: UUID, said: str = "") -> str:
    """The page of an event; `said`: what has just become of what its reader did."""
    now, member = clock.now(), _member()
    event = events.public(event_id)
    reader = detail.reading(event, member.member_id, now) if member else None
    page = detail.shown(event, reader, PERSONAS.get(type(g.get("actor"))), now)
    picture = f"{url_for('events.one', event_id=event_id)}/picture" if event.terms.picture else None
    return render_template("events/detail.html", event=event, page=page, picture=picture, said=said)


@blueprint.get("/e/<token>")
def poster(token: str) -> ResponseReturnValue:
    """Behind the QR code of a poster: 26 characters of base32 are the event's id."""
    try:
        number = ids.from_base32(token.upper()) if len(token) == TOKEN_LENGTH else -1
        event_id = UUID(int=number)
    except ValueError:
        raise NotFound(EVENT_UNKNOWN) from None
    return redirect(url_for("events.one", event_id=event_id), 302)


def poster_path(event_id: UUID) -> str:
    """The short address of an event, for its QR code."""
    return url_for("events.poster", token=ids.to_base32(event_id.int, TOKEN_LENGTH))


def _page(asked: Asked, member: MemberActor | None) -> tuple[list[Listed], str | None]:
    """Some cards and where the next begin. Whoever wants only what he may is shown the first page that is full."""
    now, cursor, found = clock.now(), request.args.get("cursor") or None, list[Listed]()
    for _turn in range(PAGES_MOST):
        page = finding.page_of_events(
            now=now, request=PageRequest(cursor), kind=asked.kind, when=asked.when, asked=searched(asked.typed)
        )
        own = reading.readers(member.member_id, of=page.items, now=now) if member else {}
        only = asked.mine and member is not None
        found += [
            listed(event, now, own.get(event.id))
            for event in page.items
            if not only or may(event, own.get(event.id), now)
        ]
        cursor = page.next
        if not only or cursor is None or len(found) >= DEFAULT:
            break
    return found, cursor


def _asked() -> Asked:
    given = request.args
    kind = Kind(given["kind"]) if given.get("kind") in set(Kind) else None
    when = When(given["when"]) if given.get("when") in set(When) else None
    return Asked(kind, when, given.get("q", "").strip()[:TYPED_MOST], given.get("mine") == "1")


def _member() -> MemberActor | None:
    actor = permissions.caller_if_any()
    return actor if isinstance(actor, MemberActor) else None
