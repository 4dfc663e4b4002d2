"""Signing up: one page, one button; sent twice it shows the entry that is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import permissions, uploads
from app.pages import asked as questions
from app.pages.asked import Asked
from app.pages.events import detail, pages, typed, words
from app.pages.events.choosing import Choice
from app.pages.events.detail import Notice
from app.pages.events.face import Face, face
from app.pages.events.typed import Typed
from app.pages.paths import see_other
from app.throttle import WRITE, limiter
from services.accounts.types import MemberActor
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Conflict, DomainError, Invalid, Refusal
from services.core.transaction import in_transaction
from services.events import eligibility, errors, rules
from services.events.queries import events
from services.events.service import signing_up
from services.events.types import Category, Event, Joining, Mode, Once, SignupId

blueprint = Blueprint("event_signing", __name__, template_folder="..")


@dataclass(frozen=True)
class Opened:
    """An event that this member may sign up for now; `categories`: those he may enter. `notice` and `act` are those
    of the event's page: a button that says 排候补 there says so here."""

    event: Event
    face: Face
    notice: Notice
    act: str
    choices: Sequence[Choice]
    slots: Sequence[Choice]

    @property
    def categories(self) -> list[Category]:
        open_ = {one.key for one in self.choices if one.open}
        return [one for one in self.event.terms.categories if one.key in open_]


uploads.room("event_signing.sign_up", most=questions.BODY_MOST)


@blueprint.get("/events/<uuid:event_id>/sign-up")
def form(event_id: UUID) -> ResponseReturnValue:
    """Whoever is in already is shown his entry; whom it is closed to, the event, which says why."""
    opened = _opened(event_id)
    if not isinstance(opened, Opened):
        return opened
    return _form(opened, typed.blank(opened.event, opened.categories), questions.fill(opened.event.terms.form))


@blueprint.post("/events/<uuid:event_id>/sign-up")
@limiter.limit(WRITE)
def sign_up(event_id: UUID) -> ResponseReturnValue:
    """Enters; a fault comes back at its field with all that was typed. Files are chosen again."""
    opened, now = _opened(event_id, tapped=True), clock.now()
    if not isinstance(opened, Opened):
        return opened
    answered = questions.sent(opened.event.terms.form)
    given = typed.read(opened.event, opened.categories, request.form, local_date(now))
    if given.wrong or answered.answers is None:
        return _form(opened, given, answered), 422
    answers = answered.keep()
    entry = given.entry(opened.event, answers)
    actor = _member()
    try:
        done = in_transaction(lambda: signing_up.sign_up(actor=actor, event_id=opened.event.id, entry=entry, now=now))
    except DomainError as error:
        questions.drop(answers, but={})
        return _refused(opened, given, answered, error)
    if isinstance(done, Refusal):
        questions.drop(answers, but={})
        return _refused(opened, given, answered, done)
    return see_other("event_entries.one", signup_id=done)


def _refused(opened: Opened, given: Typed, answered: Asked, why: Refusal | DomainError) -> ResponseReturnValue:
    """The form again with the reason; where somebody tapped twice, the entry of the first tap."""
    if not isinstance(why, Refusal | Invalid | Conflict):
        raise why
    if why.code == errors.ALREADY_SIGNED_UP and (there := _entry_in(opened.event, given)):
        return see_other("event_entries.one", signup_id=there)
    given.say(why)
    again = _opened(opened.event.id, tapped=True)
    if not isinstance(again, Opened):
        return again
    return _form(again, given, answered), 422 if isinstance(why, Invalid) else 409


def _entry_in(event: Event, given: Typed) -> SignupId | None:
    """The member's own entry that is in the way of this one; None where it is a colleague's."""
    reader = detail.reading(event, _member().member_id, clock.now())
    each = event.terms.once is Once.CATEGORY
    for one in reader.active if reader else ():
        if not each or str(one.signup.category) == given.category:
            return one.signup.id
    return None


def _opened(event_id: UUID, *, tapped: bool = False) -> Opened | ResponseReturnValue:
    """`tapped`: the button of the form, which was open when it was shown: who finds it closed is told that nothing has
    come of it."""
    now, actor = clock.now(), _member()
    event = events.public(event_id)
    reader = detail.reading(event, actor.member_id, now)
    if reader is None:
        return see_other("events.one", event_id=event_id)
    if reader.active and event.terms.once is Once.EVENT:
        return see_other("event_entries.one", signup_id=reader.active[0].signup.id)
    choices, slots = detail.own_choices(event, reader, now)
    shown = face(event, now)
    notice, act = detail.may(event, shown, reader, choices, "member", now)
    if eligibility.open_now(event, now) or notice is None or not act:
        if tapped:
            return pages.shown(event_id, _("没有报上：您填的时候情况变了，现在是这样。")), 409
        return see_other("events.one", event_id=event_id)
    return Opened(event, shown, notice, act, choices, slots)


def _form(opened: Opened, given: Typed, answered: Asked) -> str:
    event, now = opened.event, clock.now()
    terms = event.terms
    least = min((one.least for one in opened.categories), default=1) - 1
    may_wait = terms.mode is Mode.FIRST_COME and terms.waiting_most and not rules.next_wave(terms.waves, now)
    return render_template(
        "events/sign_up.html",
        event=event,
        face=opened.face,
        notice=opened.notice,
        choices=opened.choices,
        slots=detail.by_day(opened.slots),
        typed=given,
        asked=answered,
        least=least,
        waits=opened.notice.icon == "queue",
        may_wait=bool(may_wait and rules.offered_until(terms, now)),
        when=words.when(terms.starts_at, terms.ends_at),
        confirms=terms.joining is Joining.CONFIRM,
        until=words.within(words.moment_words(rules.join_by(terms, now), now)),
        ages=_ages(opened.categories),
        act=opened.act,
    )


def _ages(categories: Sequence[Category]) -> str:
    """Of the children that may come, over all categories that are open."""
    with_children = [one for one in categories if one.children]
    if not with_children:
        return ""
    return words.age_words(min(one.child_from for one in with_children), max(one.child_to for one in with_children))


def _member() -> MemberActor:
    return permissions.caller(MemberActor)
