"""My events: what waits for my word, what lies ahead, what is past; one entry with all that can be done about it."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import permissions
from app.language import language, text
from app.pages.events import own, words
from app.pages.events.face import Face
from app.pages.events.typed import NAME_MOST, PHONE_MOST
from app.pages.member.reaching_offers import answer, consent_offer
from app.pages.paths import page_asked, see_other
from app.throttle import WRITE, limiter
from app.wording import member_words
from services.accounts.types import MemberActor
from services.core import clock, forms
from services.core.calendar import local
from services.core.errors import Conflict, DomainError, Invalid, Refusal
from services.core.phones import phone
from services.core.transaction import in_transaction
from services.events import rules
from services.events.door_rules import CERTIFIED
from services.events.queries import events, misses
from services.events.queries import mine as queries
from services.events.queries.mine import Own, Replaced
from services.events.service import joining, leaving, offering, replacing
from services.events.types import ACTIVE, EventId, Named, Presence, SignupId, State
from services.members import queries as members
from services.notifications.service.asking import Tap

blueprint = Blueprint("event_entries", __name__, template_folder="..")


@dataclass(frozen=True)
class Line:
    """An entry in a list. `waits`: for this member's word."""

    own: Own
    face: Face
    day: datetime.date
    weekday: str
    clock: str

    @property
    def waits(self) -> bool:
        signup = self.own.signup
        invited = self.own.me.presence is Presence.INVITED and signup.state in ACTIVE
        return invited or (signup.state is State.OFFERED and self.own.captain and bool(self.face.act))

    @property
    def brief(self) -> str:
        """What the day and the pill do not say: until when to answer, until when to cancel, the place in the line."""
        said = [one for one in self.face.said if one]
        if self.waits and said:
            return said[0]
        return said[-1] if self.own.signup.state is State.CONFIRMED and said else self.face.title


@blueprint.get("/me/events")
def mine() -> ResponseReturnValue:
    """What waits for an answer on top, then what comes, then what was; and what missing has cost."""
    actor, now = _member(), clock.now()
    first = not request.args.get("cursor")
    coming = [_line(one, now) for one in queries.coming(member_id=actor.member_id, now=now)] if first else []
    ahead = {line.own.signup.id for line in coming}
    past = queries.page(page_asked(), member_id=actor.member_id)
    profile = members.profile(actor.member_id)
    return render_template(
        "events/mine.html",
        waiting=[line for line in coming if line.waits],
        coming=[line for line in coming if not line.waits],
        past=[_line(one, now) for one in past.items if one.signup.id not in ahead],
        page=past,
        records=misses.records(actor.member_id, profile.union_path, now) if first else [],
        kind_words=words.kind_words,
    )


@blueprint.errorhandler(Replaced)
def not_his(error: Replaced) -> ResponseReturnValue:
    """Whose place another has now reads that behind the link he was sent, and whatever he taps on a page of before."""
    event = events.public(EventId(UUID(str(error.facts["event"]))))
    page = render_template("events/replaced.html", event=event, face=own.replaced())
    return page, 200 if request.method == "GET" else 409


@blueprint.get("/me/events/<uuid:signup_id>")
def one(signup_id: UUID) -> ResponseReturnValue:
    return _entry(SignupId(signup_id))


@blueprint.post("/me/events/<uuid:signup_id>/accept")
@limiter.limit(WRITE)
def accept(signup_id: UUID) -> ResponseReturnValue:
    return _done(signup_id, lambda actor, one, now: offering.accept(actor=actor, signup_id=one, now=now))


@blueprint.post("/me/events/<uuid:signup_id>/decline")
@limiter.limit(WRITE)
def decline(signup_id: UUID) -> ResponseReturnValue:
    return _done(signup_id, lambda actor, one, now: offering.decline(actor=actor, signup_id=one, now=now))


@blueprint.post("/me/events/<uuid:signup_id>/cancel")
@limiter.limit(WRITE)
def cancel(signup_id: UUID) -> ResponseReturnValue:
    return _done(signup_id, lambda actor, one, now: leaving.cancel(actor=actor, signup_id=one, now=now))


@blueprint.post("/me/events/<uuid:signup_id>/join")
@limiter.limit(WRITE)
def join(signup_id: UUID) -> ResponseReturnValue:
    return _done(signup_id, lambda actor, one, now: joining.join(actor=actor, signup_id=one, now=now))


@blueprint.post("/me/events/<uuid:signup_id>/turn-down")
@limiter.limit(WRITE)
def turn_down(signup_id: UUID) -> ResponseReturnValue:
    return _done(signup_id, lambda actor, one, now: joining.turn_down(actor=actor, signup_id=one, now=now))


