"""Offers are written through forms, scripts off: every fault at its field, nothing typed lost, published once."""

import datetime
import re

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from app.pages.offer_form import Desk, written
from app.pages.offer_form_fill import opened, typed_of
from app.terms import names
from services.core import clock
from services.core.calendar import Hours, local_date
from services.members.types import Standing
from services.merchants import queries as merchants
from services.offers import queries, service
from services.offers.types import AmountPolicy, BranchShare, Holidays, Offer, OfferId, OfferKind, Terms
from services.unions.types import TradeGroup
from tests.builders.world import Shop, World
from tests.http.pages import Reader

NEXT_YEAR = (local_date(clock.now()) + datetime.timedelta(days=200)).isoformat()
TODAY = local_date(clock.now()).isoformat()
DATES = {"starts_on": TODAY, "ends_on": NEXT_YEAR}
WHOLE = {"kind": "amount_off", "threshold": "30", "off": "8", **DATES}


@pytest.fixture
def shop(world: World) -> Shop:
    return world.shop()


@pytest.fixture
def officer(client: FlaskClient, world: World) -> Reader:
    return Reader(client, world, world.officer())


def read(world: World, shop: Shop, **typed: str | list[str]) -> tuple[Terms | None, dict[str, str]]:
    """What the form makes of this."""
    with world.app.test_request_context():
        desk = Desk(shop.merchant_id, world.federation.path, tuple(merchants.branches_of(shop.merchant_id)))
        found = written(MultiDict({**DATES, **typed}), desk)
    return found.terms, found.wrong


def new_page(shop: Shop, kind: str) -> str:
    return f"/staff/offers/shop/{shop.merchant_id}/new?kind={kind}"


def only(world: World, shop: Shop) -> Offer:
    [offer] = world.look(lambda: queries.all_of_shop(shop.merchant_id))
    return offer


@pytest.mark.parametrize(
    ("typed", "said", "title"),
    [
        ({"kind": "percent", "zhe": "8.8"}, {"percent_off": 12, "most_off_fen": None}, "8.8 折"),
        ({"kind": "percent", "zhe": "9"}, {"percent_off": 10}, "9 折"),
        ({"kind": "percent", "zhe": "９折", "most_off": "50"}, {"percent_off": 10, "most_off_fen": 5000}, "9 折"),
        ({"kind": "percent", "zhe": "88"}, {"percent_off": 12}, "8.8 折"),
        ({"kind": "amount_off", "threshold": "30", "off": "8.5"}, {"threshold_fen": 3000, "off_fen": 850},
         "满 30 元减 8.50 元"),
        ({"kind": "member_price", "price": "19.9", "list_price": "25"},
         {"price_fen": 1990, "list_fen": 2500, "amount_policy": AmountPolicy.NOT_ASKED}, "会员价 19.90 元"),
        ({"kind": "fixed_price", "price": "20元"}, {"price_fen": 2000, "amount_policy": AmountPolicy.REQUIRED},
         "只付 20 元"),
        ({"kind": "gift", "gift": "酸梅汤一杯"},
         {"gift": {"zh": "酸梅汤一杯"}, "amount_policy": AmountPolicy.NOT_ASKED}, "送酸梅汤一杯"),
        ({"kind": "gift", "gift": "茶", "title": "到店有茶", "amount_policy": "optional", "price": "9"},
         {"amount_policy": AmountPolicy.OPTIONAL, "price_fen": None}, "到店有茶"),
    ],
)  # fmt: skip
def test_each_kind_is_read(
    world: World, shop: Shop, typed: dict[str, str], said: dict[str, object], title: str
) -> None:
    terms, wrong = read(world, shop, **typed)
    assert terms is not None, wrong
    assert {name: getattr(terms, name) for name in said} == said
    assert terms.title["zh"] == title


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"zhe": ""}, "zhe", "请填打几折"),
        ({"zhe": "0"}, "zhe", "请填打几折"),
        ({"zhe": "8.x"}, "zhe", "请填打几折"),
        ({"most_off": "abc"}, "most_off", "金额看不懂"),
        ({"kind": "amount_off", "threshold": "", "off": "8"}, "threshold", "请填满多少元"),
        ({"kind": "amount_off", "threshold": "30", "off": "31"}, "off", "不能比满的钱多"),
        ({"kind": "member_price", "price": "25", "list_price": "19.9"}, "list_price", "原价要比会员价高"),
        ({"kind": "fixed_price", "price": "1,000"}, "price", "金额看不懂"),
        ({"kind": "gift"}, "gift", "请写送什么"),
        ({"title": "长" * 41}, "title", "最多 40 个字"),
        ({"ends_on": "9999-12-31"}, "ends_on", "请选一个日期"),
        ({"starts_on": NEXT_YEAR, "ends_on": TODAY}, "ends_on", "结束日期早于开始日期"),
        ({"begin_1": "11:00"}, "hours", "时段要填两头"),
        ({"begin_2": "25:00", "until_2": "26:00"}, "hours", "时段要填两头"),
        ({"per_member_daily": "一"}, "per_member_daily", "请填整数"),
        ({"per_member_daily": "0"}, "per_member_daily", "次数请填 1 到 999"),
        ({"per_member_daily": "5", "per_member_weekly": "2"}, "per_member_daily", "每天的次数不能比每周多"),
        ({"stock_total": "9999999"}, "stock_total", "份数请填"),
        ({"budget": "100", "amount_policy": "not_asked"}, "budget", "要让店员输金额"),
        ({"union_name": "没有这家"}, "union", "对不上一个工会"),
        ({"note": "长" * 201}, "note", "最多 200 个字"),
    ],
)
def test_a_fault_stands_at_its_field(world: World, shop: Shop, typed: dict[str, str], field: str, words: str) -> None:
    terms, wrong = read(world, shop, **{"kind": "percent", "zhe": "9", **typed})
    assert terms is None
    assert set(wrong) == {field} and words in wrong[field]


