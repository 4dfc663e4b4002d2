"""Entries at the organiser's desk: read in full, decided, taken out; his own answers to a form."""

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from app import event_looks, permissions, uploads
from app.api import handed
from app.api.schemas import Answer
from app.api.staff import act, desk, officer, once
from app.api.staff_event_lists import listed_bodies
from app.api.staff_event_shapes import OneListedSignupOut, ReasonIn, StaffSignupOut
from app.pages import asked
from app.throttle import WRITE, limiter
from services.accounts.types import Capability
from services.core import clock, forms
from services.core.errors import NotFound
from services.core.transaction import in_transaction
from services.events.errors import SIGNUP_UNKNOWN
from services.events.queries import events as queries
from services.events.queries import mine
from services.events.service import deciding, leaving, noting
from services.events.service.deciding import Decided
from services.events.types import Event, Signup, SignupId

signups = desk("api_staff_signups", "Entries at the organiser's desk", Capability.MANAGE_EVENTS)

UNKNOWN = "no such entry in your unions' events"
FILE = {"type": "string", "format": "binary"}
uploads.room("api_staff_signups.answer", most=handed.BODY_MOST)


class DecidedOut(Answer):
    outcome = fields.String(
        validate=validate.OneOf(["placed", "waiting", "full", "refused", "already", "gone"]),
        metadata={"description": "full: neither a place nor a waiting list, it stays an application"},
    )


class OwnAnswersIn(Schema):
    answers = fields.Dict(
        keys=fields.String(), required=True,
        metadata={"description": "to all questions `for_managers`, as in a sign-up; a file that stays: as it was read"},
    )  # fmt: skip


@signups.route("/staff/signups/<uuid:signup_id>")
@signups.response(200, OneListedSignupOut)
@signups.refusal(404, UNKNOWN)
def one(signup_id: UUID) -> dict[str, Any]:
    """One entry with everything that was answered. Of a private kind kept on record."""
    event, found = _seen(signup_id)
    event_looks.keep(event, 1)
    (body,) = listed_bodies([found])
    return {**body, "answers": handed.shown(mine.answers(found.id))}


@signups.route("/staff/signups/<uuid:signup_id>/files/<string:key>")
@signups.response(200, FILE, content_type="application/octet-stream")
@signups.refusal(404, "no such entry, or no file was handed in for this question")
def file(signup_id: UUID, key: str) -> Response:
    """What was handed in with an answer: a JPEG or a PDF. Of a private kind kept on record."""
    event, found = _seen(signup_id)
    answer = forms.files_of(mine.answers(found.id)).get(key)
    if answer is None:
        raise NotFound(SIGNUP_UNKNOWN)
    event_looks.keep(event, 1)
    return asked.served(answer, name=found.number)


@signups.route("/staff/signups/<uuid:signup_id>/answers", methods=["PUT"])
@limiter.limit(WRITE)
@signups.arguments(OwnAnswersIn)
@signups.response(200, StaffSignupOut)
@signups.refusal(404, UNKNOWN)
@signups.refusal(409, "the answers are forgotten; see `code`")
def answer(data: dict[str, Any], signup_id: UUID) -> Any:
    """The organiser's own answers, in the place of those before; the member's stay as they are. Twice is no error."""
    (event, found), who, now = _seen(signup_id), officer(), clock.now()
    form = noting.managers_form(event.terms.form)
    own = {one.key for one in form.questions}
    before = {key: one for key, one in mine.answers(found.id).items() if key in own}
    given = handed.given(form, data["answers"], before, as_manager=True)
    if isinstance(given, forms.Faults):
        return handed.wrong_answers(given)
    with handed.keeping(given) as kept:
        in_transaction(
            lambda: noting.note(actor=who, event_id=event.id, signup_id=found.id, answers=kept.answers, now=now)
        )
        kept.stay = True
    asked.drop(before, but=kept.answers)
    return found


@act(
    signups, "/staff/signups/<uuid:signup_id>/approve", DecidedOut,
    unknown=UNKNOWN, refused="nothing to decide any more; see `code`",
)  # fmt: skip
def approve(signup_id: UUID) -> Response:
    """Says yes to an application: a place where there is room, else a turn in the waiting line. Twice is no error."""
    entry, who, now = _entry(signup_id), officer(), clock.now()
    return once(
        lambda: _outcome(deciding.approve(actor=who, event_id=entry.event_id, signup_ids=[entry.id], now=now)),
        DecidedOut(),
        f"approve {signup_id}",
        status=200,
    )


@act(
    signups, "/staff/signups/<uuid:signup_id>/refuse", DecidedOut, given=ReasonIn,
    unknown=UNKNOWN, refused="nothing to decide any more; see `code`",
)  # fmt: skip
def refuse(data: dict[str, Any], signup_id: UUID) -> Response:
    """Says no to an application; they are told why. Twice is no error."""
    entry, who, now = _entry(signup_id), officer(), clock.now()
    return once(
        lambda: _outcome(deciding.refuse(actor=who, event_id=entry.event_id, signup_ids=[entry.id], now=now, **data)),
        DecidedOut(),
        f"refuse {signup_id}",
        status=200,
    )


@act(
    signups, "/staff/signups/<uuid:signup_id>/remove", StaffSignupOut, given=ReasonIn,
    unknown=UNKNOWN, refused="it has ended; see `code`",
)  # fmt: skip
def remove(data: dict[str, Any], signup_id: UUID) -> Response:
    """Takes an entry out; they are told why, and the next in line is asked."""
    who, now = officer(), clock.now()

    def work() -> Signup:
        leaving.remove(actor=who, signup_id=SignupId(signup_id), now=now, **data)
        return _entry(signup_id)

    return once(work, StaffSignupOut(), f"remove {signup_id}", status=200)


def _seen(signup_id: UUID) -> tuple[Event, Signup]:
    """An entry in an event of the officer's. Raises NotFound(signup_unknown) for any other."""
    found = _entry(signup_id)
    try:
        return queries.within(found.event_id, scopes=permissions.scopes(Capability.MANAGE_EVENTS)), found
    except NotFound:
        raise NotFound(SIGNUP_UNKNOWN) from None


def _entry(signup_id: UUID) -> Signup:
    found = mine.signups([SignupId(signup_id)])
    if not found:
        raise NotFound(SIGNUP_UNKNOWN)
    return found[0]


def _outcome(done: Decided) -> dict[str, str]:
    return {"outcome": next(name for name, ids in vars(done).items() if ids)}
