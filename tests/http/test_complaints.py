"""“The shop said no”, walked on the pages: member, owner, clerk and union; and receipts at the desk."""

import datetime
from collections.abc import Callable

import psycopg
import pytest

from services.accounts import service as accounts
from services.accounts.types import AccountId, Actor, ClerkActor, Grant, MemberActor, OfficerActor, Role
from services.complaints import queries, service
from services.complaints.types import ComplaintId
from services.core import clock
from services.core.calendar import local_date
from services.merchants.types import BranchId
from services.offers import queries as offers
from services.offers import service as offer_verbs
from services.offers.types import OfferId
from services.redemptions import service as redemptions
from services.redemptions.types import Receipt, ScanView
from services.unions import service as unions
from services.unions.types import Level
from tests.builders.world import Shop, World
from tests.http.pages import Reader

DAY = datetime.timedelta(days=1)
Opens = Callable[[Actor], Reader]


@pytest.fixture
def reads(world: World) -> Opens:
    """reads(actor): a browser of that person's own."""
    return lambda actor: Reader(world.app.test_client(), world, actor)


def tell(world: World, member: MemberActor, shop: Shop, offer_id: OfferId, note: str = "") -> ComplaintId:
    branch = BranchId(shop.clerk.branch_id)
    return world.do(lambda: service.file(actor=member, offer_id=offer_id, branch_id=branch, note=note, now=clock.now()))


def use(world: World, member: MemberActor, clerk: ClerkActor, offer_id: OfferId) -> Receipt:
    code = world.code(member)
    scan = world.do(lambda: redemptions.scan(actor=clerk, text=code, now=clock.now()))
    assert isinstance(scan, ScanView), scan
    receipt = world.do(
        lambda: redemptions.redeem(actor=clerk, scan_id=scan.id, offer_id=offer_id, amount_fen=10000, now=clock.now())
    )
    assert isinstance(receipt, Receipt), receipt
    return receipt


def of_another_federation(world: World) -> OfficerActor:
    other = world.do(lambda: unions.found(name={"zh": "川南区总工会"}, level=Level.FEDERATION))

    def build() -> AccountId:
        account_id = accounts.open_account(display_name="邓华", now=clock.now())
        accounts.grant(account_id=account_id, role=Role.DISTRICT, union_id=other.id, actor="test", now=clock.now())
        return account_id

    return OfficerActor(world.do(build), (Grant(Role.DISTRICT, other.path),))


def test_one_tap_tells_the_shop_and_a_second_one_shows_it(world: World, reads: Opens) -> None:
    member, shop = world.member(), world.shop()
    offer_id, reader = world.offer(shop), reads(member)
    page = reader.open(f"/offers/{offer_id}/refused")
    assert "堂食 9 折" in page and "老灶牛肉面" in page and "高营店" in page
    assert "可能没有弄错" not in page
    told = reader.send(page, "/refused")
    assert told.status_code == 303 and told.location.startswith("/me/complaints/")
    assert "已告诉商户" in reader.open(told.location) and "会转给工会" in reader.open(told.location)
    assert reader.send(page, "/refused").location == told.location
    again = reader.client.get(f"/offers/{offer_id}/refused")
    assert (again.status_code, again.location) == (303, told.location)
    assert told.location in reader.open("/me/complaints") and "等商户答复" in reader.open("/me/complaints")
    assert "/me/complaints" in reader.open("/me")


def test_it_says_when_the_shop_may_be_right_and_takes_it_all_the_same(world: World, reads: Opens) -> None:
    member, shop = world.member(), world.shop()
    offer_id = world.offer(shop, per_member_daily=1)
    use(world, member, shop.clerk, offer_id)
    page = reads(member).open(f"/offers/{offer_id}/refused")
    assert "可能没有弄错" in page and "照样可以告诉商户" in page
    reader = reads(member)
    assert reader.send(reader.open(f"/offers/{offer_id}/refused"), "/refused").status_code == 303


