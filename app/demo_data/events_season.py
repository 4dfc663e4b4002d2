"""The demo's events as they are written, and who is at their doors."""

import datetime
from collections.abc import Sequence

from app.demo_data.events_crowd import Crowd
from app.demo_data.events_plans import OTHER_TOWN, OWN_UNION, PLANS, Days
from app.demo_data.people import Person, Tree
from services.accounts.types import OfficerActor
from services.events.queries import events
from services.events.service import door, organising
from services.events.types import EventId, SignupId

DAY, MINUTE = datetime.timedelta(days=1), datetime.timedelta(minutes=1)
DRAFTS = {"singers"}


class Season:
    """The events by key, as they stand in the database."""

    def __init__(self, tree: Tree, crowd: Crowd, officer: OfficerActor) -> None:
        self.tree, self.crowd, self.officer = tree, crowd, officer
        self.days = Days(crowd.now)
        own, other = tree.of_persona, tree.towns[OTHER_TOWN]
        self.ids: dict[str, EventId] = {}
        #: who has the first level of the series of courses
        self.attended: list[Person] = []
        for key, plan in PLANS.items():
            union = own if plan.by == OWN_UNION else tree.towns.get(plan.by, tree.root)
            terms = plan.terms_of(self.days, own.path, other.path)
            at = min(terms.opens_at, crowd.now) - 2 * DAY
            event_id = organising.draft(actor=officer, union_id=union.id, terms=terms, now=at)
            if key not in DRAFTS:
                organising.publish(actor=officer, event_id=event_id, revision=1, now=at)
            self.ids[key] = event_id

    def moments(self, key: str, count: int) -> list[datetime.datetime]:
        """When so many signed up."""
        terms = events.event(self.ids[key]).terms
        return self.crowd.moments(count, terms.opens_at, terms.closes_at - MINUTE)


def check_in(
    season: Season,
    event_id: EventId,
    signup_ids: Sequence[SignupId],
    begins: datetime.datetime,
    ends: datetime.datetime,
) -> None:
    """Those who came, by name, between these instants."""
    for signup_id, at in zip(signup_ids, season.crowd.moments(len(signup_ids), begins, ends), strict=True):
        door.tick(actor=season.officer, event_id=event_id, signup_id=signup_id, ordinals=[0], now=at)
