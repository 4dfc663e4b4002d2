"""An entry as it is asked for, and the rows that it becomes."""

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.core import forms
from services.core.calendar import local_date
from services.core.crypto import vault
from services.core.forms import Answers
from services.core.ids import random_base32, uuid7
from services.events import eligibility, rules
from services.events.messages import What
from services.events.queries import mine
from services.events.rows import written_counts
from services.events.service import writing
from services.events.types import (
    Category,
    Companion,
    Entered,
    Entrant,
    Event,
    How,
    Joining,
    Presence,
    Role,
    SignupId,
    State,
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who wants in, as the records say, and for what. `by_unit`: entered_by and entered_union_id where a unit's officer
    enters them, and then nobody has to confirm. `here`: a member alone who stands at the door, so she is in at once and
    needs no message."""

    category: Category
    slot: int | None
    members: Sequence[Entrant]
    companions: Sequence[Companion]
    answers: Answers
    wait: bool
    actor: str
    now: datetime.datetime
    by_unit: Mapping[str, Any] = field(default_factory=dict)
    here: bool = False

    def counts(self, event: Event) -> dict[int, int]:
        """How many places of each quota they take."""
        return eligibility.counts(
            event.terms.quotas, category=self.category.key, slot=self.slot, members=self.members,
            companions=self.companions, today=local_date(self.now),
        )  # fmt: skip

    def claim(self, event: Event) -> None:
        """Their other tries wait from here on, before anything of the event is locked."""
        once_id = rules.once_id(event.id, event.terms.once, self.category.key)
        writing.claim(once_id, [one.member_id for one in self.members])

    def with_place(self, event: Event) -> State:
        """What they are once they have places."""
        return State.FORMING if self.to_confirm(event) else State.CONFIRMED

    def to_confirm(self, event: Event) -> bool:
        """Have the others to say yes on their own phones?"""
        return not self.by_unit and event.terms.joining is Joining.CONFIRM and len(self.members) > 1


_TOLD = {
    State.CONFIRMED: What.CONFIRMED,
    State.FORMING: What.FORMING,
    State.WAITING: What.WAITING,
    State.ENTERED: What.ENTERED,
    State.APPLIED: What.APPLIED,
}


def record(event: Event, asked: Asked, state: State, *, tickets: int | None = None) -> Entered:
    """The rows of an entry, its trace and its messages. Raises LostRace as writing.write. Posts events.signup."""
    signup_id, number, now = SignupId(uuid7()), random_base32(8), asked.now
    due_at = rules.join_by(event.terms, now) if state is State.FORMING else None
    row = {
        "id": signup_id, "event_id": event.id, "number": number, "category": asked.category.key,
        "slot": asked.slot, "state": state, "captain_id": asked.members[0].member_id,
        "counts": written_counts(asked.counts(event)),
        "due_at": due_at, "tickets": tickets, "entered_by": None, "entered_union_id": None,
        "answers": _sealed(asked.answers), "refilled": False,
        "guardian_at": now if _with_children(asked) else None, "created_at": now, "changed_at": now,
        **asked.by_unit,
    }  # fmt: skip
    writing.write(row, _people(event, asked, signup_id))
    told = None if asked.here else What.BY_UNIT if asked.by_unit else _TOLD[state]
    writing.trace(signup_id, event.id, state, actor=asked.actor, now=now, telling=told)
    if asked.to_confirm(event):
        writing.tell(signup_id, What.INVITED)
    return Entered(signup_id, mine.spelled(number), state, due_at)


def _with_children(asked: Asked) -> bool:
    """Nobody brings a child who has not said that he is its guardian (signing_up). There has been one wording of that,
    that of the page to sign up: whoever changes it keeps which one was agreed to as well."""
    return any(one.role is Role.CHILD for one in asked.companions)


def _people(event: Event, asked: Asked, signup_id: SignupId) -> list[dict[str, Any]]:
    same = {
        "signup_id": signup_id,
        "event_id": event.id,
        "once_id": rules.once_id(event.id, event.terms.once, asked.category.key),
        "active": True,
    }
    others = Presence.INVITED if asked.to_confirm(event) else Presence.IN
    come = {"checked_in_at": asked.now, "checked_in_by": asked.actor, "checked_in_how": How.WALK_IN}
    people: list[dict[str, Any]] = [
        {
            **same, "ordinal": ordinal, "member_id": one.member_id, "role": Role.MEMBER, "said": None,
            "presence": others if ordinal else Presence.IN,
            # Whom another has entered has said nothing yet.
            "agreed_at": None if ordinal or asked.by_unit else asked.now,
            **(come if asked.here else {}),
        }
        for ordinal, one in enumerate(asked.members)
    ]  # fmt: skip
    for ordinal, one in enumerate(asked.companions, start=len(asked.members)):
        said = {"name": one.name, "born_on": one.born_on.isoformat() if one.born_on else None}
        sealed = vault.seal("signup_people.said", json.dumps(said, ensure_ascii=False))
        others_own = {"role": one.role, "said": sealed, "presence": Presence.IN, "agreed_at": None}
        people.append({**same, "ordinal": ordinal, "member_id": None, **others_own})
    return people


def _sealed(answers: Answers) -> bytes | None:
    if not answers:
        return None
    return vault.seal("signups.answers", json.dumps(forms.dumped_answers(answers), ensure_ascii=False))
