"""The till's pages, scripts off: scan, choose, type, receipt; and every kind of no."""

import datetime
import re
from collections.abc import Callable

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.pages.shop.answers import RULES
from services.accounts.types import MemberActor
from services.core import clock
from services.offers import service as offers
from services.offers.types import AmountPolicy, OfferId, OfferKind
from tests.builders.world import Shop, World
from tests.house.tree import ROOT
from tests.http.pages import Reader, forms

_ASKED = re.compile(r'data-send="/shop/asked/([a-z]+)"')


class Till(Reader):
    """A clerk at work."""

    def scan(self, code: str) -> TestResponse:
        return self.send(self.open("/shop/"), "/shop/scan", code=code)

    def bill(self, world: World, member: MemberActor, offer_id: OfferId) -> str:
        """The page of one offer for this member, freshly scanned."""
        self.scanned = self.scan(world.code(member)).location
        return self.open(f"{self.scanned}/offers/{offer_id}")


def _set(world: World) -> tuple[Shop, MemberActor, Till]:
    shop = world.shop()
    return shop, world.member(), Till(world.app.test_client(), world, shop.clerk)


def test_scan_choose_type_and_take_the_money(world: World, run_jobs: Callable[[], None]) -> None:
    shop, member, till = _set(world)
    offer_id = world.offer(shop)
    scanned = till.scan(world.code(member))
    assert scanned.status_code == 303
    page = till.open(scanned.location)
    assert "可以用" in page and "李*梅" in page and "李春梅" not in page and "堂食 9 折" in page
    link = re.search(rf'href="(/shop/scans/[^"]+/offers/{offer_id})"', page)
    assert link
    done = till.send(till.open(link[1]), "/shop/redemptions", amount="46.5")
    assert done.status_code == 303
    receipt = till.open(done.location)
    assert "41.85 元" in receipt and "46.50 元" in receipt
    assert "今天 1 笔" in till.open("/shop/today") and "41.85 元" in till.open("/shop/today")
    run_jobs()
    inbox = till.open("/shop/inbox")
    assert "核销成功一笔" in inbox and "未读：" in inbox
    assert till.send(inbox, "/shop/inbox/read").location == "/shop/inbox"
    assert "未读：" not in till.open("/shop/inbox")


def test_the_same_form_sent_twice_is_one_redemption(world: World, sql: psycopg.Connection) -> None:
    shop, member, till = _set(world)
    page = till.bill(world, member, world.offer(shop))
    first, again = (till.send(page, "/shop/redemptions", amount="46.50") for _ in range(2))
    assert first.status_code == again.status_code == 303 and first.location == again.location
    assert sql.execute("SELECT count(*) FROM redemptions").fetchone() == (1,)
    other = till.send(page, "/shop/redemptions", amount="99.00")
    assert other.status_code == 422, "the key is used up, and the bill is another"


def test_every_page_of_a_bill_carries_a_key_of_its_own(world: World) -> None:
    shop, member, till = _set(world)
    offer_id = world.offer(shop)
    pages = [till.bill(world, member, offer_id), till.open(f"{till.scanned}/offers/{offer_id}")]
    keys = {form.hidden["key"] for page in pages for form in forms(page) if "key" in form.hidden}
    assert len(keys) == 2


def test_a_bad_amount_is_said_and_kept(world: World) -> None:
    shop, member, till = _set(world)
    page = till.bill(world, member, world.offer(shop))
    for typed, said in (("46,5元", "金额看不懂"), ("0", "金额不能是 0"), ("1000001", "金额超过 100 万元")):
        answer = till.send(page, "/shop/redemptions", amount=typed)
        assert answer.status_code == 422 and said in answer.text, typed
        assert f'value="{typed}"' in answer.text and 'role="alert"' in answer.text
    done = till.send(answer.text, "/shop/redemptions", amount="46.50")
    assert done.status_code == 303


def test_a_bill_below_the_threshold_says_how_much_is_missing(world: World) -> None:
    shop, member, till = _set(world)
    offer_id = world.offer(shop, kind=OfferKind.AMOUNT_OFF, threshold_fen=3000, off_fen=800)
    answer = till.send(till.bill(world, member, offer_id), "/shop/redemptions", amount="12.50")
    assert answer.status_code == 409 and "还差 17.50 元" in answer.text and 'value="12.50"' in answer.text
    assert till.send(answer.text, "/shop/redemptions", amount="46.50").status_code == 303