@blueprint.post("/me/events/<uuid:signup_id>/replace")
@limiter.limit(WRITE)
def replace(signup_id: UUID) -> ResponseReturnValue:
    """Somebody else in the place of one who turned down; what was typed stays when it fits nobody."""
    name, number = request.form.get("name", "").strip()[:NAME_MOST], request.form.get("phone", "").strip()[:PHONE_MOST]
    ordinal, digits = request.form.get("ordinal", "")[:3], phone(request.form.get("phone", "")[:PHONE_MOST])
    typed = {"ordinal": ordinal, "name": name, "phone": number}
    if not name or digits is None or not (ordinal.isascii() and ordinal.isdigit()):
        return _entry(SignupId(signup_id), typed=typed, wrong=_("请写姓名和 11 位手机号。")), 422
    actor, named = _member(), Named(name, digits)
    try:
        refusal = in_transaction(
            lambda: replacing.replace(
                actor=actor, signup_id=SignupId(signup_id), ordinal=int(ordinal), named=named, now=clock.now()
            )
        )
    except (Conflict, Invalid) as error:
        return _entry(SignupId(signup_id), typed=typed, wrong=_said(error)), 409
    if refusal:
        return _entry(SignupId(signup_id), typed=typed, wrong=_said(refusal)), 409
    return see_other("event_entries.one", signup_id=signup_id)


Verb = Callable[[MemberActor, SignupId, datetime.datetime], None]


def _done(signup_id: UUID, verb: Verb) -> ResponseReturnValue:
    """Does it, and shows the entry; what can no longer be done says why above the entry as it is now."""
    actor = _member()
    try:
        in_transaction(lambda: verb(actor, SignupId(signup_id), clock.now()))
    except Conflict as error:
        return _entry(SignupId(signup_id), said=_said(error)), 409
    return see_other("event_entries.one", signup_id=signup_id)


def _entry(signup_id: SignupId, *, said: str = "", wrong: str = "", typed: dict[str, str] | None = None) -> Response:
    now, actor = clock.now(), _member()
    found = queries.entry(signup_id, member_id=actor.member_id)
    event, signup = found.event, found.signup
    doing = own.doing(event, signup, actor.member_id, now)
    face = own.face(event, signup, actor.member_id, now)
    slot = rules.slot_of(event.terms, signup.slot or 0)
    category = rules.category_of(event.terms, signup.category)
    alive = signup.state in ACTIVE and now < event.terms.starts_at
    if signup.state in (State.CANCELLED, State.CALLED_OFF):
        # Who tapped on a page of before: the first sentence says all there is to it.
        said = ""
    consent = consent_offer(actor.account_id, tap=Tap.SIGN_UP, act=str(signup_id)) if alive else None
    page = render_template(
        "events/entry.html",
        own=found,
        event=event,
        signup=signup,
        face=face,
        doing=doing,
        turns=(face.turns_at - now).total_seconds() if face.turns_at else None,
        said=said,
        wrong=wrong,
        typed=typed or {},
        when=words.when(slot.begins_at, slot.ends_at)
        if slot
        else words.when(event.terms.starts_at, event.terms.ends_at),
        category=text(category.name) if category and len(event.terms.categories) > 1 else "",
        until=words.moment_words(own.free_until(event, signup), now),
        cost=_cost(found, now) if doing.late and (doing.cancel or doing.turn_down) else "",
        answers=_answers(found),
        together=len(signup.people) > 1,
        captain=next((one.name for one in signup.people if one.member_id == signup.captain_id), ""),
        may_replace=found.captain and alive,
        answer_by=_answer_by(found, now),
        certified=found.me.checked_in_at and event.terms.kind in CERTIFIED and event.terms.ends_at <= now,
        consent=consent,
    )
    return answer(page, consent)


def _answer_by(found: Own, now: datetime.datetime) -> str:
    """Until when those may answer who were asked into an entry that stands: the beginning of a sentence."""
    due_at = found.signup.due_at if found.signup.state is State.CONFIRMED else None
    return words.within(words.moment_words(due_at, now)).lstrip() if due_at else ""


def _answers(found: Own) -> list[tuple[str, str]]:
    """What the captain answered, for his own eyes."""
    if not found.captain or not found.event.terms.form.questions:
        return []
    return forms.shown(found.event.terms.form, queries.answers(found.signup.id), language())


def _cost(found: Own, now: datetime.datetime) -> str:
    """What cancelling late leads to."""
    event = found.event
    record = misses.record(found.me.member_id or found.signup.captain_id, event.terms.kind, event.union_path, now)
    if record.next_pauses:
        return str(_("没人补上就算一次爽约，这类活动会暂停报名 %(count)s 天。", count=record.rule.pause_days))
    return str(_("没人补上就算一次爽约。这次只提醒，不影响您报别的活动。"))


def _line(one: Own, now: datetime.datetime) -> Line:
    slot = rules.slot_of(one.event.terms, one.signup.slot or 0)
    begins = local(slot.begins_at if slot else one.event.terms.starts_at)
    day = begins.date()
    return Line(one, own.face(one.event, one.signup, one.me.member_id, now), day, words.weekday(day), f"{begins:%H:%M}")


def _said(why: DomainError | Refusal) -> str:
    facts = {name: fact for name, fact in why.facts.items() if name != "field"}
    return member_words(why.code, facts, language=language())


def _member() -> MemberActor:
    return permissions.caller(MemberActor)