def test_of_several_branches_the_last_one_used_stands_first(world: World, reads: Opens) -> None:
    member, shop = world.member(), world.shop()
    offer_id, second = world.offer(shop), world.clerk(shop)
    world.clerk(shop)
    use(world, member, second, offer_id)
    reader = reads(member)
    page = reader.open(f"/offers/{offer_id}/refused")
    assert page.index(f'value="{second.branch_id}"') < page.index(f'value="{shop.clerk.branch_id}"')
    told = reader.send(page, "/refused", branch=str(shop.clerk.branch_id), note="说没听过")
    ours = ComplaintId(told.location.rpartition("/")[2])  # type: ignore[arg-type]
    found = world.look(lambda: queries.one_of_member(ours, member_id=member.member_id))
    assert (found.branch_id, found.note) == (shop.clerk.branch_id, "说没听过")


def test_what_was_typed_comes_back_with_a_sentence_at_the_field(world: World, reads: Opens) -> None:
    member, shop = world.member(), world.shop()
    world.clerk(shop)
    reader, offer_id = reads(member), world.offer(shop)
    page = reader.open(f"/offers/{offer_id}/refused")
    missing = reader.send(page, "/refused", branch="x", note="店员忙")
    assert missing.status_code == 422 and "请选一下是哪家门店" in missing.text and "店员忙" in missing.text
    long = reader.send(page, "/refused", branch=str(shop.clerk.branch_id), note="长" * 201)
    assert long.status_code == 422 and 'id="note-err"' in long.text and "长" * 201 in long.text


def test_what_does_not_run_is_not_told_and_says_why(world: World, reads: Opens) -> None:
    member, shop = world.member(), world.shop()
    offer_id, reader = world.offer(shop), reads(member)
    page = reader.open(f"/offers/{offer_id}/refused")
    world.do(lambda: offer_verbs.pause(offer_id=offer_id, actor="test", now=clock.now()))
    answer = reader.send(page, "/refused")
    assert answer.status_code == 409 and "暂停" in answer.text
    shown = reader.open(f"/offers/{offer_id}/refused")
    assert "暂停" in shown and 'name="note"' not in shown
    over = world.shop("旧店", agreed_days=(-30, -1))
    assert "不收会员卡" in reader.open(f"/offers/{world.offer(over)}/refused")


@pytest.mark.usefixtures("same_moment")
def test_a_sixth_report_of_a_day_is_told_kindly(world: World, reads: Opens) -> None:
    member, shop = world.member(), world.shop()
    for _ in range(5):
        tell(world, member, shop, world.offer(shop))
    reader, offer_id = reads(member), world.offer(shop)
    answer = reader.send(reader.open(f"/offers/{offer_id}/refused"), "/refused")
    assert answer.status_code == 429 and "一天最多反馈 5 次" in answer.text


def test_a_visitor_binds_first_and_another_members_report_is_not_there(world: World, reads: Opens) -> None:
    member, shop = world.member(), world.shop()
    offer_id = world.offer(shop)
    told = tell(world, member, shop, offer_id)
    assert reads(world.visitor()).client.get(f"/offers/{offer_id}/refused").status_code == 302
    reads(world.member("王强")).open(f"/me/complaints/{told}", status=404)


def test_the_owner_answers_with_a_ready_sentence_or_own_words(world: World, reads: Opens) -> None:
    member, shop = world.member("欧阳春晓"), world.shop()
    first, second = (tell(world, member, shop, world.offer(shop), note="说没听过") for _ in range(2))
    owner = reads(shop.clerk)
    assert "2 条会员反馈等店主答复" in owner.open("/shop/inbox")
    listed = owner.open("/shop/complaints")
    assert listed.count("/shop/complaints/") == 2 and "欧阳" not in listed
    page = owner.open(f"/shop/complaints/{first}")
    assert "说没听过" in page and "欧阳" not in page and "点多" in page
    nothing = owner.send(page, f"/{first}", own=" ")
    assert nothing.status_code == 422 and "请选一句" in nothing.text
    assert owner.send(page, f"/{first}", ready="9", own="").status_code == 422
    assert owner.send(page, f"/{first}", ready="0", own="").status_code == 303
    page = owner.open(f"/shop/complaints/{second}")
    assert owner.send(page, f"/{second}", ready="0", own="下次找我，我是店主。").status_code == 303
    late = owner.send(page, f"/{second}", own="再写一次")
    assert late.status_code == 409 and "已经答复过了" in late.text
    reader = reads(member)
    assert "店员不清楚" in reader.open(f"/me/complaints/{first}")
    assert "下次找我，我是店主。" in reader.open(f"/me/complaints/{second}")
    assert "等店主答复" not in owner.open("/shop/inbox")
    assert "答复过的" in owner.open("/shop/complaints")


