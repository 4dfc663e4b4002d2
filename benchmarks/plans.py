"""The plans of the hot path on a million redemptions: `.venv/bin/python -m benchmarks.plans`.

Makes the town of world.py, adds a million scans, redemptions and audit entries of the last year by generate_series,
with the allowances and the newest burns and keys, and explains each statement of one scan and one redemption as it is
really sent, with its real values (EXPLAIN ANALYZE, rolled back). Ends with 1 if one of them reads a growing
table from end to end.
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

from app.embedded import cluster
from app.factory import create_app
from app.settings import fresh_keys, load
from benchmarks import floor, world
from services.cards import rules
from services.cards.types import Serial
from services.core import clock
from services.core.signing import Signer

MEMBERS, REDEMPTIONS = 100_000, 1_000_000
GROWING = ("members", "cards", "scans", "redemptions", "card_burns", "allowances", "audit_entries", "sessions",
           "idempotency_keys", "attempts", "procrastinate_jobs")  # fmt: skip

FILL = f"""
SET session_replication_role = replica;
CREATE TEMP TABLE past AS
SELECT n,
       uuidv7(-n * interval '30 s') AS scan_id, uuidv7(-n * interval '30 s') AS redemption_id,
       c.id AS card_id, c.member_id, k.clerk_id,
       k.branch_id, k.merchant_id, k.offer_id, now() - n * interval '30 seconds' AS at
FROM generate_series(1, {REDEMPTIONS}) AS n
JOIN (SELECT row_number() OVER () AS nth, id, member_id FROM cards) c ON c.nth = 1 + (n::bigint * 7919) % {MEMBERS}
JOIN (SELECT row_number() OVER () AS nth, k.id AS clerk_id, b.id AS branch_id, b.merchant_id,
             (SELECT o.id FROM offers o WHERE o.merchant_id = b.merchant_id ORDER BY o.id LIMIT 1) AS offer_id
      FROM clerks k JOIN branches b ON b.id = k.branch_id) k
  ON k.nth = 1 + n % (SELECT count(*) FROM clerks);
INSERT INTO scans SELECT scan_id, card_id, 's' || n, 'qr', clerk_id, branch_id, merchant_id, at, at + interval '5 min'
FROM past;
INSERT INTO redemptions (id, scan_id, offer_id, member_id, merchant_id, branch_id, clerk_id, offer_title, amount_fen,
                         saved_fen, pay_fen, redeemed_at)
SELECT redemption_id, scan_id, offer_id, member_id, merchant_id, branch_id, clerk_id, '{{"zh": "9 折"}}', 4650, 465,
       4185, at FROM past;
INSERT INTO card_burns SELECT card_id, 's' || n, at FROM past WHERE n <= 100000;
INSERT INTO allowances SELECT member_id, offer_id, 'all', count(*) FROM past GROUP BY 1, 2;
INSERT INTO audit_entries SELECT uuidv7(at - now()), at, 'clerk:' || clerk_id, 'redemption.recorded', redemption_id,
       '{{"saved_fen": 465}}' FROM past;
INSERT INTO idempotency_keys SELECT 'clerk:' || clerk_id || ' /api/v1/redemptions', 'past-' || n, '\\x00', 201, '{{}}',
       at FROM past WHERE n <= 100000;
"""


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
    town = world.build(app, url, floor.database_url(settings), members=MEMBERS)
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in FILL.split(";\n"):
            if statement.strip():
                connection.execute(statement)
        connection.execute("VACUUM ANALYZE")
    signer, client, bad = Signer(), app.test_client(), 0
    signer.open(settings.signing_keys)
    token, offer_id = town.clerks[0]
    headers = {"Authorization": f"Bearer {token}"}
    code = rules.sign(signer, Serial(town.serials[1]), now=clock.now()).text
    with _explained("scan") as plans:
        scan = client.post("/api/v1/shop/scan", json={"code": code}, headers=headers)
    bad += _report(plans)
    body = {"scan_id": scan.json["scan_id"], "offer_id": offer_id, "amount_fen": 4650}
    with _explained("redeem") as plans:
        done = client.post("/api/v1/redemptions", json=body, headers={**headers, "Idempotency-Key": "plans-0001"})
    if done.status_code != 201:
        raise SystemExit(f"refused: {done.json}")
    bad += _report(plans)
    return 1 if bad else 0


@contextmanager
def _explained(of: str) -> Iterator[list[str]]:
    """Explains each statement before it runs, under a savepoint that is rolled back."""
    plans: list[str] = []
    execute = psycopg.Cursor.execute

    def explaining(cursor: psycopg.Cursor[Any], query: Any, *args: Any, **kwargs: Any) -> Any:
        text = query if isinstance(query, str) else query.decode()
        if re.match(r"\s*(SELECT|INSERT|UPDATE)", text):
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
