"""Applications to be decided and draws to be held stand among an officer's tasks until they are done."""

import psycopg
import pytest
from flask.testing import FlaskClient

from services.accounts.types import Role
from services.core import clock
from services.events.queries import duties
from services.events.types import Mode
from tests.builders.events import Gathering
from tests.builders.world import World
from tests.http.event_phone import enter, plain
from tests.http.pages import Reader


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


def found(world: World) -> list[tuple[Mode, int]]:
    """The duties in the federation, once it is sure that the number at the entry is theirs."""
    scopes, now = (world.federation.path,), clock.now()
    listed = world.look(lambda: duties.duties(scopes=scopes, now=now))
    assert world.look(lambda: duties.count(scopes=scopes, now=now)) == len(listed)
    return [(one.mode, one.count) for one in listed]


def test_applications_and_draws_that_are_due_are_tasks_with_their_links(
    client: FlaskClient, world: World, gathering: Gathering, sql: psycopg.Connection
) -> None:
    asked, drawn = gathering.event(mode=Mode.APPROVAL), gathering.event(mode=Mode.DRAW)
    plain_one = gathering.event()
    for member in gathering.members("甲", "乙"):
        for event_id in (asked, drawn, plain_one):
            enter(gathering, member, event_id)
    assert found(world) == [(Mode.APPROVAL, 2)], "sign-up for the draw still runs"
    sql.execute("UPDATE events SET opens_at = now() - interval '9 days', closes_at = now() - interval '1 hour'")
    assert sorted(found(world)) == [(Mode.APPROVAL, 2), (Mode.DRAW, 2)]
    page = Reader(client, world, gathering.officer).open("/staff/tasks")
    said = plain(page)
    assert "活动报名等您审核：1 件" in said and "2 份等审核" in said
    assert "该摇号了：1 件" in said and "2 份报名，去摇号" in said and "待办 2" in said
    assert f'href="/staff/events/{asked}/signups"' in page and f'href="/staff/events/{drawn}/draw"' in page
    sql.execute("UPDATE events SET drawn_at = now() WHERE id = %s", [drawn])
    sql.execute("UPDATE signups SET state = 'confirmed' WHERE event_id = %s", [asked])
    assert found(world) == []


def test_what_is_called_off_or_over_and_what_is_others_waits_for_nobody(
    client: FlaskClient, world: World, gathering: Gathering, sql: psycopg.Connection
) -> None:
    event_id = gathering.event(mode=Mode.APPROVAL)
    enter(gathering, gathering.member(), event_id)
    assert found(world) == [(Mode.APPROVAL, 1)]
    elsewhere = Reader(client, world, gathering.another_officer(Role.GRASSROOTS)).open("/staff/tasks")
    assert "等您审核" not in elsewhere and "都办好了。" in elsewhere
    sql.execute("UPDATE events SET cancelled_at = now(), cancelled_note = '下雨'")
    assert found(world) == []
    sql.execute("UPDATE events SET cancelled_at = NULL, cancelled_note = NULL, opens_at = now() - interval '9 days',"
                " closes_at = now() - interval '8 days', cancel_until = now() - interval '8 days',"
                " starts_at = now() - interval '7 days', ends_at = now() - interval '6 days'")  # fmt: skip
    assert found(world) == []
