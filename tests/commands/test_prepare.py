"""`flask prepare`, `flask demo`, `flask audit verify`: what they say, and that the demo could have happened."""

import datetime
import re
import secrets
from collections import Counter

import flask_migrate
import psycopg
import pytest
from flask import Flask

from app import demo, demo_data
from app.demo_data.shops import SHOPS, Deal
from services.accounts.types import ClerkActor, MemberActor, OfficerActor, Persona
from services.cards import queries as card_queries
from services.cards import service as cards
from services.core import audit, clock
from services.core.calendar import local_date
from services.core.errors import Conflict
from services.core.paging import PageRequest
from services.core.transaction import in_transaction
from services.events import rules
from services.events.faults import faults
from services.events.queries import events
from services.events.queries import mine as entries
from services.events.types import ACTIVE, Kind, Mode, Phase, Presence, State
from services.members import service as members
from services.members.types import NewMember
from services.merchants import queries as merchant_queries
from services.notifications import queries as notifications
from services.notifications.types import Recipient, RecipientKind
from services.offers import errors as offer_errors
from services.offers import queries as offer_queries
from services.offers.types import AmountPolicy, OfferKind
from services.redemptions import service as redemptions
from services.redemptions.types import PastUse, ScanView
from tests.builders.world import Shop, World
from tests.harness.invariants import CHECKS

MEMBERS = 300
DEALS = [deal for shop in SHOPS for deal in shop.deals]
#: what the demo cannot have: codes of past scans are forgotten after a day
FORGOTTEN = {"a code leads to one scan at most, and every scan burnt its code"}


@pytest.fixture
def loaded(app: Flask) -> Flask:
    result = app.test_cli_runner().invoke(args=["demo", "--members", str(MEMBERS)])
    assert result.exit_code == 0, result.output
    return app


def test_the_demo_could_have_happened(loaded: Flask, sql: psycopg.Connection) -> None:
    broken = {
        name: rows
        for name, query in CHECKS.items()
        if name not in FORGOTTEN and (rows := sql.execute(query).fetchall()[:5])
    }
    assert not broken
    assert _count(sql, "members") == _count(sql, "cards") == MEMBERS
    assert _count(sql, "redemptions") > MEMBERS / 2
    assert _count(sql, "redemptions WHERE redeemed_at > now()") == 0
    assert _count(sql, "offers WHERE stock_taken > 0 AND stock_total IS NULL") == 0
    assert _count(sql, "offers WHERE stock_taken = stock_total") == 1
    outside = """redemptions r JOIN offer_versions v ON v.id = r.version_id JOIN merchants m ON m.id = r.merchant_id
        WHERE (r.redeemed_at AT TIME ZONE 'Asia/Shanghai')::date NOT BETWEEN greatest(v.starts_on, m.agreement_from)
        AND least(v.ends_on, m.agreement_until)"""
    assert _count(sql, outside) == 0
    assert _count(sql, "redemptions r JOIN members m ON m.id = r.member_id WHERE m.standing = 'suspended'") == 0


def test_the_personas_are_there_and_the_card_works_at_the_clerks_shop(loaded: Flask) -> None:
    with loaded.app_context():
        now = clock.now()
        member = demo.actor_of(Persona.MEMBER, now=now)
        clerk = demo.actor_of(Persona.CLERK, now=now)
        officer = demo.actor_of(Persona.OFFICER, now=now)
        assert isinstance(member, MemberActor)
        assert isinstance(clerk, ClerkActor)
        assert isinstance(officer, OfficerActor)
        counter = merchant_queries.counter(clerk.clerk_id)
        assert (counter.merchant_name["zh"], counter.branch_name["zh"], counter.clerk_name) == (
            "老灶牛肉面",
            "高营店",
            "小唐",
        )
        code = cards.rotating_code(card_queries.card_of(member.member_id), now=now)
        assert code
        scan = in_transaction(lambda: redemptions.scan(actor=clerk, text=code.text, now=now))
        assert isinstance(scan, ScanView)
        assert scan.masked_name == "李*梅"
        open_to_her = [(one.offer.kind, one.offer.amount_policy) for one in scan.offers if one.refusal is None]
        assert open_to_her == [
            (OfferKind.PERCENT, AmountPolicy.REQUIRED),
            (OfferKind.AMOUNT_OFF, AmountPolicy.REQUIRED),
            (OfferKind.GIFT, AmountPolicy.NOT_ASKED),
        ]
        refused = [one.refusal.code for one in scan.offers if one.refusal]
        assert refused == [offer_errors.NOT_FOR_YOUR_UNION, offer_errors.SOLD_OUT, offer_errors.OFFER_NOT_STARTED]


