"""The entries of an event on its organiser's desk: looked for, decided, taken out, noted on.

What is searched for stands in no address: it is posted. Each look at a list of a private kind is kept on record.
"""

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import event_looks, uploads
from app.language import language
from app.pages import asked
from app.pages.asked import Asked
from app.pages.events import words
from app.pages.events.detail import Names
from app.pages.paths import see_other
from app.pages.staff import desk
from app.pages.staff.events import seen
from app.pages.staff.events_signups_words import REASONS, ROLES, STATES
from app.throttle import WRITE, limiter
from app.wording import clerk_words
from services.accounts import queries as accounts
from services.accounts.types import AccountId, Capability
from services.core import clock, forms
from services.core.errors import Conflict, DomainError, Invalid, NotFound
from services.core.paging import PageRequest
from services.core.transaction import in_transaction
from services.events import errors
from services.events.queries import mine, signups
from services.events.queries.signups import Sought
from services.events.service import deciding, leaving, noting
from services.events.service.deciding import Decided
from services.events.types import ACTIVE, Event, EventId, RefusedFor, Signup, SignupId, State
from services.members.types import LookReason
from services.unions import queries as unions
from services.unions.types import Office, UnionId

blueprint = Blueprint("staff_event_live", __name__, template_folder="..")

LONGEST, MOST_CHOSEN = 40, 100
_COUNT = re.compile("[0-9]{1,4}")
ACTS = ("placed", "waiting", "full", "gone", "refused")
"""What a decision on several comes to, as its page says it: counts in the address."""


uploads.room("staff_event_live.note", most=asked.BODY_MOST)


@blueprint.get("/<uuid:event_id>/signups")
def live(event_id: UUID) -> ResponseReturnValue:
    """`?state=`, `category`, `slot`, `union` narrow it."""
    return _live(seen(event_id), request.args)


@blueprint.post("/<uuid:event_id>/signups")
@limiter.limit(WRITE)
def find(event_id: UUID) -> ResponseReturnValue:
    """By a part of a name, or a number."""
    return _live(seen(event_id), request.form)


@blueprint.get("/<uuid:event_id>/signups/<uuid:signup_id>")
def one(event_id: UUID, signup_id: UUID) -> ResponseReturnValue:
    return _one(seen(event_id), SignupId(signup_id))


@blueprint.post("/<uuid:event_id>/signups/approve")
@limiter.limit(WRITE)
def approve(event_id: UUID) -> ResponseReturnValue:
    """Those ticked."""
    event, ids, officer = seen(event_id), _chosen(), desk.officer()
    if not ids:
        return _none_ticked(event)
    try:
        found = in_transaction(
            lambda: deciding.approve(actor=officer, event_id=event.id, signup_ids=ids, now=clock.now())
        )
    except Conflict as error:
        return _live(seen(event_id), {"state": State.APPLIED.value}, error), 409
    return _decided(event_id, found, {"placed": found.placed, "full": found.full})


@blueprint.post("/<uuid:event_id>/signups/refuse")
@limiter.limit(WRITE)
def refuse(event_id: UUID) -> ResponseReturnValue:
    """Those ticked, all for one reason."""
    event, ids, officer, note = seen(event_id), _chosen(), desk.officer(), request.form.get("note", "")
    if not ids:
        return _none_ticked(event)
    try:
        reason = _reason()
        found = in_transaction(
            lambda: deciding.refuse(
                actor=officer, event_id=event.id, signup_ids=ids, reason=reason, note=note, now=clock.now()
            )
        )
    except (Conflict, Invalid) as error:
        return _live(seen(event_id), {"state": State.APPLIED.value}, error), 422 if isinstance(error, Invalid) else 409
    return _decided(event_id, found, {"refused": found.refused})


@blueprint.post("/<uuid:event_id>/signups/<uuid:signup_id>/remove")
@limiter.limit(WRITE)
def remove(event_id: UUID, signup_id: UUID) -> ResponseReturnValue:
    """Takes an entry out, and they are told why."""
    event, found, officer = seen(event_id), SignupId(signup_id), desk.officer()
    signups.one(event.id, found)
    try:
        reason, note = _reason(), request.form.get("note", "")
        in_transaction(
            lambda: leaving.remove(actor=officer, signup_id=found, reason=reason, note=note, now=clock.now())
        )
    except (Conflict, Invalid) as error:
        return _one(seen(event_id), found, error), 422 if isinstance(error, Invalid) else 409
    return see_other(".one", event_id=event_id, signup_id=signup_id)


@blueprint.post("/<uuid:event_id>/signups/<uuid:signup_id>/note")
@limiter.limit(WRITE)
def note(event_id: UUID, signup_id: UUID) -> ResponseReturnValue:
    """The organiser's own questions of the form."""
    event, found, officer = seen(event_id), SignupId(signup_id), desk.officer()
    signups.one(event.id, found)
    before = mine.answers(found)
    sent = asked.sent(noting.managers_form(event.terms.form), before, prefix="m", as_manager=True)
    if sent.answers is None:
        return _one(event, found, noted=sent), 422
    answers = sent.keep()
    try:
        in_transaction(
            lambda: noting.note(actor=officer, event_id=event.id, signup_id=found, answers=answers, now=clock.now())
        )
    except DomainError as error:
        asked.drop(answers, but=before)
        if isinstance(error, Conflict):
            return _one(seen(event_id), found, error), 409
        raise
    own = {one.key for one in event.terms.form.questions if one.for_managers}
    asked.drop({key: answer for key, answer in before.items() if key in own}, but=answers)
    return see_other(".one", event_id=event_id, signup_id=signup_id)