def test_an_owner_who_reads_english_answers_in_chinese_and_each_reads_his_own(
    world: World, reads: Opens, sql: psycopg.Connection
) -> None:
    member, shop = world.member(), world.shop()
    first = tell(world, member, shop, world.offer(shop))
    owner = reads(shop.clerk)
    owner.client.set_cookie("lang", "en")
    page = owner.open(f"/shop/complaints/{first}")
    assert "Sorry, our clerk did not know." in page and "店员不清楚" not in page
    assert owner.send(page, f"/{first}", ready="0", own="").status_code == 303
    assert "Sorry, our clerk did not know." in owner.open(f"/shop/complaints/{first}")
    (kept,) = sql.execute("SELECT answer FROM complaints WHERE answer IS NOT NULL").fetchall()
    assert kept[0].startswith("对不起，是店员不清楚")
    reader = reads(member)
    reader.client.set_cookie("lang", "en")
    assert "Sorry, our clerk did not know." in reader.open(f"/me/complaints/{first}")
    reader.client.set_cookie("lang", "zh")
    assert "店员不清楚" in reader.open(f"/me/complaints/{first}")


def test_a_clerk_reads_his_branch_and_does_not_answer(world: World, reads: Opens) -> None:
    member, shop = world.member(), world.shop()
    told = tell(world, member, shop, world.offer(shop))
    colleague = world.clerk(shop, same_branch=True)
    clerk = reads(colleague)
    assert "由店主答复" in clerk.open(f"/shop/complaints/{told}")
    forged = reads(shop.clerk).open(f"/shop/complaints/{told}")
    assert 'name="own"' in forged
    token = clerk.open("/shop/me")
    csrf = token.split('name="csrf" value="')[1].split('"')[0]
    assert clerk.client.post(f"/shop/complaints/{told}", data={"own": "没有的事", "csrf": csrf}).status_code == 403
    reads(world.shop("绿野鲜果").clerk).open(f"/shop/complaints/{told}", status=404)


def test_the_union_sees_what_waits_longest_first_answers_and_pauses(
    world: World, reads: Opens, at: Callable[..., None]
) -> None:
    member, shop, officer = world.member(), world.shop(), world.officer()
    offer_id = world.offer(shop)
    told, start = tell(world, member, shop, offer_id, note="说没听过"), clock.now()
    desk = reads(officer)
    assert "等商户答复：1 条" in desk.open("/staff/complaints")
    at(start + DAY)
    desk = reads(officer)
    assert "过了一天，工会处理：1 条" in desk.open("/staff/complaints")
    page = desk.open(f"/staff/complaints/{told}")
    assert "李*梅" in page and "李春梅" not in page and "恒沛精密工会" in page and "说没听过" in page
    assert desk.send(page, "/pause").status_code == 303
    assert world.look(lambda: offers.offer(offer_id)).paused
    assert "优惠暂停中" in desk.open(f"/staff/complaints/{told}")
    short = desk.send(page, f"/{told}", answer="好")
    assert short.status_code == 422 and 'id="answer-err"' in short.text
    assert desk.send(page, f"/{told}", answer="已经跟商户说好了，您再去就行。").status_code == 303
    assert desk.send(page, f"/{told}", answer="再来一次").status_code == 409
    assert "没有等答复的反馈" in desk.open("/staff/complaints")
    assert "工会答复了" in desk.open("/staff/complaints?done=1")
    assert "工会的答复" in reads(member).open(f"/me/complaints/{told}")


def test_another_federation_sees_neither_report_nor_receipt(world: World, reads: Opens) -> None:
    member, shop = world.member(), world.shop()
    offer_id = world.offer(shop)
    told, receipt = tell(world, member, shop, offer_id), use(world, member, shop.clerk, offer_id)
    world.do(lambda: redemptions.dispute(actor=member, redemption_id=receipt.id, now=clock.now()))
    assert receipt.number in reads(world.officer()).open("/staff/receipts")
    desk = reads(of_another_federation(world))
    assert "没有等答复的反馈" in desk.open("/staff/complaints")
    assert "没有会员提出异议" in desk.open("/staff/receipts")
    assert "这些天里没有" in desk.open(f"/staff/receipts?number={receipt.number}")
    desk.open(f"/staff/complaints/{told}", status=404)
    desk.open(f"/staff/receipts/{receipt.id}", status=404)
    desk.open(f"/staff/receipts/{receipt.id}/undo", status=404)


