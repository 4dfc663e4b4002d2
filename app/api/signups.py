"""A member's entries: signing up, what became of it, the word that somebody waits for."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from flask import Response, jsonify

from app import permissions, uploads
from app.api import Blueprint, handed
from app.api.schemas import KEY, page_request
from app.api.signup_shapes import (
    MateIn,
    MissRecordsOut,
    OneSignupOut,
    OwnSignupOut,
    OwnSignupsOut,
    SignedUpOut,
    SignupIn,
    SignupsIn,
    event_brief,
    named,
)
from app.errors import problem_response, refusal_problem
from app.idempotency import idempotently
from app.throttle import WRITE, limiter
from services.accounts.types import MemberActor
from services.core import clock, forms
from services.core.errors import Invalid, Refusal
from services.core.transaction import in_transaction
from services.events import showing
from services.events.queries import events, mine, misses
from services.events.queries.mine import Own
from services.events.service import joining, leaving, offering, replacing, signing_up
from services.events.types import ACTIVE, Companion, Entered, Entry, EventId, SignupId, State
from services.members import queries as members

signups = Blueprint("api_signups", __name__, description="The member's own entries in events")

NOT_YOURS = "not one of yours"
NO_OFFER = "nothing is offered, or not any more; see `code`"
uploads.room("api_signups.sign_up", most=handed.BODY_MOST)


_signed_up = SignedUpOut()


@signups.route("/events/<uuid:event_id>/signups", methods=["POST"])
@limiter.limit(WRITE)
@signups.arguments(SignupIn())
@signups.response(201, SignedUpOut())
@signups.refusal(404, "no such event, or it was never published")
@signups.refusal(409, "refused; see `code`")
@signups.doc(parameters=[KEY])
def sign_up(data: dict[str, Any], event_id: UUID) -> Response:
    """A place, a turn in the waiting line, an entry in the draw or an application; or why not. All of a team or
    family, or none. The same Idempotency-Key names the same entry; with another body 422."""
    given = _given(event_id, data["answers"]) if data["answers"] else handed.Given()
    if isinstance(given, forms.Faults):
        return handed.wrong_answers(given)
    with handed.keeping(given) as kept:
        try:
            body, status, entered = _entered(EventId(event_id), _entry(data, kept.answers), kept)
        except Invalid:
            # Nothing was answered, and the event was not read for it.
            missing = None if data["answers"] else _given(event_id, {})
            if isinstance(missing, forms.Faults):
                return handed.wrong_answers(missing)
            raise
    if status >= 400:
        return problem_response(body)
    response = jsonify(_signed_up.dump(entered or mine.brief(SignupId(UUID(body["id"])))))
    response.status_code = status
    return response


@signups.route("/me/signups")
@signups.arguments(SignupsIn, location="query")
@signups.response(200, OwnSignupsOut)
def my_signups(query: dict[str, Any]) -> dict[str, Any]:
    """Every entry that the member is in, the newest first."""
    state = query["state"]
    states = sorted(ACTIVE) if state == "active" else [State(state)] if state else []
    page = mine.page(page_request(query), member_id=_member().member_id, states=states)
    return {"items": [_body(own) for own in page.items], "next": page.next}


@signups.route("/me/signups/<uuid:signup_id>")
@signups.response(200, OneSignupOut)
@signups.refusal(404, NOT_YOURS)
def my_signup(signup_id: UUID) -> dict[str, Any]:
    """One entry; with its answers for whoever handed it in."""
    own = mine.entry(SignupId(signup_id), member_id=_member().member_id)
    answers = mine.answers(own.signup.id) if own.captain else {}
    known = {one.key for one in own.event.terms.form.questions if not one.for_managers}
    return {**_body(own), "answers": handed.shown({key: one for key, one in answers.items() if key in known})}


@signups.route("/me/misses")
@signups.response(200, MissRecordsOut)
def my_misses() -> dict[str, Any]:
    """By kind, what the member missed, what it costs at the unions of his federation, and until when he is paused."""
    member_id = _member().member_id
    path = members.profile(member_id).union_path
    records = misses.records(member_id, path, clock.now())
    return {"items": [{**vars(one.rule), **vars(one), "next_pauses": one.next_pauses} for one in records]}


@signups.route("/signups/<uuid:signup_id>", methods=["DELETE"])
@limiter.limit(WRITE)
@signups.response(204)
@signups.refusal(404, NOT_YOURS)
@signups.refusal(409, "it has ended, or the event has begun; see `code`")
def cancel(signup_id: UUID) -> None:
    """The captain gives it up: a place, a turn in the line, a chance in the draw. The next in line is asked at once."""
    actor, now = _member(), clock.now()
    in_transaction(lambda: leaving.cancel(actor=actor, signup_id=SignupId(signup_id), now=now))


View = TypeVar("View", bound=Callable[..., Any])


def _word(word: str, refused: str) -> Callable[[View], View]:
    """A route by which somebody of an entry says a word that is waited for. `refused` tells of its 409."""

    def hang(view: View) -> View:
        said = signups.refusal(404, NOT_YOURS)(signups.refusal(409, refused)(view))
        said = limiter.limit(WRITE)(signups.response(200, OwnSignupOut)(said))
        shown: View = signups.route(f"/signups/<uuid:signup_id>/{word}", methods=["POST"])(said)
        return shown

    return hang


@_word("accept", NO_OFFER)
def accept(signup_id: UUID) -> dict[str, Any]:
    """Takes the place that is kept for whoever waited. Twice is no error."""
    return _done(signup_id, offering.accept)


@_word("decline", NO_OFFER)
def decline(signup_id: UUID) -> dict[str, Any]:
    """Turns that place down; it goes to the next. Twice is no error."""
    return _done(signup_id, offering.decline)


@_word("join", "not invited, or the entry has ended; see `code`")
def join(signup_id: UUID) -> dict[str, Any]:
    """Somebody whom a colleague or a unit's officer wrote down says yes: the place is his. Twice is no error."""
    return _done(signup_id, joining.join)