def test_the_demo_has_events_of_every_kind_and_state(loaded: Flask, sql: psycopg.Connection) -> None:
    with loaded.app_context():
        now = clock.now()
        of_all = [events.event(one) for (one,) in sql.execute("SELECT id FROM events").fetchall()]
        assert {one.terms.kind for one in of_all} == set(Kind)
        assert {one.terms.mode for one in of_all} == set(Mode)
        assert {rules.phase(one, now) for one in of_all} == set(Phase)
        assert [fault for one in of_all for fault in faults(one.terms, union=one.union_path)] == []
        assert all(one.terms.title["en"] and one.terms.text["en"] and one.terms.place["en"] for one in of_all)
        assert any(rules.next_wave(one.terms.waves, now) for one in of_all)
        assert [one.terms.closes_at < now for one in of_all if one.terms.mode is Mode.DRAW and not one.drawn_at].count(
            True
        )
    assert _count(sql, "signups") > 300
    states = {state for (state,) in sql.execute("SELECT DISTINCT state FROM signups")}
    assert states >= set(ACTIVE) | {State.CANCELLED, State.REFUSED, State.LAPSED, State.CALLED_OFF}
    taken = """event_quotas q WHERE taken <> (SELECT coalesce(sum((counts ->> q.ordinal::text)::int), 0) FROM signups s
        WHERE s.event_id = q.event_id AND s.state IN ('forming', 'offered', 'confirmed'))"""
    assert _count(sql, taken) == 0
    assert _count(sql, "event_misses") > 0
    assert _count(sql, "attainments") > 0
    assert _count(sql, "draws WHERE result IS NOT NULL") == 1
    assert _count(sql, "procrastinate_jobs WHERE task_name LIKE 'events.%'") == 0


def test_the_demos_member_stands_differently_in_each_of_her_events(loaded: Flask) -> None:
    with loaded.app_context():
        now = clock.now()
        member = demo.actor_of(Persona.MEMBER, now=now)
        assert isinstance(member, MemberActor)
        mine = entries.coming(member_id=member.member_id, now=now)
        stands = Counter((own.signup.state, own.me.presence) for own in mine)
        assert stands == Counter(
            {(state, Presence.IN): 1 for state in (State.CONFIRMED, State.OFFERED, State.WAITING, State.ENTERED)}
            | {(State.FORMING, Presence.INVITED): 1}
        )
        (tomorrow,) = (own.event for own in mine if own.signup.state is State.CONFIRMED)
        assert local_date(tomorrow.terms.starts_at) == local_date(now) + datetime.timedelta(days=1)
        assert all(own.signup.due_at > now for own in mine if own.signup.due_at)
        past = entries.page(PageRequest(), member_id=member.member_id)
        assert any(own.me.checked_in_at and own.event.terms.ends_at < now for own in past.items)
        told = notifications.inbox(Recipient(RecipientKind.MEMBER, member.member_id), PageRequest())
        unread = {one.template for one in told.items if not one.read}
        assert {"event.invited", "event.offered"} <= unread


def test_a_second_load_changes_nothing(loaded: Flask, sql: psycopg.Connection) -> None:
    before = _count(sql, "members"), _count(sql, "audit_entries")
    result = loaded.test_cli_runner().invoke(args=["prepare"])
    assert (result.exit_code, result.output) == (0, "The demo data is there.\n")
    assert (_count(sql, "members"), _count(sql, "audit_entries")) == before


def test_a_load_that_breaks_half_way_leaves_nothing(app: Flask, sql: psycopg.Connection) -> None:
    def breaks(_pieces: int) -> None:
        raise KeyboardInterrupt

    with app.app_context(), pytest.raises(KeyboardInterrupt):
        in_transaction(lambda: demo_data.load(members=100, now=clock.now(), advance=breaks))
    assert _count(sql, "unions") == _count(sql, "members") == 0