def test_all_faults_are_told_at_once_and_what_was_typed_comes_back(officer: Reader, shop: Shop, world: World) -> None:
    page = officer.open(new_page(shop, "amount_off"))
    typed = {"threshold": "30", "off": "50", "budget": "很多", "title": "<b>好</b>", "note": "酒水除外", **DATES}
    answer = officer.send(page, "/new", **typed, weekdays="3", groups="riders")
    assert answer.status_code == 422
    for said in ("减的钱不能比满的钱多", "金额看不懂", 'value="很多"', "&lt;b&gt;好&lt;/b&gt;", "酒水除外</textarea>"):
        assert said in answer.text, said
    assert re.search(r'name="weekdays" value="3" checked', answer.text)
    assert re.search(r'name="groups" value="riders" checked', answer.text)
    assert answer.text.count(" open><summary>") == 4
    assert world.look(lambda: queries.drafts_of(shop.merchant_id)) == []


def everything(world: World, shop: Shop) -> Terms:
    return world.terms(
        kind=OfferKind.PERCENT, percent_off=12, most_off_fen=2050, note={"zh": "酒水除外", "en": "no drinks"},
        weekdays=(1, 5), hours=(Hours(660, 840), Hours(1080, 120)), holidays=Holidays.NOT, per_member_daily=1,
        per_member_weekly=2, per_member_monthly=3, per_member_total=9, stock_total=80,
        branches=(BranchShare(shop.clerk.branch_id, 30),), budget_fen=500_000,  # type: ignore[arg-type]
        audience_union_id=world.town.id, audience_groups=(TradeGroup.RIDERS,), audience_standings=(Standing.RETIRED,),
        first_use=True, stacks=True,
    )  # fmt: skip


def test_terms_go_through_the_form_unchanged(world: World, shop: Shop) -> None:
    """Whoever opens an offer to change one thing changes nothing else by it."""
    terms = everything(world, shop)
    with world.app.test_request_context():
        typed = typed_of(terms, names(shop.merchant_id, terms).union)
    again, wrong = read(world, shop, **{name: typed.getlist(name) for name in typed})
    assert (again, wrong) == (terms, {})
    assert opened(typed, ()) == {"often", "when", "much", "who", "words"}


@pytest.mark.parametrize("kind", OfferKind)
def test_what_was_saved_is_read_back_the_same(world: World, shop: Shop, kind: OfferKind) -> None:
    given = {
        OfferKind.PERCENT: {"percent_off": 5},
        OfferKind.AMOUNT_OFF: {"threshold_fen": 3000, "off_fen": 850},
        OfferKind.FIXED_PRICE: {"price_fen": 999},
        OfferKind.MEMBER_PRICE: {"price_fen": 1990, "list_fen": 2500, "amount_policy": AmountPolicy.NOT_ASKED},
        OfferKind.GIFT: {"gift": {"zh": "茶", "en": "tea"}, "amount_policy": AmountPolicy.OPTIONAL},
    }[kind]
    terms = world.terms(kind=kind, **given)
    with world.app.test_request_context():
        typed = typed_of(terms, None)
    again, wrong = read(world, shop, **{name: typed.getlist(name) for name in typed})
    assert (again, wrong) == (terms, {})


