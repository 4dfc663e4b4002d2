"""What the register promises to forget is forgotten, the rest stays, and a rehearsal changes nothing."""

import datetime
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask

from app import retention
from app.retention import PURGES, forget
from services.core import clock, purging
from services.core.calendar import local_date
from services.core.files import files
from services.core.ids import uuid7
from services.rights.register import REGISTER
from tests.builders.world import World

DAY = datetime.timedelta(days=1)
YOUNG, OLD = -DAY, DAY
#: purge -> table, and how to make a row of it that is so old
ROWS = {
    "inbox": (
        "inbox_messages (id, message_id, recipient_kind, recipient_id, template, version, facts, created_at)",
        "(%(id)s, %(id)s, 'member', %(id)s, 'card.frozen', 1, '{}', %(at)s)",
    ),
    "deliveries": (
        "deliveries (id, inbox_id, account_id, channel, status, attempts, at_once, created_at, next_try_at)",
        "(%(id)s, %(id)s, %(id)s, 'sms', 'sent', 1, false, %(at)s, %(at)s)",
    ),
    "callbacks": (
        "callbacks (id, source, event_digest, event, body, happened_at, received_at, next_try_at, tries)",
        "(%(id)s, 'wx', %(id)s::text::bytea, 'subscribe', '', %(at)s, %(at)s, %(at)s, 1)",
    ),
    "local": ("local_messages (id, channel, shown, created_at)", "(%(id)s, 'sms', '{}', %(at)s)"),
    "blocks": ("blocks (channel, address_index, reason, since)", "('sms', %(id)s::text::bytea, 'dead', %(at)s)"),
    "attempts": (
        "attempts (id, at, stage, code, facts, clerk_id, branch_id, merchant_id)",
        "(%(id)s, %(at)s, 'scan', 'code_expired', '{}', %(id)s, %(id)s, %(id)s)",
    ),
    "tallies": (
        "unmask_tallies (actor, day, looks)",
        "(%(id)s::text, (%(at)s AT TIME ZONE 'Asia/Shanghai')::date, 1)",
    ),
}


def put(sql: psycopg.Connection, purge: str, at: datetime.datetime) -> None:
    table, values = ROWS[purge]
    sql.execute(f"INSERT INTO {table} VALUES {values}".encode(), {"id": uuid7(at), "at": at})


def span(purge: str) -> datetime.timedelta:
    """What the register says."""
    return next(e.kept.span for e in REGISTER if e.kept and e.kept.purge == purge and e.kept.span is not None)


def count(sql: psycopg.Connection, table: str) -> int:
    row = sql.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    assert row
    return int(row[0])


@pytest.mark.parametrize("purge", sorted(ROWS))
def test_what_the_register_says_is_how_long_it_stays(
    world: World, sql: psycopg.Connection, purge: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "BATCH", 2)
    now = clock.now()
    for age in (YOUNG, YOUNG, OLD, OLD, OLD):
        put(sql, purge, now - span(purge) - age)
    with world.app.app_context():
        assert forget(purge, now) == 3
    assert count(sql, ROWS[purge][0].split()[0]) == 2


def test_what_wechat_refused_is_not_forgotten_by_age(world: World, sql: psycopg.Connection) -> None:
    put(sql, "blocks", clock.now() - span("blocks") - DAY)
    sql.execute("UPDATE blocks SET channel = 'template'")
    with world.app.app_context():
        assert forget("blocks", clock.now()) == 0


def test_when_messages_have_gone_how_many_were_told_and_read_stays(world: World, sql: psycopg.Connection) -> None:
    now = clock.now()
    old = now - span("inbox") - DAY
    for _ in range(3):
        put(sql, "inbox", old)
    sql.execute("UPDATE inbox_messages SET read_at = now() WHERE id = (SELECT min(id::text)::uuid FROM inbox_messages)")
    with world.app.app_context():
        assert forget("inbox", now) == 3
    assert sql.execute("SELECT day, template, told, read FROM told_days").fetchall() == [
        (local_date(old), "card.frozen", 3, 1)
    ]


