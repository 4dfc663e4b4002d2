"""Partner shops at the desk, with a browser whose scripts are off: signed, renewed, suspended, ended; branches."""

import datetime
import io
import re
import uuid

import psycopg
import pytest
from flask.testing import FlaskClient

from services.accounts.types import Role
from services.core import clock
from services.core.calendar import Hours, local_date
from services.core.files import files
from services.core.paging import PageRequest
from services.merchants import queries, records, service
from services.merchants.types import MerchantId, OpenHours, Record
from services.unions import service as unions
from services.unions.types import Level, Place
from tests.builders.world import DAY, Shop, World
from tests.harness.statements import statements
from tests.http.pages import Reader, forms
from tests.http.test_staff_members import officer_of

PDF, PNG = b"%PDF-1.7 signed", b"\x89PNG\r\n\x1a\n signed"
LIST = "/staff/shops/"


@pytest.fixture
def reader(client: FlaskClient, world: World) -> Reader:
    return Reader(client, world, world.officer())


@pytest.fixture
def today() -> datetime.date:
    return local_date(clock.now())


def path(shop: Shop) -> str:
    return f"/staff/shops/{shop.merchant_id}"


def record(world: World, merchant_id: MerchantId) -> Record:
    found = records.record
    return world.look(lambda: found(merchant_id, scopes=(world.federation.path,), on=local_date(clock.now())))


def newest(world: World) -> Record:
    on = local_date(clock.now())
    return world.look(
        lambda: records.page_of_records(scopes=(world.federation.path,), on=on, request=PageRequest()).items[0]
    )


def shop_form(today: datetime.date, **typed: str) -> dict[str, str]:
    """What an officer types for a new shop, as little as is asked for."""
    return {
        "name": "满碗粥铺", "trade": "dining", "starts_on": str(today), "ends_on": str(today + 364 * DAY),
        "signed_on": str(today), "signed_by": "老周", "branch": "总店", "address": "钟楼巷 3 号", "begin": "09:00",
        "until": "21:00", **typed,
    }  # fmt: skip


def test_a_new_shop_takes_cards_with_one_form(
    reader: Reader, world: World, today: datetime.date, client: FlaskClient
) -> None:
    page = reader.open(f"{LIST}new")
    assert f'value="{today}"' in page and f'value="{today + 364 * DAY}"' in page and 'value="总店"' in page
    answer = reader.send(page, "/new", **shop_form(today, phone="０１０-10002000", day7="休息", place="104.06, 30.57"))
    assert answer.status_code == 303
    shown = reader.open(answer.location)
    assert "商户登记好了" in shown and "还没有店主" in shown and "老周 签于" in shown
    made = newest(world)
    assert (made.name, made.state, made.federation_id) == ({"zh": "满碗粥铺"}, "open", world.federation.id)
    (branch,) = world.look(lambda: queries.branches_of(made.id))
    assert (branch.address, branch.phone, branch.place) == ({"zh": "钟楼巷 3 号"}, "010-10002000", Place(30.57, 104.06))
    assert branch.hours == tuple(OpenHours(day, Hours(540, 1260)) for day in range(1, 7))
    assert "满碗粥铺" in client.get("/shops").text


