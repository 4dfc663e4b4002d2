"""Events with places, and the people who sign up for them."""

import datetime
import itertools
from typing import Any

from services.accounts import service as accounts
from services.accounts.rules import LEVEL
from services.accounts.types import AccountId, Grant, MemberActor, OfficerActor, Role
from services.cards import service as cards
from services.core import clock
from services.core.calendar import local_date
from services.events.queries import events
from services.events.service import organising
from services.events.types import Category, Event, EventId, Kind, Quota, QuotaKind, Terms
from services.members import service as members
from services.members.documents import Sex
from services.members.types import NewMember, Standing
from services.unions.types import Level, UnionView
from tests.builders.world import DAY, World

HOUR = datetime.timedelta(hours=1)
PLACES = 10


def total(capacity: int | None = PLACES) -> Quota:
    return Quota(0, QuotaKind.ALL, capacity)


class Gathering:
    def __init__(self, world: World) -> None:
        self.world = world
        self._phones = itertools.count(10_020_000_001)
        self._officer: OfficerActor | None = None

    @property
    def officer(self) -> OfficerActor:
        """Who put on the events of this builder: an officer of the federation."""
        if self._officer is None:
            self._officer = self.another_officer(Role.DISTRICT)
        return self._officer

    def another_officer(self, role: Role, union: UnionView | None = None) -> OfficerActor:
        """At that union; at the world's own one of the role's level where none is given."""
        own: dict[Level, UnionView] = {
            Level.FEDERATION: self.world.federation, Level.TOWN: self.world.town, Level.GRASSROOTS: self.world.union,
        }  # fmt: skip
        at = union or own[LEVEL[role]]

        def build() -> AccountId:
            account_id = accounts.open_account(display_name="沈洁", now=clock.now())
            accounts.grant(account_id=account_id, role=role, union_id=at.id, actor="test", now=clock.now())
            return account_id

        return OfficerActor(self.world.do(build), (Grant(role, at.path),))

    def terms(self, **terms: Any) -> Terms:
        """A walk for one each, `PLACES` places, first come: open since a day, closing in five days, starting in seven.

        Any term may be given; `places` is the capacity of the total where no quotas are.
        """
        now = clock.now().replace(second=0, microsecond=0)
        starts_at = terms.get("starts_at", now + 7 * DAY)
        places = terms.pop("places", PLACES)
        given: dict[str, Any] = {
            "kind": Kind.SPORT,
            "title": {"zh": "沿河健步走", "en": "River walk"},
            "text": {"zh": "一起走八公里，终点有热茶。"},
            "place": {"zh": "雍河公园南门"},
            "starts_at": starts_at,
            "ends_at": starts_at + 3 * HOUR,
            "opens_at": now - DAY,
            "closes_at": now + 5 * DAY,
            "cancel_until": starts_at - 2 * DAY,
            "categories": (Category(1, {"zh": "个人", "en": "Single"}),),
            "quotas": (total(places),),
            **terms,
        }
        return Terms(**given)

    def draft(self, *, union: UnionView | None = None, **terms: Any) -> EventId:
        """Of the federation, or of the union given."""
        written, at = self.terms(**terms), union or self.world.federation
        officer = self.officer
        return self.world.do(lambda: organising.draft(actor=officer, union_id=at.id, terms=written, now=clock.now()))

    def event(self, *, union: UnionView | None = None, **terms: Any) -> EventId:
        """As `draft`, and published."""
        event_id, officer = self.draft(union=union, **terms), self.officer
        self.world.do(lambda: organising.publish(actor=officer, event_id=event_id, revision=1, now=clock.now()))
        return event_id

    def seen(self, event_id: EventId) -> Event:
        return self.world.look(lambda: events.event(event_id, counted=True))

    def member(
        self,
        name: str = "陈静",
        *,
        sex: Sex | None = None,
        age: int | None = None,
        union: UnionView | None = None,
        standing: Standing = Standing.ACTIVE,
        phone: str | None = None,
    ) -> MemberActor:
        """With an account and an active card, of the world's grass-roots union unless said otherwise. `age`: in
        whole years. Each has a phone of his own."""
        return self.members(name, sex=sex, age=age, union=union, standing=standing, phone=phone)[0]

    def members(
        self,
        *names: str,
        sex: Sex | None = None,
        age: int | None = None,
        union: UnionView | None = None,
        standing: Standing = Standing.ACTIVE,
        phone: str | None = None,
    ) -> list[MemberActor]:
        """Several alike, in one transaction; `phone` for one only."""
        home, today = union or self.world.union, local_date(clock.now()) - DAY
        born = today.replace(year=today.year - age, day=min(today.day, 28)) if age is not None else None
        people = [
            NewMember(
                name, home.id, datetime.date(2020, 1, 1), phone or str(next(self._phones)), standing, sex=sex,
                born_on=born,
            )
            for name in names
        ]  # fmt: skip

        def build() -> list[MemberActor]:
            now = clock.now()
            found = []
            for member_id, name in zip(members.enrol_many(people), names, strict=True):
                account_id = accounts.open_account(display_name=name, now=now, member_id=member_id)
                cards.issue(member_id=member_id, actor="test", now=now)
                found.append(MemberActor(account_id, member_id))
            return found

        return self.world.do(build)