def test_an_amount_may_be_optional_or_not_asked(world: World) -> None:
    shop, member, till = _set(world)
    optional = world.offer(shop, amount_policy=AmountPolicy.OPTIONAL)
    gift = world.offer(
        shop, kind=OfferKind.GIFT, gift={"zh": "酸梅汤一杯"}, amount_policy=AmountPolicy.NOT_ASKED, title={"zh": "送汤"}
    )
    done = till.send(till.bill(world, member, optional), "/shop/redemptions", amount="")
    assert done.status_code == 303 and "已核销" in till.open(done.location)
    other = world.member("王五")
    page = till.bill(world, other, gift)
    assert 'id="amount"' not in page and "给顾客：酸梅汤一杯" in page
    assert "酸梅汤一杯" in till.open(till.send(page, "/shop/redemptions").location)


def test_a_no_at_the_scan_says_why_and_what_to_do(world: World) -> None:
    _, _, till = _set(world)
    for code, reason in (("nonsense", "code_malformed"), ("12345678", "typed_code_wrong")):
        answer = till.scan(code)
        assert answer.status_code == 409
        for words in ("不能用", "请这样做", "跟顾客说", "扫下一个", reason, "verdict--no"):
            assert words in answer.text, words
        assert forms(answer.text), "the field for the next code stands on the page of the no"


def test_a_code_is_good_at_one_till(app: Flask, world: World) -> None:
    shop, member, till = _set(world)
    world.offer(shop)
    code = world.code(member)
    assert till.scan(code).status_code == 303
    second = Till(app.test_client(), world, world.clerk(shop))
    answer = second.scan(code)
    assert answer.status_code == 409 and "code_used" in answer.text
    assert till.scan(code).status_code == 303, "the same clerk gets the same scan again"


def test_another_clerks_scan_is_not_there(app: Flask, world: World) -> None:
    shop, member, till = _set(world)
    offer_id = world.offer(shop)
    page = till.bill(world, member, offer_id)
    owner, colleague = (Till(app.test_client(), world, world.clerk(shop, same_branch=same)) for same in (False, True))
    stranger = Till(app.test_client(), world, world.shop("别家店").clerk)
    for other in (owner, colleague, stranger):
        assert "没有这次扫码记录" in other.open(till.scanned, status=404)
    done = till.send(page, "/shop/redemptions", amount="46.50").location
    assert "没有这笔记录" in stranger.open(done, status=404)
    assert "核销完成" in owner.open(done), "an owner sees every branch"
    assert "核销完成" in colleague.open(done)


def test_a_used_scan_leads_to_its_receipt(world: World) -> None:
    shop, member, till = _set(world)
    offer_id = world.offer(shop)
    page = till.bill(world, member, offer_id)
    done = till.send(page, "/shop/redemptions", amount="46.50").location
    assert "已核销过" in till.open(till.scanned) and done in till.open(till.scanned)
    assert "已经核销过了" in till.open(f"{till.scanned}/offers/{offer_id}")


def test_a_scan_ends_after_five_minutes(world: World, at: Callable[..., None]) -> None:
    shop, member, till = _set(world)
    offer_id = world.offer(shop)
    page, begun = till.bill(world, member, offer_id), clock.now()
    at(begun + datetime.timedelta(minutes=5, seconds=1))
    assert "扫码超过 5 分钟" in till.open(till.scanned)
    answer = till.send(page, "/shop/redemptions", amount="46.50")
    assert answer.status_code == 409 and "scan_expired" in answer.text


def test_an_offer_that_this_member_may_not_use_says_why_and_has_no_form(world: World) -> None:
    shop, member, till = _set(world)
    barred = world.offer(shop, audience_union_id=world.another_union().id)
    page = till.bill(world, member, barred)
    assert "不在范围内" in page and "/shop/redemptions" not in page
    assert "现在用不了" in till.open(till.scanned)


def test_a_limit_reached_meanwhile_leads_back_to_the_other_offers(world: World) -> None:
    shop, member, till = _set(world)
    offer_id = world.offer(shop, per_member_daily=1)
    first, scan = till.bill(world, member, offer_id), till.scanned
    other = till.send(till.open("/shop/"), "/shop/scan", code=world.look(lambda: _digits(world, member))).location
    page = till.open(f"{other}/offers/{offer_id}")
    assert till.send(first, "/shop/redemptions", amount="46.50").status_code == 303
    answer = till.send(page, "/shop/redemptions", amount="46.50")
    assert answer.status_code == 409 and "daily_limit" in answer.text and f'href="{other}"' in answer.text
    assert scan != other