@blueprint.get("/<uuid:event_id>/signups/<uuid:signup_id>/files/<key>")
def file(event_id: UUID, signup_id: UUID, key: str) -> ResponseReturnValue:
    """What was handed in with an answer. Raises NotFound(signup_unknown)."""
    event = seen(event_id)
    signup = signups.one(event.id, SignupId(signup_id))
    handed = forms.files_of(mine.answers(signup.id)).get(key)
    if handed is None:
        raise NotFound(errors.SIGNUP_UNKNOWN)
    event_looks.keep(event, 1)
    return asked.served(handed, name=signup.number)


def _none_ticked(event: Event) -> ResponseReturnValue:
    return _live(event, {"state": State.APPLIED.value}, said=_("请先勾选要审核的报名。")), 422


def _live(event: Event, given: Any, error: DomainError | None = None, said: str = "") -> str:
    sought, union = _sought(event, given)
    page = signups.page(event.id, sought, PageRequest(cursor=given.get("cursor") or None))
    event_looks.keep(event, len(page.items))
    tallies = signups.tallies(event.id)
    filters: dict[str, Any] = {
        "state": sought.state.value if sought.state else None, "category": sought.category, "slot": sought.slot,
        "union": union.id.hex if union else None,
    }  # fmt: skip
    named = Names()
    waiting = signups.waiting_for(event.id)
    rooms = [(words.quota_name(event, room.quota, named), room, waiting.get(room.quota.ordinal, 0))
             for room in event.rooms]  # fmt: skip
    return desk.page(
        "staff/events_signups.html", event=event, page=page, sought=sought, tallies=tallies, filters=filters,
        at=union, unions=_below(event), homes=signups.homes(page.items), officers=_officers(page.items),
        states=STATES, state=State, active=ACTIVE, reasons=REASONS, rooms=rooms, slot_words=words.slot_words,
        did={name: int(given[name]) for name in ACTS if _COUNT.fullmatch(given.get(name, ""))},
        problem=said or _words(error), note=request.form.get("note", ""), look_reasons=LOOK_REASONS,
        may_look=bool(desk.officer().scopes(Capability.UNMASK)), moment=words.moment_words, now=clock.now(),
    )  # fmt: skip


LOOK_REASONS = tuple(one for one in LookReason if one is not LookReason.OTHER)


def _one(event: Event, signup_id: SignupId, error: DomainError | None = None, *, noted: Asked | None = None) -> str:
    signup, now = signups.one(event.id, signup_id), clock.now()
    event_looks.keep(event, 1)
    answers = mine.answers(signup_id)
    managers = noting.managers_form(event.terms.form)
    own = {one.key for one in managers.questions}
    if noted is None and managers.questions:
        kept = {key: answer for key, answer in answers.items() if key in own}
        noted = asked.fill(managers, kept, prefix="m", as_manager=True)
    said = replace(event.terms.form, questions=tuple(q for q in event.terms.form.questions if q.key not in own))
    return desk.page(
        "staff/events_signups_one.html", event=event, signup=signup, homes=signups.homes([signup]),
        answers=forms.shown(said, answers, language()), files=forms.files_of(answers), noted=noted,
        labels={one.key: one.label for one in event.terms.form.questions}, states=STATES, state=State, active=ACTIVE,
        reasons=REASONS, roles=ROLES, officers=_officers([signup]), problem=_words(error), typed=request.form,
        slot_words=words.slot_words, moment=words.moment_words, now=now,
        ended=now >= event.terms.ends_at,
    )  # fmt: skip


def _sought(event: Event, given: Any) -> tuple[Sought, Office | None]:
    """What does not make sense narrows nothing."""
    union = next((one for one in _below(event) if one.id.hex == given.get("union")), None)
    state = given.get("state", "")
    return Sought(
        text=given.get("q", "").strip()[:LONGEST],
        state=State(state) if state in list(State) else None,
        category=_key(given.get("category"), {one.key for one in event.terms.categories}),
        slot=_key(given.get("slot"), {one.key for one in event.terms.slots}),
        union=union.path if union else None,
    ), union


def _key(text: str | None, known: set[int]) -> int | None:
    return next((one for one in known if str(one) == text), None)


def _below(event: Event) -> list[Office]:
    return unions.below(UnionId(event.union_id), PageRequest(limit=100)).items


def _officers(found: list[Signup]) -> dict[str, str]:
    """Who entered whom, by label."""
    labels = {one.entered_by for one in found if one.entered_by}
    ids = {label: AccountId(UUID(label.partition(":")[2])) for label in labels if label.startswith("officer:")}
    names = accounts.display_names(ids.values())
    return {label: names.get(str(account), "") for label, account in ids.items()}


def _chosen() -> list[SignupId]:
    try:
        return [SignupId(UUID(hex=text)) for text in request.form.getlist("signup")[:MOST_CHOSEN]]
    except ValueError:
        raise NotFound(errors.SIGNUP_UNKNOWN) from None


def _reason() -> RefusedFor:
    text = request.form.get("reason", "")
    if text not in list(RefusedFor):
        raise Invalid(errors.SIGNUP_REASON_MISSING, field="reason")
    return RefusedFor(text)


def _decided(event_id: UUID, found: Decided, lists: dict[str, list[SignupId]]) -> ResponseReturnValue:
    counts = {name: len(ids) for name, ids in {**lists, "waiting": found.waiting, "gone": found.gone}.items() if ids}
    return see_other(".live", event_id=EventId(event_id), state=State.APPLIED.value, **counts)


def _words(problem: DomainError | None) -> str:
    return clerk_words(problem.code, problem.facts, language=language()) if problem else ""
