"""Fewer than five who did something: no figure of theirs, before a notice is sent and after."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.builders.notices import Noticing
from tests.builders.world import World
from tests.http.pages import Reader
from tests.http.test_staff_notices import Desk, body_of, noticing
from tests.services.test_rights import used

__all__ = ["noticing"]


@pytest.mark.parametrize(("people", "shown"), [(4, None), (5, 5)])
def test_few_who_did_something_are_counted_out_nowhere(
    client: FlaskClient, world: World, noticing: Noticing, run_jobs: Callable[[], None], people: int, shown: int | None
) -> None:
    shop, author, second = world.shop(), noticing.officer(), noticing.officer()
    for n in range(people):
        used(world, world.member("用过的", phone=f"1002345678{n}"), shop)
    desk, readers = Desk(client, world, author), {"used": {"shop_id": str(shop.merchant_id), "days": 9}}
    path = f"/{desk.post('', body_of(world, readers=readers)).json['id']}"
    assert desk.post(f"{path}/ask", {"seen": 1}).json["people"] == shown
    assert Desk(client, world, second).post(f"{path}/release", {"seen": 1}).json["people"] == shown
    run_jobs()
    assert [one["people"] for one in (desk.get(path), *desk.get()["items"])] == [shown, shown]
    far = desk.get(f"{path}/progress")
    assert [far[name] for name in ("told", "done", "read")] == ([None] * 3 if shown is None else [5, 5, 0])
    assert (far["deliveries"] is None, far["mass"] is None) == (shown is None, shown is None)
    page = Reader(client, world, author).open(f"/staff/notices{path}")
    assert ("不到 5 人" in page, f"{people} / {people} 人" in page) == (shown is None, shown is not None)