@_word("turn-down", "the entry has ended, or the caller is its captain; see `code`")
def turn_down(signup_id: UUID) -> dict[str, Any]:
    """Somebody whom a colleague wrote down says no, or no longer; the captain finds somebody else."""
    return _done(signup_id, joining.turn_down)


@signups.route("/signups/<uuid:signup_id>/people/<int:ordinal>", methods=["PUT"])
@limiter.limit(WRITE)
@signups.arguments(MateIn)
@signups.response(200, OwnSignupOut)
@signups.refusal(404, NOT_YOURS)
@signups.refusal(409, "not the captain, or nobody who could come; see `code`")
def replace(data: dict[str, str], signup_id: UUID, ordinal: int) -> Any:
    """The captain names somebody else in the place of one who declined or has not answered."""
    actor, other, now = _member(), named(data, "phone"), clock.now()
    refusal = in_transaction(
        lambda: replacing.replace(actor=actor, signup_id=SignupId(signup_id), ordinal=ordinal, named=other, now=now)
    )
    return problem_response(refusal_problem(refusal)) if isinstance(refusal, Refusal) else _own(signup_id)


def _done(signup_id: UUID, verb: Callable[..., None]) -> dict[str, Any]:
    actor, now = _member(), clock.now()
    in_transaction(lambda: verb(actor=actor, signup_id=SignupId(signup_id), now=now))
    return _own(signup_id)


def _given(event_id: UUID, sent: Mapping[str, Any]) -> handed.Given | forms.Faults:
    return handed.given(events.public(event_id).terms.form, sent)


def _entered(event_id: EventId, entry: Entry, kept: handed.Kept) -> tuple[dict[str, Any], int, Entered | None]:
    """Signs up once for each key; says what became of it, and the files stay, if it was this request that did."""
    actor, now, made = _member(), clock.now(), dict[str, Entered]()

    def body(entered: Entered) -> dict[str, Any]:
        made[str(entered.id)] = entered
        return {"id": str(entered.id)}

    answer, status = idempotently(
        lambda: signing_up.enter(actor=actor, event_id=event_id, entry=entry, now=now),
        body,
        scope=f"{actor.label} {event_id}",
    )
    entered = made.get(answer.get("id", ""))
    kept.stay = entered is not None
    return answer, status, entered


def _entry(data: dict[str, Any], answers: forms.Answers) -> Entry:
    mates = tuple(named(one, f"mates.{line}.phone") for line, one in enumerate(data["mates"]))
    companions = tuple(Companion(**one) for one in data["companions"])
    return Entry(data["category"], data["slot"], mates, companions, answers, data["wait"], data["guardian"])


def _own(signup_id: UUID) -> dict[str, Any]:
    return _body(mine.entry(SignupId(signup_id), member_id=_member().member_id))


def _body(own: Own) -> dict[str, Any]:
    signup = own.signup
    return {
        **vars(signup),
        "event": event_brief(own.event),
        "captain": own.captain,
        "people": [{**vars(one), "me": one.ordinal == own.me.ordinal} for one in signup.people],
        "by_unit": signup.entered_by is not None,
        "position": showing.place_shown(own.event.private, signup.position),
        "note": signup.note if own.captain else None,
    }


def _member() -> MemberActor:
    return permissions.caller(MemberActor)
