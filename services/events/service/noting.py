"""What an organiser writes down about an entry: the questions of the form that are his."""

import datetime
import json
from dataclasses import replace

from sqlalchemy import select, update

from services.accounts.types import OfficerActor
from services.core import audit, forms
from services.core.crypto import vault
from services.core.db import db
from services.core.errors import Conflict, NotFound
from services.core.forms import Answers, Form
from services.events import errors
from services.events.models import Event as EventRow
from services.events.models import Signup
from services.events.queries import events
from services.events.types import EventId, SignupId


def managers_form(form: Form) -> Form:
    """The questions of a form that organisers answer, each asked whatever the member has answered."""
    own = [one for one in form.questions if one.for_managers]
    keys = {one.key for one in own}
    asked = [one if one.only_if and one.only_if.key in keys else replace(one, only_if=None) for one in own]
    return Form(tuple(asked), form.keep_days)


def note(
    *, actor: OfficerActor, event_id: EventId, signup_id: SignupId, answers: Answers, now: datetime.datetime
) -> None:
    """Keeps an organiser's answers beside the member's, which stay as they are. `answers` are to `managers_form`.

    Locks the entry's row, and keeps the event's from being forgotten meanwhile. Audited as signup.noted.
    Raises NotFound(event_unknown, signup_unknown), Conflict(answers_forgotten), SealBroken.
    """
    event = events.managed(event_id, actor=actor)
    over = select(EventRow.forgotten_at).where(EventRow.id == event_id).with_for_update(read=True)
    if db.session.scalars(over).one() is not None:
        # Nothing would forget these again before the entry itself goes.
        raise Conflict(errors.ANSWERS_FORGOTTEN)
    this = (Signup.id == signup_id) & (Signup.event_id == event_id)
    row = db.session.execute(select(Signup.answers).where(this).with_for_update(key_share=True)).first()
    if row is None:
        raise NotFound(errors.SIGNUP_UNKNOWN)
    known = {one.key for one in managers_form(event.terms.form).questions}
    before = forms.loaded_answers(json.loads(vault.unseal("signups.answers", row.answers))) if row.answers else {}
    kept = {key: one for key, one in before.items() if key not in known} | dict(answers)
    text = json.dumps(forms.dumped_answers(kept), ensure_ascii=False)
    sealed = vault.seal("signups.answers", text) if kept else None
    db.session.execute(update(Signup).where(this).values(answers=sealed))
    audit.record("signup.noted", actor=actor.label, subject_id=signup_id, now=now, detail={"event": str(event_id)})
