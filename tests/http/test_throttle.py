"""Rate limits: by person where one is signed in, by address at the door; a no is 429 and says when to come again."""

from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.throttle import address
from tests.builders.world import World


@pytest.mark.usefixtures("same_minute")
def test_one_busy_clerk_is_slowed_down_and_his_colleague_is_not(client: FlaskClient, world: World) -> None:
    shop = world.shop()
    busy, colleague = world.bearer(shop.clerk), world.bearer(world.clerk(shop, same_branch=True))
    answers = [client.post("/api/v1/shop/scan", json={"code": "x"}, headers=busy) for _ in range(121)]
    assert [answer.status_code for answer in answers] == [409] * 120 + [429]
    last = answers[-1]
    assert last.json["code"] == "too_many_requests"
    assert 0 < int(last.headers["Retry-After"]) <= 60
    assert client.post("/api/v1/shop/scan", json={"code": "x"}, headers=colleague).status_code == 409


@pytest.mark.usefixtures("same_minute")
def test_the_sign_in_is_counted_by_address_whatever_token_comes_along(client: FlaskClient, world: World) -> None:
    world.member()
    statuses = []
    for attempt in range(11):
        headers = {"Authorization": f"Bearer invented-{attempt}"}
        answer = client.post("/api/v1/session/demo", json={"persona": "member"}, headers=headers)
        statuses.append(answer.status_code)
    assert statuses == [201] * 10 + [429]


@pytest.mark.timeout(400)
@pytest.mark.usefixtures("same_minute")
def test_who_reads_the_whole_directory_is_slowed_down_over_all_its_pages(client: FlaskClient) -> None:
    """A crowd behind one address stays below; a token that was invented is no new reader."""
    nowhere = f"/shops/{uuid4()}/code.png"
    codes = [client.get(nowhere).status_code for _ in range(1200)]
    assert 429 not in codes
    pages = ["/shops", "/shops/all", "/offers", nowhere, f"/offers/{uuid4()}/code.png"]
    answers = [client.get(path) for path in (*pages, "/api/v1/shops", "/api/v1/offers")]
    answers.append(client.get("/api/v1/offers", headers={"Authorization": "Bearer invented"}))
    assert [answer.status_code for answer in answers] == [429] * 8
    assert all(0 < int(answer.headers["Retry-After"]) <= 60 for answer in answers)
    assert client.get("/", follow_redirects=False).status_code != 429


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
    ],
)
def test_one_subscriber_of_ipv6_is_one_source(app: Flask, one: str, other: str, same: bool) -> None:
    def seen(text: str) -> str:
        with app.test_request_context(environ_base={"REMOTE_ADDR": text}):
            return address()

    assert (seen(one) == seen(other)) is same
