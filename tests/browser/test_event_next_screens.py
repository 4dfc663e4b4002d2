"""What to do next, on both sides of an event: nothing sticks out, everything can be tapped."""

import psycopg
import pytest

from services.events.types import Joining, Mode, Named, Quota, QuotaKind
from services.members.documents import Sex
from services.unions.types import TradeGroup
from tests.browser.conftest import Phones
from tests.browser.test_event_signups_screens import MODES, looked_at
from tests.builders.events import Gathering, total
from tests.builders.world import World
from tests.http.event_phone import PAIR, enter

pytestmark = pytest.mark.browser
LIST = """１００３０００００９９、陈静、司机，尺码 L
机加工车间 王伟
王伟 1003000
10030000098
——
王伟 10030000097；何人 10030000096"""


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


@pytest.mark.parametrize(("width", "text", "theme", "lang"), MODES)
def test_every_next_step_fits_its_screen(
    phone: Phones, world: World, gathering: Gathering, sql: psycopg.Connection, width: int, text: str, theme: str,
    lang: str,
) -> None:  # fmt: skip
    trades = frozenset({TradeGroup.COURIERS, TradeGroup.DRIVERS})
    fresh = gathering.event(unit_entry=True, quotas=(total(), Quota(1, QuotaKind.TRADE, 4, trades=trades)))
    begun, asked = gathering.event(), gathering.event(mode=Mode.APPROVAL)
    full = gathering.event(quotas=(total(), Quota(1, QuotaKind.SEX, 1, sex=Sex.FEMALE)))
    pairs = gathering.event(categories=PAIR, joining=Joining.VOUCHED)
    woman, mate = gathering.member(sex=Sex.FEMALE), gathering.member("周建国", phone="10030000095")
    gathering.member("陈静", phone="10030000099")
    for event_id in (begun, asked):
        enter(gathering, woman, event_id)
    enter(gathering, gathering.member(sex=Sex.FEMALE), full)
    entry = enter(gathering, gathering.member("李春梅"), pairs, category=2, mates=(Named("周建国", "10030000095"),))
    sql.execute("UPDATE events SET opens_at = now() - interval '9 days', closes_at = now() - interval '8 hours',"
                " cancel_until = now() - interval '9 hours', starts_at = now() - interval '1 hour' WHERE id = %s",
                [begun])  # fmt: skip
    mode = f"{width}-{text}-{theme}-{lang}"
    screen = phone(gathering.officer, text=text, theme=theme, lang=lang, viewport={"width": width, "height": 800})
    staff = "/staff/events"
    for name, path in {
        "published": f"{staff}/{fresh}?done=published", "running": f"{staff}/{begun}", "tasks": "/staff/tasks",
        "trades": f"{staff}/{fresh}/edit",
    }.items():  # fmt: skip
        looked_at(screen.open(path), f"next-{name}", mode)
    screen.open(f"{staff}/{fresh}/units")
    screen.page.fill("#list", LIST)
    screen.page.locator("form[enctype] button.btn--main").click()
    screen.page.locator("#looked").wait_for()
    looked_at(screen, "next-looked", mode)
    looked_at(phone(mate, same=screen).open(f"/me/events/{entry}"), "next-agree", mode)
    woman_too = gathering.member(sex=Sex.FEMALE)
    looked_at(phone(woman_too, same=screen).open(f"/events/{full}/sign-up"), "next-wait", mode)
    assert screen.complaints == []
