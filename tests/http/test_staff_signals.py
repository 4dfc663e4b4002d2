"""The officer's list of what is worth a look: neutral words, receipts behind it, one look for all."""

import html

import pytest
from flask.testing import FlaskClient

from services.accounts.types import ClerkActor
from services.core import clock
from services.merchants import service as merchants
from services.redemptions import service as redemptions
from services.redemptions.types import Receipt
from services.signals import service
from tests.builders.world import World
from tests.http.pages import Reader

BLAME = ("作弊", "套现", "违规", "串通", "可疑", "嫌疑", "造假")


@pytest.fixture
def receipt(world: World) -> Receipt:
    """A clerk's own card at his own till, found."""
    shop, colleague = world.shop(), world.member("王五")
    offer_id = world.offer(shop)
    hand = world.do(
        lambda: merchants.take_on_clerk(
            branch_id=shop.clerk.branch_id,  # type: ignore[arg-type]
            account_id=colleague.account_id, name="王五", actor="test", now=clock.now(),
        )
    )  # fmt: skip
    own, code = ClerkActor(colleague.account_id, hand, shop.clerk.branch_id, shop.merchant_id), world.code(colleague)

    def redeem() -> Receipt:
        now = clock.now()
        scan = redemptions.scan(actor=own, text=code, now=now)
        done = redemptions.redeem(actor=own, scan_id=scan.id, offer_id=offer_id, amount_fen=1000, now=now)  # type: ignore[union-attr]
        assert isinstance(done, Receipt)
        return done

    done = world.do(redeem)
    world.do(lambda: service.find(clock.now()))
    return done


def the_line(page: str) -> str:
    return next(part.partition('"')[0] for part in page.split('href="')[1:] if part.startswith("/staff/signals/"))


def test_a_line_says_what_was_seen_and_leads_to_the_receipts(
    client: FlaskClient, world: World, receipt: Receipt
) -> None:
    reader = Reader(client, world, world.officer())
    page = reader.open("/staff/signals")
    assert "老灶牛肉面" in page and "王*也在这家店当店员" in page and "王五" not in page
    one = reader.open(the_line(page))
    assert "其中 1 笔是自己扫的自己的卡" in one and f"/staff/receipts/{receipt.id}" in one and receipt.number in one
    assert "店员也是会员，照条款用没有问题" in one
    assert not [word for word in BLAME if word in page + one]
    assert receipt.number in reader.open(f"/staff/receipts/{receipt.id}")


def test_a_look_is_kept_with_who_and_what(client: FlaskClient, world: World, receipt: Receipt) -> None:
    reader = Reader(client, world, world.officer())
    path = the_line(reader.open("/staff/signals"))
    page = reader.open(path)
    short = reader.send(page, path, note="看")
    assert short.status_code == 422 and "2 到 200 个字" in short.text and ">看</textarea>" in short.text
    assert reader.send(page, path, note="问过店主，<b>是店员自己吃午饭</b>").location == path
    kept = reader.open(path)
    assert html.escape("<b>是店员自己吃午饭</b>") in kept and "周敏" in kept and "<textarea" not in kept
    assert "没有要看的" in reader.open("/staff/signals")
    assert path in reader.open("/staff/signals?done=1")
    second = reader.send(page, path, note="我也看了")
    assert second.status_code == 409 and "刚才已经有同事看过这条了" in second.text and "我也看了" not in second.text


def test_nothing_to_look_at_says_so(client: FlaskClient, world: World) -> None:
    reader = Reader(client, world, world.officer())
    assert "没有要看的" in reader.open("/staff/signals") and "还没有看过的" in reader.open("/staff/signals?done=1")
