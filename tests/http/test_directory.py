"""Which union is mine: search, tree, telephone and map, the landing of a poster; by page and by JSON, for everybody."""

import dataclasses
import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.core import clock
from services.unions import queries, service
from services.unions.types import Contact, Level, Place, UnionView
from tests.builders.world import World
from tests.harness.statements import statements
from tests.http.pages import Reader

WECHAT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 MicroMessenger/8.0.50"


@pytest.fixture
def known(world: World) -> UnionView:
    """The world's grass-roots union, with everything the public may know of it."""
    contact = Contact("010-1000 2000", {"zh": "柳渡镇兴业路 9 号"}, Place(29.5, 124.25))
    world.do(lambda: service.describe(union_id=world.union.id, contact=contact, actor="test", now=clock.now()))
    return world.union


def test_the_tree_from_the_federation_to_a_union(client: FlaskClient, world: World, known: UnionView) -> None:
    reader = Reader(client, world)
    top = reader.open("/unions")
    assert "雍河区总工会" in top and f"/unions/{world.town.id}" in top and "恒沛" not in top.replace("如“恒沛”", "")
    town = reader.open(f"/unions/{world.town.id}")
    assert f"/unions/{known.id}" in town and "请问上级：雍河区总工会" in town
    page = reader.open(f"/unions/{known.id}")
    assert 'href="tel:01010002000"' in page and "柳渡镇兴业路 9 号" in page
    link = page.split('href="https://uri.amap.com/marker?')[1].split('"')[0]
    assert link.startswith("position=124.250000%2C29.500000&amp;name=%E6%81%92") and "noreferrer" in page


def test_a_union_is_found_with_scripts_off(client: FlaskClient, world: World, known: UnionView) -> None:
    reader = Reader(client, world)
    assert f"/unions/{known.id}" in reader.open("/unions?q=恒沛精密制造有限公司")
    nothing = reader.open("/unions?q=<b>没有</b>")
    assert "没有找到“&lt;b&gt;没有&lt;/b&gt;”" in nothing and "从镇街里找" in nothing
    assert "雍河区总工会" in reader.open("/unions?q=%20%20")
    reader.open("/unions?q=" + "长" * 500)
    assert "没有找到" in reader.open("/unions?q=%00%00")
    reader.open("/unions?q=恒沛&cursor=%27", status=422)


def test_a_long_list_comes_in_pages_and_keeps_what_was_asked(client: FlaskClient, world: World) -> None:
    names = [{"zh": f"第{number:03d}车间工会"} for number in range(25)]
    world.do(lambda: service.found_many(names=names, level=Level.GRASSROOTS, parent=world.town))
    reader = Reader(client, world)
    for first, wanted in (("/unions?q=车间", 25), (f"/unions/{world.town.id}", 26)):
        page = reader.open(first)
        path = page.split('class="btn push-r" href="')[1].split('"')[0].replace("&amp;", "&")
        assert page.count('class="cell cell--mid"') + reader.open(path).count('class="cell cell--mid"') == wanted


def test_a_poster_leads_to_its_binding(client: FlaskClient, world: World, known: UnionView) -> None:
    token = world.look(lambda: queries.join_token(known.id))
    reader = Reader(client, world)
    page = reader.open(f"/u/{token.lower()}")
    assert "恒沛精密工会" in page and f'href="/binding?union={token}"' in page and "用微信扫海报上的码" in page
    inside = client.get(f"/u/{token}", headers={"User-Agent": WECHAT}).text
    assert f"/binding?union={token}" in inside and "用微信扫海报上的码" not in inside
    bound = Reader(client, world, world.member()).open(f"/u/{token}")
    assert "您已经绑定好了" in bound and "/binding" not in bound


def test_what_is_no_poster_and_no_union_is_not_found(client: FlaskClient, world: World) -> None:
    reader = Reader(client, world)
    for path in (
        "/u/7ABC",
        "/u/%27",
        "/u/%00",
        "/u/" + "%E5%B7%A5" * 16,
        f"/u/{'Z' * 300}",
        f"/unions/{uuid.uuid4()}",
        "/unions/x",
    ):
        reader.open(path, status=404)
    world.do(lambda: service.close(union_id=world.union.id, actor="test", now=clock.now()))
    page = reader.open(f"/unions/{world.union.id}", status=404)
    assert "可能已经撤并" in page
    assert client.get(f"/api/v1/unions/{world.union.id}").status_code == 404


def test_the_numbers_of_the_filings_stand_at_the_foot(
    app: Flask, client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "<footer" not in client.get("/unions").text
    numbers = {"icp_number": "沪ICP备2026000000号-1", "police_number": "沪公网安备31010000000000号"}
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], **numbers))
    foot = client.get("/unions").text.split("<footer")[1]
    assert all(number in foot for number in numbers.values()) and "https://beian.miit.gov.cn/" in foot


def test_the_directory_as_json(client: FlaskClient, world: World, known: UnionView) -> None:
    roots = get(client, "/api/v1/unions")
    assert [one["level"] for one in roots["items"]] == ["federation"] and roots["next"] is None
    towns = get(client, f"/api/v1/unions?parent={world.federation.id}")
    assert [one["id"] for one in towns["items"]] == [str(world.town.id)]
    (found,) = get(client, "/api/v1/unions?q=恒沛精密制造有限公司")["items"]
    assert found == get(client, f"/api/v1/unions/{known.id}")
    assert (found["phone"], found["latitude"], found["longitude"]) == ("010-1000 2000", 29.5, 124.25)
    assert found["map_url"].startswith("https://uri.amap.com/marker?") and found["parent_name"] == "柳渡镇总工会"
    assert client.get("/api/v1/unions?q=" + "x" * 61).status_code == 422


def test_a_page_of_the_directory_is_few_statements(client: FlaskClient, world: World, known: UnionView) -> None:
    token = world.look(lambda: queries.join_token(known.id))
    wanted = {"/unions": 3, "/unions?q=恒沛": 1, f"/unions/{world.town.id}": 2, f"/unions/{known.id}": 1}
    for path, most in {**wanted, f"/u/{token}": 1, "/api/v1/unions?q=恒沛": 1}.items():
        with statements() as sent:
            assert client.get(path).status_code == 200
        assert len(sent) <= most, (path, sent)


def get(client: FlaskClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json
