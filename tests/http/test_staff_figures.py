"""The officer's figures: what the page says, what it does not tell, and days that cannot be."""

import datetime
import html

import pytest
from flask.testing import FlaskClient

from app.pages.staff.figures_plot import time_plot, week_plot
from services.core import clock
from services.core.calendar import DAY, local_date
from services.redemptions import service
from services.redemptions.types import Receipt
from tests.builders.world import Shop, World
from tests.harness.statements import statements
from tests.http.pages import Reader

FEW, MANY = 4, 25


def use(world: World, shop: Shop, count: int, *, amount_fen: int | None = 1000) -> None:
    """So many redemptions now, each by somebody else."""
    offer_id = world.offer(shop, amount_policy="optional")
    for _ in range(count):
        code = world.code(world.member())

        def redeem(code: str = code) -> None:
            now = clock.now()
            scan = service.scan(actor=shop.clerk, text=code, now=now)
            done = service.redeem(actor=shop.clerk, scan_id=scan.id, offer_id=offer_id, amount_fen=amount_fen, now=now)  # type: ignore[union-attr]
            assert isinstance(done, Receipt)

        world.do(redeem)


def test_the_page_says_how_many_how_much_and_what_was_not_recorded(client: FlaskClient, world: World) -> None:
    use(world, world.shop(), MANY)
    use(world, world.shop("单车行", trade="sport"), FEW, amount_fen=None)
    use(world, world.shop("晚风歌厅", trade="leisure"), FEW, amount_fen=None)
    page = Reader(client, world, world.officer()).open("/staff/figures")
    assert f'<b class="stat">{MANY + 2 * FEW}</b>' in page and '<b class="stat">25.00</b>' in page
    assert f"另有 {2 * FEW} 笔没输金额" in page and f"占 {MANY + 2 * FEW} 名会员的 100%" in page
    assert "老灶牛肉面" in page and "餐饮美食" in page and "柳渡镇总工会" in page
    # Four people at a shop: counted, and neither the shop nor its trade is named.
    assert "单车行" not in page and "晚风歌厅" not in page and "体育健身" not in page and "人数少的，合在一起" in page
    assert page.count('<svg class="chart"') == 2 and page.count("看数据表（和图一样的数）") == 2
    assert "李春梅" not in page and "李*梅" not in page


def test_every_number_of_a_plot_stands_in_a_table_too(client: FlaskClient, world: World) -> None:
    use(world, world.shop(), 6)
    today = local_date(clock.now())
    page = Reader(client, world, world.officer()).open("/staff/figures")
    assert f'<th scope="row" class="num">{today.isoformat()}</th><td class="n">6</td>' in page
    assert page.count('<td class="n">6</td>') == 2


def test_of_few_people_the_page_says_how_much_they_used_and_why_no_more(client: FlaskClient, world: World) -> None:
    use(world, world.shop(), FEW)
    page = Reader(client, world, world.officer()).open("/staff/figures")
    assert f'<b class="stat">{FEW}</b>' in page and "为了看不出是谁" in page and page.count('<svg class="chart"') == 1
    assert "老灶牛肉面" not in page and "餐饮美食" not in page and "4.00" not in page and "柳渡镇总工会" not in page


def test_the_number_of_statements_does_not_grow_with_what_is_counted(client: FlaskClient, world: World) -> None:
    reader = Reader(client, world, world.officer())
    reader.open("/staff/figures")
    sent = []
    for number in range(2):
        use(world, world.shop(f"第 {number} 家"), 6)
        with statements() as seen:
            reader.open("/staff/figures")
        sent.append(len(seen))
    assert sent[0] == sent[1] <= 16, sent


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("first=gestern", "日期要像"),
        ("first=2026-13-01&last=2026-01-01", "日期要像"),
        ("first=0001-01-01", "只能看 2020-01-01 到今天"),
        ("last=9999-12-31", "只能看 2020-01-01 到今天"),
        ("first=2024-03-02&last=2024-03-01", "“从哪天”要在“到哪天”的前面"),
        ("first=2023-01-01&last=2024-06-01", "一次最多看一年"),
        ('first="><script>x', "日期要像"),
    ],
)
def test_days_that_cannot_be_come_back_with_a_sentence(
    client: FlaskClient, world: World, query: str, said: str
) -> None:
    page = Reader(client, world, world.officer()).open(f"/staff/figures?{query}", status=422)
    assert said in page and 'aria-invalid="true"' in page and "<script>x" not in page and 'class="stat"' not in page
    typed = query.partition("=")[2].partition("&")[0][:10]
    assert f'value="{html.escape(typed, quote=True).replace("&quot;", "&#34;")}"' in page


def test_a_year_is_shown_in_weeks(client: FlaskClient, world: World) -> None:
    use(world, world.shop(), 2)
    first = local_date(clock.now()) - 364 * DAY
    page = Reader(client, world, world.officer()).open(f"/staff/figures?first={first.isoformat()}")
    assert "按周：" in page and page.count('<th scope="row" class="num">') in (53, 54)


def test_days_without_any_say_so(client: FlaskClient, world: World) -> None:
    page = Reader(client, world, world.officer()).open("/staff/figures?first=2024-02-01&last=2024-02-29")
    assert "这些天还没有核销" in page and '<b class="stat">0</b>' in page


@pytest.mark.parametrize("length", [1, 2, 31, 62, 63, 365, 366])
@pytest.mark.parametrize("most", [0, 1, 7, 12_345])
def test_bars_fit_their_box_and_lose_nothing(length: int, most: int) -> None:
    first = datetime.date(2024, 1, 3)
    days = [(first + number * DAY, most if number == length // 2 else most // 3) for number in range(length)]
    drawn = time_plot(days)
    assert sum(bar.count for bar in drawn.bars) == sum(count for _, count in days)
    assert (drawn.bars[0].first, drawn.bars[-1].last) == (first, first + (length - 1) * DAY)
    assert all(18 <= bar.y <= 170 and bar.x + bar.width <= 720 for bar in drawn.bars) and len(drawn.bars) <= 62
    assert drawn.weeks == (length > 62) and (drawn.peak is None) == (most == 0)
    assert 1 <= sum(bar.label for bar in drawn.bars) <= 10


def test_the_week_shows_the_hours_in_which_anything_happened() -> None:
    hours = [[0] * 24 for _ in range(7)]
    assert week_plot(hours).peak is None and week_plot(hours).hours == list(range(7, 22))
    hours[4][12], hours[6][23], hours[0][9] = 100, 1, 26
    drawn = week_plot(hours)
    assert drawn.hours == list(range(7, 24)) and drawn.peak and (drawn.peak.weekday, drawn.peak.hour) == (4, 12)
    levels = {(cell.weekday, cell.hour): cell.level for row in drawn.rows for cell in row if cell.count}
    assert levels == {(4, 12): 4, (6, 23): 1, (0, 9): 2}
    assert all(cell.x + cell.width <= 720 for row in drawn.rows for cell in row)
