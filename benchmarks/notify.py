"""A change notice to 72,000 people through the gateway: `.venv/bin/python -m benchmarks.notify`. Linux only.

A stand-in of the WeChat platform answers in 30 ms, in a process of its own. Measured: the statement that writes all
inbox rows; then one worker process that plans, leases, sends by template message with 24 sends in flight, and records.
The floor is a bare pooled urllib3 loop with as many threads: the same bodies to the same stand-in, nothing else. Both
take turns until everybody is told.
"""

import argparse
import contextlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import flask_migrate
import psycopg
import urllib3
from flask import Flask

from app import jobs, notices
from app.embedded import start
from app.factory import create_app
from app.settings import PROJECT, fresh_keys, load
from benchmarks import world
from services.accounts import service as accounts
from services.accounts.service.wechat import OPENID_FIELD
from services.accounts.types import Grant, OfficerActor, Role
from services.core import clock
from services.core.calendar import local
from services.core.crypto import vault
from services.core.ids import uuid7
from services.core.transaction import in_transaction
from services.notifications.notices import service
from services.notifications.notices.types import Draft, NoticeId, Readers, UsedShop
from services.unions import queries as unions
from tests.partners.platform.sending import template_id

FLIGHT = 24
BARE = 2_400
"""Messages of the floor's turn: with all 72,000 of ours they stay below the platform's 100,000 a day."""
TEMPLATE = template_id("change")
KEYS = {"what": "thing1", "when": "time2", "next": "thing3"}
PATH = "/cgi-bin/message/template/send"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=72_000)
    parser.add_argument("--turn", type=float, default=20, help="seconds of each turn")
    parser.add_argument("--latency-ms", type=float, default=30)
    options = parser.parse_args()
    _by_day()
    with (
        tempfile.TemporaryDirectory(prefix="gonghui-notify-", ignore_cleanup_errors=True) as folder,
        _stand_in(options.latency_ms) as wechat,
    ):
        database = start(Path(folder) / "pg")
        try:
            environ = {
                **os.environ, **fresh_keys(), **wechat, "DATABASE_URL": database.url, "INSTANCE_DIR": folder,
                "LOG_LEVEL": "error", "SENDS_IN_FLIGHT": str(FLIGHT), "PUBLIC_URL": "https://gh.example.cn",
            }  # fmt: skip
            _run(options, create_app(load(environ)), database.url, wechat["WECHAT_API_URL"])
        finally:
            database.stop()


def _run(options: argparse.Namespace, app: Flask, url: str, platform: str) -> None:
    with app.app_context():
        flask_migrate.upgrade()
    town = world.build(app, url, None, members=options.people)
    print(f"{len(town.serials)} people, {FLIGHT} sends in flight, an answer takes {options.latency_ms:g} ms")
    with psycopg.connect(url, autocommit=True) as sql:
        _reachable(sql, app.config["SETTINGS"].wechat_oa[0])
        merchant = _used(sql)
        _tell(app, merchant)
        (count,) = sql.execute("SELECT count(*) FROM inbox_messages").fetchone() or (0,)
        _send(options, app, sql, platform)
        (sent,) = sql.execute("SELECT count(*) FROM deliveries WHERE status = 'sent'").fetchone() or (0,)
    print(f"{sent} of {count} sent")


