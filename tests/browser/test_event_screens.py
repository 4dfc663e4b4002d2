"""Events on real phones: two people sign up as a pair, and every page fits a small screen in large letters."""

import pytest

from services.core import clock
from services.events.types import Category, Kind, Mode, Named, Quota, QuotaKind, Slot, Wave
from services.members.documents import Sex
from tests.browser.conftest import Phones
from tests.builders.events import HOUR, Gathering, total
from tests.builders.world import DAY, World
from tests.http.event_phone import PAIR, enter

pytestmark = pytest.mark.browser


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


def test_a_pair_signs_up_on_two_phones(phone: Phones, gathering: Gathering) -> None:
    event_id = gathering.event(categories=PAIR)
    captain, mate = gathering.member("李春梅"), gathering.member("周建国", phone="10030000001")
    first = phone(captain).open(f"/events/{event_id}")
    first.tap("报名")
    first.page.get_by_text("双打").click()
    first.page.fill("[name=mate-1-name]", "周建国")
    first.tap("报名")
    first.shows("请填 11 位手机号")
    assert first.page.input_value("[name=mate-1-name]") == "周建国"
    assert first.page.is_checked("[name=category][value='2']")
    first.page.fill("[name=mate-1-phone]", "100 3000 0001")
    first.tap("报名")
    first.shows("还有 1 位队友没确认")
    second = phone(mate).open("/")
    second.tap("有一件事等您确认")
    second.tap("沿河健步走")
    second.shows("李春梅 邀您一起报名")
    second.tap("我参加")
    second.shows("已报上")
    first.open("/me/events").tap("沿河健步走")
    first.shows("已报上")


def test_it_works_without_scripts(phone: Phones, gathering: Gathering) -> None:
    event_id = gathering.event()
    plain = phone(gathering.member(), java_script_enabled=False).open("/events")
    plain.tap("沿河健步走")
    plain.tap("报名")
    plain.tap("报名")
    plain.shows("已报上")
    plain.tap("取消报名")
    plain.tap("确定取消报名")
    plain.shows("您取消了这份报名")
    assert gathering.seen(event_id).total.taken == 0


def test_a_page_counts_down_to_the_opening(phone: Phones, gathering: Gathering, still: None) -> None:
    event_id = gathering.event(opens_at=clock.now() + HOUR / 2)
    one = phone(gathering.member()).open(f"/events/{event_id}")
    timer = one.page.locator("[role=timer] [data-seconds]")
    before = timer.inner_text()
    one.page.wait_for_function("was => document.querySelector('[data-seconds]').textContent !== was", arg=before)
    assert timer.inner_text().startswith("29:")


@pytest.mark.timeout(240)
def test_every_page_fits_a_small_screen_in_large_letters(phone: Phones, gathering: Gathering) -> None:
    now = clock.now()
    start = now + 7 * DAY
    long = {"zh": "全区职工春季健步走暨新就业形态劳动者专场联谊活动（第三期）"}
    slots = tuple(Slot(key, start + key * HOUR, start + (key + 1) * HOUR) for key in range(1, 5))
    families = (*PAIR, Category(3, {"zh": "家庭"}, guests=2, children=2, child_from=6, child_to=14))
    made = [
        gathering.event(title=long, place=long, categories=families),
        gathering.event(
            kind=Kind.CHECKUP, ends_at=start + 6 * HOUR, slots=slots,
            quotas=(total(4), *(Quota(key, QuotaKind.SLOT, 1, slot=key) for key in range(1, 5))),
        ),
        gathering.event(mode=Mode.DRAW, title=long),
        gathering.event(places=2, waves=(Wave(now - HOUR, 1), Wave(now + 3 * HOUR, 1))),
    ]  # fmt: skip
    member = gathering.member("欧阳春梅", sex=Sex.FEMALE, age=30)
    gathering.member("周建国", phone="10030000001")
    one = phone(member, text="large", theme="dark", viewport={"width": 320, "height": 640})
    paths = ["/events", "/events?mine=1", *(f"/events/{event_id}" for event_id in made)]
    paths += [f"/events/{event_id}/sign-up" for event_id in made[:3]]
    for path in paths:
        one.open(path)
        assert (one.overflow() <= 0, one.small_targets()) == (True, []), path
    entry = enter(gathering, member, made[0], category=2, mates=(Named("周建国", "10030000001"),))
    for path in ("/", "/me/events", f"/me/events/{entry}", f"/events/{made[0]}"):
        one.open(path)
        assert (one.overflow() <= 0, one.small_targets()) == (True, []), path
