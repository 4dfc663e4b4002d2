"""Members of the demo who sign up, by the same verbs as everybody: each with an account of his own."""

import datetime
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import text

from app.demo_data.people import Person
from app.demo_data.progress import Advance
from services.accounts import service as accounts
from services.accounts.queries import account_of_member
from services.accounts.types import MemberActor
from services.core.db import db
from services.core.errors import Refusal
from services.core.ids import uuid7
from services.events.service import signing_up
from services.events.types import Entry, EventId, SignupId
from services.members.rules import may_use_benefits
from services.members.types import MemberId
from services.notifications import service as notifications
from services.notifications.types import Recipient, RecipientKind

LET_BE = 10
"""The first members of the roster are those who have never signed in, or whose requests lie in the tray."""
SPAN = 1.6
"""Most come soon after the opening."""
_RECALL = text("DELETE FROM procrastinate_jobs WHERE task_name LIKE 'events.%' RETURNING task_name, args")
_LONG_TOLD = text("UPDATE inbox_messages SET next_step_at = NULL WHERE next_step_at < :before")
_FROM_NOW = text("UPDATE inbox_messages SET next_step_at = :now WHERE next_step_at < :now")


class Crowd:
    """`rng` decides who and when. `persona` is the demo's member: only she is told, each time as of the act."""

    def __init__(
        self, rng: random.Random, everybody: Sequence[Person], persona: MemberActor, *, now: datetime.datetime,
        advance: Advance,
    ) -> None:  # fmt: skip
        self.rng, self.now = rng, now
        self.persona, self.hers = persona, everybody[0]
        self.entries = 0
        self._people = [one for one in everybody[LET_BE:] if may_use_benefits(one.standing) is None]
        self._advance = advance
        self._actors: dict[MemberId, MemberActor] = {persona.member_id: persona}

    def some(self, fits: Callable[[Person], bool] = lambda _one: True) -> Iterator[Person]:
        """Whoever fits, once each, in no order."""
        found = [one for one in self._people if fits(one)]
        self.rng.shuffle(found)
        return iter(found)

    def actor(self, person: Person, at: datetime.datetime) -> MemberActor:
        if person.member_id not in self._actors:
            member_id = person.member_id
            account_id = account_of_member(member_id) or accounts.open_account(
                display_name=person.name, member_id=member_id, now=at
            )
            self._actors[member_id] = MemberActor(account_id, member_id)
        return self._actors[person.member_id]

    def moments(self, count: int, begins: datetime.datetime, ends: datetime.datetime) -> list[datetime.datetime]:
        """So many instants after `begins`, none later than `ends` or now, in order."""
        span = min(ends, self.now - datetime.timedelta(minutes=5)) - begins
        return sorted(begins + span * self.rng.random() ** SPAN for _ in range(count))

    def enter(self, person: Person, event_id: EventId, at: datetime.datetime, **entry: Any) -> SignupId | None:
        """None if the event's rules refuse it."""
        actor = self.actor(person, at)
        found = signing_up.sign_up(actor=actor, event_id=event_id, entry=Entry(**entry), now=at)
        if isinstance(found, Refusal):
            return None
        self.entries += 1
        self._advance(1)
        return found

    def fill(
        self,
        event_id: EventId,
        moments: Sequence[datetime.datetime],
        people: Iterator[Person],
        entry: Callable[[], Mapping[str, Any]] = dict,
    ) -> list[tuple[Person, SignupId]]:
        """One at each of the moments, as long as there are people who may."""
        entered = []
        for at in moments:
            given = entry()
            found = next(((one, id_) for one in people if (id_ := self.enter(one, event_id, at, **given))), None)
            if found is None:
                break
            entered.append(found)
        return entered

    def told(self, at: datetime.datetime, *signup_ids: SignupId | None, read: bool = True) -> None:
        """What was posted lately does not wait for the worker, who would tell it as of today: what concerns these
        entries of the persona, and every draw, is told now, the rest nobody will ever read."""
        mine = {str(one) for one in signup_ids}
        for topic, args in db.session.execute(_RECALL).all():
            if topic != "events.drawn" and args["payload"].get("signup_id") not in mine:
                continue
            for inbox_id in notifications.tell(topic=topic, message_id=uuid7(), payload=args["payload"], now=at):
                if read:
                    hers = Recipient(RecipientKind.MEMBER, self.persona.member_id)
                    notifications.mark_one_read(hers, inbox_id=inbox_id, now=at)
        # What was told weeks ago goes out by no channel any more: nobody shall be alarmed that it waits.
        db.session.execute(_LONG_TOLD, {"before": self.now - datetime.timedelta(days=3)})
        db.session.execute(_FROM_NOW, {"now": self.now})
