"""Two phones and a desk: an old number is bound through the tray; a second WeChat takes the bond, the first is told."""

import datetime
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from app.partners import Partners
from services.accounts.wechat import AppKeys, Platform
from services.core import clock
from services.core.transaction import in_transaction
from tests.browser.conftest import Phones
from tests.browser.phone import Phone
from tests.builders.binding import OTHER_PHONE, PHONE, Binding
from tests.builders.world import World
from tests.partners.inbox import SentCodes
from tests.partners.platform import StandIn, running

pytestmark = pytest.mark.browser
WECHAT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/116 Mobile Safari/537.36 MicroMessenger/8.0.50"


@pytest.fixture
def platform() -> Iterator[StandIn]:
    with running() as stand_in:
        yield stand_in


@pytest.fixture
def sent(app: Flask, platform: StandIn, monkeypatch: pytest.MonkeyPatch) -> SentCodes:
    """The application with the stand-in as its platform; returns what is sent to phones."""
    account, codes = platform.official_account, SentCodes()
    client = Platform(
        AppKeys(account.appid, account.secret), transact=in_transaction, clock=clock.now, api_url=platform.url,
        open_url=platform.url,
    )  # fmt: skip
    monkeypatch.setitem(app.extensions, "partners", Partners(None, client, codes))
    return codes


def _signs_in(phone: Phone, person: str) -> None:
    """In WeChat's browser: one tap, and the platform knows who it is."""
    phone.open("/sign-in").tap("用微信登录")
    phone.page.get_by_role("link", name=person).click()
    phone.shows("第一步")


def _says(phone: Phone, sent: SentCodes, number: str, document: str) -> None:
    """From the phone number to the form, with what stands on the screen only."""
    phone.page.get_by_label("手机号").fill(number)
    phone.tap("发短信验证码")
    code = phone.page.get_by_label("6 位验证码")
    code.wait_for()
    code.fill(sent.last)
    phone.tap("下一步")
    phone.page.get_by_label("姓名").fill("李春梅")
    phone.page.get_by_label("证件号码").fill(document)
    phone.page.get_by_label("单位工会").fill("恒沛")
    phone.page.get_by_label("我看过").check()
    fits(phone)
    phone.page.get_by_role("button", name="绑定", exact=True).click()


def fits(phone: Phone) -> None:
    assert phone.overflow() == 0
    assert phone.small_targets() == []


def _on_to_the_card(phone: Phone) -> None:
    """Bound: the page says so, offers the code to follow by, and leads on."""
    phone.page.wait_for_url("**/binding/done")
    phone.shows("关注服务号，有结果马上告诉您")
    phone.tap("打开我的会员码")
    phone.shows("买单时，请店员扫这个码")


def test_an_old_number_is_bound_through_the_tray_and_a_second_wechat_moves_the_bond(
    world: World, phone: Phones, sent: SentCodes, run_jobs: Callable[[], None], at: Callable[..., None]
) -> None:
    binding = Binding(world)
    _, document = binding.rostered(phone=OTHER_PHONE)
    officer = phone(binding.officer())
    worker = phone(user_agent=WECHAT)

    fits(worker.open("/sign-in"))
    _signs_in(worker, "李春梅")
    fits(worker)
    _says(worker, sent, PHONE, document)
    worker.shows("工会正在核实")
    fits(worker)

    officer.open("/staff/tray/").shows("手机号和名册不一样")
    fits(officer)
    officer.tap("李*梅")
    officer.shows("职工填的，和名册比")
    fits(officer)
    officer.tap("通过并绑定")
    officer.shows("现在没有要处理的申请")

    worker.open("/binding")
    _on_to_the_card(worker)
    assert worker.read_code().startswith("HTTP")

    at(clock.now() + datetime.timedelta(minutes=2))  # one code a minute for each phone
    second = phone(user_agent=WECHAT)
    _signs_in(second, "赵国成")
    _says(second, sent, PHONE, document)
    _on_to_the_card(second)
    run_jobs()
    second.open("/inbox").shows("您的工惠换了一个微信")

    worker.open("/").shows("这里已退出登录")
    worker.shows("您的工惠已在另一个微信上绑定")
    worker.shows("恒沛精密工会")
    fits(worker)


@pytest.mark.parametrize(
    ("theme", "text", "lang"),
    [pytest.param("light", "normal", "zh", marks=pytest.mark.soak), ("dark", "large", "zh"), ("light", "large", "en")],
)
def test_every_page_of_the_binding_fits_in_every_mode(
    world: World, phone: Phones, sent: SentCodes, theme: str, text: str, lang: str
) -> None:
    binding = Binding(world)
    _, document = binding.rostered(phone=OTHER_PHONE)
    waiting = binding.visitor()
    filed = binding.filed(waiting, document)
    mode = {"theme": theme, "text": text, "lang": lang}
    fits(phone(**mode, user_agent=WECHAT).open("/sign-in"))
    shown = phone(**mode)
    fits(shown.open("/sign-in"))
    for who, paths in (
        (binding.visitor(phone=None), ["/binding"]),
        (binding.visitor(), ["/binding"]),
        (waiting, ["/binding/status"]),
        (world.member(), ["/me/unbind", "/me"]),
        (binding.officer(world.town), ["/staff/tray/", "/staff/tray/?below=1"]),
    ):
        shown = phone(who, same=shown, **mode)
        for path in paths:
            fits(shown.open(path))
    desk = phone(binding.officer(), same=shown, **mode)
    fits(desk.open("/staff/tray/"))
    assert filed.request_id
