"""Members who sign up, the events they rush for, and a full house of other events."""

import datetime
from dataclasses import dataclass

import psycopg
from flask import Flask
from psycopg import sql

from benchmarks import floor, signup_floor
from services.accounts import service as accounts
from services.accounts.types import AccountId, Grant, MemberActor, OfficerActor, Role
from services.core import clock
from services.core.ids import uuid7
from services.core.transaction import in_transaction
from services.events.service import organising
from services.events.types import Category, EventId, Kind, Quota, QuotaKind, Terms
from services.members import service as members
from services.members.types import NewMember
from services.unions import service as unions
from services.unions.types import Level, UnionView

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
AT_ONCE = 250
HOUSE_EVENTS, HOUSE_SIGNUPS, HOUSE_MEMBERS = 64, 100_000, 50_000


@dataclass(frozen=True)
class Town:
    federation: UnionView
    officer: OfficerActor
    #: of sessions, one a member
    tokens: list[str]


def build(app: Flask, ours: str, theirs: str, count: int) -> Town:
    """A federation with a union and its members, each signed in; the floor knows their sessions."""
    with app.app_context():
        federation, home = in_transaction(_tree)
        officer = in_transaction(lambda: _officer(federation))
        tokens = [token for part in _parts(count) for token in in_transaction(lambda n=part: _members(home, n))]
    with psycopg.connect(ours, autocommit=True) as source:
        source.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(floor.DATABASE)))
        with psycopg.connect(theirs, autocommit=True) as target:
            target.execute(signup_floor.SCHEMA)
            query = "SELECT digest, member_id, expires_at FROM sessions WHERE member_id IS NOT NULL"
            with (
                source.cursor().copy(f"COPY ({query}) TO STDOUT") as reader,
                target.cursor().copy("COPY sessions FROM STDIN") as writer,
            ):
                for block in reader:
                    writer.write(block)
            target.execute("VACUUM ANALYZE")
        source.execute("VACUUM ANALYZE")
    return Town(federation, officer, tokens)


def open_event(app: Flask, town: Town, *, places: int, waiting: int, number: int = 0) -> EventId:
    """An event that is open; first come, with a waiting list and a quota that does not bind."""
    now = clock.now()
    starts_at = now + (10 + number % 20) * DAY
    terms = Terms(
        kind=Kind.TRIP, title={"zh": f"春游 {number}"}, text={"zh": "一天来回。"}, place={"zh": "雍河公园"},
        starts_at=starts_at, ends_at=starts_at + 5 * HOUR, opens_at=now - HOUR, closes_at=starts_at - DAY,
        cancel_until=starts_at - DAY, categories=(Category(1, {"zh": "个人"}),), waiting_most=waiting,
        quotas=(Quota(0, QuotaKind.ALL, places), Quota(1, QuotaKind.UNION, 10 * places, union=town.federation.path)),
    )  # fmt: skip

    def work() -> EventId:
        event_id = organising.draft(actor=town.officer, union_id=town.federation.id, terms=terms, now=now)
        organising.publish(actor=town.officer, event_id=event_id, revision=1, now=now)
        return event_id

    with app.app_context():
        return in_transaction(work)


def open_floor_event(theirs: str, *, places: int, waiting: int) -> EventId:
    event_id = EventId(uuid7())
    with psycopg.connect(theirs) as connection:
        row = [event_id, clock.now() + DAY, places, waiting]
        connection.execute("INSERT INTO events VALUES (%s, %s, %s, 0, %s)", row)
    return event_id


