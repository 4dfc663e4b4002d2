"""The pages about one's own data: they fit a small phone, can be tapped, and lead from one to the next."""

import os
from pathlib import Path

import pytest

from services.accounts import service as accounts
from services.accounts.types import MemberActor
from services.core import clock
from services.members import corrections
from services.members.types import LookReason
from services.rights import service
from services.rights.types import Wish
from tests.browser.conftest import Phones
from tests.builders.world import World

pytestmark = pytest.mark.browser

PATHS = (
    "/me/data/", "/me/data/looks", "/me/data/correction", "/me/data/copy", "/me/data/close", "/privacy",
    "/consent", "/closed",
)  # fmt: skip
SHOTS = os.environ.get("RIGHTS_SHOTS", "")


@pytest.fixture
def member(world: World) -> MemberActor:
    """With a long name, whose record was read and who asks for a correction."""
    member, officer = world.member("阿不都热依木江·阿不都克里木阿吉"), world.officer()

    def before() -> None:
        corrections.unmask(
            member_id=member.member_id, reason=LookReason.OTHER, note="上门慰问前核对住址和联系方式，已电话告诉本人",
            actor=officer.label, scopes=(world.federation.path,), now=clock.now(),
        )  # fmt: skip
        asked = service.ask_correction(actor=member, wish=Wish(phone="10000001234"), now=clock.now())
        service.decide_correction(
            actor=officer, request_id=asked, accept=False, note="号码打不通，请再核对一遍后重新提", now=clock.now()
        )

    world.do(before)
    return member


@pytest.mark.parametrize(
    ("text", "lang"), [pytest.param("normal", "zh", marks=pytest.mark.soak), ("large", "zh"), ("large", "en")]
)
def test_nothing_sticks_out_and_everything_can_be_tapped(
    phone: Phones, world: World, member: MemberActor, text: str, lang: str
) -> None:
    screen = phone(member, text=text, lang=lang, viewport={"width": 360, "height": 740})
    cookie = next(one for one in screen.page.context.cookies() if one["name"] == "gonghui")
    world.do(lambda: accounts.prove(cookie["value"], now=clock.now()))
    for path in PATHS:
        screen.open(path)
        if SHOTS:
            name = f"{path.strip('/').replace('/', '-')}-{text}-{lang}.png"
            screen.page.screenshot(path=Path(SHOTS) / name, full_page=True)
        assert screen.overflow() <= 0, path
        assert screen.small_targets() == [], path
        assert screen.page.locator("h1").count() == 1, path