def _send(options: argparse.Namespace, app: Flask, sql: psycopg.Connection, platform: str) -> None:
    ours, floor, ratios = list[float](), list[float](), list[float]()
    jobs.SWEEP_SECONDS = options.turn
    while (turn := _ours(app, sql)) is not None:
        number, seconds = turn
        ours.append(number / seconds)
        floor.append(BARE / _floor(platform, app, BARE))
        ratios.append(ours[-1] / floor[-1])
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{number:>6} messages: {ours[-1]:6.0f}/s, floor {floor[-1]:6.0f}/s, {ratios[-1]:.2f}, {memory} MiB")
    print(
        f"median: {statistics.median(ours):.0f}/s, floor {statistics.median(floor):.0f}/s, "
        f"ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    )


def _ours(app: Flask, sql: psycopg.Connection) -> tuple[int, float] | None:
    """One turn of the worker's own chore: (messages sent, seconds); None when nothing is left."""
    sent = _sent(sql)
    began = time.monotonic()
    with app.app_context():
        jobs.sweep(0)
    seconds = time.monotonic() - began
    number = _sent(sql) - sent
    return (number, seconds) if number else None


def _sent(sql: psycopg.Connection) -> int:
    query = "SELECT coalesce(sum(count), 0) FROM sending_hours WHERE outcome = 'sent'"
    return int((sql.execute(query).fetchone() or (0,))[0])


def _floor(platform: str, app: Flask, number: int) -> float:
    """Seconds for so many bare posts: one pool of connections, threads, the body made once a message."""
    token = app.extensions["channels"].ports["template"]._platform.token()  # noqa: SLF001
    with urllib3.PoolManager(maxsize=FLIGHT, block=True) as pool, ThreadPoolExecutor(FLIGHT) as threads:

        def post(_: int) -> int:
            values = {"thing1": "合作门店有变化", "time2": "2026-11-20 12:05", "thing3": "点开看详情"}
            body = {
                "touser": f"o{uuid.uuid4().hex[:27]}", "template_id": TEMPLATE, "client_msg_id": uuid.uuid4().hex,
                "url": f"https://gh.example.cn/inbox/{uuid.uuid4()}",
                "data": {key: {"value": text} for key, text in values.items()},
            }  # fmt: skip
            answer = pool.request("POST", f"{platform}{PATH}?access_token={token}", body=json.dumps(body).encode())
            return int(answer.json()["errcode"])

        began = time.monotonic()
        codes = list(threads.map(post, range(number)))
    if any(codes):
        raise SystemExit(f"the stand-in refused the floor: {set(codes)}")
    return time.monotonic() - began


def _reachable(sql: psycopg.Connection, appid: str) -> None:
    """An account with a WeChat for everybody, and the platform's template for what they are told."""
    members = [member for (member,) in sql.execute("SELECT id FROM members ORDER BY id")]
    people = [uuid7() for _ in members]
    now = clock.now()
    with sql.cursor() as cursor:
        with cursor.copy("COPY accounts (id, display_name, member_id, created_at) FROM STDIN") as copy:
            for account, member in zip(people, members, strict=True):
                copy.write_row((account, "", member, now))
        columns = "id, appid, openid, openid_index, account_id, created_at"
        with cursor.copy(f"COPY wechat_identities ({columns}) FROM STDIN") as copy:
            for account in people:
                openid = f"o{account.hex[-27:]}"
                sealed, index = vault.seal(OPENID_FIELD, openid), vault.blind_index(OPENID_FIELD, openid)
                copy.write_row((uuid7(), appid, sealed, index, account, now))
    sql.execute(
        "INSERT INTO channel_templates (id, channel, provider, layout, language, version, platform_id, keys, "
        "long_term, set_by, set_at) VALUES (%s, 'template', %s, 'change', 'zh', 1, %s, %s, false, 'bench', now())",
        [uuid7(), appid, TEMPLATE, json.dumps(KEYS)],
    )
    sql.execute("ANALYZE")


def _used(sql: psycopg.Connection) -> uuid.UUID:
    """Everybody has used his card at one shop: they are whom the notice is for."""
    clerk, branch, merchant, offer, version = (
        sql.execute(
            "SELECT k.id, b.id, b.merchant_id, o.id, o.version_id FROM clerks k JOIN branches b ON b.id = k.branch_id "
            "JOIN offers o ON o.merchant_id = b.merchant_id ORDER BY k.id LIMIT 1"
        ).fetchone()
        or (None,) * 5
    )
    scans = (
        "INSERT INTO scans (id, card_id, ref, source, clerk_id, branch_id, merchant_id, scanned_at, expires_at) "
        "SELECT id, id, 'once', 'qr', %s, %s, %s, now(), now() + interval '5 min' FROM cards"
    )
    sql.execute(scans, [clerk, branch, merchant])
    redemptions = (
        "INSERT INTO redemptions (id, scan_id, offer_id, version_id, member_id, merchant_id, branch_id, clerk_id, "
        "offer_title, amount_fen, saved_fen, pay_fen, redeemed_at) SELECT uuidv7(), id, %s, %s, member_id, %s, %s, "
        "%s, '{}', 1000, 100, 900, now() FROM cards"
    )
    sql.execute(redemptions, [offer, version, merchant, branch, clerk])
    sql.execute("ANALYZE")
    return uuid.UUID(str(merchant))


def _tell(app: Flask, merchant: uuid.UUID) -> None:
    """An officer writes, a second one releases, the worker puts it into the inboxes."""

    def officer() -> OfficerActor:
        account_id = accounts.open_account(display_name="经办", now=clock.now())
        root = unions.roots()[0]
        accounts.grant(account_id=account_id, role=Role.DISTRICT, union_id=root.id, actor="bench", now=clock.now())
        return OfficerActor(account_id, (Grant(Role.DISTRICT, root.path),))

    def write() -> NoticeId:
        return service.write(draft=draft, officer=author, now=clock.now())

    text = {"zh": "合作门店搬到了新址"}
    with app.app_context():
        author, second = in_transaction(officer), in_transaction(officer)
        readers = Readers(act=UsedShop(merchant, 30))
        draft = Draft(unions.roots()[0].id, text, {"zh": "从下周一起在新址扫码。"}, readers)
        notice_id = in_transaction(write)
        above: int = app.config["SETTINGS"].notice_second_above
        asked: dict[str, Any] = {"notice_id": notice_id, "seen": 1, "above": above}
        in_transaction(lambda: service.ask_release(**asked, officer=author, now=clock.now()))
        in_transaction(lambda: service.release(**asked, officer=second, now=clock.now()))
        began = time.monotonic()
        notices.spread(notice_id)
        print(f"the notice stands in every inbox after {time.monotonic() - began:.1f} s")


def _by_day() -> None:
    """At night nobody is woken: the clock is set to noon in China, and runs on from there."""
    real = clock.now
    shift = local(real()).replace(hour=12, minute=0) - local(real())
    clock.now = lambda: real() + shift


@contextlib.contextmanager
def _stand_in(latency_ms: float) -> Iterator[dict[str, str]]:
    """The platform in a process of its own; the settings of an application that takes it for the real one."""
    command = [sys.executable, "-m", "tests.partners.platform", "--port", "0", "--latency-ms", str(latency_ms)]
    process = subprocess.Popen([*command, "--keep-alive", "--anybody"], stdout=subprocess.PIPE, text=True, cwd=PROJECT)
    try:
        found: dict[str, str] = {}
        assert process.stdout
        for line in process.stdout:
            if line.startswith("export "):
                name, _, value = line.removeprefix("export ").strip().partition("=")
                found[name] = value
            if "Ctrl-C" in line:
                break
        yield found
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
