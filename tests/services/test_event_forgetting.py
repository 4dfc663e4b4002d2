"""What people said for an event goes when the days of its form are over; entries go after three years."""

import datetime
import uuid

import psycopg
import pytest
from flask import Flask

from app.retention import forget
from services.accounts.types import AccountId, MemberActor
from services.core import clock
from services.core.errors import Conflict, NotFound
from services.core.files import files
from services.core.forms import Form, Handed, Kind, Question
from services.events import errors
from services.events.queries import mine
from services.events.service import leaving, noting, signing_up
from services.events.types import Category, Companion, Eligibility, Entry, EventId, Role, SignupId
from tests.builders.entries import Entries
from tests.builders.events import Gathering
from tests.builders.world import DAY, World

FORM = Form(
    (Question("size", Kind.TEXT, {"zh": "衣服尺码"}), Question("work", Kind.FILE, {"zh": "作品"})), keep_days=30
)
FAMILY = (Category(1, {"zh": "家庭"}, children=1),)


def family(world: World) -> tuple[EventId, SignupId, str]:
    """Somebody with a child, an answer and a file."""
    gathering = Gathering(world)
    event_id, actor = gathering.event(form=FORM, categories=FAMILY), gathering.member()
    key = files.put(b"work")
    child = Companion(Role.CHILD, "小满", datetime.date(2018, 5, 1))
    entry = Entry(guardian=True, companions=(child,), answers={"size": "L", "work": Handed("application/pdf", 4, key)})
    signup_id = world.do(lambda: signing_up.sign_up(actor=actor, event_id=event_id, entry=entry, now=clock.now()))
    return event_id, signup_id, key  # type: ignore[return-value]


def purged(world: World, now: datetime.datetime) -> int:
    with world.app.app_context():
        return forget("entries", now)


def test_answers_companions_and_files_go_after_the_days_of_the_form(world: World, app: Flask) -> None:
    event_id, signup_id, key = family(world)
    ends_at = Gathering(world).seen(event_id).terms.ends_at
    assert purged(world, ends_at + 29 * DAY) == 0
    assert world.look(lambda: mine.answers(signup_id))["size"] == "L"
    assert world.look(lambda: mine.signups([signup_id]))[0].people[1].name == "小满"
    assert purged(world, ends_at + 31 * DAY) > 0
    assert world.look(lambda: mine.answers(signup_id)) == {}
    kept = world.look(lambda: mine.signups([signup_id]))[0]
    assert [one.name for one in kept.people] == ["陈静", ""]
    try:
        files.get(key)
    except NotFound:
        return
    raise AssertionError("the file is still there")


def test_of_an_entry_that_was_given_up_they_go_after_thirty_days(world: World, app: Flask) -> None:
    event_id, signup_id, key = family(world)
    kept = world.look(lambda: mine.signups([signup_id]))[0]
    captain = MemberActor(AccountId(kept.captain_id), kept.captain_id)
    other = Entries(world)
    stays = other.entered(
        other.member("王强"), event_id, answers={"size": "M", "work": Handed("application/pdf", 4, files.put(b"two"))}
    )
    at = clock.now()
    world.do(lambda: leaving.cancel(actor=captain, signup_id=signup_id, now=at))
    assert purged(world, at + 29 * DAY) == 0
    with world.app.app_context():
        assert forget("entries", at + 31 * DAY) == 1
    assert world.look(lambda: mine.answers(signup_id)) == {}
    assert [one.name for one in world.look(lambda: mine.signups([signup_id]))[0].people] == ["陈静", ""]
    with pytest.raises(NotFound):
        files.get(key)
    assert world.look(lambda: mine.answers(stays))["size"] == "M"


def test_what_is_forgotten_is_not_written_into_again(world: World, app: Flask, sql: psycopg.Connection) -> None:
    event_id, signup_id, _ = family(world)
    gathering = Gathering(world)
    over, officer = gathering.seen(event_id).terms.ends_at + 31 * DAY, gathering.officer

    def note() -> None:
        noting.note(actor=officer, event_id=event_id, signup_id=signup_id, answers={}, now=over)

    world.do(note)
    purged(world, over)
    with pytest.raises(Conflict, match=errors.ANSWERS_FORGOTTEN):
        world.do(note)
    assert sql.execute("SELECT answers FROM signups").fetchone() == (None,)


def test_entries_go_after_three_years(world: World, sql: psycopg.Connection) -> None:
    event_id, _, _ = family(world)
    ends_at = Gathering(world).seen(event_id).terms.ends_at
    assert purged(world, ends_at + 1095 * DAY) > 0
    assert sql.execute("SELECT count(*) FROM signups").fetchone() == (1,)
    assert purged(world, ends_at + 1097 * DAY) == 1
    assert sql.execute("SELECT count(*) FROM signup_people").fetchone() == (0,)
    assert Gathering(world).seen(event_id).total.taken == 0


def test_a_level_stays_as_long_as_somebody_is_a_member(world: World, sql: psycopg.Connection) -> None:
    """Its event is forgotten after three years; the next level still asks for it."""
    entries = Entries(world)
    event_id, (stays, left) = entries.event(series="电工", level=1), entries.members("林芳", "李娜")
    ends_at = entries.seen(event_id).terms.ends_at
    for one in (stays, left):
        entries.entered(one, event_id)
        sql.execute(
            "INSERT INTO attainments (member_id, series, event_id, level, at) VALUES (%s, '电工', %s, 1, %s)",
            [one.member_id, event_id, ends_at],
        )
    sql.execute("UPDATE members SET standing = 'left' WHERE id = %s", [left.member_id])
    now = ends_at + 1095 * DAY

    def levels() -> set[uuid.UUID]:
        return {row[0] for row in sql.execute("SELECT member_id FROM attainments")}

    assert purged(world, now) > 0 and levels() == {stays.member_id, left.member_id}
    assert purged(world, now + 2 * DAY) == 3, "two entries and a level"
    assert levels() == {stays.member_id}
    assert purged(world, now + 3 * DAY) == 0
    next_one = entries.event(
        eligibility=Eligibility(level=1), series="电工", level=2, starts_at=now + 9 * DAY, closes_at=now + 8 * DAY
    )
    entries.entered(stays, next_one, now=now)
