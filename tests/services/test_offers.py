"""Offers are written, published, said anew, held back and ended; what was decided stays as it was decided."""

import datetime
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from services.accounts.types import ClerkActor, MemberActor
from services.cards import service as cards
from services.cards.types import TypedCodeView
from services.core import clock
from services.core.errors import Conflict, Invalid, NotFound, Refusal
from services.core.ids import uuid7
from services.members.types import Standing
from services.merchants.types import BranchId
from services.offers import errors, queries
from services.offers import service as offers
from services.offers.types import BranchShare, Draft, OfferId, OfferKind, Terms
from services.redemptions import queries as redemption_queries
from services.redemptions import service as redemptions
from services.redemptions.types import Receipt, ScanView
from services.unions import service as unions
from services.unions.types import Level
from tests.builders.world import Shop, World
from tests.harness.invariants import nothing_doubled_or_lost

WHO: dict[str, Any] = {"actor": "officer:test"}


def say_anew(world: World, offer_id: OfferId, terms: Terms, *, seen: int | None = None) -> Draft:
    world.do(lambda: offers.redraft(offer_id=offer_id, terms=terms, seen=seen, now=clock.now(), **WHO))
    found = world.look(lambda: queries.draft(offer_id))
    assert found is not None
    return found


def publish(world: World, offer_id: OfferId, terms: Terms) -> None:
    draft = say_anew(world, offer_id, terms)
    world.do(lambda: offers.publish(offer_id=offer_id, seen=draft.revision, now=clock.now(), **WHO))


def refused(world: World, error: type[Conflict | Invalid | NotFound], verb: Any, **given: Any) -> Any:
    with pytest.raises(error) as raised:
        world.do(lambda: verb(now=clock.now(), **WHO, **given))
    return raised.value


def redeem(
    world: World, clerk: ClerkActor, member: MemberActor, offer_id: OfferId, *, now: datetime.datetime | None = None
) -> Receipt | Refusal:
    at = now or clock.now()

    def work() -> Receipt | Refusal:
        code = cards.typed_code(member_id=member.member_id, now=at)
        assert isinstance(code, TypedCodeView)
        view = redemptions.scan(actor=clerk, text=code.digits, now=at)
        assert isinstance(view, ScanView), view
        return redemptions.redeem(actor=clerk, scan_id=view.id, offer_id=offer_id, amount_fen=10_000, now=at)

    return world.do(work)


@pytest.fixture
def shop(world: World) -> Shop:
    return world.shop()


@pytest.fixture
def offer(world: World, shop: Shop) -> OfferId:
    return world.offer(shop, percent_off=10)


def test_a_draft_is_seen_by_nobody_until_it_is_published(world: World, shop: Shop) -> None:
    terms = world.terms(percent_off=30)
    new = world.do(lambda: offers.draft(merchant_id=shop.merchant_id, terms=terms, now=clock.now(), **WHO))
    with pytest.raises(NotFound):
        world.look(lambda: queries.offer(new))
    assert world.look(lambda: queries.all_of_shop(shop.merchant_id)) == []
    draft = world.look(lambda: queries.draft(new))
    assert draft is not None
    assert (draft.revision, draft.terms, draft.drafted_by) == (1, terms, "officer:test")
    answer = redeem(world, shop.clerk, world.member(), new)
    assert isinstance(answer, Refusal)
    assert answer.code == "offer_of_another_shop"

    world.do(lambda: offers.publish(offer_id=new, seen=1, now=clock.now(), **WHO))
    assert world.look(lambda: queries.offer(new)).percent_off == 30
    assert world.look(lambda: queries.draft(new)) is None


def test_every_term_is_read_as_it_was_written(world: World, shop: Shop) -> None:
    terms = world.terms(
        most_off_fen=5_000, note={"zh": "不含酒水", "en": "No drinks"}, weekdays=(1, 5), per_member_daily=1,
        per_member_weekly=2, per_member_monthly=3, per_member_total=4, stock_total=9, budget_fen=100_000,
        branches=(BranchShare(BranchId(shop.clerk.branch_id), 7),), audience_union_id=world.town.id, first_use=True,
        stacks=False,
    )  # fmt: skip
    new = world.offer(shop, **vars(terms))
    held = world.look(lambda: queries.offer(new))
    assert {name: getattr(held, name) for name in vars(terms)} == vars(terms)
    assert (held.left_at(shop.clerk.branch_id), held.audience_path) == (7, world.town.path)


def test_members_of_another_federation_may_not_use_it_whatever_it_says(world: World, shop: Shop) -> None:
    plain, for_active = world.offer(shop), world.offer(shop, audience_standings=(Standing.ACTIVE,))
    other = world.do(lambda: unions.found(name={"zh": "邻区总工会"}, level=Level.FEDERATION))
    home = world.do(lambda: unions.found(name={"zh": "邻区纺织工会"}, level=Level.GRASSROOTS, parent=other))
    stranger = world.member("王远", union=home, phone="10012345699")
    for offer_id in (plain, for_active):
        answer = redeem(world, shop.clerk, stranger, offer_id)
        assert isinstance(answer, Refusal) and answer.code == errors.NOT_FOR_YOUR_UNION
    assert isinstance(redeem(world, shop.clerk, world.member(), plain), Receipt)