def test_prepare_runs_no_migration_when_there_is_none(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A federation that is there already: whose it is does not matter."""

    def forbidden() -> None:
        raise AssertionError("nothing to migrate")

    monkeypatch.setattr(flask_migrate, "upgrade", forbidden)
    result = world.app.test_cli_runner().invoke(args=["prepare"])
    assert (result.exit_code, result.output) == (0, "The demo data is there.\n")


def test_the_audit_trail_is_verified(world: World, sql: psycopg.Connection) -> None:
    world.member()
    sealed = world.do(lambda: audit.seal(clock.now() + 2 * audit.MARGIN))
    assert sealed == 1
    runner = world.app.test_cli_runner()
    assert runner.invoke(args=["audit", "verify"]).exit_code == 0
    sql.execute("UPDATE audit_entries SET actor = 'somebody else'")
    result = runner.invoke(args=["audit", "verify"])
    assert result.exit_code == 1
    (seal_id,) = sql.execute("SELECT id FROM audit_seals").fetchone() or ("",)
    assert str(seal_id) in result.output


def test_a_serial_that_is_taken_is_drawn_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    draws = iter([7, 7, 8])
    monkeypatch.setattr(secrets, "randbits", lambda _bits: next(draws))
    newcomers = [NewMember(name, world.union.id, datetime.date(2020, 1, 1)) for name in ("甲", "乙")]
    people = world.do(lambda: members.enrol_many(newcomers))
    issued = world.do(lambda: cards.issue_many(member_ids=people, actor="test", now=clock.now()))
    held = world.look(lambda: [card_queries.card_of(member_id) for member_id in people])
    assert [card.id for card in held] == issued
    assert sorted(card.serial for card in held) == [7, 8]


def test_nobody_gets_a_second_card_with_a_crowd(world: World, sql: psycopg.Connection) -> None:
    holder = world.member()
    with pytest.raises(Conflict, match="card_exists"):
        world.do(lambda: cards.issue_many(member_ids=[holder.member_id], actor="test", now=clock.now()))
    assert _count(sql, "cards") == 1


def test_past_uses_take_stock_and_no_more_than_there_is(world: World, sql: psycopg.Connection) -> None:
    shop, member = world.shop(), world.member()
    world.offer(shop, stock_total=2, per_member_total=5)
    world.do(lambda: redemptions.record_past(_past(shop, member, times=2)))
    assert sql.execute("SELECT stock_taken FROM offers").fetchone() == (2,)
    assert sql.execute("SELECT used FROM allowances").fetchall() == [(2,)]
    with pytest.raises(Conflict, match="sold_out"):
        world.do(lambda: redemptions.record_past(_past(shop, member, times=1, ago=60)))
    assert _count(sql, "redemptions") == 2


def test_a_past_use_is_worth_what_the_rules_say(world: World, sql: psycopg.Connection) -> None:
    shop, member = world.shop(), world.member()
    world.offer(shop, kind=OfferKind.AMOUNT_OFF, threshold_fen=3000, off_fen=800)
    world.do(lambda: redemptions.record_past(_past(shop, member, times=1, amount_fen=4650)))
    assert sql.execute("SELECT amount_fen, saved_fen, pay_fen FROM redemptions").fetchall() == [(4650, 800, 3850)]
    with pytest.raises(Conflict, match="below_threshold"):
        world.do(lambda: redemptions.record_past(_past(shop, member, times=1, ago=60, amount_fen=2999)))


@pytest.mark.parametrize("deal", DEALS, ids=lambda deal: deal.zh)
def test_a_title_says_what_the_terms_are(deal: Deal) -> None:
    """88 折 is 12% off, 8 折 and 80 折 are 20%; 满 30 减 8 is a threshold and what comes off."""
    if deal.kind is OfferKind.PERCENT:
        found = re.search(r"(\d+) 折|半价", deal.zh)
        assert found
        paid = int((found[1] or "5").ljust(2, "0"))
        assert deal.terms == {"percent_off": 100 - paid}
        assert str(100 - paid) in deal.en or (paid == 50 and "half" in deal.en.lower())
    elif deal.kind is OfferKind.AMOUNT_OFF:
        threshold, off = (int(number) * 100 for number in re.findall(r"满 (\d+) 减 (\d+)", deal.zh)[0])
        assert deal.terms == {"threshold_fen": threshold, "off_fen": off}
        assert re.findall(r"¥([\d,]+) off ¥([\d,]+)", deal.en) == [(f"{off // 100:,}", f"{threshold // 100:,}")]
    elif deal.kind is OfferKind.FIXED_PRICE:
        price = deal.terms["price_fen"] // 100
        assert f"一口价 {price} 元" in deal.zh
        assert f"¥{price}" in deal.en
    elif deal.kind is OfferKind.GIFT:
        assert deal.zh[-2:] in deal.terms["gift"]["zh"] or deal.zh[2:4] in deal.terms["gift"]["zh"]


def test_every_kind_of_offer_is_there() -> None:
    assert 40 <= len(DEALS) <= 60
    assert {deal.kind for deal in DEALS} == set(OfferKind)
    assert {deal.amount for deal in DEALS} == set(AmountPolicy)
    trades = [shop.trade for shop in SHOPS]
    assert sorted(trades) == sorted(2 * list(set(trades)))
    assert len(set(trades)) == 8


def _past(shop: Shop, member: MemberActor, *, times: int, ago: int = 10, amount_fen: int = 5000) -> list[PastUse]:
    """Uses of the shop's one offer by one member, a minute apart, the last so many minutes ago."""
    now, minute = clock.now(), datetime.timedelta(minutes=1)
    card = card_queries.card_of(member.member_id)
    (found,) = offer_queries.at_till(merchant_id=shop.merchant_id, member_id=member.member_id, today=local_date(now))
    scans = [now - (ago + number) * minute for number in range(times)]
    return [PastUse(shop.clerk, member.member_id, card.id, found[0], amount_fen, at, at + 0.5 * minute) for at in scans]


def _count(sql: psycopg.Connection, what: str) -> int:
    row = sql.execute(f"SELECT count(*) FROM {what}").fetchone()  # type: ignore[arg-type]
    assert row
    return int(row[0])