def test_an_offer_withdrawn_after_the_scan_leads_back_to_the_others(world: World) -> None:
    shop, member, till = _set(world)
    gone = world.offer(shop, title={"zh": "停了的"})
    left = world.offer(shop, title={"zh": "还在的"})
    bill = till.bill(world, member, gone)
    world.do(lambda: offers.withdraw(offer_id=gone, actor="test", now=clock.now()))
    opened = till.client.get(f"{till.scanned}/offers/{gone}")
    sent = till.send(bill, "/shop/redemptions", amount="46.50")
    unreadable = till.send(bill, "/shop/redemptions", amount="46,5元")
    for answer in (opened, sent, unreadable):
        assert answer.status_code == 409 and "offer_withdrawn" in answer.text and "换一项优惠" in answer.text
        assert f'href="{till.scanned}"' in answer.text
    assert "还在的" in till.open(till.scanned) and "停了的" not in till.open(till.scanned)
    done = till.send(till.open(f"{till.scanned}/offers/{left}"), "/shop/redemptions", amount="46.50")
    assert done.status_code == 303, "the scan was still good"


def test_a_text_without_english_is_marked_on_a_page_and_plain_in_its_title(world: World) -> None:
    shop, member, till = _set(world)
    till.client.set_cookie("lang", "en")
    gift = {"kind": OfferKind.GIFT, "gift": {"zh": "酸梅汤<一杯>"}, "amount_policy": AmountPolicy.NOT_ASKED}
    bill = till.bill(world, member, world.offer(shop, title={"zh": "送汤"}, **gift))
    assert "<title>送汤 · " in bill and '<span lang="zh-Hans">送汤<i class="zh"' in bill
    receipt = till.open(till.send(bill, "/shop/redemptions").location)
    for page in (bill, receipt):
        assert '<span lang="zh-Hans">酸梅汤&lt;一杯&gt;<i class="zh"' in page


def test_a_bad_address_is_a_friendly_page(world: World) -> None:
    _, _, till = _set(world)
    csrf = forms(till.open("/shop/"))[0].hidden["csrf"]
    answer = till.client.post("/shop/redemptions", data={"csrf": csrf, "scan_id": "x", "offer_id": "y"})
    assert answer.status_code == 404 and "没有这次扫码记录" in answer.text


def test_a_till_whose_agreement_has_ended_is_told_before_the_first_scan(client: FlaskClient, world: World) -> None:
    till = Till(client, world, world.shop(agreed_days=(-30, -1)).clerk)
    assert "已到期" in till.open("/shop/")


def _digits(world: World, member: MemberActor) -> str:
    reader = Reader(world.app.test_client(), world, member)
    page = reader.send(reader.open("/"), "/digits").text
    found = re.search(r'class="digits" aria-hidden="true">([\d ]+)<', page)
    assert found
    return found[1]


def _redeemed(till: Till, world: World, member: MemberActor, offer_id: OfferId, amount: str = "46.50") -> str:
    return till.send(till.bill(world, member, offer_id), "/shop/redemptions", amount=amount).location


def test_a_clerk_undoes_his_mistake_and_everybody_sees_it(
    world: World, run_jobs: Callable[[], None], at: Callable[..., None]
) -> None:
    shop, member, till = _set(world)
    offer_id = world.offer(shop, per_member_daily=1)
    done = _redeemed(till, world, member, offer_id)
    assert f'href="{done}/undo"' in till.open(done) and f'href="{done}/undo"' in till.open("/shop/today")
    page = till.open(f"{done}/undo")
    assert "顾客的次数还给他" in page and "撤销不能再改回来" in page
    undone = till.send(page, "/undo", reason="wrong_amount", note="")
    again = till.send(page, "/undo", reason="wrong_amount", note="")
    assert undone.location == again.location == done
    receipt = till.open(done)
    assert "已撤销" in receipt and "金额输错了" in receipt and "/undo" not in receipt and "41.85 元" not in receipt
    today = till.open("/shop/today")
    assert "今天 0 笔" in today and "已撤销" in today
    run_jobs()
    reader = Reader(world.app.test_client(), world, member)
    assert "一笔优惠撤销了" in reader.open("/inbox")
    history = reader.open("/history")
    assert "已撤销" in history and "不是我用的" not in history
    mine = reader.open(done.replace("/shop/redemptions/", "/history/"))
    assert "次数已还给您" in mine and "not-me" not in mine
    at(clock.now() + datetime.timedelta(minutes=1))
    assert _redeemed(till, world, member, offer_id), "the day's use was given back"


def test_an_undoing_wants_a_reason_and_for_another_one_a_word(world: World, sql: psycopg.Connection) -> None:
    shop, member, till = _set(world)
    page = till.open(f"{_redeemed(till, world, member, world.offer(shop))}/undo")
    for typed, said in (
        ({}, "请选一个撤销的原因"),
        ({"reason": "nonsense"}, "请选一个撤销的原因"),
        ({"reason": "other", "note": "  "}, "请写一句是什么原因"),
    ):
        answer = till.send(page, "/undo", **typed)
        assert answer.status_code == 422 and said in answer.text and 'aria-invalid="true"' in answer.text
    assert till.send(answer.text, "/undo", reason="other", note="练习时点的").status_code == 303
    assert sql.execute("SELECT reason, note, capacity FROM voids").fetchone() == ("other", "练习时点的", "owner")


