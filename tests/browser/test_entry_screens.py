"""The ways in and the officers' own pages: they fit a small phone and can be tapped; the real two-device sign-in."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from services.accounts import service
from services.accounts.messages import RoleTaken
from services.accounts.types import AccountId, Actor, Grant, OfficerActor, Role
from services.core import clock, outbox
from services.unions.types import UnionView
from tests.browser.conftest import Phones
from tests.builders.world import World

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("ENTRY_SHOTS", "")


def officer(world: World, role: Role, at: UnionView) -> OfficerActor:
    def build() -> AccountId:
        account_id = service.open_account(display_name="阿卜杜拉·买买提艾力", now=clock.now())
        service.grant(account_id=account_id, role=role, union_id=at.id, actor="test", now=clock.now())
        return account_id

    return OfficerActor(world.do(build), (Grant(role, at.path),))


@pytest.fixture
def addresses(world: World) -> dict[Actor | None, list[str]]:
    """Who opens what: an invitation, a reset, a computer's code, and everything behind the doors."""
    federation, now = world.federation, clock.now()
    system, colleague = officer(world, Role.SYSTEM, federation), officer(world, Role.SYSTEM, federation)
    lost = officer(world, Role.SYSTEM, federation)
    link = world.do(
        lambda: service.invite(by=None, name="周敏", role=Role.SYSTEM, union=federation, actor="test", now=now)
    )
    code = world.do(lambda: service.open_desk(device="Chrome · Windows", now=now)).code
    member, shop = world.member("阿不都热依木江·阿不都克里木阿吉"), world.shop()
    world.do(
        lambda: service.grant(
            account_id=member.account_id, role=Role.GRASSROOTS, union_id=world.union.id, actor="test", now=now
        )
    )
    assert colleague != lost
    return {
        None: ["/staff/sign-in", f"/o/{link}", f"/D/{code}", "/D/OVER"],
        system: ["/staff/officers/", "/staff/officers/mine", f"/staff/officers/invite?union={federation.id}"],
        officer(world, Role.TOWN, world.town): [f"/D/{code}", f"/staff/officers/invite?union={world.union.id}"],
        world.officer(): ["/staff/shops/"],
        officer(world, Role.AUDITOR, federation): ["/staff/audit/", "/staff/audit/?kind=role.granted"],
        shop.clerk: ["/shop/colleagues/", "/till/"],
        member: ["/me", "/me/devices/", "/prove/?back=/me", "/staff/enter/", "/till/"],
    }


@pytest.mark.parametrize(
    ("text", "lang"), [pytest.param("normal", "zh", marks=pytest.mark.soak), ("large", "zh"), ("large", "en")]
)
def test_nothing_sticks_out_and_everything_can_be_tapped(
    phone: Phones, world: World, addresses: dict[Actor | None, list[str]], text: str, lang: str
) -> None:
    screen = None
    for number, (actor, paths) in enumerate(addresses.items()):
        screen = phone(actor, same=screen, text=text, lang=lang, viewport={"width": 360, "height": 740})
        for cookie in screen.page.context.cookies():
            if cookie["name"] == "gonghui":
                world.do(lambda token=cookie["value"]: service.prove(token, now=clock.now()))
        for path in paths:
            screen.open(path)
            if SHOTS:
                name = f"{number}{path.split('?')[0].replace('/', '-')[:24]}-{text}-{lang}.png"
                screen.page.screenshot(path=Path(SHOTS) / name, full_page=True)
            assert screen.overflow() <= 0, path
            assert screen.small_targets() == [], path
            assert screen.page.locator("h1").count() == 1, path


def test_a_computer_opens_by_itself_when_the_phone_says_yes(phone: Phones, world: World) -> None:
    computer = phone(viewport={"width": 1280, "height": 900}).open("/staff/sign-in")
    computer.tap("显示登录码")
    address = computer.read_code()
    hand = phone(officer(world, Role.TOWN, world.town))
    hand.open(address.lower().replace("/d/", "/D/"))
    hand.page.fill("#digits", computer.page.inner_text(".digits"))
    hand.tap("确认登录")
    hand.shows("已确认")
    computer.page.wait_for_url("**/staff/tray/")
    computer.shows("柳渡镇总工会")


def test_a_badge_far_to_the_right_of_the_menu_makes_no_page_wider(
    phone: Phones, world: World, run_jobs: Callable[[], None]
) -> None:
    told = RoleTaken(union_id=world.federation.id, at=clock.now().isoformat())
    world.do(lambda: outbox.post(told))
    run_jobs()
    desk = phone(world.officer(), text="large").open("/staff/tray/")
    assert desk.page.locator(".side .badge").count() == 1
    assert desk.overflow() <= 0
