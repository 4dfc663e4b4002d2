"""Eight digits read out at the till: on demand, for two minutes and one scan; guessing is stopped."""

import datetime
from collections.abc import Callable

import psycopg
import pytest
from flask.testing import FlaskClient

from services.core import clock
from tests.builders.world import Shop, World

Set = Callable[[datetime.datetime], None]


def digits(client: FlaskClient, headers: dict[str, str]) -> str:
    response = client.post("/api/v1/me/card/typed-code", headers=headers)
    assert response.status_code == 201, response.json
    return str(response.json["digits"])


def scan(client: FlaskClient, text: str, headers: dict[str, str]) -> tuple[int, str | None]:
    response = client.post("/api/v1/shop/scan", json={"code": text}, headers=headers)
    return response.status_code, response.json.get("code")


@pytest.fixture
def shop(world: World) -> Shop:
    return world.shop()


def test_digits_work_once_for_one_clerk(client: FlaskClient, world: World, shop: Shop) -> None:
    mine, clerk = world.bearer(world.member()), world.bearer(shop.clerk)
    code = digits(client, mine)
    assert len(code) == 8 and code.isdigit()
    assert scan(client, f"{code[:4]} {code[4:]}", clerk)[0] == 200
    assert scan(client, code, clerk)[0] == 200
    assert scan(client, code, world.bearer(world.clerk(shop))) == (409, "code_used")


def test_digits_die_after_two_minutes_and_when_new_ones_are_asked_for(
    client: FlaskClient, world: World, shop: Shop, at: Set
) -> None:
    mine, clerk, now = world.bearer(world.member()), world.bearer(shop.clerk), clock.now()
    first = digits(client, mine)
    second = digits(client, mine)
    assert scan(client, first, clerk) == (409, "typed_code_wrong")
    at(now + datetime.timedelta(seconds=121))
    assert scan(client, second, clerk) == (409, "code_expired")


def test_a_frozen_card_gets_no_digits(client: FlaskClient, world: World) -> None:
    mine = world.bearer(world.member())
    client.post("/api/v1/me/card/freeze", headers=mine)
    response = client.post("/api/v1/me/card/typed-code", headers=mine)
    assert (response.status_code, response.json["code"]) == (409, "card_frozen")


def test_five_wrong_codes_stop_the_clerk_for_ten_minutes_and_nobody_else(
    client: FlaskClient, world: World, shop: Shop, at: Set
) -> None:
    now, clerk, colleague = clock.now(), world.bearer(shop.clerk), world.bearer(world.clerk(shop, same_branch=True))
    code = digits(client, world.bearer(world.member()))
    for guess in range(5):
        assert scan(client, f"{guess:08d}", clerk) == (409, "typed_code_wrong")
    assert scan(client, code, clerk) == (409, "typing_stopped_clerk")
    assert scan(client, code, colleague)[0] == 200
    at(now + datetime.timedelta(minutes=10, seconds=5))
    assert scan(client, "00000009", clerk) == (409, "typed_code_wrong")


def test_twenty_wrong_codes_stop_the_branch_for_the_day_and_the_union_is_told_once(
    client: FlaskClient, world: World, shop: Shop, at: Set, run_jobs: Callable[[], None], sql: psycopg.Connection
) -> None:
    noon = clock.now().replace(hour=4, minute=0)
    clerks = [world.clerk(shop, same_branch=True) for _ in range(4)]
    at(noon)
    for clerk in clerks:
        headers = world.bearer(clerk)
        for guess in range(5):
            assert scan(client, f"{guess:08d}", headers) == (409, "typed_code_wrong")
    fresh = world.bearer(world.clerk(shop, same_branch=True))
    at(noon + datetime.timedelta(hours=3))
    assert scan(client, "00000001", fresh) == (409, "typing_stopped_branch")
    at(noon + datetime.timedelta(hours=13))
    assert scan(client, "00000001", world.bearer(clerks[0])) == (409, "typed_code_wrong")
    run_jobs()
    told = sql.execute("SELECT recipient_kind, template FROM inbox_messages ORDER BY template").fetchall()
    assert told == [("branch", "typing.branch"), ("union", "typing.union")]


def test_no_digits_and_no_code_stand_in_the_database(
    client: FlaskClient, world: World, shop: Shop, sql: psycopg.Connection
) -> None:
    member = world.member()
    code, typed = world.code(member), digits(client, world.bearer(member))
    clerk = world.bearer(shop.clerk)
    scan(client, code, clerk)
    scan(client, typed, clerk)
    tables = sql.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    for (table,) in tables:
        rows = str(sql.execute(f'SELECT * FROM "{table}"').fetchall())
        assert code not in rows and typed not in rows, table
