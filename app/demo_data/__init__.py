"""The demo: a district that exists nowhere, with its people, shops, and the last month of what they did.

`load` writes it all in the caller's transaction. The same choices are made each time (nothing secret follows from
them); serials, numbers and keys are random as always.
"""

import datetime
import random
from dataclasses import dataclass

from app.demo_data import events, market, people
from app.demo_data.events_crowd import Crowd
from app.demo_data.month import DAYS, Month
from app.demo_data.progress import Advance
from app.demo_data.script import CLERK_DAY, PERSONA_MONTH
from app.demo_data.telling import Written, tell
from app.demo_data.tray import file_requests
from services.accounts import service as accounts
from services.accounts.types import Grant, MemberActor, OfficerActor, Role
from services.core.calendar import local_date
from services.redemptions import service as redemptions
from services.unions import queries as unions

SEED = 20_260_718
USES_A_MEMBER = 0.55
"""Uses a month for each member, beside those of limited offers and of the personas."""


@dataclass(frozen=True)
class Loaded:
    unions: int
    members: int
    shops: int
    redemptions: int
    events: int
    entries: int


def loaded() -> bool:
    """Whether there is a federation already: then there is nothing to load."""
    return bool(unions.roots())


def size(members: int) -> int:
    """How many pieces `load` will report, about: the limited offers' uses and the entries of events do not grow."""
    return members + round(members * USES_A_MEMBER) + 800


def load(*, members: int, now: datetime.datetime, advance: Advance) -> Loaded:
    """Writes the whole demo; about a minute for 72,000 members. Raises Conflict(union_exists) if another was faster."""
    rng = random.Random(SEED)  # noqa: S311
    tree = people.plant(rng, count=people.grassroots_count(members))
    officer = accounts.open_account(display_name="周工", now=now)
    accounts.grant(account_id=officer, role=Role.DISTRICT, union_id=tree.root.id, actor="job:demo", now=now)
    shops = market.open_shops(tree, officer=f"officer:{officer}", now=now)
    everybody = people.enrol(rng, tree, count=members, now=now, advance=advance)
    persona = everybody[0]
    hers = accounts.open_account(display_name=persona.name, member_id=persona.member_id, now=now)
    file_requests(everybody, tree.of_persona, now=now)
    done = _live(rng, shops, everybody, now=now, advance=advance)
    member = MemberActor(hers, persona.member_id)
    crowd = Crowd(random.Random(SEED), everybody, member, now=now, advance=advance)  # noqa: S311
    put_on = events.put_on(tree, crowd, OfficerActor(officer, (Grant(Role.DISTRICT, tree.root.path),)))
    return Loaded(
        1 + len(tree.towns) + len(tree.grassroots), members, len(shops), done, put_on, crowd.entries
    )  # fmt: skip


def _live(
    rng: random.Random, shops: list[market.OpenShop], everybody: list[people.Person], *, now: datetime.datetime,
    advance: Advance,
) -> int:  # fmt: skip
    """Writes the month day by day, so that no statement is long, and tells the personas of theirs."""
    month, persona, clerk = Month(rng, shops, everybody, now=now), everybody[0].member_id, shops[0].clerks[0]
    planned = month.of_persona(PERSONA_MONTH) + month.limited() + month.till(clerk, shops[0], wanted=CLERK_DAY)
    today, done, kept = local_date(now), 0, []
    for day in (today - datetime.timedelta(days=ago) for ago in range(DAYS, -1, -1)):
        uses = [use for use in planned if local_date(use.redeemed_at) == day]
        uses += month.day(day, wanted=len(everybody) * USES_A_MEMBER / (DAYS + 1))
        uses.sort(key=lambda use: use.redeemed_at)
        written = zip(uses, redemptions.record_past(uses), strict=True)
        kept += [pair for pair in written if pair[0].member_id == persona or pair[0].actor.branch_id == clerk.branch_id]
        done += len(uses)
        advance(len(uses))
    tell(kept, persona=persona, clerk=clerk, now=now)
    _dispute(kept, everybody, now)
    return done


def _dispute(kept: Written, everybody: list[people.Person], now: datetime.datetime) -> None:
    """Somebody said "not me" of a use at the clerk's shop, a day or more ago: for the officer to look into."""
    today, persona = local_date(now), everybody[0].member_id
    member_id, redemption_id = next(
        (use.member_id, redemption_id)
        for use, redemption_id in reversed(kept)
        if use.member_id != persona and local_date(use.redeemed_at) < today
    )
    name = next(person.name for person in everybody if person.member_id == member_id)
    actor = MemberActor(accounts.open_account(display_name=name, member_id=member_id, now=now), member_id)
    redemptions.dispute(actor=actor, redemption_id=redemption_id, now=now - datetime.timedelta(minutes=30))
