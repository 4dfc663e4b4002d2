"""The officer's figures and what is worth a look: they fit every screen, and can be tapped."""

import datetime
import random
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from services.accounts.types import ClerkActor
from services.cards import queries as cards
from services.core import clock
from services.core.calendar import DAY, day_start, local_date
from services.core.db import db
from services.merchants import service as merchants
from services.offers import queries as offers
from services.redemptions import service as redemptions
from services.redemptions.types import PastUse
from services.signals import service
from tests.browser.conftest import Phones
from tests.browser.phone import Phone
from tests.builders.world import World

pytestmark = pytest.mark.browser

SHOPS = (
    ("老灶牛肉面与手工水饺连锁餐厅", "dining"), ("星光影城", "entertainment"), ("跃动健身", "sport"),
    ("高营汽修", "car_repair"), ("青禾书画培训", "training"),
)  # fmt: skip


@pytest.fixture
def house(world: World) -> str:
    """A month of uses at five shops, and a clerk who used the own card; the address of that line."""
    rng, today = random.Random(4), local_date(clock.now())
    places = []
    for name, trade in SHOPS:
        shop = world.shop(name, trade=trade, agreed_days=(-90, 300))
        places.append((shop, world.offer(shop, amount_policy="optional", starts_on=today - 80 * DAY)))
    people = [world.member(union=union) for union in (world.union, world.another_union()) for _ in range(12)]
    hand = world.do(
        lambda: merchants.take_on_clerk(
            branch_id=places[0][0].clerk.branch_id,  # type: ignore[arg-type]
            account_id=people[0].account_id, name="王五", actor="test", now=clock.now(),
        )
    )  # fmt: skip
    shop, _ = places[0]
    own = ClerkActor(people[0].account_id, hand, shop.clerk.branch_id, shop.merchant_id)
    found = {offer_id: world.look(lambda one=offer_id: offers.offer(one)) for _, offer_id in places}
    held = {one.member_id: world.look(lambda one=one: cards.card_of(one.member_id)).id for one in people}
    uses = []
    for number in range(400):
        place, offer_id = places[min(int(rng.expovariate(0.7)), 4)]
        at = day_start(today - (number % 30) * DAY) + datetime.timedelta(hours=rng.choice((9, 11, 12, 12, 12, 18, 19)))
        at += number * datetime.timedelta(seconds=31)
        person = rng.choice(people[: 24 - 6 * (place is places[4][0])])
        actor = own if place is shop and person is people[0] else place.clerk
        uses.append(
            PastUse(
                actor, person.member_id, held[person.member_id], found[offer_id],
                rng.randrange(1000, 20_000) if number % 9 else None, at, at,
            )
        )  # fmt: skip
    world.do(lambda: redemptions.record_past([use for use in uses if use.redeemed_at < clock.now()]))
    at = day_start(today)
    last = PastUse(own, people[0].member_id, held[people[0].member_id], found[places[0][1]], 1000, at, at)
    world.do(lambda: redemptions.record_past([last]))
    world.do(lambda: service.find(clock.now()))
    return str(world.look(lambda: db.session.scalar(text("SELECT id FROM signals ORDER BY id DESC LIMIT 1"))))


@pytest.fixture
def screens(phone: Phones, world: World, house: str) -> Callable[..., Iterator[Phone]]:
    """screens(**how the phone is set): every page of these."""
    first = (local_date(clock.now()) - 200 * DAY).isoformat()
    last = (local_date(clock.now()) - 29 * DAY).isoformat()

    def show(**options: object) -> Iterator[Phone]:
        desk = phone(world.officer(), **options)
        for query in (f"?first={last}", f"?first={first}", "?first=2019-01-01", "?first=2024-01-01&last=2024-01-31"):
            yield desk.open(f"/staff/figures{query}")
        for path in ("", "?done=1", f"/{house}"):
            yield desk.open(f"/staff/signals{path}")

    return show


@pytest.mark.parametrize(
    ("text", "lang", "theme"), [("normal", "zh", "dark"), ("large", "zh", "light"), ("large", "en", "light")]
)
def test_nothing_sticks_out_and_everything_can_be_tapped(
    screens: Callable[..., Iterator[Phone]], text: str, lang: str, theme: str
) -> None:
    seen = 0
    for screen in screens(text=text, lang=lang, theme=theme, viewport={"width": 360, "height": 740}):
        seen += 1
        for summary in screen.page.locator("main summary").all()[:2]:
            summary.click()
        assert screen.overflow() <= 0, screen.page.url
        assert screen.small_targets() == [], screen.page.url
        assert screen.page.locator("h1").count() == 1, screen.page.url
    assert seen == 7


def test_a_desk_is_as_wide_as_its_screen(screens: Callable[..., Iterator[Phone]]) -> None:
    for screen in screens(viewport={"width": 1280, "height": 900}):
        assert screen.overflow() <= 0, screen.page.url
