"""The page of one event on its organiser's desk, what being absent costs, and places for several trades."""

import re

import psycopg
import pytest
from flask.testing import FlaskClient

from services.core import clock
from services.events.service import organising
from services.events.types import QuotaKind
from services.unions.types import TradeGroup
from tests.builders.events import Gathering
from tests.builders.world import DAY, World
from tests.http.event_phone import enter
from tests.http.pages import Reader
from tests.http.test_staff_events import begin, four, of, send


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


@pytest.fixture
def reader(client: FlaskClient, world: World, gathering: Gathering) -> Reader:
    return Reader(client, world, gathering.officer)


def test_after_publishing_the_page_says_what_to_do_next(gathering: Gathering, reader: Reader) -> None:
    event_id = gathering.event()
    page = f"/staff/events/{event_id}"
    said = reader.open(f"{page}?done=published")
    assert "贴在车间、食堂" in said and f'href="{page}/poster"' in said
    assert re.search(rf'<input [^>]*id="link" value="http[^"]+/events/{event_id}" readonly', said)
    assert "已发布，会员" not in reader.open(page) and 'id="link"' in reader.open(page)
    over = gathering.event(closes_at=clock.now() + DAY / 24, starts_at=clock.now() + DAY)
    gathering.world.do(lambda: organising.cancel(actor=gathering.officer, event_id=over, note="台风", now=clock.now()))
    said = reader.open(f"/staff/events/{over}?done=published")
    assert "已发布，会员" not in said and 'id="link"' not in said


@pytest.mark.parametrize(
    ("scanned", "says"),
    [
        (0, "签到 0 / 6 人。签到的不到五分之一，就当没有用签到：谁都不算爽约。"),
        (1, "签到 1 / 6 人。签到的不到五分之一"),
        (2, "签到 2 / 6 人。没签到的 4 人，"),
        (6, "签到 6 / 6 人。<"),
    ],
)
def test_while_it_runs_the_page_says_what_being_absent_will_cost(
    gathering: Gathering, reader: Reader, sql: psycopg.Connection, scanned: int, says: str
) -> None:
    event_id = gathering.event()
    for member in gathering.members(*"甲乙丙丁戊己"):
        enter(gathering, member, event_id)
    page = f"/staff/events/{event_id}"
    assert "签到 0 / 6" not in reader.open(page), "it has not begun"
    sql.execute("UPDATE events SET opens_at = now() - interval '9 days', closes_at = now() - interval '8 hours',"
                " cancel_until = now() - interval '9 hours', starts_at = now() - interval '1 hour',"
            " revision = revision + 1")  # fmt: skip
    sql.execute("UPDATE signup_people SET checked_in_at = now(), checked_in_by = 'test', checked_in_how = 'card'"
                " WHERE signup_id IN (SELECT id FROM signups ORDER BY id LIMIT %s)", [scanned])  # fmt: skip
    assert says in reader.open(page)


def test_places_are_kept_for_several_trades_together(world: World, reader: Reader) -> None:
    event_id, page = begin(reader)
    rows = {"quota__0__of": "trade", "quota__0__places": "4"}
    kept = send(reader, event_id, page, **four(), **rows)
    assert kept.status_code == 422 and 'id="quota-0-of-err"' in kept.text, "no trade is ticked"
    ticked = {"quota__0__trade_couriers": "1", "quota__0__trade_drivers": "1"}
    assert send(reader, event_id, kept.text, **ticked).status_code == 303
    quota = of(world, event_id).terms.quotas[-1]
    both = frozenset({TradeGroup.COURIERS, TradeGroup.DRIVERS})
    assert (quota.kind, quota.trades, quota.capacity) == (QuotaKind.TRADE, both, 4)
    again = reader.open(f"/staff/events/{event_id}/edit")
    assert send(reader, event_id, again, quota__0__places="5").status_code == 303
    quota = of(world, event_id).terms.quotas[-1]
    assert (quota.trades, quota.capacity) == (both, 5)
