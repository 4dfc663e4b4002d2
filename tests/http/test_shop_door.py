"""Getting to a till, scripts off: an owner proves first that it is he; no shop that is closed lets anybody in."""

import psycopg
import pytest
from flask.testing import FlaskClient

from services.accounts.types import MemberActor
from services.core import clock
from services.merchants import service as merchants
from services.merchants.types import BranchId
from tests.builders.world import Shop, World
from tests.harness.codes import Kept, kept
from tests.http.pages import Reader

__all__ = ["kept"]

ENDS = {
    "已停用": "UPDATE branches SET closed_at = now()",
    "合作暂停": "UPDATE merchants SET suspended_on = current_date - 1, suspension_reason = 'x'",
}


@pytest.fixture
def member(world: World) -> MemberActor:
    return world.member()


@pytest.fixture
def reader(client: FlaskClient, world: World, member: MemberActor) -> Reader:
    return Reader(client, world, member)


@pytest.fixture
def shop(world: World) -> Shop:
    return world.shop()


def work_at(world: World, shop: Shop, member: MemberActor, *, owner: bool) -> None:
    world.do(
        lambda: merchants.take_on_clerk(
            branch_id=BranchId(shop.clerk.branch_id), account_id=member.account_id, name="小李", actor="test",
            now=clock.now(), owner=owner,
        )
    )  # fmt: skip


def test_a_clerk_taps_and_stands_at_the_till(reader: Reader, world: World, shop: Shop, member: MemberActor) -> None:
    work_at(world, shop, member, owner=False)
    assert reader.send(reader.open("/till/"), "/till/enter").location == "/shop/"


def test_an_owner_proves_it_first_and_his_tap_works_after_it(
    reader: Reader, world: World, shop: Shop, member: MemberActor, kept: Kept
) -> None:
    work_at(world, shop, member, owner=True)
    asked = reader.send(reader.open("/till/"), "/till/enter")
    assert asked.status_code == 303 and asked.location == "/prove/?back=/till/"
    reader.send(reader.open(asked.location), "/prove/send")
    back = reader.send(reader.open(asked.location), "/prove/check", code=kept.last())
    assert back.location == "/till/"
    assert reader.send(reader.open("/till/"), "/till/enter").location == "/shop/"
    assert "老灶牛肉面" in reader.open("/shop/")


@pytest.mark.parametrize("words", ENDS)
def test_a_closed_branch_and_a_suspended_shop_let_nobody_in(
    reader: Reader, world: World, shop: Shop, member: MemberActor, sql: psycopg.Connection, words: str
) -> None:
    digits = world.do(
        lambda: merchants.invite_clerk(
            branch_id=BranchId(shop.clerk.branch_id), name="小李", actor="test", now=clock.now()
        )
    )
    work_at(world, shop, member, owner=False)
    sql.execute(ENDS[words])
    page = reader.open("/till/")
    for action, typed in (("/till/enter", {}), ("/till/join", {"digits": digits})):
        answer = reader.send(page, action, **typed)
        assert answer.status_code == 409 and words in answer.text, action
    assert reader.client.get("/shop/").status_code == 403
    clerks = sql.execute("SELECT count(*) FROM clerks WHERE account_id = %s", [member.account_id]).fetchone()
    assert clerks == (1,)


@pytest.mark.parametrize("words", ENDS)
def test_the_owner_of_a_shop_that_takes_no_cards_still_answers_and_reads(
    client: FlaskClient, world: World, shop: Shop, member: MemberActor, sql: psycopg.Connection, words: str
) -> None:
    """Else nobody could answer the reports that it may have been suspended for."""
    work_at(world, shop, member, owner=True)
    sql.execute(ENDS[words])
    owner = Reader(client, world, member, proved=True)
    assert owner.send(owner.open("/till/"), "/till/enter").location == "/shop/"
    page = owner.open("/shop/")
    assert words in page
    for path in ("/shop/complaints", "/shop/inbox", "/shop/books/month", "/shop/offers", "/shop/colleagues/"):
        owner.open(path)
    refused = owner.send(page, "/scan", code=world.code(member))
    assert refused.status_code == 409 and words in refused.text, "and takes no card"
