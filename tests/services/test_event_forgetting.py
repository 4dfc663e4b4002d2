"""What people said for an event goes when the days of its form are over; entries go after three years."""

import datetime

import psycopg
from flask import Flask

from app.retention import forget
from services.core import clock
from services.core.errors import NotFound
from services.core.files import files
from services.core.forms import Form, Handed, Kind, Question
from services.events.queries import mine
from services.events.service import signing_up
from services.events.types import Category, Companion, Entry, EventId, Role, SignupId
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
    entry = Entry(companions=(child,), answers={"size": "L", "work": Handed("application/pdf", 4, key)})
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


def test_entries_go_after_three_years(world: World, sql: psycopg.Connection) -> None:
    event_id, _, _ = family(world)
    ends_at = Gathering(world).seen(event_id).terms.ends_at
    assert purged(world, ends_at + 1095 * DAY) > 0
    assert sql.execute("SELECT count(*) FROM signups").fetchone() == (1,)
    assert purged(world, ends_at + 1097 * DAY) == 1
    assert sql.execute("SELECT count(*) FROM signup_people").fetchone() == (0,)
    assert Gathering(world).seen(event_id).total.taken == 0
