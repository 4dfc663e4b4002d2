"""Events for everybody and for a member: what is on, what it says, may I, and why not."""

import datetime
import html
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from services.core import clock, ids
from services.events.types import Category, Eligibility, Kind, Mode, Quota, QuotaKind, Slot, Wave
from services.members.documents import Sex
from services.members.types import Standing
from services.unions.types import TradeGroup
from tests.builders.events import HOUR, Gathering, total
from tests.builders.world import DAY, World
from tests.harness.statements import statements
from tests.http.pages import Reader


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


def titles(page: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'<h3 class="cell__title">(.*?)</h3>', page)]


def plain(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_list_is_there_for_everybody_the_next_first(client: FlaskClient, world: World, gathering: Gathering) -> None:
    now = clock.now()
    gathering.event(title={"zh": "后来的"}, starts_at=now + 9 * DAY)
    gathering.event(title={"zh": "先来的"}, starts_at=now + 6 * DAY)
    gathering.draft(title={"zh": "还没发布"})
    page = Reader(client, world).open("/events")
    assert titles(page) == ["先来的", "后来的"]
    assert "还剩" not in page and "已报 0 / 10 人" in page
