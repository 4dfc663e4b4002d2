"""An officer's pages: the day, and only his own part of the tree."""

import datetime
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.pages.staff.plot import plot
from services.accounts import service as accounts
from services.accounts.types import Grant, OfficerActor, Role
from services.core import clock
from services.core.calendar import local_date
from services.redemptions import service
from services.reports.types import HourFigure
from tests.builders.world import Shop, World
from tests.http.pages import Reader


def use(world: World, shop: Shop, *, amount_fen: int | None = 4650, **person: object) -> None:
    """One redemption, now, by a new member."""
    member = world.member(**person)  # type: ignore[arg-type]
    offer_id = world.offer(shop, amount_policy="required" if amount_fen else "optional")
    code = world.code(member)
    scan = world.do(lambda: service.scan(actor=shop.clerk, text=code, now=clock.now()))
    world.do(
        lambda: service.redeem(
            actor=shop.clerk, scan_id=scan.id, offer_id=offer_id, amount_fen=amount_fen, now=clock.now()
        )
    )


def test_the_day_in_figures_plot_and_table(client: FlaskClient, world: World) -> None:
    shop = world.shop()
    use(world, shop)
    use(world, shop, amount_fen=None, name="王五")
    page = Reader(client, world, world.officer()).open("/staff/")
    assert "李*梅" in page and "王*" in page and "李春梅" not in page
    assert '<b class="stat">2</b>' in page and '<b class="stat">4.65</b>' in page and "另有 1 笔没输金额" in page
    assert "点最多，2 笔" in page and 'role="img"' in page and page.count("没输") >= 2


def test_an_officer_sees_his_own_subtree_only(client: FlaskClient, world: World) -> None:
    shop, elsewhere = world.shop(), world.another_union()
    use(world, shop, name="王五", union=elsewhere)
    use(world, shop)
    account = world.do(lambda: accounts.open_account(display_name="镇上老周", now=clock.now()))
    world.do(
        lambda: accounts.grant(
            account_id=account, role=Role.DISTRICT, union_id=world.town.id, actor="test", now=clock.now()
        )
    )
    page = Reader(client, world, OfficerActor(account, (Grant(Role.DISTRICT, world.town.path),))).open("/staff/")
    assert "李*梅" in page and "王*" not in page and "柳渡镇总工会" in page


def test_a_disputed_use_saves_nobody_money_and_the_page_says_so(client: FlaskClient, world: World) -> None:
    shop, member = world.shop(), world.member()
    use(world, shop, name="王五")
    offer_id, code = world.offer(shop), world.code(member)
    scan = world.do(lambda: service.scan(actor=shop.clerk, text=code, now=clock.now()))
    receipt = world.do(
        lambda: service.redeem(actor=shop.clerk, scan_id=scan.id, offer_id=offer_id, amount_fen=1000, now=clock.now())  # type: ignore[union-attr]
    )
    reader = Reader(client, world, world.officer())
    before = reader.open("/staff/")
    assert '<b class="stat">5.65</b>' in before and "会员说不是本人" not in before
    world.do(lambda: service.dispute(actor=member, redemption_id=receipt.id, now=clock.now()))  # type: ignore[union-attr]
    after = reader.open("/staff/")
    assert '<b class="stat">4.65</b>' in after and "另有 1 笔会员说不是本人，没有计入" in after


@pytest.mark.parametrize("day", ["yesterday", "2026-13-40", "0001-01-01", "9999-12-31", "%3Cscript%3E", "20261122x"])
def test_a_day_that_is_none_is_refused_kindly(client: FlaskClient, world: World, day: str) -> None:
    page = Reader(client, world, world.officer()).open(f"/staff/?day={day}", status=422)
    assert "没有这一天的数据" in page and "今天核销" in page and "<script>" not in page


def test_another_day_is_another_day(client: FlaskClient, world: World, at: Callable[..., None]) -> None:
    shop = world.shop()
    use(world, shop)
    reader, today = Reader(client, world, world.officer()), local_date(clock.now())
    yesterday = today - datetime.timedelta(days=1)
    assert "这一天还没有核销" in reader.open(f"/staff/?day={yesterday.isoformat()}")
    assert "李*梅" in reader.open(f"/staff/?day={today.isoformat()}")


def test_a_full_day_comes_in_pages(client: FlaskClient, world: World) -> None:
    shop, member = world.shop(), world.member()
    offer_id = world.offer(shop)
    for number in range(22):
        now = clock.now() - datetime.timedelta(minutes=number)
        code = world.code(member, now=now)

        def redeem(code: str = code, now: datetime.datetime = now) -> None:
            scan = service.scan(actor=shop.clerk, text=code, now=now)
            service.redeem(actor=shop.clerk, scan_id=scan.id, offer_id=offer_id, amount_fen=1000, now=now)  # type: ignore[union-attr]

        world.do(redeem)
    reader = Reader(client, world, world.officer())
    first = reader.open("/staff/")
    rows = first.count('<th scope="row" class="num">')
    assert rows == min(20, _today(first))
    if rows == 20:
        path = first.split('class="btn push-r" href="')[1].split('"')[0].replace("&amp;", "&")
        assert reader.open(path).count('<th scope="row" class="num">') == _today(first) - 20


def test_notices_for_the_union(client: FlaskClient, world: World, run_jobs: Callable[[], None]) -> None:
    shop, member = world.shop(), world.member()
    offer_id, code = world.offer(shop), world.code(member)
    scan = world.do(lambda: service.scan(actor=shop.clerk, text=code, now=clock.now()))
    receipt = world.do(
        lambda: service.redeem(actor=shop.clerk, scan_id=scan.id, offer_id=offer_id, amount_fen=1000, now=clock.now())  # type: ignore[union-attr]
    )
    world.do(lambda: service.dispute(actor=member, redemption_id=receipt.id, now=clock.now()))  # type: ignore[union-attr]
    run_jobs()
    reader = Reader(client, world, world.officer())
    page = reader.open("/staff/inbox")
    assert "有一笔核销需要核实" in page and "未读：" in page and "李春梅" not in page
    assert reader.send(page, "/staff/inbox/read").location == "/staff/inbox"
    assert "未读：" not in reader.open("/staff/inbox")
    assert "核实中" in reader.open("/staff/")


def test_bars_fit_their_box_and_say_the_fullest_hour() -> None:
    for most in (0, 1, 3, 14, 97, 5000):
        hours = tuple(
            HourFigure(hour, most if hour == 12 else most // 3 if hour in (3, 23) else 0) for hour in range(24)
        )
        drawn = plot(hours)
        assert (drawn.peak.hour if drawn.peak else None) == (12 if most else None)
        assert all(18 <= bar.y <= 170 and bar.x + bar.width <= 720 for bar in drawn.bars)
        assert 2 <= len(drawn.grid) <= 6 and sum(bar.count for bar in drawn.bars) == sum(h.redemptions for h in hours)


def _today(page: str) -> int:
    return int(page.split('<b class="stat">')[1].partition("<")[0])
