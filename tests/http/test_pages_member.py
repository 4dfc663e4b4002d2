"""The member's pages, scripts off."""

import datetime
import re
import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.cards.messages import CardFrozen
from services.core import clock
from services.core.ids import uuid7
from services.members.types import Standing
from services.notifications import service as notifications
from services.offers import service as offers
from services.redemptions import service
from services.redemptions.types import Receipt
from tests.builders.world import World
from tests.harness.statements import statements
from tests.http.pages import Reader, forms

HOME, PART = 7, 3
"""One of them asks whether an offered place or an invitation waits for the member."""


def redeemed(world: World, *, amount_fen: int | None = 4650, **kinds: object) -> tuple[Reader, Receipt]:
    """A member who has just used an offer once, and what he used."""
    shop, member = world.shop(), world.member()
    offer_id = world.offer(shop, **kinds)
    code = world.code(member)
    scan = world.do(lambda: service.scan(actor=shop.clerk, text=code, now=clock.now()))
    receipt = world.do(
        lambda: service.redeem(
            actor=shop.clerk, scan_id=scan.id, offer_id=offer_id, amount_fen=amount_fen, now=clock.now()
        )
    )
    assert isinstance(receipt, Receipt)
    return Reader(world.app.test_client(), world, member), receipt


def test_the_card_page_stays_within_its_statements(world: World) -> None:
    reader, _ = redeemed(world)
    with statements() as at_home:
        reader.open("/")
    assert len(at_home) <= HOME, at_home
    with statements() as at_part:
        reader.open("/card")
    assert len(at_part) <= PART, at_part


def test_the_card_page_shows_name_union_code_and_savings_and_nothing_else_of_the_person(
    client: FlaskClient, world: World
) -> None:
    member = world.member()
    reader = Reader(client, world, member)
    page = reader.open("/")
    assert "李春梅" in page and "恒沛精密工会" in page and "qr__ink" in page
    number = client.get("/api/v1/me/card").json["number"]
    for secret in (number, "10012345678", "5678", str(member.member_id)):
        assert secret not in page


def test_the_ring_is_where_the_clock_is(client: FlaskClient, world: World, at: Callable[..., None]) -> None:
    reader = Reader(client, world, world.member())
    step = datetime.datetime(2026, 11, 22, 4, 0, 0, tzinfo=datetime.UTC)
    at(step + datetime.timedelta(seconds=12.4))
    page = reader.open("/card")
    assert 'data-gone="12"' in page and 'data-left="17.6"' in page and 'data-good="47.6"' in page
    at(step)
    page = reader.open("/card")
    assert 'data-gone="0"' in page and 'data-left="30.0"' in page
    at(step + datetime.timedelta(seconds=29.99))
    assert 'data-gone="29"' in reader.open("/card")


def test_a_redemption_is_told_on_the_card_page_while_it_is_news(world: World, at: Callable[..., None]) -> None:
    reader, receipt = redeemed(world)
    assert str(receipt.id) in reader.open("/card") and "刚刚用了一次" in reader.open("/")
    at(receipt.redeemed_at + datetime.timedelta(minutes=6))
    assert "刚刚用了一次" not in reader.open("/card")


def test_digits_to_read_out(client: FlaskClient, world: World) -> None:
    reader = Reader(client, world, world.member())
    answer = reader.send(reader.open("/"), "/digits")
    shown = re.search(r'class="digits" aria-hidden="true">(\d{4}) (\d{4})<', answer.text)
    assert shown, answer.text[:500]
    assert " ".join(shown[1]) in answer.text, "read digit by digit for whoever listens"


@pytest.mark.usefixtures("same_minute")
def test_digits_too_often_are_refused_in_words_for_the_script(client: FlaskClient, world: World) -> None:
    csrf = forms(Reader(client, world, world.member()).open("/"))[0].hidden["csrf"]
    headers = {"X-Part": "digits", "Accept": "application/json"}
    statuses = [client.post("/digits", data={"csrf": csrf}, headers=headers).status_code for _ in range(60)]
    assert set(statuses) == {200}
    answer = client.post("/digits", data={"csrf": csrf}, headers=headers)
    assert answer.status_code == 429 and answer.json and "操作太快了，请等" in answer.json["member_detail"]


def test_a_frozen_card_shows_no_code_and_how_to_get_it_back(client: FlaskClient, world: World) -> None:
    reader = Reader(client, world, world.member())
    assert reader.send(reader.open("/me"), "/me/freeze").location == "/me"
    page = reader.open("/")
    assert "qr__ink" not in page and "卡已冻结" in page and "/digits" not in page
    csrf = forms(page)[0].hidden["csrf"]
    assert client.post("/digits", data={"csrf": csrf}).location == "/"
    assert reader.send(page, "/me/unfreeze").location == "/"
    assert "qr__ink" in reader.open("/")


def test_a_lost_card_is_replaced_after_a_page_that_says_what_it_means(client: FlaskClient, world: World) -> None:
    reader = Reader(client, world, world.member())
    old = client.get("/api/v1/me/card").json["number"]
    page = reader.open("/me/new-card")
    assert "马上作废" in page and client.get("/api/v1/me/card").json["number"] == old
    csrf = forms(page, "/me/new-card")[0].hidden["csrf"]
    assert client.post("/me/new-card", data={"csrf": csrf}).location == "/me"
    assert client.get("/api/v1/me/card").json["number"] != old