_FILL = (
    """INSERT INTO members (id, name, union_id, standing, joined_on)
SELECT uuidv7(), '王' || n, (SELECT union_id FROM members LIMIT 1), 'active', '2020-01-01'
FROM generate_series(1, {members}) AS n""",
    """CREATE UNLOGGED TABLE past AS
SELECT uuidv7() AS id, e.id AS event_id, m.id AS member_id, n,
       CASE WHEN n %% 20 = 3 THEN 'cancelled' WHEN n %% 10 = 1 THEN 'waiting' ELSE 'confirmed' END AS state
FROM generate_series(0, {signups} - 1) AS n
JOIN (SELECT row_number() OVER () - 1 AS nth, id FROM members) AS m
  ON m.nth = n %% (SELECT count(*) FROM members)
JOIN (SELECT row_number() OVER (ORDER BY id) - 1 AS nth, id FROM events WHERE id = ANY(%(events)s)) AS e
  ON e.nth = (n * 7 + n / (SELECT count(*) FROM members)) %% {events}""",
    """INSERT INTO signups (id, event_id, number, category, state, captain_id, counts, position, refilled, created_at,
    changed_at)
SELECT id, event_id, upper(substr(md5(n::text), 1, 8)), 1, state, member_id, '{{"0": 1, "1": 1}}',
    CASE WHEN state = 'waiting' THEN nextval('signup_positions') END, false, now(), now() FROM past ORDER BY n""",
    """INSERT INTO signup_people (signup_id, ordinal, event_id, once_id, member_id, role, presence, active)
SELECT id, 0, event_id, event_id, member_id, 'member', 'in', state <> 'cancelled' FROM past ORDER BY n""",
    """INSERT INTO audit_entries (id, at, actor, action, subject_id, detail)
SELECT uuidv7(), now(), 'member:' || member_id, 'signup.' || state, id, jsonb_build_object('event', event_id) FROM past
ORDER BY n""",
    """UPDATE event_quotas q SET taken = (SELECT count(*) FROM past p WHERE p.event_id = q.event_id
    AND p.state = 'confirmed') WHERE q.event_id = ANY(%(events)s)""",
    """INSERT INTO event_misses (id, event_id, member_id, kind, because, at)
SELECT uuidv7(), event_id, member_id, 'trip', 'no_show', now() - interval '100 days' FROM past WHERE n % 20 = 5""",
    """INSERT INTO attainments (member_id, series, event_id, level, at)
SELECT member_id, '电工', event_id, 1, now() FROM past WHERE n % 5 = 2""",
    "DROP TABLE past",
)


def fill(app: Flask, ours: str, town: Town) -> None:
    """Other events with their entries: confirmed, waiting and cancelled ones."""
    events = [open_event(app, town, places=2000, waiting=10_000, number=number) for number in range(HOUSE_EVENTS)]
    with psycopg.connect(ours, autocommit=True) as connection:
        for statement in _FILL:
            text = statement.format(members=HOUSE_MEMBERS, signups=HOUSE_SIGNUPS, events=HOUSE_EVENTS)
            connection.execute(text, {"events": events} if "%(" in text else None)  # type: ignore[arg-type]
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def _tree() -> tuple[UnionView, UnionView]:
    federation = unions.found(name={"zh": "雍河区总工会"}, level=Level.FEDERATION)
    town = unions.found(name={"zh": "柳渡镇总工会"}, level=Level.TOWN, parent=federation)
    return federation, unions.found(name={"zh": "恒沛精密工会"}, level=Level.GRASSROOTS, parent=town)


def _officer(federation: UnionView) -> OfficerActor:
    now = clock.now()
    account_id: AccountId = accounts.open_account(display_name="沈洁", now=now)
    accounts.grant(account_id=account_id, role=Role.DISTRICT, union_id=federation.id, actor="bench", now=now)
    return OfficerActor(account_id, (Grant(Role.DISTRICT, federation.path),))


def _members(home: UnionView, numbers: range) -> list[str]:
    now, tokens = clock.now(), []
    since = datetime.date(2020, 1, 1)
    people = [NewMember(f"李{number:05d}", home.id, since, str(10_020_000_000 + number)) for number in numbers]
    for member_id, person in zip(members.enrol_many(people), people, strict=True):
        account_id = accounts.open_account(display_name=person.name, now=now, member_id=member_id)
        tokens.append(accounts.sign_in(MemberActor(account_id, member_id), now=now).token)
    return tokens


def _parts(count: int) -> list[range]:
    return [range(first, min(first + AT_ONCE, count)) for first in range(0, count, AT_ONCE)]