def scanned(sql: psycopg.Connection, world: World, at: datetime.datetime, *, used: bool) -> None:
    """A scan of that time, and what it led to."""
    member, shop = world.member(), world.shop()
    offer, clerk = world.offer(shop), shop.clerk
    scan = uuid7(at)
    card = sql.execute("SELECT id FROM cards WHERE member_id = %s", [member.member_id]).fetchone()
    assert card
    shop_of: list[Any] = [clerk.clerk_id, clerk.branch_id, shop.merchant_id]
    sql.execute(
        "INSERT INTO scans (id, card_id, ref, source, clerk_id, branch_id, merchant_id, scanned_at, expires_at) "
        "VALUES (%s, %s, 's1', 'qr', %s, %s, %s, %s, %s)", [scan, card[0], *shop_of, at, at],
    )  # fmt: skip
    if used:
        sql.execute(
            "INSERT INTO redemptions (id, scan_id, offer_id, version_id, member_id, clerk_id, branch_id, merchant_id, "
            "offer_title, redeemed_at) "
            "SELECT %s, %s, id, version_id, %s, %s, %s, %s, '{}', %s FROM offers WHERE id = %s",
            [uuid7(at), scan, member.member_id, *shop_of, at, offer],
        )


def test_a_scan_goes_after_half_a_year_and_with_what_it_led_to_after_three(
    world: World, sql: psycopg.Connection
) -> None:
    now = clock.now()
    for days, used in ((182, False), (184, False), (184, True), (1095, True), (1097, True), (1097, False)):
        scanned(sql, world, now - days * DAY, used=used)
    with world.app.app_context():
        gone = {name: forget(name, now) for name in PURGES}
    assert (gone["redemptions"], gone["scans"]) == (1, 3)
    assert (count(sql, "redemptions"), count(sql, "scans")) == (2, 3)


def test_the_audit_trail_is_touched_by_nothing() -> None:
    assert [entry.kept.purge for entry in REGISTER if entry.name.startswith("audit") and entry.kept] == [None]


@pytest.fixture
def old_sheet(world: World, sql: psycopg.Connection) -> Iterator[str]:
    """A raw file of an import of 40 days ago."""
    key = files.put(b"roster")
    at = clock.now() - 40 * DAY
    sql.execute(
        "INSERT INTO roster_imports (id, union_id, reach, kind, state, file_key, sha256, fault_facts, report, counts, "
        "outcomes, progress, total, missing, members_before, created_by, created_at) VALUES "
        "(%s, %s, '0001', 'additions', 'applied', %s, '', '{}', '{}', '{}', '{}', 0, 0, 0, 0, 'officer:x', %s)",
        [uuid.uuid4(), world.union.id, key, at],
    )
    yield key
    files.delete(key)


def test_a_rehearsal_counts_and_changes_nothing_not_even_a_file(
    world: World, app: Flask, sql: psycopg.Connection, old_sheet: str
) -> None:
    put(sql, "inbox", clock.now() - 1000 * DAY)
    run = app.test_cli_runner().invoke
    rehearsed = run(args=["retention", "--dry-run"])
    assert rehearsed.exit_code == 0, rehearsed.output
    assert "inbox: 1\n" in rehearsed.output and "nothing was changed" in rehearsed.output
    assert count(sql, "inbox_messages") == 1
    assert files.get(old_sheet) == b"roster"
    done = run(args=["retention"])
    assert "inbox: 1\n" in done.output
    assert done.output.splitlines()[:-1] == rehearsed.output.splitlines()[:-1]
    assert count(sql, "inbox_messages") == 0
    assert list(files.walk()) == []
    assert set(retention.PURGES) == {line.split(":")[0] for line in done.output.splitlines()[:-1]}
