"""The floor: bare Flask and psycopg, the least SQL that leaves the same durable facts as scan and redeem.

It knows who calls, checks the same code with the same key, burns it, keeps the scan, and writes redemption, audit
entry and job in one transaction. It decides nothing: no limits, no stock, no agreement, no idempotency key, no
refusals, no log, no rate limit. It lives in a database of its own beside ours, with the indexes that the same facts
need to be found by, and without foreign keys, checks and triggers. The job is a plain row that a worker could take;
nobody is notified, and no event of its life is written.

    python -m gunicorn -c python:app.gunicorn 'benchmarks.floor:create_floor()'
"""

import datetime
import threading
import uuid
from typing import Any

from flask import Flask, Response, jsonify, request
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from app.settings import Settings, load
from services.cards import rules
from services.core.ids import to_base32, uuid7
from services.core.signing import Signer, token_digest

DATABASE = "floor"

SCHEMA = """
CREATE TABLE sessions (digest bytea PRIMARY KEY, clerk_id uuid NOT NULL, branch_id uuid NOT NULL,
    merchant_id uuid NOT NULL, expires_at timestamptz NOT NULL);
CREATE TABLE shops (branch_id uuid PRIMARY KEY, merchant_name jsonb NOT NULL, branch_name jsonb NOT NULL);
CREATE TABLE members (id uuid PRIMARY KEY, name text NOT NULL, union_name jsonb NOT NULL);
CREATE TABLE cards (id uuid PRIMARY KEY, member_id uuid NOT NULL, serial bigint NOT NULL UNIQUE);
CREATE TABLE offers (id uuid PRIMARY KEY, merchant_id uuid NOT NULL, title jsonb NOT NULL, kind text NOT NULL,
    amount_policy text NOT NULL, percent_off int);
CREATE INDEX ON offers (merchant_id, id);

CREATE TABLE burns (card_id uuid, ref text, burnt_at timestamptz NOT NULL, PRIMARY KEY (card_id, ref));
CREATE TABLE scans (id uuid PRIMARY KEY, card_id uuid NOT NULL, ref text NOT NULL, clerk_id uuid NOT NULL,
    branch_id uuid NOT NULL, merchant_id uuid NOT NULL, scanned_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL);
CREATE TABLE redemptions (id uuid PRIMARY KEY, scan_id uuid NOT NULL UNIQUE, offer_id uuid NOT NULL,
    member_id uuid NOT NULL, merchant_id uuid NOT NULL, branch_id uuid NOT NULL, clerk_id uuid NOT NULL,
    offer_title jsonb NOT NULL, amount_fen int, saved_fen int, pay_fen int, redeemed_at timestamptz NOT NULL);
CREATE INDEX ON redemptions (member_id, id);
CREATE INDEX ON redemptions (branch_id, id);
CREATE TABLE audit_entries (id uuid PRIMARY KEY, at timestamptz NOT NULL, actor text NOT NULL, action text NOT NULL,
    subject_id uuid NOT NULL, detail jsonb NOT NULL);
CREATE INDEX ON audit_entries (subject_id, id);
CREATE TABLE jobs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, task text NOT NULL, args jsonb NOT NULL,
    status text NOT NULL DEFAULT 'todo');
CREATE INDEX ON jobs (id) WHERE status = 'todo';
"""

CALLER = "SELECT clerk_id, branch_id, merchant_id, expires_at FROM sessions WHERE digest = %s"
CARD = "SELECT c.id, m.name, m.union_name FROM cards c JOIN members m ON m.id = c.member_id WHERE c.serial = %s"
BURN = "INSERT INTO burns VALUES (%s, %s, %s) ON CONFLICT DO NOTHING RETURNING ref"
SCAN = "INSERT INTO scans VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
OFFERS = "SELECT id, title, kind, amount_policy FROM offers WHERE merchant_id = %s ORDER BY id"
TILL = """
SELECT c.member_id, m.name, shop.merchant_name, shop.branch_name, o.title, o.percent_off
FROM scans s JOIN cards c ON c.id = s.card_id JOIN members m ON m.id = c.member_id
JOIN shops shop ON shop.branch_id = s.branch_id JOIN offers o ON o.id = %s AND o.merchant_id = s.merchant_id
WHERE s.id = %s AND s.clerk_id = %s AND s.expires_at > %s
"""
REDEMPTION = "INSERT INTO redemptions VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
AUDIT = "INSERT INTO audit_entries VALUES (%s, %s, %s, %s, %s, %s)"
JOB = "INSERT INTO jobs (task, args) VALUES (%s, %s)"