def test_after_half_an_hour_only_the_owner_undoes_and_after_midnight_nobody_here(
    app: Flask, world: World, at: Callable[..., None]
) -> None:
    shop, member, owner = _set(world)
    noon = clock.now().replace(hour=4, minute=0, second=0, microsecond=0)
    at(noon)
    clerk = Till(app.test_client(), world, world.clerk(shop, same_branch=True))
    done = _redeemed(clerk, world, member, world.offer(shop))
    page = clerk.open(f"{done}/undo")
    at(noon + datetime.timedelta(minutes=31))
    assert "/undo" not in clerk.open(done) and "/undo" not in clerk.open("/shop/today")
    late = clerk.send(page, "/undo", reason="not_given")
    assert late.status_code == 409 and "超过 30 分钟" in late.text
    assert "超过 30 分钟" in clerk.open(f"{done}/undo")
    assert "/undo" in owner.open(done)
    at(noon + datetime.timedelta(hours=13))
    next_day = Till(app.test_client(), world, shop.clerk)
    assert "请联系工会" in next_day.open(f"{done}/undo") and "/undo" not in next_day.open(done)


def test_another_shops_receipt_cannot_be_undone(app: Flask, world: World) -> None:
    shop, member, till = _set(world)
    done = _redeemed(till, world, member, world.offer(shop))
    page = till.open(f"{done}/undo")
    stranger = Till(app.test_client(), world, world.shop("别家店").clerk)
    stranger.open(f"{done}/undo", status=404)
    form = next(form for form in forms(page) if form.action.endswith("/undo"))
    own = forms(stranger.open("/shop/"))[0].hidden["csrf"]
    sent = stranger.client.post(form.action, data={**form.hidden, "csrf": own, "reason": "not_given"})
    assert sent.status_code == 404
    assert "41.85 元" in till.open(done)


def test_what_became_of_a_key_is_told_to_its_clerk_only(app: Flask, world: World) -> None:
    shop, member, till = _set(world)
    offer_id = world.offer(shop)
    page = till.bill(world, member, offer_id)
    hidden = next(form for form in forms(page) if form.action.endswith("/shop/redemptions")).hidden
    asked = f"/shop/asked/redeem/{hidden['key']}?scan={hidden['scan_id']}"
    assert till.client.get(asked).json == {"state": "unknown"}
    done = till.send(page, "/shop/redemptions", amount="46.50").location
    assert till.client.get(asked).json == {"state": "recorded", "said": "已核销，收顾客 41.85 元", "url": done}
    other_key = till.client.get(f"/shop/asked/redeem/another-key?scan={hidden['scan_id']}").json
    assert other_key["url"] == done, "the scan was redeemed, whichever form did it"
    colleague = Till(app.test_client(), world, world.clerk(shop, same_branch=True))
    assert colleague.client.get(asked).status_code == 404
    assert colleague.client.get(asked.partition("?")[0]).json == {"state": "unknown"}
    assert till.client.get("/shop/asked/other/some-key-1").status_code == 404
    form = next(form for form in forms(till.open("/shop/")) if form.action == "/shop/scan")
    till.client.post("/shop/scan", data={**form.hidden, "code": "nonsense"})
    assert till.client.get(f"/shop/asked/scan/{form.hidden['key']}").json == {"state": "refused"}


def test_a_price_is_told_before_the_tap_and_the_tap_is_all(world: World, sql: psycopg.Connection) -> None:
    shop, member, till = _set(world)
    none = AmountPolicy.NOT_ASKED
    price = {"kind": OfferKind.MEMBER_PRICE, "list_fen": 3800, "price_fen": 2800}
    offer_id = world.offer(shop, title={"zh": "牛肉面"}, amount_policy=none, **price)
    page = till.open(till.scan(world.code(member)).location)
    assert "收 28.00 元" in page and "原价 38.00 元" in page and "优惠已给" in page
    receipt = till.open(till.send(page, "/shop/redemptions").location)
    assert "28.00 元" in receipt and "10.00 元" in receipt
    assert sql.execute("SELECT amount_fen, saved_fen, pay_fen, offer_id FROM redemptions").fetchone() == (
        3800, 1000, 2800, offer_id,
    )  # fmt: skip


def test_every_form_that_carries_a_key_can_be_asked_about(app: Flask) -> None:
    rules = {str(rule) for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert [rule for rule in RULES.values() if rule not in rules] == []
    asked = {act for path in (ROOT / "app").rglob("*.html") for act in _ASKED.findall(path.read_text(encoding="utf-8"))}
    assert asked == set(RULES)