def test_not_me_says_what_it_does_and_then_does_it(world: World, run_jobs: Callable[[], None]) -> None:
    reader, receipt = redeemed(world)
    path = f"/history/{receipt.id}/not-me"
    assert path in reader.open("/history")
    page = reader.open(path)
    assert "马上冻结" in page and "已冻结" not in reader.open("/me")
    csrf = next(form.hidden["csrf"] for form in forms(page, path) if form.action == path)
    assert reader.client.post(path, data={"csrf": csrf}).location == f"/history/{receipt.id}"
    assert "您说这笔不是您用的" in reader.open(f"/history/{receipt.id}")
    assert "核实中" in reader.open("/history") and "已冻结" in reader.open("/me")
    assert "刚刚用了一次" not in reader.open("/card")
    run_jobs()
    assert "您的反馈已收到" in reader.open("/inbox")


def test_a_receipt_keeps_the_terms_of_its_day(world: World) -> None:
    reader, receipt = redeemed(world)
    assert receipt.offer_id is not None
    offer_id, now = receipt.offer_id, clock.now()
    world.do(
        lambda: offers.redraft(offer_id=offer_id, terms=world.terms(percent_off=50), seen=None, actor="test", now=now)
    )
    world.do(lambda: offers.publish(offer_id=offer_id, seen=2, actor="test", now=now))
    page = reader.open(f"/history/{receipt.id}")
    assert "当时的条款" in page and "按原价的 90% 付" in page and "按原价的 50% 付" not in page


def test_history_has_receipts_with_and_without_an_amount(world: World) -> None:
    reader, receipt = redeemed(world)
    assert "省 4.65 元" in reader.open("/history")
    page = reader.open(f"/history/{receipt.id}")
    assert "46.50 元" in page and "41.85 元" in page and receipt.number in page


def test_another_members_receipt_is_not_there(app: Flask, world: World) -> None:
    _, receipt = redeemed(world)
    other = Reader(app.test_client(), world, world.member("王五"))
    for path in (f"/history/{receipt.id}", f"/history/{receipt.id}/not-me", f"/history/{uuid.uuid4()}"):
        assert "没有这笔记录" in other.open(path, status=404)


def test_reading_the_inbox_marks_nothing_and_the_form_does(world: World, run_jobs: Callable[[], None]) -> None:
    reader, receipt = redeemed(world)
    run_jobs()
    assert "有一件事等您看" in reader.open("/")
    page = reader.open("/inbox")
    assert receipt.number in page and "未读：" in page
    assert "未读：" in reader.open("/inbox"), "a GET changes nothing"
    assert reader.send(page, "/inbox/read").location == "/inbox"
    assert "未读：" not in reader.open("/inbox") and "有一件事等您看" not in reader.open("/")


def test_what_arrives_while_the_inbox_is_open_stays_unread(world: World, run_jobs: Callable[[], None]) -> None:
    reader, _ = redeemed(world)
    run_jobs()
    page = reader.open("/inbox")
    assert reader.send(reader.open("/me"), "/me/freeze").status_code == 303
    run_jobs()
    reader.send(page, "/inbox/read")
    later = reader.open("/inbox")
    assert later.count("未读：") == 1 and later.index("未读：") < later.index("您的会员卡刚用过一次")
    reader.send(later, "/inbox/read")
    assert "未读：" not in reader.open("/inbox")


def test_an_older_page_of_the_inbox_says_nothing_is_read(client: FlaskClient, world: World) -> None:
    member = world.member()
    reader = Reader(client, world, member)
    payload = {"member_id": str(member.member_id)}
    for _ in range(22):
        world.do(
            lambda: notifications.tell(topic=CardFrozen.topic, message_id=uuid7(), payload=payload, now=clock.now())
        )
    first = reader.open("/inbox")
    assert first.count("未读：") == 20
    older = reader.open(re.findall(r'href="(/inbox\?cursor=[^"]+)"', first)[0])
    assert older.count("未读：") == 2 and "/inbox/read" not in older
    assert "/inbox/read" in first and "data-beacon" not in first, "a title seen is not a message read"


def test_a_top_of_the_list_that_is_none_is_refused_kindly(world: World, run_jobs: Callable[[], None]) -> None:
    reader, _ = redeemed(world)
    run_jobs()
    csrf = forms(page := reader.open("/inbox"))[0].hidden["csrf"]
    for newest in ("", "7", "x" * 32, "\x00", "页"):
        answer = reader.client.post("/inbox/read", data={"csrf": csrf, "newest": newest})
        assert answer.status_code == 422 and "请回到第一页" in answer.text, newest
    assert "未读：" in page and "未读：" in reader.open("/inbox")


def test_the_inbox_is_in_the_readers_language(world: World, run_jobs: Callable[[], None]) -> None:
    reader, _ = redeemed(world)
    run_jobs()
    reader.client.post("/preferences", data={"lang": "en", "csrf": forms(reader.open("/me"))[0].hidden["csrf"]})
    assert "Your member card was just used" in reader.open("/inbox")


def test_a_suspended_member_is_told_on_the_card_page(client: FlaskClient, world: World) -> None:
    reader = Reader(client, world, world.member(standing=Standing.SUSPENDED))
    world.offer(world.shop())
    assert "您的会员优惠暂停了" in reader.open("/") and "优惠暂停" in reader.open("/me")
    assert "您能用" not in reader.open("/offers")


def test_a_form_from_elsewhere_is_refused(client: FlaskClient, world: World) -> None:
    Reader(client, world, world.member())
    for path in ("/me/freeze", "/me/new-card", "/digits", "/inbox/read", "/sign-out", "/preferences"):
        answer = client.post(path, data={"csrf": "0" * 32})
        assert answer.status_code == 403 and "请刷新后再试" in answer.text, path


def test_a_clerk_on_the_members_page_is_told_who_he_is(client: FlaskClient, world: World) -> None:
    reader = Reader(client, world, world.shop().clerk)
    assert "您现在的身份不能做这件事" in reader.open("/", status=403)
    assert "您已登录：店员" in reader.open("/sign-in")
