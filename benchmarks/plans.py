"""The plans of the hot path on a million redemptions: `.venv/bin/python -m benchmarks.plans`.

Makes the town of world.py, adds a million redemptions of the last year (history.py), and explains each statement of
one scan and one redemption as it is really sent, with its real values (EXPLAIN ANALYZE, rolled back). Ends with 1 if
one of them reads a growing table from end to end.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import flask_migrate
import psycopg
from flask import Flask

from app.embedded import cluster
from app.factory import create_app
from app.settings import Settings, fresh_keys, load
from benchmarks import history, world
from services.cards import rules
from services.cards.types import Serial
from services.core import clock
from services.core.signing import Signer

MEMBERS, REDEMPTIONS = 100_000, 1_000_000
GROWING = ("members", "cards", "scans", "redemptions", "card_burns", "allowances", "audit_entries", "sessions",
           "idempotency_keys", "attempts", "procrastinate_jobs")  # fmt: skip


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="gonghui-plans-", ignore_cleanup_errors=True) as folder,
        cluster(Path(folder) / "pg", settings={"fsync": "off"}) as url,
    ):
        return _explain(url, folder)


def _explain(url: str, folder: str) -> int:
    settings = load({**os.environ, **fresh_keys(), "DATABASE_URL": url, "INSTANCE_DIR": folder, "LOG_LEVEL": "error"})
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
    town = world.build(app, url, None, members=MEMBERS)
    history.fill(url, REDEMPTIONS)
    return explain(app, settings, town)


def explain(app: Flask, settings: Settings, town: world.Town) -> int:
    """Prints the plan of each statement of one scan and one redemption; 1 if a growing table is read whole."""
    signer, client, bad = Signer(), app.test_client(), 0
    signer.open(settings.signing_keys)
    token, offer_id = town.clerks[0]
    headers = {"Authorization": f"Bearer {token}"}
    code = rules.sign(signer, Serial(town.serials[1]), now=clock.now()).text
    with explained("scan") as plans:
        scan = client.post("/api/v1/shop/scan", json={"code": code}, headers=headers)
    bad += _report(plans)
    body = {"scan_id": scan.json["scan_id"], "offer_id": offer_id, "amount_fen": 4650}
    with explained("redeem") as plans:
        done = client.post(
            "/api/v1/redemptions",
            json=body,
            headers={**headers, "Idempotency-Key": f"plans-{clock.now():%Y%m%d%H%M%S}"},
        )
    if done.status_code != 201:
        raise SystemExit(f"refused: {done.json}")
    bad += _report(plans)
    return 1 if bad else 0


@contextmanager
def explained(of: str) -> Iterator[list[str]]:
    """Explains each statement before it runs, under a savepoint that is rolled back."""
    plans: list[str] = []
    execute = psycopg.Cursor.execute

    def explaining(cursor: psycopg.Cursor[Any], query: Any, *args: Any, **kwargs: Any) -> Any:
        # What psycopg composes itself (SET, BEGIN) has no plan.
        text = query if isinstance(query, str) else query.decode() if isinstance(query, bytes) else ""
        if re.match(r"\s*(WITH|SELECT|INSERT|UPDATE)", text):
            with cursor.connection.cursor() as other:
                execute(other, "SAVEPOINT plan")
                execute(other, f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) {text}", *args)
                lines = [row[0] for row in other.fetchall()]
                execute(other, "ROLLBACK TO plan")
            plans.append(f"{of}: {' '.join(text.split())[:60]}...\n" + "\n".join(lines))
        return execute(cursor, query, *args, **kwargs)

    with patch.object(psycopg.Cursor, "execute", explaining):
        yield plans


def _report(plans: list[str]) -> int:
    bad = 0
    for plan in plans:
        print(plan, end="\n\n")
        for table in re.findall(r"Seq Scan on (\w+)", plan):
            bad += table in GROWING
            print(f"!! reads {table} from end to end\n" if table in GROWING else f"({table} is small)\n")
    return bad


if __name__ == "__main__":
    sys.exit(main())
