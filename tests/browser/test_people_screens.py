"""The directory, an officer's pages of members and unions, and the sheets to print: they fit, and can be tapped."""

from collections.abc import Callable, Iterator

import pytest

from services.core import clock
from services.rights import service as rights
from services.rights.types import Wish
from services.unions import queries, service
from services.unions.types import Contact, Place
from tests.browser.conftest import Phones
from tests.browser.phone import Phone
from tests.builders.world import World

pytestmark = pytest.mark.browser

LONG = {"zh": "雍河区高营产业园恒沛精密新材料股份有限公司第一联合基层工会"}


def sheets(desk: Phone) -> int:
    """How many sheets of paper the page is printed on."""
    paper = desk.page.pdf(prefer_css_page_size=True)
    return paper.count(b"/Type /Page") - paper.count(b"/Type /Pages")


@pytest.fixture
def screens(phone: Phones, world: World) -> Callable[..., Iterator[Phone]]:
    """screens(**how the phones are set): every page of these, with long names on it."""
    contact = Contact(
        "010-1000 2000", {"zh": "高营产业园兴业路一百九十九号二期厂房东侧办公楼三层"}, Place(29.5, 124.25)
    )
    world.do(lambda: service.rename(union_id=world.union.id, name=LONG, actor="test", now=clock.now()))
    world.do(lambda: service.describe(union_id=world.union.id, contact=contact, actor="test", now=clock.now()))
    token = world.look(lambda: queries.join_token(world.union.id))
    member, shop = world.member("阿不都热依木江·阿不都克里木阿吉"), world.shop("老灶牛肉面与手工水饺连锁餐厅")
    world.offer(shop, title={"zh": "到店用餐八八折（酒水、海鲜和特价菜除外）"})
    wish = Wish(name="阿不都热依木", phone="10099998888", words="入会日期不对，应该是二〇二〇年三月，请查一下当时的表")
    asked = world.do(lambda: rights.ask_correction(actor=member, wish=wish, now=clock.now()))
    one, union, town = f"/staff/members/{member.member_id}", world.union.id, world.town.id
    addresses = {
        None: f"/unions /unions?q=恒沛 /unions?q=没有 /unions/{town} /unions/{union} /u/{token}",
        world.officer(): f"/staff/members {one} {one}/edit /staff/members/new /staff/members/new?union={union} "
        f"/staff/unions /staff/unions?at={town} /staff/unions/{union}/edit /staff/unions/{town}/new /staff/prints "
        f"/staff/prints/unions/{union} /staff/prints/shops/{shop.merchant_id} /staff/corrections "
        f"/staff/corrections/{asked}",
    }

    def show(**options: object) -> Iterator[Phone]:
        one = None
        for actor, paths in addresses.items():
            one = phone(actor, same=one, **options)
            for path in paths.split():
                yield one.open(path)

    return show


@pytest.mark.parametrize(
    ("text", "lang"), [pytest.param("normal", "zh", marks=pytest.mark.soak), ("large", "zh"), ("large", "en")]
)
def test_nothing_sticks_out_and_everything_can_be_tapped(
    screens: Callable[..., Iterator[Phone]], text: str, lang: str
) -> None:
    seen = 0
    for screen in screens(text=text, lang=lang, viewport={"width": 360, "height": 740}):
        seen += 1
        assert screen.overflow() <= 0, screen.page.url
        assert screen.small_targets() == [], screen.page.url
        assert screen.page.locator("h1").count() == 1, screen.page.url
        assert screen.page.locator("main#main").count() == 1, screen.page.url
    assert seen == 20


def test_a_desk_is_as_wide_as_its_screen(screens: Callable[..., Iterator[Phone]]) -> None:
    for screen in screens(viewport={"width": 1280, "height": 900}):
        assert screen.overflow() <= 0, screen.page.url


def test_a_poster_is_one_sheet_of_paper_and_a_phone_reads_its_code(phone: Phones, world: World) -> None:
    """Also with a long name; and so is the sign of a shop with many offers."""
    world.do(lambda: service.rename(union_id=world.union.id, name=LONG, actor="test", now=clock.now()))
    token = world.look(lambda: queries.join_token(world.union.id))
    desk = phone(world.officer(), viewport={"width": 1280, "height": 900})
    desk.open(f"/staff/prints/unions/{world.union.id}")
    assert desk.read_code().endswith(f"/u/{token}")
    assert sheets(desk) == 1
    shop = world.shop("老灶牛肉面与手工水饺连锁餐厅")
    for number in range(9):
        world.offer(shop, title={"zh": f"到店用餐八八折（酒水、海鲜和特价菜除外）第 {number} 款"})
    desk.open(f"/staff/prints/shops/{shop.merchant_id}").shows("更多优惠，请看“工惠”")
    assert sheets(desk) == 1


def test_a_worker_finds_the_union_and_reads_the_poster(phone: Phones, world: World) -> None:
    """Typed as it stands on the pay slip; the way back to the town; and the poster's landing."""
    worker = phone().open("/unions")
    worker.page.fill("#q", "恒沛精密制造有限公司")
    worker.tap("找")
    worker.tap("恒沛精密工会")
    worker.shows("怎么联系")
    token = world.look(lambda: queries.join_token(world.union.id))
    worker.open(f"/u/{token}").shows("绑定工会会员，三步就好")
    assert worker.page.get_by_text("去绑定", exact=True).get_attribute("href") == f"/binding?union={token}"


def test_an_officer_finds_a_member_and_reads_the_record_with_a_reason(phone: Phones, world: World) -> None:
    world.member("欧阳春晓")
    desk = phone(world.officer()).open("/staff/members")
    desk.page.fill("#q", "春晓")
    desk.page.locator("form[role=search] button").click()
    desk.tap("欧阳*晓")
    desk.shows("100****5678")
    assert "q=" not in desk.page.url and "春晓" not in desk.page.url
    desk.page.select_option("#why", "contact")
    desk.tap("查看这一次")
    desk.shows("10012345678")
    assert desk.page.locator("h1").inner_text() == "欧阳春晓"
