"""Finding among 300 shops with 1,000 offers, as a member: `.venv/bin/python -m benchmarks.offers [--rounds 300]`.

Each page is asked for through the whole application (session, rules for each offer, HTML) in this process, in turn
with the floor of the same round: one raw psycopg query for the same twenty rows and their uses, and json.dumps of them.
What is told is the ratio: on a busy machine both sides slow down together.
"""

import argparse
import dataclasses
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask_migrate
import psycopg
from flask import Flask

from app.embedded import start
from app.factory import create_app
from app.settings import fresh_keys, load
from benchmarks.world import DAY
from services.accounts import service as accounts
from services.accounts.types import MemberActor
from services.core import clock
from services.core.calendar import Hours, local_date
from services.core.transaction import in_transaction
from services.members import service as members
from services.merchants import queries as merchants_read
from services.merchants import service as merchants
from services.merchants.types import OpenHours
from services.offers import service as offers
from services.offers.types import AmountPolicy, OfferKind, Terms
from services.unions import service as unions
from services.unions.types import Level, Place, UnionView
from tests.harness.statements import statements

SHOPS, OFFERS = 300, 1000
PAGES = {
    "offers": "/offers",
    "the last page": "",
    "what I can use": "/offers?mine=1",
    "offers by words": "/offers?q=牛肉面 高营 200",
    "shops": "/shops",
    "shops by words": "/shops?q=牛肉面 高营 200",
    "all shops to sort": "/shops/all",
    "one shop": "/shops/{shop}",
    "one offer": "/offers/{offer}",
    "the API's offers": "/api/v1/offers",
}
FLOOR = """
SELECT o.id, m.name, m.trade, t.icon, v.title, v.kind, v.percent_off, v.starts_on, v.ends_on, v.hours, v.weekdays,
       v.per_member_daily, v.per_member_weekly, o.stock_taken, v.stock_total, u.path,
       (SELECT jsonb_object_agg(a."window", a.used) FROM allowances a WHERE a.offer_id = o.id AND a.member_id = %s)
FROM offers o JOIN offer_versions v ON v.id = o.version_id JOIN merchants m ON m.id = o.merchant_id
JOIN trades t ON t.code = m.trade LEFT JOIN unions u ON u.id = v.audience_union_id
WHERE o.withdrawn_at IS NULL AND v.ends_on >= current_date AND m.agreement_until >= current_date
ORDER BY o.id DESC LIMIT 20
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="gonghui-bench-", ignore_cleanup_errors=True) as folder:
        database = start(Path(folder) / "pg")
        try:
            environ = {**os.environ, **fresh_keys(), "DATABASE_URL": database.url, "DEMO": "0", "LOG_LEVEL": "error"}
            settings = load({**environ, "PUBLIC_URL": "http://127.0.0.1:8000", "INSTANCE_DIR": folder})
            app = create_app(dataclasses.replace(settings, log_level="error"))
            with app.app_context():
                flask_migrate.upgrade()
                actor, token = in_transaction(_fill)
            with psycopg.connect(settings.database_url.replace("+psycopg", "", 1), autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
                _run(app, connection, actor, token, rounds)
        finally:
            database.stop()


def _run(app: Flask, connection: psycopg.Connection, actor: MemberActor, token: str, rounds: int) -> None:
    client, headers = app.test_client(), {"Authorization": f"Bearer {token}"}
    ids = connection.execute("SELECT min(merchant_id::text), min(id::text) FROM offers").fetchone() or ("", "")
    pages = {name: path.format(shop=ids[0], offer=ids[1]) for name, path in PAGES.items()}
    pages["the last page"] = "/offers?cursor=" + _cursor(connection)

    def ask(path: str) -> Callable[[], int]:
        def work() -> int:
            answer = client.get(path, headers=headers)
            assert answer.status_code == 200, (path, answer.status_code)
            return len(answer.data)

        return work

    def floor() -> int:
        return len(json.dumps(connection.execute(FLOOR, [actor.member_id]).fetchall(), default=str))

    print(f"load average {os.getloadavg()[0]:.1f}; {rounds} rounds; milliseconds")
    print(
        f"{'page':<20}{'bytes':>8}{'sql':>5}{'p50':>8}{'p99':>8}{'floor p50':>11}{'p99':>8}{'ratio p50':>11}{'p99':>7}"
    )
    for name, path in pages.items():
        for _ in range(20):
            size, _size = ask(path)(), floor()
        with statements() as sent:
            ask(path)()
        ours, theirs = zip(*[(_timed(ask(path)), _timed(floor)) for _ in range(rounds)], strict=True)
        (mid, late), (low, slow) = _percentiles(ours), _percentiles(theirs)
        print(
            f"{name:<20}{size:>8}{len(sent):>5}{mid:>8.1f}{late:>8.1f}{low:>11.2f}{slow:>8.2f}"
            f"{mid / low:>11.1f}{late / slow:>7.1f}",
            flush=True,
        )


def _cursor(connection: psycopg.Connection) -> str:
    row: Any = connection.execute(
        "SELECT replace(id::text, '-', '') FROM offers ORDER BY id OFFSET 20 LIMIT 1"
    ).fetchone()
    return str(row[0])


def _timed(work: Callable[[], int]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def _percentiles(values: tuple[float, ...]) -> tuple[float, float]:
    return statistics.median(values), statistics.quantiles(values, n=100)[98]


def _fill() -> tuple[MemberActor, str]:
    """300 shops of all trades, two branches each; a thousand offers of every kind; a member who may use some."""
    now = clock.now()
    federation = unions.found(name={"zh": "雍河区总工会"}, level=Level.FEDERATION)
    towns = [
        unions.found(name={"zh": f"{name}镇总工会"}, level=Level.TOWN, parent=federation) for name in ("柳渡", "高营")
    ]
    home = unions.found(name={"zh": "恒沛精密工会"}, level=Level.GRASSROOTS, parent=towns[0])
    member_id = members.enrol(name="李春梅", union_id=home.id, joined_on=local_date(now), phone="10012345678")
    actor = MemberActor(accounts.open_account(display_name="李春梅", now=now, member_id=member_id), member_id)
    trades = merchants_read.trades()
    for number in range(SHOPS):
        _shop(number, trades[number % len(trades)].code, federation, towns)
    return actor, accounts.sign_in(actor, now=now).token


def _shop(number: int, trade: Any, federation: UnionView, towns: list[UnionView]) -> None:
    now = clock.now()
    today = local_date(now)
    merchant_id = merchants.sign(
        union_id=federation.id, name={"zh": f"老灶牛肉面 {number}", "en": f"Noodles {number}"}, trade=trade,
        agreement_from=today - 30 * DAY, agreement_until=today + 300 * DAY, signed_by="店主", actor="bench", now=now,
    )  # fmt: skip
    for branch in range(2):
        merchants.open_branch(
            merchant_id=merchant_id, name={"zh": f"高营 {branch} 店"}, address={"zh": f"高营路 {number} 号"},
            place=Place(30.6 + number / 5000, 104.0), hours=[OpenHours(day, Hours(540, 1260)) for day in range(1, 8)],
            actor="bench", now=now,
        )  # fmt: skip
    for count in range(number * OFFERS // SHOPS, (number + 1) * OFFERS // SHOPS):
        offer_id = offers.draft(merchant_id=merchant_id, terms=_terms(count, today, towns), actor="bench", now=now)
        offers.publish(offer_id=offer_id, seen=1, actor="bench", now=now)


def _terms(number: int, today: Any, towns: list[UnionView]) -> Terms:
    kinds: list[dict[str, Any]] = [
        {"kind": OfferKind.PERCENT, "percent_off": 10, "most_off_fen": 5000},
        {"kind": OfferKind.AMOUNT_OFF, "threshold_fen": 3000, "off_fen": 800, "hours": (Hours(660, 840),)},
        {"kind": OfferKind.FIXED_PRICE, "price_fen": 1500, "weekdays": (1, 2, 3, 4, 5)},
        {"kind": OfferKind.GIFT, "gift": {"zh": "酸梅汤一杯"}, "stock_total": 500},
    ]
    some: dict[str, Any] = {"audience_union_id": towns[number % 2].id} if number % 3 == 0 else {}
    limits = {"per_member_daily": 1, "per_member_weekly": 3} if number % 2 else {"per_member_monthly": 5}
    return Terms(
        title={"zh": f"优惠 {number}：堂食 9 折"}, starts_on=today - 30 * DAY, ends_on=today + 30 * DAY,
        amount_policy=AmountPolicy.REQUIRED, **kinds[number % len(kinds)], **limits, **some,
    )  # fmt: skip


if __name__ == "__main__":
    main()
