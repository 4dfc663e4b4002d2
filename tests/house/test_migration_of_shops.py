"""Migrations since 0005 on a used database: every offer, redemption and suspended shop comes along, and back."""

import json
import uuid
from typing import Any

import flask_migrate
import psycopg
import pytest

from tests.harness.invariants import CHECKS
from tests.house.test_migrations import empty

__all__ = ["empty"]

FEDERATION, TOWN, SHOP, STOPPED, BRANCH, MEMBER, CARD, ACCOUNT, CLERK = (uuid.UUID(int=n) for n in range(1, 10))
PERCENT, OFF, GIFT = (uuid.UUID(int=n) for n in range(20, 23))
SCANS, REDEMPTIONS = [uuid.UUID(int=n) for n in range(30, 33)], [uuid.UUID(int=n) for n in range(40, 43)]
NOON = "2026-11-20T04:00:00+00:00"
TERMS: dict[str, Any] = {
    "merchant_id": SHOP, "starts_on": "2026-01-01", "ends_on": "2026-12-31", "amount_policy": "required",
    "stock_taken": 0,
}  # fmt: skip
#: 0005's tables and rows, in the order of their keys to each other
ROWS: list[tuple[str, dict[str, Any]]] = [
    ("unions", {"id": FEDERATION, "path": "0001", "join_token": "a", "level": "federation",
                "name": {"zh": "雍河区总工会"}}),
    ("unions", {"id": TOWN, "parent_id": FEDERATION, "path": "0001.0002", "join_token": "b", "level": "town",
                "name": {"zh": "柳渡镇"}}),
    ("merchants", {"id": SHOP, "name": {"zh": "老灶牛肉面"}, "trade": "dining", "agreement_from": "2026-01-01",
                   "agreement_until": "2026-12-31"}),
    ("merchants", {"id": STOPPED, "name": {"zh": "停业书店"}, "trade": "training", "agreement_from": "2025-01-01",
                   "agreement_until": "2026-06-30", "suspended_at": "2026-03-01T16:30:00+00:00"}),
    ("branches", {"id": BRANCH, "merchant_id": SHOP, "name": {"zh": "总店"}, "address": {"zh": "渡口路 8 号"}}),
    ("members", {"id": MEMBER, "name": "李春梅", "union_id": TOWN, "standing": "active", "joined_on": "2020-01-01"}),
    ("accounts", {"id": ACCOUNT, "display_name": "小唐", "created_at": NOON}),
    ("clerks", {"id": CLERK, "branch_id": BRANCH, "account_id": ACCOUNT, "name": "小唐", "owner": True}),
    ("cards", {"id": CARD, "member_id": MEMBER, "number": "1000000000000001", "serial": 1, "status": "active",
               "issued_at": NOON}),
    ("offers", {**TERMS, "id": PERCENT, "title": {"zh": "9 折"}, "kind": "percent", "percent_off": 10,
                "per_member_daily": 1, "per_member_total": 5, "audience_union_id": TOWN}),
    ("offers", {**TERMS, "id": OFF, "title": {"zh": "满 100 减 20"}, "kind": "amount_off", "threshold_fen": 10_000,
                "off_fen": 2_000, "stock_total": 3, "stock_taken": 1}),
    ("offers", {**TERMS, "id": GIFT, "title": {"zh": "送小菜"}, "kind": "gift", "gift": {"zh": "小菜"},
                "amount_policy": "optional", "withdrawn_at": NOON}),
]  # fmt: skip
for _scan, _made, _offer, (_amount, _saved) in zip(
    SCANS, REDEMPTIONS, (PERCENT, OFF, GIFT), ((4_650, 465), (10_000, 2_000), (None, None)), strict=True
):
    _till = {"clerk_id": CLERK, "branch_id": BRANCH, "merchant_id": SHOP}
    _ref = f"s{_scan.int}"
    ROWS += [
        ("card_burns", {"card_id": CARD, "ref": _ref, "burnt_at": NOON}),
        ("scans", {**_till, "id": _scan, "card_id": CARD, "ref": _ref, "source": "qr", "scanned_at": NOON,
                   "expires_at": "2026-11-20T04:05:00+00:00"}),
        ("redemptions", {**_till, "id": _made, "scan_id": _scan, "offer_id": _offer, "member_id": MEMBER,
                         "offer_title": {"zh": "当时的名称"}, "amount_fen": _amount, "saved_fen": _saved,
                         "pay_fen": None if _saved is None else _amount - _saved, "redeemed_at": NOON}),
        ("audit_entries", {"id": uuid.UUID(int=_made.int + 100), "at": NOON, "actor": "clerk:x",
                           "action": "redemption.recorded", "subject_id": _made, "detail": {}}),
    ]  # fmt: skip
ROWS += [
    ("allowances", {"member_id": MEMBER, "offer_id": PERCENT, "window": window, "used": 1})
    for window in ("2026-11-20", "all")
]


def put(connection: psycopg.Connection, table: str, row: dict[str, Any]) -> None:
    values = [json.dumps(value) if isinstance(value, dict) else value for value in row.values()]
    columns, marks = ", ".join(f'"{name}"' for name in row), ", ".join(["%s"] * len(row))
    connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", values)  # type: ignore[arg-type]