def test_no_offer_is_written_for_a_union_of_another_federation(world: World, shop: Shop) -> None:
    other = world.do(lambda: unions.found(name={"zh": "邻区总工会"}, level=Level.FEDERATION))
    terms, given = world.terms(audience_union_id=other.id), {"merchant_id": shop.merchant_id}
    fault = refused(world, Invalid, offers.draft, **given, terms=terms)
    assert (fault.code, fault.facts["field"]) == (errors.AUDIENCE_OF_ANOTHER_FEDERATION, "audience_union_id")


def test_a_new_version_holds_once_it_is_published_and_the_old_ones_are_kept(world: World, offer: OfferId) -> None:
    draft = say_anew(world, offer, world.terms(percent_off=20))
    assert world.look(lambda: queries.offer(offer)).percent_off == 10
    world.do(lambda: offers.publish(offer_id=offer, seen=draft.revision, now=clock.now(), **WHO))
    held = world.look(lambda: queries.offer(offer))
    assert (held.percent_off, held.number) == (20, 2)
    history = world.look(lambda: queries.history(offer))
    assert [(number, terms.percent_off) for number, _, _, terms in history] == [(2, 20), (1, 10)]


def test_writing_over_a_draft_counts_and_whoever_has_not_seen_it_is_told(world: World, offer: OfferId) -> None:
    first = say_anew(world, offer, world.terms(percent_off=20))
    second = say_anew(world, offer, world.terms(percent_off=30), seen=first.revision)
    assert second.revision == first.revision + 1
    late = {"offer_id": offer, "seen": first.revision}
    assert refused(world, Conflict, offers.redraft, **late, terms=world.terms()).code == errors.DRAFT_CHANGED
    assert refused(world, Conflict, offers.redraft, offer_id=offer, seen=None, terms=world.terms()).code == (
        errors.DRAFT_CHANGED
    )
    assert refused(world, Conflict, offers.publish, **late).code == errors.DRAFT_CHANGED


def test_terms_with_a_fault_are_not_written(world: World, shop: Shop, offer: OfferId) -> None:
    wrong = world.terms(percent_off=0)
    no = refused(world, Invalid, offers.redraft, offer_id=offer, terms=wrong, seen=None)
    assert (no.code, no.facts["field"]) == (errors.PERCENT_RANGE, "percent_off")
    assert world.look(lambda: queries.draft(offer)) is None
    assert refused(world, Invalid, offers.draft, merchant_id=shop.merchant_id, terms=wrong).code == (
        errors.PERCENT_RANGE
    )
    foreign = world.terms(branches=(BranchShare(BranchId(world.shop().clerk.branch_id), 1),))
    no = refused(world, Invalid, offers.redraft, offer_id=offer, terms=foreign, seen=None)
    assert (no.code, no.facts["field"]) == (errors.BRANCH_OF_ANOTHER_SHOP, "branches")


def test_a_dropped_draft_changes_nothing_and_a_new_offer_goes_with_it(
    world: World, shop: Shop, offer: OfferId, sql: psycopg.Connection
) -> None:
    say_anew(world, offer, world.terms(percent_off=20))
    world.do(lambda: offers.discard(offer_id=offer, now=clock.now(), **WHO))
    assert world.look(lambda: queries.offer(offer)).percent_off == 10
    assert refused(world, Conflict, offers.discard, offer_id=offer).code == errors.NOTHING_TO_PUBLISH
    assert refused(world, Conflict, offers.publish, offer_id=offer, seen=2).code == errors.NOTHING_TO_PUBLISH

    new = world.do(lambda: offers.draft(merchant_id=shop.merchant_id, terms=world.terms(), now=clock.now(), **WHO))
    world.do(lambda: offers.discard(offer_id=new, now=clock.now(), **WHO))
    assert sql.execute("SELECT id FROM offers").fetchall() == [(offer,)]


@pytest.mark.parametrize("verb", [offers.pause, offers.resume, offers.withdraw, offers.discard])
def test_what_does_not_exist_cannot_be_held_back(world: World, verb: Any) -> None:
    assert refused(world, NotFound, verb, offer_id=OfferId(uuid7())).code == errors.OFFER_UNKNOWN


