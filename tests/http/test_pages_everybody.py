"""Pages that need no sign-in: what they show, where they lead, and that they lead nowhere else."""

import dataclasses

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.pages.paths import local_path
from services.accounts import queries as accounts
from services.core import clock
from services.offers.types import OfferKind
from tests.builders.world import World
from tests.http.pages import Reader, forms


def _settings(app: Flask, monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], **changes))


def test_the_demo_signs_in_as_each_persona_and_out_again(app: Flask, world: World) -> None:
    world.offer(world.shop())
    world.member()
    world.officer()
    for persona, home in (("member", "/"), ("clerk", "/shop/"), ("officer", "/staff/")):
        reader = Reader(app.test_client(), world)
        entered = reader.send(reader.open("/demo"), "/demo", persona=persona)
        assert (entered.status_code, entered.location) == (303, home)
        reader.open(home)
        cookie = reader.client.get_cookie("gonghui")
        assert cookie and world.look(lambda at=cookie.value: accounts.is_fresh(at, now=clock.now())), (
            "an officer of the demo has no phone"
        )
        left = reader.send(reader.open("/sign-in"), "/sign-out")
        assert (left.status_code, left.location) == (303, "/sign-in")
        assert reader.client.get(home).location == "/sign-in"


def test_another_persona_ends_the_former_session(client: FlaskClient, world: World) -> None:
    world.shop()
    member = world.member()
    token = world.token(member)
    client.set_cookie("gonghui", token)
    reader = Reader(client, world)
    assert reader.send(reader.open("/demo"), "/demo", persona="clerk").status_code == 303
    old = client.application.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert old.status_code == 401


def test_without_the_demo_there_is_no_demo(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    _settings(app, monkeypatch, demo=False)
    assert client.get("/demo").status_code == 404
    assert client.post("/demo", data={"persona": "member"}).status_code == 404
    page = client.get("/sign-in").text
    assert "/demo" not in page and 'name="phone"' in page


def test_an_unknown_persona_is_not_found(client: FlaskClient) -> None:
    assert client.post("/demo", data={"persona": "director"}).status_code == 404


@pytest.mark.parametrize(
    ("case", "asked", "canonical"),
    [
        ("upper", "/c/7abc", "/C/7ABC"),
        ("upper", "/C/7abc", "/C/7ABC"),
        ("lower", "/C/7ABC", "/c/7abc"),
        ("lower", "/c/7ABC", "/c/7abc"),
    ],
)
def test_a_code_has_one_address(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, case: str, asked: str, canonical: str
) -> None:
    _settings(app, monkeypatch, code_case=case)
    moved = client.get(asked)
    assert (moved.status_code, moved.location) == (302, canonical)
    assert "请给合作商户的店员扫" in client.get(canonical).text


@pytest.mark.parametrize("case", ["upper", "lower"])
@pytest.mark.parametrize(
    "nonsense", ["a%0d%0ab", "a%0Ab", "a%3Fb", "a%23b", "%E7%A0%81", "a%00b", "a b", "%5Cb", "a&b"]
)
def test_what_no_code_looks_like_is_sent_nowhere(
    app: Flask, client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch, case: str, nonsense: str
) -> None:
    _settings(app, monkeypatch, code_case=case)
    for folder in ("c", "C"):
        assert "请给合作商户的店员扫" in Reader(client, world).open(f"/{folder}/{nonsense}")
    clerk = Reader(app.test_client(), world, world.shop().clerk)
    refused = clerk.send(clerk.open(f"/c/{nonsense}"), "/shop/scan")
    assert refused.status_code == 409 and "code_malformed" in refused.text


@pytest.mark.parametrize("case", ["upper", "lower"])
def test_a_clerk_who_opens_a_code_sends_the_scan(
    app: Flask, client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    _settings(app, monkeypatch, code_case=case)
    shop, member = world.shop(), world.member()
    world.offer(shop)
    reader = Reader(client, world, shop.clerk)
    code = world.code(member)
    page = reader.open(f"/C/{code}" if case == "upper" else f"/c/{code.lower()}")
    (form,) = [form for form in forms(page) if "code" in form.hidden]
    assert form.hidden["code"] == code
    scanned = client.post(form.action, data=form.hidden)
    assert scanned.status_code == 303 and "/shop/scans/" in scanned.location


def test_opening_a_code_burns_nothing(client: FlaskClient, world: World) -> None:
    shop, member = world.shop(), world.member()
    reader, code = Reader(client, world, shop.clerk), world.code(member)
    for _ in range(3):
        page = reader.open(f"/C/{code}")
    assert reader.send(page, "/shop/scan").status_code == 303


def test_choices_are_kept_and_nonsense_is_not(client: FlaskClient) -> None:
    chosen = {"theme": "dark", "text": "large", "lang": "en", "back": "/offers"}
    answer = client.post("/preferences", data=chosen)
    assert (answer.status_code, answer.location) == (303, "/offers")
    page = client.get("/offers").text
    assert '<html lang="en" data-theme="dark" data-text="large">' in page
    client.post("/preferences", data={"theme": "pink", "text": "huge", "lang": "fr", "back": "/"})
    assert '<html lang="en" data-theme="dark" data-text="large">' in client.get("/offers").text


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "",
     "/\t/evil.example", "offers", "/\n//evil.example", "///evil.example", "//[", "//[x", "http://[", "[", "/offers\n"],
)  # fmt: skip
def test_no_form_leads_to_another_host(client: FlaskClient, elsewhere: str) -> None:
    assert local_path(elsewhere) == "/"
    assert client.post("/preferences", data={"theme": "dark", "back": elsewhere}).location == "/"