def read(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()  # type: ignore[call-overload,no-any-return]


OFFERS = """SELECT id, merchant_id, title, kind, percent_off, threshold_fen, off_fen, gift, amount_policy, starts_on,
    ends_on, per_member_daily, per_member_total, stock_total, stock_taken, audience_union_id, withdrawn_at
    FROM offers ORDER BY id"""
AS_BEFORE = [
    OFFERS,
    "SELECT * FROM redemptions ORDER BY id",
    "SELECT * FROM allowances ORDER BY 3",
    "SELECT id, name, trade, agreement_from, agreement_until FROM merchants ORDER BY id",
]


@pytest.fixture
def used(empty: str) -> str:
    """A database at 0005 with shops, offers and redemptions in it."""
    flask_migrate.upgrade(revision="0005")
    with psycopg.connect(empty) as connection:
        for table, row in ROWS:
            put(connection, table, row)
    return empty


def test_each_offer_becomes_its_first_version_and_each_redemption_points_to_it(used: str) -> None:
    flask_migrate.upgrade()
    versions = read(
        used,
        "SELECT v.offer_id, number, kind, percent_off, threshold_fen, off_fen, gift, v.stock_total, per_member_daily, "
        "audience_union_id, stacks, published_at IS NOT NULL FROM offer_versions v "
        "JOIN offers o ON o.version_id = v.id ORDER BY offer_id",
    )
    assert versions == [
        (PERCENT, 1, "percent", 10, None, None, None, None, 1, TOWN, False, True),
        (OFF, 1, "amount_off", None, 10_000, 2_000, None, 3, None, None, False, True),
        (GIFT, 1, "gift", None, None, None, {"zh": "小菜"}, None, None, None, False, True),
    ]
    pointed = (
        "SELECT count(*) FROM redemptions r JOIN offer_versions v ON v.id = r.version_id AND v.offer_id = r.offer_id"
    )
    assert read(used, pointed) == [(3,)]
    broken = {name: rows for name, query in CHECKS.items() if (rows := read(used, query))}
    assert not broken, broken


def test_a_shop_keeps_its_agreement_its_federation_and_the_day_it_was_suspended(used: str) -> None:
    flask_migrate.upgrade()
    shops = read(used, "SELECT union_id, suspended_on::text, suspension_reason FROM merchants ORDER BY id")
    # 16:30 UTC on 1 March is 2 March in China.
    assert shops == [(FEDERATION, None, None), (FEDERATION, "2026-03-02", "")]
    agreed = read(used, "SELECT merchant_id, starts_on::text, ends_on::text FROM agreements ORDER BY merchant_id")
    assert agreed == [(SHOP, "2026-01-01", "2026-12-31"), (STOPPED, "2025-01-01", "2026-06-30")]


def test_down_again_says_what_was_said_before(used: str) -> None:
    before = [read(used, query) for query in AS_BEFORE]
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision="0005")
    assert [read(used, query) for query in AS_BEFORE] == before
    # Of the suspension the day in China is kept, not the minute.
    stopped = read(
        used, "SELECT id, (suspended_at AT TIME ZONE 'UTC')::text FROM merchants WHERE suspended_at > '2026-01-01'"
    )
    assert stopped == [(STOPPED, "2026-03-01 16:00:00")]
    flask_migrate.upgrade()
    assert read(used, "SELECT suspended_on::text FROM merchants WHERE suspended_on IS NOT NULL") == [("2026-03-02",)]


def test_down_keeps_every_use_that_stands_and_gives_nothing_that_the_old_terms_cannot_limit(used: str) -> None:
    flask_migrate.upgrade()
    with psycopg.connect(used) as connection:
        for statement in (
            "UPDATE offer_versions SET kind = 'fixed_price', price_fen = 100 WHERE offer_id = %s",
            "UPDATE offer_versions SET weekdays = '[5]' WHERE offer_id = %s",
        ):
            connection.execute(statement, [PERCENT if "price" in statement else OFF])
        connection.execute("UPDATE redemptions SET voided_at = now() WHERE id = %s", [REDEMPTIONS[2]])
        trade = {"code": "pets", "name": {"zh": "宠物"}, "icon": "pin", "position": 9}
        put(connection, "trades", trade)
        connection.execute("UPDATE merchants SET trade = 'pets' WHERE id = %s", [SHOP])
        new = uuid.UUID(int=50)
        put(connection, "offers", {"id": new, "merchant_id": SHOP, "stock_taken": 0, "budget_spent_fen": 0,
                                   "drafts_written": 0, "proposed": False, "paused_by_shop": False})  # fmt: skip
    flask_migrate.downgrade(revision="0005")
    kept = read(used, "SELECT id, kind, gift, withdrawn_at IS NOT NULL FROM offers ORDER BY id")
    assert kept == [
        (PERCENT, "gift", {"zh": "9 折"}, True),
        (OFF, "amount_off", None, True),
        (GIFT, "gift", {"zh": "小菜"}, True),
    ]
    assert [row[0] for row in read(used, "SELECT id FROM redemptions ORDER BY id")] == REDEMPTIONS[:2]
    assert read(used, "SELECT trade FROM merchants ORDER BY id") == [("leisure",), ("training",)]