def test_a_form_sent_twice_makes_one_shop(reader: Reader, today: datetime.date, sql: psycopg.Connection) -> None:
    page = reader.open(f"{LIST}new")
    sent = [reader.send(page, "/new", **shop_form(today)).location for _ in range(2)]
    assert sent[0] == sent[1]
    assert sql.execute("SELECT count(*) FROM merchants").fetchone() == (1,)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", " ", "请写商户名称"),
        ("name", "长" * 41, "最多 40 个字"),
        ("trade", "", "没有这个行业"),
        ("trade", "magic", "没有这个行业"),
        ("ends_on", "2020-01-01", "结束日期早于开始日期"),
        ("ends_on", "2099-01-01", "超过 10 年"),
        ("starts_on", "soon", "日期看不懂"),
        ("signed_on", "2099-01-01", "不能晚于今天"),
        ("signed_by", "", "谁签的字"),
        ("branch", "", "请写门店名称"),
        ("address", " ", "请写门店地址"),
        ("phone", "x", "电话看不懂"),
        ("place", "1", "坐标看不懂"),
        ("until", "", "营业时间看不懂"),
        ("day3", "早上", "营业时间看不懂"),
        ("day3", "9:00-12:00 11:00-13:00", "撞在一起"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field_and_nothing_typed_is_lost(
    reader: Reader, today: datetime.date, sql: psycopg.Connection, field: str, typed: str, said: str
) -> None:
    answer = reader.send(reader.open(f"{LIST}new"), "/new", **shop_form(today, about="二十年老店", **{field: typed}))
    assert answer.status_code == 422 and said in answer.text and 'value="二十年老店"' in answer.text
    error = re.search(r'class="field__err" id="(\w+)-err"', answer.text)
    assert error and error[1] == ("hours" if field == "until" or "撞" in said else field)
    assert sql.execute("SELECT count(*) FROM merchants").fetchone() == (0,)


def test_the_facts_of_a_shop_are_changed(reader: Reader, world: World) -> None:
    shop = world.shop()
    page = reader.open(f"{path(shop)}/edit")
    typed = {"name": "老灶面馆", "name_en": "Old Stove", "trade": "leisure", "about": "只卖面", "about_en": ""}
    assert reader.send(page, "/edit", **typed).status_code == 303
    found = record(world, shop.merchant_id)
    assert (found.name, found.trade.code, found.about) == (
        {"zh": "老灶面馆", "en": "Old Stove"}, "leisure", {"zh": "只卖面"},
    )  # fmt: skip
    again = reader.send(page, "/edit", **{**typed, "name": ""})
    assert again.status_code == 422 and "请写商户名称" in again.text and 'value="只卖面"' in again.text


def test_an_agreement_is_renewed_with_its_paper_and_the_paper_can_be_had(
    reader: Reader, world: World, today: datetime.date
) -> None:
    shop = world.shop(agreed_days=(-300, 10))
    assert "还有 10 天到期" in reader.open(path(shop))
    page = reader.open(f"{path(shop)}/renew")
    assert f'value="{today + 11 * DAY}"' in page and 'value="店主"' in page
    typed = {"starts_on": str(today + 11 * DAY), "ends_on": str(today + 375 * DAY), "signed_on": str(today)}
    form = next(one for one in forms(page) if one.action.endswith("/renew"))
    for _ in range(2):
        paper = (io.BytesIO(PDF), "协议.pdf")
        answer = reader.client.post(form.action, data={**form.hidden, **typed, "signed_by": "老周", "paper": paper})
        assert answer.status_code == 303
    shown = reader.open(path(shop))
    assert "合作中" in shown and shown.count("签于") == 2
    link = re.search(r'href="([^"]+/paper)"', shown)
    assert link
    kept = reader.client.get(link[1])
    assert kept.data == PDF and kept.mimetype == "application/pdf"
    assert kept.headers["Content-Disposition"].startswith("attachment")
    assert len(list(files.walk())) == 1, "the paper that came second is not kept"
    assert record(world, shop.merchant_id).agreement_until == today + 375 * DAY


def test_a_gap_and_a_paper_that_is_none_are_refused(reader: Reader, world: World, today: datetime.date) -> None:
    shop = world.shop(agreed_days=(-300, 10))
    form = next(one for one in forms(reader.open(f"{path(shop)}/renew")) if one.action.endswith("/renew"))
    typed = {"starts_on": str(today + 12 * DAY), "ends_on": str(today + 375 * DAY), "signed_on": str(today)}
    typed |= form.hidden | {"signed_by": "老周"}
    gap = reader.client.post(form.action, data=typed)
    assert gap.status_code == 422 and "新协议要接上" in gap.text and 'id="starts_on-err"' in gap.text
    paper = reader.client.post(form.action, data={**typed, "paper": (io.BytesIO(b"MZ"), "协议.pdf")})
    assert paper.status_code == 422 and "要是 PDF 或照片" in paper.text
    assert list(files.walk()) == []


def test_a_paper_comes_later_and_once(reader: Reader, world: World) -> None:
    shop = world.shop()
    form = next(one for one in forms(reader.open(path(shop))) if one.action.endswith("/paper"))

    def send(data: bytes) -> tuple[int, str]:
        answer = reader.client.post(form.action, data={**form.hidden, "paper": (io.BytesIO(data), "x")})
        return answer.status_code, answer.text

    assert "请选协议" in send(b"")[1] and "要是 PDF" in send(b"GIF89a")[1]
    assert send(PNG)[0] == 303
    status, page = send(PNG)
    assert status == 409 and "已经有扫描件" in page and len(list(files.walk())) == 1
    assert reader.client.get(form.action).mimetype == "image/png"


def test_a_suspension_is_announced_and_taken_back(reader: Reader, world: World, today: datetime.date) -> None:
    shop = world.shop()
    page = reader.open(path(shop))
    past = reader.send(page, "/suspend", first_day=str(today - DAY), reason="装修")
    assert past.status_code == 422 and "选今天或以后" in past.text and 'value="装修"' in past.text
    assert "请写原因" in reader.send(page, "/suspend", first_day=str(today), reason="").text
    assert reader.send(page, "/suspend", first_day=str(today + 7 * DAY), reason="装修").status_code == 303
    shown = reader.open(path(shop))
    assert "起暂停" in shown and "原因：装修" in shown and "合作中" in shown and "撤回暂停" in shown
    assert reader.send(page, "/suspend", first_day=str(today), reason="别的").status_code == 422
    assert reader.send(shown, "/resume").status_code == 303
    assert "起暂停" not in reader.open(path(shop))


def test_a_partnership_ends_and_begins_anew(reader: Reader, world: World, today: datetime.date) -> None:
    shop = world.shop(agreed_days=(-300, -1))
    page = reader.open(path(shop))
    assert "已结束" in page and "不再续签" in page
    assert "请写原因" in reader.send(page, "/end", why=" ").text
    assert reader.send(page, "/end", why="搬走了").status_code == 303
    ended = reader.open(path(shop))
    assert "合作由工会结束" in ended and "原因：搬走了" in ended and "不再续签" not in ended
    form = reader.open(f"{path(shop)}/renew")
    typed = {"starts_on": str(today), "ends_on": str(today + DAY), "signed_on": str(today), "signed_by": "老周"}
    assert reader.send(form, "/renew", **typed).status_code == 303
    assert "合作由工会结束" not in reader.open(path(shop)) and record(world, shop.merchant_id).state == "ending"


def test_a_plaque_has_one_shop(reader: Reader, world: World, today: datetime.date) -> None:
    one, other = world.shop(), world.shop("满碗粥铺")
    typed = {"plaque_number": "YH-0012", "plaque_hung_on": str(today), "door_sign_on": ""}
    assert reader.send(reader.open(path(one)), "/plaque", **typed).status_code == 303
    assert 'value="YH-0012"' in reader.open(path(one)) and "YH-0012" in reader.open(LIST)
    taken = reader.send(reader.open(path(other)), "/plaque", **typed)
    assert taken.status_code == 422 and 'id="plaque_number-err"' in taken.text and "已经给了别的商户" in taken.text


def test_a_branch_is_opened_changed_closed_and_opened_again(reader: Reader, world: World) -> None:
    shop = world.shop()
    typed = {"branch": "柳渡店", "address": "渡口街 8 号", "begin": "10:30", "until": "02:00", "day1": "休息"}
    assert reader.send(reader.open(f"{path(shop)}/branches/new"), "/new", **typed).status_code == 303
    page = reader.open(path(shop))
    branch = re.findall(r'href="([^"]+/branches/[0-9a-f-]{36})"', page)[1]
    form = reader.open(branch)
    shown = {name: re.search(rf'id="{name}"[^>]*value="([^"]*)"', form) for name in (*typed, "day2")}
    assert {name: value and value[1] for name, value in shown.items()} == {**typed, "day2": ""}
    assert reader.send(form, branch, **{**typed, "begin2": "01:00", "until2": "05:00"}).status_code == 422
    assert reader.send(form, branch, **{**typed, "branch": "渡口店"}).status_code == 303
    assert "渡口店" in reader.open(path(shop)) and "周二到周日" in reader.open(path(shop)).replace("至", "到")
    assert reader.send(form, "/close").status_code == 303 and "已关" in reader.open(path(shop))
    assert reader.send(reader.open(branch), "/reopen").status_code == 303 and "已关" not in reader.open(path(shop))


def test_an_owner_gets_six_digits_and_a_clerk_goes_at_once(client: FlaskClient, world: World) -> None:
    shop, officer = world.shop(), world.officer()
    colleague = world.clerk(shop, same_branch=True)
    stale = Reader(client, world, officer)
    page = stale.open(path(shop))
    assert stale.send(page, "/owner", branch=str(shop.clerk.branch_id)).location.startswith("/prove")
    reader = Reader(client, world, officer, proved=True)
    shown = reader.send(reader.open(path(shop)), "/owner", branch=str(shop.clerk.branch_id))
    assert shown.status_code == 200 and re.search(r"<b>\d{3} \d{3}</b>", shown.text)
    assert reader.send(reader.open(path(shop)), "/owner", branch=str(uuid.uuid4())).status_code == 422
    token = world.token(colleague)
    act = f"/clerks/{colleague.clerk_id}/leave"
    assert reader.send(reader.open(path(shop)), act).status_code == 303 and act not in reader.open(path(shop))
    assert client.get("/shop/today", headers={"Authorization": f"Bearer {token}"}).status_code != 200


def test_shops_are_found_by_words_trade_and_how_they_stand(reader: Reader, world: World) -> None:
    world.shop("老灶牛肉面")
    world.shop("铁桩健身", trade="sport", agreed_days=(-10, 5))
    world.shop("芯桥数码", trade="appliances", agreed_days=(-300, -1))

    def names(query: str) -> list[str]:
        return re.findall(r'cell__title">([^<]+)', reader.open(f"{LIST}?{query}"))

    assert names("") == ["芯桥数码", "铁桩健身", "老灶牛肉面"]
    assert names("q=牛肉") == names("trade=dining") == names("state=open") == ["老灶牛肉面"]
    assert names("state=ending") == ["铁桩健身"] and names("state=ended") == ["芯桥数码"]
    assert len(names("q=高营路+8")) == 3 and names("q=%25") == names("q=高营+健身&trade=dining") == []
    assert names("state=x&trade=y&q=%00") == names("")
    chips = reader.open(LIST)
    assert "合作中 1" in chips and "快到期 1" in chips and "已结束 1" in chips and "暂停中" not in chips


def elsewhere(world: World) -> MerchantId:
    """A shop of another federation."""
    other = world.do(lambda: unions.found(name={"zh": "云渚区总工会"}, level=Level.FEDERATION))
    today = local_date(clock.now())
    return world.do(
        lambda: service.sign(
            union_id=other.id, name={"zh": "外区店"}, trade=queries.trades()[0].code, agreement_from=today,
            agreement_until=today + DAY, signed_by="店主", actor="test", now=clock.now(),
        )
    )  # fmt: skip


def test_another_federations_shop_is_not_there(reader: Reader, world: World, sql: psycopg.Connection) -> None:
    shop, foreign = world.shop(), elsewhere(world)
    assert "外区店" not in reader.open(LIST)
    before = sql.execute("SELECT to_jsonb(merchants) FROM merchants WHERE id = %s", [foreign]).fetchone()
    page = reader.open(path(shop))
    hidden = forms(page)[0].hidden
    for act in ("", "/edit", "/renew", "/branches/new", f"/branches/{shop.clerk.branch_id}"):
        reader.open(f"/staff/shops/{foreign}{act}", status=404)
    reader.open(f"/staff/prints/shops/{foreign}", status=404)
    acts = ("edit", "plaque", "suspend", "resume", "end", "owner", "renew", "branches/new", "branches/%s/close")
    for act in acts:
        address = f"/staff/shops/{foreign}/{act}".replace("%s", str(shop.clerk.branch_id))
        assert reader.client.post(address, data=hidden).status_code == 404
    # a branch and a paper are looked for below their own shop only
    other = world.shop("满碗粥铺")
    reader.open(f"{path(other)}/branches/{shop.clerk.branch_id}", status=404)
    (agreement,) = world.look(lambda: records.agreements(shop.merchant_id))
    reader.open(f"{path(other)}/agreements/{agreement.id}/paper", status=404)
    assert before == sql.execute("SELECT to_jsonb(merchants) FROM merchants WHERE id = %s", [foreign]).fetchone()


def test_who_does_not_look_after_shops_sees_none(client: FlaskClient, world: World) -> None:
    shop = world.shop()
    for union, role in ((world.town, Role.TOWN), (world.federation, Role.FINANCE)):
        reader = Reader(client, world, officer_of(world, union, role))
        assert "老灶牛肉面" not in reader.open(LIST, status=403) + reader.open(path(shop), status=403)


def test_pages_of_shops_are_few_statements_however_many_there_are(reader: Reader, world: World) -> None:
    shop = world.shop()
    for number in range(25):
        world.shop(f"第 {number} 家")
        world.clerk(shop)
    for address, allowed in ((LIST, 10), (path(shop), 11), (f"{path(shop)}/edit", 9)):
        reader.open(address)
        with statements() as sent:
            reader.open(address)
        assert len(sent) <= allowed, (address, len(sent), sent)