def test_an_audience_of_several_names_is_chosen_and_the_whole_federation_is_everybody(world: World, shop: Shop) -> None:
    base = {"kind": "percent", "zhe": "9"}
    _, wrong = read(world, shop, **base, union_name="工会")
    assert "union" in wrong
    picked, _ = read(world, shop, **base, union_name="工会", union_was="工会", union_id=str(world.town.id))
    typed_anew, _ = read(world, shop, **base, union_name="恒沛精密工会", union_was="工会", union_id=str(world.town.id))
    everybody, _ = read(world, shop, **base, union_name="雍河区总工会")
    assert picked and typed_anew and everybody
    audiences = [one.audience_union_id for one in (picked, typed_anew, everybody)]
    assert audiences == [world.town.id, world.union.id, None]


def draft_of(officer: Reader, world: World, shop: Shop, **typed: str) -> OfferId:
    page = officer.open(new_page(shop, "amount_off"))
    answer = officer.send(page, "/new", **{**WHOLE, **typed})
    assert answer.status_code == 303, answer.text
    return world.look(lambda: queries.drafts_of(shop.merchant_id))[0].offer_id


def test_written_looked_at_and_published_twice_is_one_version(officer: Reader, world: World, shop: Shop) -> None:
    offer_id = draft_of(officer, world, shop, per_member_daily="1")
    page = officer.open(f"/staff/offers/{offer_id}/preview?amount=46")
    for said in ("满 30 元减 8 元", "每人每天 1 次", "收顾客 38.00 元，省 8.00 元", "退休会员", "用满次数的会员"):
        assert said in page, said
    answers = [officer.send(page, "/publish") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert (only(world, shop).number, only(world, shop).off_fen) == (1, 800)
    assert "第一次发布" in officer.open(f"/staff/offers/{offer_id}")


def test_the_till_is_tried_at_another_time_and_on_another_bill(officer: Reader, world: World, shop: Shop) -> None:
    offer_id = draft_of(officer, world, shop, begin_1="11:00", until_1="14:00")
    open_then = officer.open(f"/staff/offers/{offer_id}/preview?day={NEXT_YEAR}&time=12:00&amount=20")
    assert "还差 10.00 元" in open_then
    closed = officer.open(f"/staff/offers/{offer_id}/preview?day={NEXT_YEAR}&time=15:00&amount=46")
    assert "现在不在使用时段" in closed and "收顾客" not in closed
    for odd in ("day=gestern&time=12:00", "day=0001-01-01&time=12:00", f"day={NEXT_YEAR}&time=99:99"):
        assert "请选日期和时间" in officer.open(f"/staff/offers/{offer_id}/preview?{odd}")
    assert "金额看不懂" in officer.open(f"/staff/offers/{offer_id}/preview?time=12:00&day={NEXT_YEAR}&amount=viel")


def test_a_look_shows_who_is_outside(officer: Reader, world: World, shop: Shop) -> None:
    offer_id = draft_of(
        officer, world, shop, union_name="柳渡镇总工会", groups="riders", standings="active", first_use="yes"
    )
    page = officer.open(f"/staff/offers/{offer_id}/preview")
    for who in ("别的单位的会员", "别的行业的会员", "在本店用过优惠的会员", "退休会员", "会籍暂停的会员"):
        assert re.search(who + r"</span>\s*<span class=\"cell__sub\">", page), who
    assert '符合条件的会员</span></span><span class="pill pill--ok">' in page


def test_a_new_version_says_what_it_changes(officer: Reader, world: World, shop: Shop) -> None:
    offer_id = world.offer(shop, per_member_daily=1)
    page = officer.open(f"/staff/offers/{offer_id}/edit")
    typed = {"zhe": "8", "per_member_daily": "2", "title": "堂食 8 折", "title_en": "20% off", "stacks": "yes"}
    last = only(world, shop).ends_on.isoformat()
    assert officer.send(page, "/edit", **typed, starts_on=TODAY, ends_on=last).status_code == 303
    page = officer.open(f"/staff/offers/{offer_id}/preview")
    assert "<del>每人每天 1 次</del> → <b>每人每天 2 次</b>" in page
    assert "<del>按原价的 90% 付</del> → <b>按原价的 80% 付</b>" in page
    assert "一起用" not in page.split('id="publish"')[1]
    assert officer.send(page, "/publish").status_code == 303
    assert only(world, shop).number == 2
    assert "<del>每人每天 1 次</del> → 每人每天 2 次" in officer.open(f"/staff/offers/{offer_id}")


def test_who_was_slower_sees_both_and_keeps_what_was_typed(officer: Reader, world: World, shop: Shop) -> None:
    offer_id = draft_of(officer, world, shop)
    page = officer.open(f"/staff/offers/{offer_id}/edit")
    world.do(
        lambda: service.redraft(
            offer_id=offer_id, terms=world.terms(title={"zh": "别人的 7 折"}, percent_off=30), seen=1, actor="other",
            now=clock.now(),
        )
    )  # fmt: skip
    answer = officer.send(page, "/edit", **{**WHOLE, "title": "我的满减"})
    assert answer.status_code == 409
    assert "别人的 7 折" in answer.text and 'value="我的满减"' in answer.text
    assert officer.send(answer.text, "/edit", **{**WHOLE, "title": "我的满减"}).status_code == 303
    draft = world.look(lambda: queries.draft(offer_id))
    assert draft is not None and (draft.terms.title["zh"], draft.revision) == ("我的满减", 3)


def test_what_was_not_looked_at_is_not_published(officer: Reader, world: World, shop: Shop) -> None:
    offer_id = draft_of(officer, world, shop)
    page = officer.open(f"/staff/offers/{offer_id}/preview")
    world.do(lambda: service.redraft(offer_id=offer_id, terms=world.terms(), seen=1, actor="other", now=clock.now()))
    answer = officer.send(page, "/publish")
    assert answer.status_code == 409 and "别人刚改过这份草稿" in answer.text
    assert world.look(lambda: queries.all_of_shop(shop.merchant_id)) == []


def test_less_stock_than_was_taken_is_refused_at_publishing(officer: Reader, world: World, shop: Shop) -> None:
    offer_id = world.offer(shop, stock_total=10)
    world.do(lambda: service.take(queries.offer(offer_id), branch_id=shop.clerk.branch_id, saved_fen=None))
    world.do(
        lambda: service.redraft(
            offer_id=offer_id, terms=world.terms(stock_total=0), seen=None, actor="x", now=clock.now()
        )
    )
    page = officer.open(f"/staff/offers/{offer_id}/preview")
    answer = officer.send(page, "/publish")
    assert answer.status_code == 422 and "已经用掉的比这个数多" in answer.text


def test_held_back_let_go_and_withdrawn_for_good(officer: Reader, world: World, shop: Shop) -> None:
    offer_id = world.offer(shop)
    address = f"/staff/offers/{offer_id}"
    assert officer.send(officer.open(address), "/pause").status_code == 303
    assert only(world, shop).paused
    assert officer.send(officer.open(address), "/resume").status_code == 303
    page = officer.open(address)
    assert officer.send(page, "/withdraw").status_code == 422
    assert not only(world, shop).withdrawn
    assert [officer.send(page, "/withdraw", sure="yes").status_code for _ in range(2)] == [303, 303]
    assert only(world, shop).withdrawn
    assert "已经撤下，不能再改" in officer.open(address)


def test_an_offer_is_copied_into_a_new_draft(officer: Reader, world: World, shop: Shop) -> None:
    offer_id = world.offer(shop, per_member_weekly=2)
    page = officer.open(f"/staff/offers/shop/{shop.merchant_id}/new?like={offer_id}")
    assert 'value="堂食 9 折"' in page and 'name="per_member_weekly" type="text" inputmode="numeric"' in page
    last = only(world, shop).ends_on.isoformat()
    assert officer.send(page, "/new", zhe="9", starts_on=TODAY, ends_on=last).status_code == 303
    assert len(world.look(lambda: queries.drafts_of(shop.merchant_id))) == 1


def test_a_draft_is_dropped(officer: Reader, world: World, shop: Shop) -> None:
    offer_id = draft_of(officer, world, shop)
    page = officer.open(f"/staff/offers/{offer_id}/preview")
    assert officer.send(page, "/discard").status_code == 303
    officer.open(f"/staff/offers/{offer_id}", 404)