def test_what_is_withdrawn_is_over_for_good(world: World, shop: Shop, offer: OfferId) -> None:
    world.do(lambda: offers.withdraw(offer_id=offer, now=clock.now(), **WHO))
    for verb in (offers.pause, offers.resume, offers.withdraw, offers.discard):
        assert refused(world, Conflict, verb, offer_id=offer).code == errors.OFFER_WITHDRAWN
    again = {"offer_id": offer, "terms": world.terms(), "seen": None}
    assert refused(world, Conflict, offers.redraft, **again).code == errors.OFFER_WITHDRAWN
    assert world.look(lambda: queries.of_shop(merchant_id=shop.merchant_id, today=world.terms().starts_on)) == []
    assert world.look(lambda: queries.offer(offer)).withdrawn


@pytest.mark.parametrize("times", [1, 2])
def test_a_paused_offer_is_refused_at_the_till_until_it_is_resumed(
    world: World, shop: Shop, offer: OfferId, sql: psycopg.Connection, times: int
) -> None:
    for _ in range(times):
        world.do(lambda: offers.pause(offer_id=offer, now=clock.now(), **WHO))
    answer = redeem(world, shop.clerk, world.member(), offer)
    assert isinstance(answer, Refusal)
    assert answer.code == errors.OFFER_PAUSED
    for _ in range(times):
        world.do(lambda: offers.resume(offer_id=offer, now=clock.now(), **WHO))
    assert isinstance(redeem(world, shop.clerk, world.member(), offer), Receipt)
    acts = "SELECT action FROM audit_entries WHERE action IN ('offer.paused', 'offer.resumed') ORDER BY id"
    assert sql.execute(acts).fetchall() == [("offer.paused",), ("offer.resumed",)]


def test_a_receipt_keeps_the_terms_it_was_decided_by(world: World, shop: Shop, offer: OfferId) -> None:
    member = world.member()
    before = redeem(world, shop.clerk, member, offer)
    assert isinstance(before, Receipt)
    gift: dict[str, Any] = {
        "kind": OfferKind.GIFT, "percent_off": None, "gift": {"zh": "酸梅汤"}, "title": {"zh": "送酸梅汤"}
    }  # fmt: skip
    publish(world, offer, world.terms(**gift))
    after = redeem(world, shop.clerk, member, offer)
    assert isinstance(after, Receipt)

    kept = world.look(lambda: redemption_queries.receipt_of(before.id))
    assert kept == before
    assert (kept.offer_title["zh"], kept.saved_fen, kept.gift) == ("堂食 9 折", 1_000, None)
    assert (after.offer_title["zh"], after.saved_fen, after.gift) == ("送酸梅汤", 0, {"zh": "酸梅汤"})
    decided = [world.look(lambda one=one: queries.terms_of_version(one.version_id)) for one in (before, after)]
    assert [(terms.kind, terms.percent_off) for terms in decided] == [("percent", 10), ("gift", None)]


def test_totals_cannot_fall_below_what_is_gone(world: World, shop: Shop) -> None:
    here = BranchId(shop.clerk.branch_id)
    terms = world.terms(stock_total=5, budget_fen=5_000, branches=(BranchShare(here, 4),))
    limited = world.offer(shop, **vars(terms))
    for _ in range(2):
        assert isinstance(redeem(world, shop.clerk, world.member(), limited), Receipt)
    tighter = [
        ({"stock_total": 1}, errors.STOCK_BELOW_TAKEN, "stock_total"),
        ({"budget_fen": 1_999}, errors.BUDGET_BELOW_SPENT, "budget"),
        ({"branches": (BranchShare(here, 1),)}, errors.STOCK_BELOW_TAKEN, "branches"),
    ]
    seen: int | None = None
    for change, code, field in tighter:
        seen = say_anew(world, limited, replace(terms, **change), seen=seen).revision  # type: ignore[arg-type]
        no = refused(world, Invalid, offers.publish, offer_id=limited, seen=seen)
        assert (no.code, no.facts["field"]) == (code, field)

    exactly = replace(terms, stock_total=2, budget_fen=2_000, branches=(BranchShare(here, 2),))
    seen = say_anew(world, limited, exactly, seen=seen).revision
    world.do(lambda: offers.publish(offer_id=limited, seen=seen, now=clock.now(), **WHO))
    answer = redeem(world, shop.clerk, world.member(), limited)
    assert isinstance(answer, Refusal)
    assert answer.code == errors.SOLD_OUT


def test_a_limit_counts_from_the_version_that_brings_it(world: World, shop: Shop, sql: psycopg.Connection) -> None:
    member, offer = world.member(), world.offer(shop)
    assert isinstance(redeem(world, shop.clerk, member, offer), Receipt)
    publish(world, offer, world.terms(per_member_weekly=1))
    assert isinstance(redeem(world, shop.clerk, member, offer), Receipt)
    answer = redeem(world, shop.clerk, member, offer)
    assert isinstance(answer, Refusal)
    assert answer.code == errors.WEEKLY_LIMIT
    publish(world, offer, world.terms())
    assert isinstance(redeem(world, shop.clerk, member, offer), Receipt)
    nothing_doubled_or_lost(sql)
