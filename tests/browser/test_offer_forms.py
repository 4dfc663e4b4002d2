"""An officer writes each kind of offer with a thumb: 360 pixels, a tap a choice, no script needed."""

import pytest

from services.offers import queries
from services.offers.types import AmountPolicy, OfferKind
from tests.browser.conftest import Phones
from tests.browser.phone import Phone
from tests.builders.world import Shop, World

pytestmark = pytest.mark.browser

#: kind, the words of its choice, what is typed, what the preview says of a bill of 46 yuan
KINDS = [
    (OfferKind.PERCENT, "打折", {"zhe": "8.8"}, "收顾客 40.48 元，省 5.52 元"),
    (OfferKind.AMOUNT_OFF, "满减", {"threshold": "30", "off": "8"}, "收顾客 38.00 元，省 8.00 元"),
    (OfferKind.MEMBER_PRICE, "会员价", {"price": "19.9", "list_price": "25"}, "收顾客 19.90 元，省 5.10 元"),
    (OfferKind.FIXED_PRICE, "一口价", {"price": "20"}, "收顾客 20.00 元，省 26.00 元"),
    (OfferKind.GIFT, "送东西", {"gift": "酸梅汤一杯"}, "店员点一下“优惠已给”就行"),
]


@pytest.fixture
def shop(world: World) -> Shop:
    return world.shop()


def fits(officer: Phone) -> None:
    assert officer.overflow() == 0
    assert officer.small_targets() == []


@pytest.mark.parametrize(("kind", "words", "typed", "said"), KINDS, ids=[kind for kind, *_ in KINDS])
def test_each_kind_is_written_looked_at_and_published(
    phone: Phones, world: World, shop: Shop, kind: OfferKind, words: str, typed: dict[str, str], said: str
) -> None:
    officer = phone(world.officer(), java_script_enabled=kind is not OfferKind.GIFT)
    officer.open("/staff/offers")
    officer.tap("老灶牛肉面")
    officer.tap("写新优惠")
    fits(officer)
    officer.tap(words)
    for name, value in typed.items():
        officer.page.fill(f"#{name}", value)
    fits(officer)
    officer.tap("存草稿，看看效果")
    officer.shows("发布前看一看")
    fits(officer)
    if officer.page.locator("#amount").count():
        officer.page.fill("#amount", "46")
        officer.tap("试一试")
    officer.shows(said)
    officer.page.locator("form[action$='/publish'] button").click()
    officer.shows("进行中")
    fits(officer)
    found = world.look(lambda: queries.all_of_shop(shop.merchant_id))
    assert [(one.kind, one.number) for one in found] == [(kind, 1)]
    asked = kind not in (OfferKind.MEMBER_PRICE, OfferKind.GIFT)
    assert found[0].amount_policy is (AmountPolicy.REQUIRED if asked else AmountPolicy.NOT_ASKED)