class Pool:
    """One psycopg pool a process, made by the first request: nothing connects before gunicorn forks."""

    def __init__(self, url: str, size: int) -> None:
        self._url, self._size = url, size
        self._lock = threading.Lock()
        self._pool: ConnectionPool | None = None

    def connection(self) -> Any:
        if self._pool is None:
            with self._lock:
                if self._pool is None:
                    pool = ConnectionPool(self._url, min_size=self._size, max_size=self._size + 2, open=True)
                    pool.wait()
                    self._pool = pool
        return self._pool.connection()


def database_url(settings: Settings) -> str:
    return settings.database_url.replace("+psycopg", "", 1).replace("/gonghui?", f"/{DATABASE}?", 1)


def create_floor(settings: Settings | None = None) -> Flask:
    settings = settings or load()
    pool = Pool(database_url(settings), settings.web_threads)
    signer = Signer()
    signer.open(settings.signing_keys)
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.get("/nothing")(lambda: "nothing")

    @app.post("/api/v1/shop/scan")
    def scan() -> tuple[Response, int]:
        with pool.connection() as connection:
            body = _scan(connection, signer)
        return (jsonify(body), 200) if body else (jsonify(code="no"), 409)

    @app.post("/api/v1/redemptions")
    def redeem() -> tuple[Response, int]:
        with pool.connection() as connection:
            body = _redeem(connection)
        return (jsonify(body), 201) if body else (jsonify(code="no"), 409)

    return app


def _scan(connection: Any, signer: Signer) -> dict[str, Any] | None:
    now = datetime.datetime.now(datetime.UTC)
    clerk = _caller(connection, now)
    code = rules.parse(request.get_json()["code"])
    if clerk is None or not isinstance(code, rules.QrText):
        return None
    step = rules.verify(signer, code, now=now)
    card = connection.execute(CARD, [code.serial]).fetchone()
    if not isinstance(step, int) or card is None:
        return None
    ref, scan_id, until = f"s{step}", uuid7(), now + datetime.timedelta(minutes=5)
    if connection.execute(BURN, [card[0], ref, now]).fetchone() is None:
        return None
    connection.execute(SCAN, [scan_id, card[0], ref, *clerk[:3], now, until])
    offers = connection.execute(OFFERS, [clerk[2]]).fetchall()
    return {
        "scan_id": scan_id,
        "expires_at": until.isoformat(),
        "member": {"masked_name": "*" + card[1][1:], "union_name": card[2]["zh"]},
        "offers": [
            {"id": offer_id, "title": title["zh"], "kind": kind, "amount": amount, "allowed": True}
            for offer_id, title, kind, amount in offers
        ],
    }


def _redeem(connection: Any) -> dict[str, Any] | None:
    now = datetime.datetime.now(datetime.UTC)
    clerk = _caller(connection, now)
    data = request.get_json()
    scan_id, offer_id, amount = uuid.UUID(data["scan_id"]), uuid.UUID(data["offer_id"]), int(data["amount_fen"])
    till = clerk and connection.execute(TILL, [offer_id, scan_id, clerk[0], now]).fetchone()
    if clerk is None or till is None:
        return None
    clerk_id, branch_id, merchant_id, _ = clerk
    member_id, name, shop_name, branch_name, title, percent = till
    saved, redemption_id = (amount * percent + 50) // 100, uuid7()
    ids = [redemption_id, scan_id, offer_id, member_id, merchant_id, branch_id, clerk_id]
    connection.execute(REDEMPTION, [*ids, Jsonb(title), amount, saved, amount - saved, now])
    detail = {"scan": str(scan_id), "offer": str(offer_id), "saved_fen": saved}
    who = f"clerk:{clerk_id}"
    connection.execute(AUDIT, [uuid7(), now, who, "redemption.recorded", redemption_id, Jsonb(detail)])
    args = {"message_id": str(uuid7()), "payload": {"redemption_id": str(redemption_id)}}
    connection.execute(JOB, ["redemptions.recorded", Jsonb(args)])
    return {
        "id": redemption_id,
        "number": to_base32(redemption_id.int & ((1 << 40) - 1), 8),
        "offer_title": title["zh"],
        "gift": None,
        "shop_name": shop_name["zh"],
        "branch_name": branch_name["zh"],
        "masked_name": "*" + name[1:],
        "amount_fen": amount,
        "saved_fen": saved,
        "pay_fen": amount - saved,
        "redeemed_at": now.isoformat(),
        "disputed_at": None,
    }


def _caller(connection: Any, now: datetime.datetime) -> Any:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    row = connection.execute(CALLER, [token_digest(token)]).fetchone()
    return row if row and row[3] > now else None
