"""The owner's side of offers: held back, given again, handed in to the union and taken back."""

import datetime
import re

import pytest
from flask.testing import FlaskClient

from services.core import clock
from services.core.calendar import local_date
from services.offers import queries, service
from services.offers.service.holding import MOST_A_DAY
from services.offers.service.publishing import MOST_PROPOSALS
from services.offers.types import Offer
from tests.builders.world import Shop, World
from tests.http.pages import Reader

FIRST = local_date(clock.now())
DATES = {"starts_on": FIRST.isoformat(), "ends_on": (FIRST + datetime.timedelta(days=200)).isoformat()}


@pytest.fixture
def shop(world: World) -> Shop:
    return world.shop()


def only(world: World, shop: Shop) -> Offer:
    [offer] = world.look(lambda: queries.all_of_shop(shop.merchant_id))
    return offer


@pytest.fixture
def owner(client: FlaskClient, world: World, shop: Shop) -> Reader:
    return Reader(client, world, shop.clerk)


def test_an_owner_holds_back_and_gives_again(owner: Reader, world: World, shop: Shop) -> None:
    offer_id = world.offer(shop, stock_total=5)
    page = owner.open("/shop/offers")
    assert "还剩 5 份" in page
    assert owner.send(page, f"{offer_id}/pause").status_code == 303
    assert only(world, shop).paused_by_shop
    assert owner.send(owner.open("/shop/offers"), f"{offer_id}/resume").status_code == 303
    assert not only(world, shop).paused


def test_what_the_union_holds_back_the_owner_is_told_to_ask_for(owner: Reader, world: World, shop: Shop) -> None:
    offer_id = world.offer(shop)
    world.do(lambda: service.pause(offer_id=offer_id, actor="o", now=clock.now(), by_shop=True))
    page = owner.open("/shop/offers")
    world.do(lambda: service.pause(offer_id=offer_id, actor="officer", now=clock.now()))
    answer = owner.send(page, f"{offer_id}/resume")
    assert answer.status_code == 409 and "工会暂停的" in answer.text and only(world, shop).paused


def test_an_owner_hands_in_changes_and_takes_back(owner: Reader, world: World, shop: Shop) -> None:
    page = owner.open("/shop/offers/new?kind=gift")
    assert owner.send(page, "/new", gift="").status_code == 422
    assert owner.send(page, "/new", gift="酸梅汤一杯", **DATES).status_code == 303
    [draft] = world.look(lambda: queries.drafts_waiting((world.federation.path,)))
    assert (draft.merchant_id, draft.terms.title["zh"]) == (shop.merchant_id, "送酸梅汤一杯")
    page = owner.open(f"/shop/offers/{draft.offer_id}/edit")
    assert owner.send(page, "/edit", gift="绿豆汤一杯", title="", **DATES).status_code == 303
    page = owner.open(f"/shop/offers/{draft.offer_id}")
    assert "绿豆汤" in page and "等工会处理" in page
    assert owner.send(page, "/take-back").status_code == 303
    assert world.look(lambda: queries.drafts_waiting((world.federation.path,))) == []


def test_only_the_owner_and_only_of_this_shop(client: FlaskClient, world: World, shop: Shop) -> None:
    other = world.shop("别家")
    offer_id = world.offer(other)
    theirs = world.do(
        lambda: service.draft(
            merchant_id=other.merchant_id, terms=world.terms(), actor="x", now=clock.now(), by_shop=True
        )
    )
    owner = Reader(client, world, shop.clerk)
    page = owner.open("/shop/offers/new?kind=gift")
    token = dict(re.findall(r'name="(csrf)" value="([^"]*)"', page))
    assert client.post(f"/shop/offers/{offer_id}/pause", data=token).status_code == 404
    for path in (f"/shop/offers/{theirs}", f"/shop/offers/{theirs}/edit"):
        owner.open(path, 404)
    clerk = Reader(client, world, world.clerk(shop, same_branch=True))
    for path in ("/shop/offers", "/shop/offers/new", f"/shop/offers/{theirs}"):
        clerk.open(path, 403)


def test_an_officers_unpublished_draft_is_not_the_owners_to_see(owner: Reader, world: World, shop: Shop) -> None:
    terms = world.terms()
    mine = world.do(lambda: service.draft(merchant_id=shop.merchant_id, terms=terms, actor="x", now=clock.now()))
    assert "等工会处理" not in owner.open("/shop/offers")
    owner.open(f"/shop/offers/{mine}", 404)


def test_terms_whose_last_day_has_passed_come_back_with_the_sentence(owner: Reader, world: World) -> None:
    page, ended = owner.open("/shop/offers/new?kind=gift"), FIRST - datetime.timedelta(days=1)
    dates = {"starts_on": (FIRST - datetime.timedelta(days=9)).isoformat(), "ends_on": ended.isoformat()}
    answer = owner.send(page, "/new", gift="酸梅汤一杯", **dates)
    assert answer.status_code == 422 and "最后一天已经过了，请改日期" in answer.text and "酸梅汤一杯" in answer.text
    assert world.look(lambda: queries.drafts_waiting((world.federation.path,))) == []


@pytest.mark.usefixtures("same_moment")
def test_an_owner_who_asks_too_often_is_told_so_and_keeps_what_he_typed(
    owner: Reader, world: World, shop: Shop
) -> None:
    offer_id, terms = world.offer(shop), world.terms()
    hand_in = {"merchant_id": shop.merchant_id, "terms": terms, "actor": "x", "by_shop": True}
    for _ in range(MOST_PROPOSALS):
        world.do(lambda: service.draft(**hand_in, now=clock.now()))  # type: ignore[arg-type]
    answer = owner.send(owner.open("/shop/offers/new?kind=gift"), "/new", gift="绿豆汤一杯", **DATES)
    assert answer.status_code == 409 and "等工会处理" in answer.text and "绿豆汤一杯" in answer.text
    page = owner.open("/shop/offers")
    for _ in range(MOST_A_DAY // 2):
        for verb in (service.pause, service.resume):
            world.do(lambda verb=verb: verb(offer_id=offer_id, actor="o", now=clock.now(), by_shop=True))  # type: ignore[misc]
    answer = owner.send(page, f"{offer_id}/pause")
    assert answer.status_code == 429 and "请明天再改" in answer.text and not only(world, shop).paused


def test_a_draft_whose_last_day_has_passed_is_not_published(client: FlaskClient, world: World, shop: Shop) -> None:
    officer = Reader(client, world, world.officer())
    yesterday = local_date(clock.now()) - datetime.timedelta(days=1)
    terms = world.terms(ends_on=yesterday)
    offer_id = world.do(lambda: service.draft(merchant_id=shop.merchant_id, terms=terms, actor="x", now=clock.now()))
    answer = officer.send(officer.open(f"/staff/offers/{offer_id}/preview"), "/publish", seen="1")
    assert answer.status_code == 422 and "最后一天已经过了，请改日期" in answer.text
    assert world.look(lambda: queries.all_of_shop(shop.merchant_id)) == []