def test_shops_stand_under_their_trades(client: FlaskClient, world: World) -> None:
    world.shop("老灶牛肉面", trade="dining")
    world.shop("快净洗车", trade="car_repair")
    world.shop("昨天的店", trade="dining", agreed_days=(-30, -1))
    everything = client.get("/shops").text
    assert "老灶牛肉面" in everything and "快净洗车" in everything and "昨天的店" not in everything
    cars = client.get("/shops?trade=car_repair").text
    assert "老灶牛肉面" not in cars and "快净洗车" in cars
    assert "老灶牛肉面" in client.get("/shops?trade=nonsense").text
    assert "还没有合作商户" in client.get("/shops?trade=weddings").text


def test_offers_say_their_terms_and_why_not(app: Flask, world: World) -> None:
    shop = world.shop()
    world.offer(
        shop, title={"zh": "面条"}, kind=OfferKind.AMOUNT_OFF, threshold_fen=3000, off_fen=850, per_member_daily=2
    )
    world.offer(shop, title={"zh": "别家"}, audience_union_id=world.another_union().id)
    nobody = app.test_client().get("/offers").text
    assert "满 30 元减 8.50 元" in nobody and "每人每天 2 次" in nobody
    assert "您能用" not in nobody and "暂不能用" not in nobody
    mine = Reader(app.test_client(), world, world.member()).open("/offers")
    assert mine.count("您能用") == 1 and "您的单位不在范围内" in mine


def test_offers_come_in_pages(client: FlaskClient, world: World) -> None:
    shop = world.shop()
    for number in range(25):
        world.offer(shop, title={"zh": f"第{number}项"})
    first = client.get("/offers").text
    assert first.count('class="deal"') == 20
    cursor = first.split("cursor=")[1].split('"')[0]
    assert client.get(f"/offers?cursor={cursor}").text.count('class="deal"') == 5
    assert client.get("/offers?cursor=nonsense").status_code == 422


def test_what_officers_write_is_text_and_never_markup(client: FlaskClient, world: World) -> None:
    shop = world.shop("<script>alert(1)</script>")
    world.offer(shop, title={"zh": '"><img src=x onerror=alert(2)>'})
    for path in ("/shops", "/offers", "/C/%3Cscript%3E"):
        page = client.get(path, follow_redirects=True).text
        assert "<script>alert" not in page and "<img" not in page and "<script>" not in page.lower()


def test_a_text_without_english_says_so_to_an_english_reader(client: FlaskClient, world: World) -> None:
    shop = world.shop("<b>老灶</b>")
    world.offer(shop, title={"zh": "送汤"})
    world.offer(shop, title={"zh": "堂食 9 折", "en": "10% off"})
    mark = '<i class="zh" aria-hidden="true">中文</i></span>'
    assert mark not in client.get("/offers").text and '<span lang="zh-Hans">' not in client.get("/offers").text
    client.set_cookie("lang", "en")
    offers = client.get("/offers").text
    assert f'<span lang="zh-Hans">送汤{mark}' in offers and '<b class="deal">10% off</b>' in offers
    for page in (offers, client.get("/shops").text):
        assert f'<span lang="zh-Hans">&lt;b&gt;老灶&lt;/b&gt;{mark}' in page and "<b>老灶" not in page


def test_a_missing_page_is_a_friendly_page(client: FlaskClient) -> None:
    answer = client.get("/no-such-page")
    assert answer.status_code == 404 and answer.mimetype == "text/html"
    assert "没有找到" in answer.text and "not_found" in answer.text


def test_a_problem_leads_back_to_where_one_was(client: FlaskClient, world: World) -> None:
    Reader(client, world, world.shop().clerk)
    for path in ("/shop/scan", "/sign-out"):
        answer = client.post(path, data={"csrf": "0" * 32})
        assert answer.status_code == 403 and 'btn--main" href="/shop/"' in answer.text, path


def test_pages_hold_no_inline_script_or_style(client: FlaskClient, world: World) -> None:
    """The content security policy would drop them without a word."""
    reader = Reader(client, world, world.member())
    for path in ("/", "/offers", "/shops", "/history", "/inbox", "/me", "/sign-in", "/api/v1/docs"):
        page = reader.open(path)
        assert " style=" not in page and "<style" not in page and "<script>" not in page and "onclick" not in page
