"""Entries of events in few words: who does what, and what the rows say of it."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from services.accounts.types import MemberActor
from services.core import clock
from services.core.errors import DomainError, Refusal
from services.events.queries import mine
from services.events.service import joining, leaving, offering, replacing, signing_up
from services.events.types import Entry, EventId, Named, Signup, SignupId, State
from tests.builders.events import Gathering

Now = datetime.datetime | None


class Entries(Gathering):
    """`now` of every act is the clock's unless given."""

    def enter(self, actor: MemberActor, event_id: EventId, *, now: Now = None, **entry: Any) -> SignupId | Refusal:
        return self.world.do(
            lambda: signing_up.sign_up(actor=actor, event_id=event_id, entry=Entry(**entry), now=now or clock.now())
        )

    def entered(self, actor: MemberActor, event_id: EventId, *, now: Now = None, **entry: Any) -> SignupId:
        found = self.enter(actor, event_id, now=now, **entry)
        assert not isinstance(found, Refusal), found
        return found

    def refused(self, actor: MemberActor, event_id: EventId, *, now: Now = None, **entry: Any) -> Refusal:
        found = self.enter(actor, event_id, now=now, **entry)
        assert isinstance(found, Refusal), "it was taken"
        return found

    def cancel(self, actor: MemberActor, signup_id: SignupId, *, now: Now = None) -> None:
        self.world.do(lambda: leaving.cancel(actor=actor, signup_id=signup_id, now=now or clock.now()))

    def accept(self, actor: MemberActor, signup_id: SignupId, *, now: Now = None) -> None:
        self.world.do(lambda: offering.accept(actor=actor, signup_id=signup_id, now=now or clock.now()))

    def decline(self, actor: MemberActor, signup_id: SignupId, *, now: Now = None) -> None:
        self.world.do(lambda: offering.decline(actor=actor, signup_id=signup_id, now=now or clock.now()))

    def join(self, actor: MemberActor, signup_id: SignupId, *, now: Now = None) -> None:
        self.world.do(lambda: joining.join(actor=actor, signup_id=signup_id, now=now or clock.now()))

    def turn_down(self, actor: MemberActor, signup_id: SignupId, *, now: Now = None) -> None:
        self.world.do(lambda: joining.turn_down(actor=actor, signup_id=signup_id, now=now or clock.now()))

    def replace(
        self, actor: MemberActor, signup_id: SignupId, ordinal: int, named: Named, *, now: Now = None
    ) -> Refusal | None:
        return self.world.do(
            lambda: replacing.replace(
                actor=actor, signup_id=signup_id, ordinal=ordinal, named=named, now=now or clock.now()
            )
        )

    def expire(self, now: datetime.datetime) -> int:
        """Until nothing is left to do; how many entries ended."""
        ended = 0
        while count := self.world.do(lambda: offering.expire(now)):
            ended += count
        return ended

    def entry(self, signup_id: SignupId) -> Signup:
        return self.world.look(lambda: mine.signups([signup_id])[0])

    def states(self, *signup_ids: SignupId) -> list[State]:
        found = self.world.look(lambda: mine.signups(signup_ids))
        return [one.state for one in found]

    def taken(self, event_id: EventId) -> list[int]:
        """Of each quota, by ordinal."""
        return [room.taken for room in self.seen(event_id).rooms]

    def named(self, name: str, **record: Any) -> tuple[MemberActor, Named]:
        """A member, and how a captain writes him down."""
        phone = str(next(self._phones))
        return self.member(name, phone=phone, **record), Named(name, phone)


def told(sql: psycopg.Connection, signup_id: SignupId) -> list[str]:
    """What was posted about an entry, in order."""
    query = """SELECT args #>> '{payload,what}' FROM procrastinate_jobs
        WHERE task_name = 'events.signup' AND args #>> '{payload,signup_id}' = %s ORDER BY id"""
    return [row[0] for row in sql.execute(query, [str(signup_id)])]


def traced(sql: psycopg.Connection, signup_id: SignupId) -> list[tuple[str, str]]:
    """Action and kind of actor of each trace of an entry, in order."""
    query = "SELECT action, split_part(actor, ':', 1) FROM audit_entries WHERE subject_id = %s ORDER BY id"
    return [(action, actor) for action, actor in sql.execute(query, [signup_id])]


_WRITTEN = """SELECT (SELECT count(*) FROM signups), (SELECT count(*) FROM signup_people),
    (SELECT count(*) FROM audit_entries), (SELECT count(*) FROM procrastinate_jobs),
    (SELECT sum(taken) FROM event_quotas), (SELECT jsonb_agg(to_jsonb(s) ORDER BY id) FROM signups s),
    (SELECT jsonb_agg(to_jsonb(p) ORDER BY signup_id, ordinal) FROM signup_people p)"""


@contextmanager
def nothing_written(sql: psycopg.Connection) -> Iterator[None]:
    """Of entries, places, traces and messages everything is as before."""
    before = sql.execute(_WRITTEN).fetchone()
    yield
    assert sql.execute(_WRITTEN).fetchone() == before


@contextmanager
def fails(code: str, **more: object) -> Iterator[None]:
    """Something of the domain is raised with this code; `more`: facts of it, by name."""
    with pytest.raises(DomainError) as no:
        yield
    assert (no.value.code, {name: no.value.facts.get(name) for name in more}) == (code, more)
