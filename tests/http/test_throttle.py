"""Rate limits: by person where one is signed in, by address at the door; a no is 429 and says when to come again."""

from flask.testing import FlaskClient

from tests.builders.world import World


def test_one_busy_clerk_is_slowed_down_and_his_colleague_is_not(client: FlaskClient, world: World) -> None:
    shop = world.shop()
    busy, colleague = world.bearer(shop.clerk), world.bearer(world.clerk(shop, same_branch=True))
    answers = [client.post("/api/v1/shop/scan", json={"code": "x"}, headers=busy) for _ in range(121)]
    assert [answer.status_code for answer in answers] == [409] * 120 + [429]
    last = answers[-1]
    assert last.json["code"] == "too_many_requests"
    assert 0 < int(last.headers["Retry-After"]) <= 60
    assert client.post("/api/v1/shop/scan", json={"code": "x"}, headers=colleague).status_code == 409


def test_the_sign_in_is_counted_by_address_whatever_token_comes_along(client: FlaskClient, world: World) -> None:
    world.member()
    statuses = []
    for attempt in range(11):
        headers = {"Authorization": f"Bearer invented-{attempt}"}
        answer = client.post("/api/v1/session/demo", json={"persona": "member"}, headers=headers)
        statuses.append(answer.status_code)
    assert statuses == [201] * 10 + [429]