def test_a_receipt_is_found_by_its_number_seen_masked_and_undone_with_a_reason(
    world: World, reads: Opens, sql: psycopg.Connection
) -> None:
    member, shop = world.member(union=world.another_union()), world.shop()
    offer_id = world.offer(shop, per_member_total=1)
    receipt, other = use(world, member, shop.clerk, offer_id), use(world, world.member("王强"), shop.clerk, offer_id)
    desk = reads(world.officer())
    typed = receipt.number.lower().replace("0", "o").replace("1", "l")
    page = desk.open(f"/staff/receipts?number={typed}")
    assert f"/staff/receipts/{receipt.id}" in page and str(other.id) not in page
    one = desk.open(f"/staff/receipts/{receipt.id}")
    assert "李*梅" in one and "李春梅" not in one and "高营纺织工会" in one and "小唐" in one
    form = desk.open(f"/staff/receipts/{receipt.id}/undo")
    assert "不能反悔" in form
    assert desk.send(form, "/undo").status_code == 422
    unsaid = desk.send(form, "/undo", reason="other", note=" ")
    assert unsaid.status_code == 422 and 'id="note-err"' in unsaid.text
    assert desk.send(form, "/undo", reason="other", note="顾客退了货").status_code == 303
    again = desk.send(form, "/undo", reason="returned")
    assert again.status_code == 303 and again.location == f"/staff/receipts/{receipt.id}"
    shown = desk.open(f"/staff/receipts/{receipt.id}")
    assert "工会撤销了" in shown and "顾客退了货" in shown and "撤销这笔核销" not in shown
    voids = sql.execute("SELECT capacity, reason, note FROM voids").fetchall()
    assert voids == [("officer", "other", "顾客退了货")]
    assert sql.execute("SELECT sum(used) FROM allowances WHERE member_id = %s", [member.member_id]).fetchone() == (0,)


def test_receipts_are_found_by_shop_and_day_and_disputed_ones_stand_first(world: World, reads: Opens) -> None:
    member, shop, other = world.member(), world.shop(), world.shop("绿野鲜果")
    offer_id = world.offer(shop)
    ours, disputed = use(world, world.member("王强"), shop.clerk, offer_id), use(world, member, shop.clerk, offer_id)
    theirs = use(world, world.member("赵敏"), other.clerk, world.offer(other))
    world.do(lambda: redemptions.dispute(actor=member, redemption_id=disputed.id, now=clock.now()))
    desk = reads(world.officer())
    first = desk.open("/staff/receipts")
    assert str(disputed.id) in first and str(ours.id) not in first
    found = desk.open("/staff/receipts?shop=牛肉")
    assert str(ours.id) in found and str(disputed.id) in found and str(theirs.id) not in found
    today = local_date(clock.now())
    assert "这些天里没有" in desk.open(f"/staff/receipts?last={today - DAY}")
    assert str(theirs.id) in desk.open(f"/staff/receipts?first={today}&last={today}")
    page = desk.open(f"/staff/receipts/{disputed.id}/undo")
    assert desk.send(page, "/undo", reason="wrong_customer").status_code == 303
    assert "没有会员提出异议" in desk.open("/staff/receipts")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("number=123", "流水号是 8 个"),
        ("number=7K3M-9QPU", "流水号是 8 个"),
        ("first=2026-01-01&last=2026-02-01", "一次最多查 31 天"),
        ("first=2026-02-02&last=2026-02-01", "一次最多查 31 天"),
        ("first=gestern", "一次最多查 31 天"),
    ],
)
def test_a_search_that_makes_no_sense_says_so_at_the_field(world: World, reads: Opens, asked: str, words: str) -> None:
    page = reads(world.officer()).open(f"/staff/receipts?{asked}", status=422)
    assert words in page and 'aria-invalid="true"' in page


def test_days_at_the_edge_of_the_calendar_are_answered(world: World, reads: Opens) -> None:
    for asked in ("last=0001-01-01", "first=0001-01-01", "first=9999-12-31", "last=9999-12-31", "number=0000-0000"):
        assert reads(world.officer()).client.get(f"/staff/receipts?{asked}").status_code in (200, 422)
