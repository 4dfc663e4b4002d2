"""Every no at the till: its stable code, a sentence for the clerk and one for the member, and nothing half done."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.cards import rules as card_rules
from services.cards import service as cards
from services.core import clock
from services.core.signing import Signer
from services.members import service as members
from services.members.types import Standing
from services.merchants import service as merchants
from services.offers import service as offers
from services.offers.types import AmountPolicy, OfferKind
from tests.builders.world import DAY, Shop, World

Set = Callable[[datetime.datetime], None]


@dataclass
class Till:
    """A clerk at a till with a member before him."""

    client: FlaskClient
    world: World
    sql: psycopg.Connection
    shop: Shop

    def __post_init__(self) -> None:
        self.member = self.world.member()
        self.clerk = self.world.bearer(self.shop.clerk)

    def scan(self, code: str | None = None, *, headers: dict[str, str] | None = None) -> TestResponse:
        text = self.world.code(self.member) if code is None else code
        return self.client.post("/api/v1/shop/scan", json={"code": text}, headers=headers or self.clerk)

    def scanned(self) -> str:
        response = self.scan()
        assert response.status_code == 200, response.json
        return str(response.json["scan_id"])

    def redeem(
        self, scan_id: str, offer_id: Any, amount: Any = 5000, *, headers: dict[str, str] | None = None, key: str = ""
    ) -> TestResponse:
        body = {"scan_id": scan_id, "offer_id": str(offer_id), "amount_fen": amount}
        used = {**(headers or self.clerk), "Idempotency-Key": key or f"key-{self.count('idempotency_keys')}-0001"}
        return self.client.post("/api/v1/redemptions", json=body, headers=used)

    def count(self, table: str) -> int:
        row = self.sql.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture
def till(client: FlaskClient, world: World, sql: psycopg.Connection) -> Till:
    return Till(client, world, sql, world.shop())


def refused(response: TestResponse, code: str, status: int = 409) -> dict[str, Any]:
    """Checks the shape of a no; returns its body."""
    assert response.content_type == "application/problem+json"
    body: dict[str, Any] = response.json  # type: ignore[assignment]
    assert (response.status_code, body["code"]) == (status, code), body
    assert body["detail"] and body["member_detail"] and body["request_id"]
    assert "{" not in body["detail"] + body["member_detail"]
    return body


@pytest.mark.parametrize(
    "text", ["hello", "HTTP://127.0.0.1:8000/C/", "https://example.cn/pay?id=3", "0" * 22, "123", "　"]
)
def test_what_is_no_code_is_refused_and_kept(till: Till, text: str) -> None:
    refused(till.scan(text), "code_malformed")
    assert (till.count("attempts"), till.count("scans")) == (1, 0)


@pytest.mark.parametrize(("text", "count"), [("1234567", 7), ("4827 19365", 9), ("４８２７１９３", 7)])
def test_seven_or_nine_digits_are_told_how_many_they_are(till: Till, text: str, count: int) -> None:
    assert str(count) in refused(till.scan(text), "digits_incomplete")["detail"]


def test_a_code_is_good_for_its_step_and_the_next_and_then_says_that_it_is_old(till: Till, at: Set) -> None:
    made = card_rules.step_begin(card_rules.step_at(clock.now()))
    code = till.world.code(till.member, now=made)
    at(made + datetime.timedelta(seconds=60))
    refused(till.scan(code), "code_expired")
    at(made + datetime.timedelta(seconds=59))
    assert till.scan(code).status_code == 200


def test_a_screenshot_fails_for_any_second_scanner(till: Till) -> None:
    code = till.world.code(till.member)
    first = till.scan(code)
    assert first.status_code == 200
    assert till.scan(code).json["scan_id"] == first.json["scan_id"]
    colleague = till.world.bearer(till.world.clerk(till.shop))
    told_when = refused(till.scan(code, headers=colleague), "code_used")
    elsewhere = till.world.bearer(till.world.shop("别家").clerk)
    told_nothing = refused(till.scan(code, headers=elsewhere), "code_used")
    assert ":" in told_when["detail"] and ":" not in told_nothing["detail"]
    assert till.count("scans") == 1


def test_a_forged_code_is_refused(till: Till) -> None:
    code = till.world.code(till.member)
    changed = "0" if code[-1] != "0" else "1"
    refused(till.scan(code[:-1] + changed), "code_forged")


def test_a_code_of_another_system_is_refused(till: Till) -> None:
    stranger = Signer()
    stranger.open((("Z", b"z" * 32),))
    card = till.sql.execute("SELECT serial FROM cards").fetchone()
    assert card is not None
    refused(till.scan(card_rules.sign(stranger, card[0], now=clock.now()).text), "code_key_unknown")


def test_a_frozen_card_is_refused_and_works_again_when_unfrozen(till: Till) -> None:
    code, mine = till.world.code(till.member), till.world.bearer(till.member)
    assert till.client.post("/api/v1/me/card/freeze", headers=mine).json["status"] == "frozen"
    assert till.client.get("/api/v1/me/card", headers=mine).json["code"] is None
    refused(till.scan(code), "card_frozen")
    assert till.client.post("/api/v1/me/card/unfreeze", headers=mine).json["status"] == "active"
    assert till.scan(code).status_code == 200


def test_the_old_code_of_a_replaced_card_says_so(till: Till) -> None:
    code = till.world.code(till.member)
    till.world.do(lambda: cards.reissue(member_id=till.member.member_id, actor="test", now=clock.now()))
    refused(till.scan(code), "card_replaced")
    assert till.scan().status_code == 200


def test_a_suspended_member_is_refused_at_scan_and_at_redemption(till: Till) -> None:
    offer_id, scan_id = till.world.offer(till.shop), till.scanned()
    till.world.do(
        lambda: members.change_standing(
            member_id=till.member.member_id, standing=Standing.SUSPENDED, actor="test", now=clock.now()
        )
    )
    refused(till.redeem(scan_id, offer_id), "member_suspended")
    refused(till.scan(), "member_suspended")
    assert till.count("redemptions") == 0


def test_a_scan_lasts_five_minutes_and_an_amount_typed_late_goes_through(till: Till, at: Set) -> None:
    offer_id, begin = till.world.offer(till.shop), clock.now()
    scan_id = till.scanned()
    at(begin + datetime.timedelta(seconds=150))
    assert till.redeem(scan_id, offer_id).status_code == 201
    at(begin + datetime.timedelta(seconds=180))
    late = till.scanned()
    at(begin + datetime.timedelta(seconds=481))
    refused(till.redeem(late, offer_id), "scan_expired")


def test_a_scan_serves_one_redemption_of_its_own_clerk(till: Till) -> None:
    offer_id, scan_id = till.world.offer(till.shop), till.scanned()
    colleague = till.world.bearer(till.world.clerk(till.shop))
    refused(till.redeem(scan_id, offer_id, headers=colleague), "scan_of_another_clerk")
    assert till.redeem(scan_id, offer_id).status_code == 201
    refused(till.redeem(scan_id, offer_id), "scan_used")
    refused(till.redeem("01890000-0000-7000-8000-000000000000", offer_id), "scan_unknown", 404)
    assert till.count("redemptions") == 1


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"starts": 1}, "offer_not_started"),
        ({"ends": -1}, "offer_ended"),
        ({"stock_total": 0}, "sold_out"),
        ({"elsewhere": True}, "not_for_your_union"),
    ],
)
def test_an_offer_that_is_not_open_says_why_at_scan_and_at_redemption(
    till: Till, terms: dict[str, Any], code: str
) -> None:
    today = clock.now().date()
    given = {name: value for name, value in terms.items() if name == "stock_total"}
    if "starts" in terms:
        given["starts_on"] = today + 2 * DAY
    if "ends" in terms:
        given["ends_on"] = today - 2 * DAY
    if "elsewhere" in terms:
        given["audience_union_id"] = till.world.another_union().id
    offer_id = till.world.offer(till.shop, **given)
    scan = till.scan().json
    assert [(answer["allowed"], answer["code"]) for answer in scan["offers"]] == [(False, code)]
    assert scan["offers"][0]["reason"]
    refused(till.redeem(scan["scan_id"], offer_id), code)
    assert (till.count("redemptions"), till.count("attempts"), till.count("procrastinate_jobs")) == (0, 1, 0)


@pytest.mark.parametrize(("limit", "code"), [("per_member_daily", "daily_limit"), ("per_member_total", "total_limit")])
def test_a_limit_is_told_before_it_bites_and_a_refusal_uses_nothing_up(
    till: Till, at: Set, limit: str, code: str
) -> None:
    now = clock.now()
    at(now)  # so that the two codes are of two steps
    offer_id = till.world.offer(till.shop, **{limit: 1}, stock_total=5)
    first, second = till.scanned(), till.world.code(till.member, now=clock.now() - datetime.timedelta(seconds=30))
    other = till.scan(second).json["scan_id"]
    assert till.redeem(first, offer_id).status_code == 201
    refused(till.redeem(other, offer_id), code)
    assert till.sql.execute("SELECT used FROM allowances").fetchall() == [(1,)]
    assert till.sql.execute("SELECT stock_taken FROM offers").fetchone() == (1,)


def test_a_withdrawn_offer_and_one_of_another_shop_are_refused(till: Till) -> None:
    gone, foreign = till.world.offer(till.shop), till.world.offer(till.world.shop("别家"))
    till.world.do(lambda: offers.withdraw(offer_id=gone, actor="test", now=clock.now()))
    scan_id = till.scanned()
    refused(till.redeem(scan_id, gone), "offer_withdrawn")
    refused(till.redeem(scan_id, foreign), "offer_of_another_shop")
    assert till.count("redemptions") == 0


@pytest.mark.parametrize(("days", "code"), [((1, 9), "agreement_not_started"), ((-9, -2), "agreement_ended")])
def test_a_shop_without_a_running_agreement_takes_no_card(
    client: FlaskClient, world: World, sql: psycopg.Connection, days: tuple[int, int], code: str
) -> None:
    refused(Till(client, world, sql, world.shop(agreed_days=(days[0] + 1, days[1]))).scan(), code)


def test_a_clerk_who_left_is_out_at_once(till: Till) -> None:
    scan_id, offer_id = till.scanned(), till.world.offer(till.shop)
    till.world.do(lambda: merchants.let_clerk_go(clerk_id=till.shop.clerk.clerk_id, actor="test", now=clock.now()))  # type: ignore[arg-type]
    refused(till.redeem(scan_id, offer_id), "session_left_shop", 401)


@pytest.mark.parametrize(
    ("amount", "code", "status"),
    [
        (0, "amount_zero", 422),
        (-1, "amount_negative", 422),
        (46.5, "amount_not_whole", 422),
        (46.0, "amount_not_whole", 422),
        ("4650", "amount_not_whole", 422),
        (True, "amount_not_whole", 422),
        (10**8 + 1, "amount_too_large", 422),
        (10**30, "amount_too_large", 422),
        (None, "amount_missing", 409),
    ],
)
def test_an_amount_that_cannot_be_is_refused(till: Till, amount: Any, code: str, status: int) -> None:
    offer_id, scan_id = till.world.offer(till.shop, per_member_daily=1), till.scanned()
    refused(till.redeem(scan_id, offer_id, amount), code, status)
    assert till.redeem(scan_id, offer_id, 10**8).status_code == 201


def test_a_bill_below_the_threshold_says_what_is_missing(till: Till) -> None:
    offer_id = till.world.offer(till.shop, kind=OfferKind.AMOUNT_OFF, threshold_fen=3000, off_fen=800)
    body = refused(till.redeem(till.scanned(), offer_id, 2990), "below_threshold")
    assert "30.00" in body["detail"] and "0.10" in body["detail"]


def test_an_offer_that_asks_no_amount_takes_none(till: Till) -> None:
    gift = {"zh": "酸梅汤一杯"}
    offer_id = till.world.offer(till.shop, kind=OfferKind.GIFT, gift=gift, amount_policy=AmountPolicy.NOT_ASKED)
    scan_id = till.scanned()
    refused(till.redeem(scan_id, offer_id, 100), "amount_not_asked", 422)
    done = till.redeem(scan_id, offer_id, None)
    assert (done.status_code, done.json["gift"], done.json["saved_fen"]) == (201, "酸梅汤一杯", None)


def test_the_same_key_with_another_body_is_refused_and_the_first_answer_stays(till: Till) -> None:
    offer_id, scan_id = till.world.offer(till.shop), till.scanned()
    first = till.redeem(scan_id, offer_id, 5000, key="same-key-1")
    refused(till.redeem(scan_id, offer_id, 6000, key="same-key-1"), "idempotency_key_reused", 422)
    assert till.redeem(scan_id, offer_id, 5000, key="same-key-1").json == first.json
    assert till.count("redemptions") == 1


def test_a_refusal_is_repeated_under_its_key_although_the_reason_has_gone(till: Till) -> None:
    offer_id, scan_id = till.world.offer(till.shop), till.scanned()
    refused(till.redeem(scan_id, offer_id, None, key="refused-1"), "amount_missing")
    till.sql.execute("UPDATE offer_versions SET amount_policy = 'optional'")
    refused(till.redeem(scan_id, offer_id, None, key="refused-1"), "amount_missing")
    assert till.redeem(scan_id, offer_id, None, key="refused-2").status_code == 201
    assert till.count("attempts") == 1


@pytest.mark.parametrize("key", ["", "short", "x" * 81, "with spaces in it", "bad/slash/key"])
def test_a_redemption_needs_a_sensible_key(till: Till, key: str) -> None:
    body = {"scan_id": till.scanned(), "offer_id": str(till.world.offer(till.shop)), "amount_fen": 100}
    response = till.client.post("/api/v1/redemptions", json=body, headers={**till.clerk, "Idempotency-Key": key})
    assert refused(response, "idempotency_key_missing", 422)["errors"]["Idempotency-Key"]
