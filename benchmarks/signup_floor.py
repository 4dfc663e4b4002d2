"""The floor of signing up: bare Flask and psycopg, one conditional UPDATE, and the same durable rows.

It knows who calls, writes entry, person, audit entry, job and idempotency key, and takes the place last, so that nobody
waits longer for the event's row than he must; without room it undoes all that and writes a place in the line, or says
no. It decides nothing else: who may enter, which quotas count, waves, answers, files, limits of rates, whose turn it
is. It lives in a database of its own beside ours, without foreign keys, checks and triggers; nobody is notified.

    python -m gunicorn -c python:app.gunicorn 'benchmarks.signup_floor:create_floor()'
"""

import datetime
import hashlib
import uuid
from typing import Any

from flask import Flask, Response, jsonify, request
from psycopg.types.json import Jsonb

from app.settings import Settings, load
from benchmarks.floor import Pool, database_url
from services.core.ids import random_base32, uuid7
from services.core.signing import token_digest

SCHEMA = """
CREATE TABLE sessions (digest bytea PRIMARY KEY, member_id uuid NOT NULL, expires_at timestamptz NOT NULL);
CREATE TABLE events (id uuid PRIMARY KEY, closes_at timestamptz NOT NULL, capacity int NOT NULL, taken int NOT NULL,
    waiting_most int NOT NULL);
CREATE SEQUENCE positions;
CREATE TABLE signups (id uuid PRIMARY KEY, event_id uuid NOT NULL, number text NOT NULL, category smallint NOT NULL,
    state text NOT NULL, captain_id uuid NOT NULL, counts jsonb NOT NULL, position bigint,
    created_at timestamptz NOT NULL, changed_at timestamptz NOT NULL, UNIQUE (event_id, number));
CREATE INDEX ON signups (event_id, position) WHERE state = 'waiting';
CREATE TABLE people (signup_id uuid, ordinal smallint, event_id uuid NOT NULL, member_id uuid NOT NULL,
    active boolean NOT NULL, PRIMARY KEY (signup_id, ordinal));
CREATE UNIQUE INDEX ON people (event_id, member_id) WHERE active;
CREATE TABLE audit_entries (id uuid PRIMARY KEY, at timestamptz NOT NULL, actor text NOT NULL, action text NOT NULL,
    subject_id uuid NOT NULL, detail jsonb NOT NULL);
CREATE TABLE jobs (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, task text NOT NULL, args jsonb NOT NULL,
    status text NOT NULL DEFAULT 'todo');
CREATE TABLE keys (scope text, key text, digest bytea NOT NULL, status int NOT NULL, answer jsonb NOT NULL,
    stored_at timestamptz NOT NULL, PRIMARY KEY (scope, key));
"""

CALLER = "SELECT member_id, expires_at FROM sessions WHERE digest = %s"
EVENT = """SELECT closes_at, capacity, taken, waiting_most,
    (SELECT count(*) FROM signups s WHERE s.event_id = e.id AND s.state = 'waiting') FROM events e WHERE id = %s"""
SIGNUP = """INSERT INTO signups VALUES (%s, %s, %s, 1, %s, %s, '{"0": 1}',
    CASE WHEN %s THEN nextval('positions') END, %s, %s)"""
PERSON = "INSERT INTO people VALUES (%s, 0, %s, %s, true)"
AUDIT = "INSERT INTO audit_entries VALUES (%s, %s, %s, %s, %s, %s)"
JOB = "INSERT INTO jobs (task, args) VALUES (%s, %s)"
KEY = "INSERT INTO keys VALUES (%s, %s, %s, %s, %s, %s)"
TAKE = "UPDATE events SET taken = taken + 1 WHERE id = %s AND taken < capacity RETURNING taken"
SHARE = "SELECT taken FROM events WHERE id = %s FOR SHARE"


def create_floor(settings: Settings | None = None) -> Flask:
    settings = settings or load()
    pool = Pool(database_url(settings), settings.web_threads)
    app = Flask(__name__)

    @app.post("/api/v1/events/<uuid:event_id>/signups")
    def sign_up(event_id: uuid.UUID) -> tuple[Response, int]:
        with pool.connection() as connection:
            body, status = _sign_up(connection, event_id)
        return jsonify(body), status

    return app


def _sign_up(connection: Any, event_id: uuid.UUID) -> tuple[dict[str, Any], int]:
    now = datetime.datetime.now(datetime.UTC)
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    caller = connection.execute(CALLER, [token_digest(token)]).fetchone()
    row = connection.execute(EVENT, [event_id]).fetchone()
    if caller is None or caller[1] < now or row is None or row[0] < now:
        return {"code": "no"}, 409
    _, capacity, taken, waiting_most, waiting = row
    if taken < capacity and not waiting:
        made = _write(connection, event_id, caller[0], "confirmed", now)
        if connection.execute(TAKE, [event_id]).fetchone():
            return made, 201
        connection.rollback()
    if waiting >= waiting_most:
        return _kept(connection, event_id, caller[0], {"code": "waiting_full"}, 409, now)
    connection.execute(SHARE, [event_id])
    return _write(connection, event_id, caller[0], "waiting", now), 201


def _write(connection: Any, event_id: uuid.UUID, member_id: uuid.UUID, state: str, now: Any) -> dict[str, Any]:
    signup_id, number, who = uuid7(), random_base32(8), f"member:{member_id}"
    waits = state == "waiting"
    connection.execute(SIGNUP, [signup_id, event_id, number, state, member_id, waits, now, now])
    connection.execute(PERSON, [signup_id, event_id, member_id])
    detail = Jsonb({"event": str(event_id)})
    connection.execute(AUDIT, [uuid7(), now, who, f"signup.{state}", signup_id, detail])
    args = {"message_id": str(uuid7()), "payload": {"signup_id": str(signup_id), "what": state}}
    connection.execute(JOB, ["events.signup", Jsonb(args)])
    answer = {"id": str(signup_id), "number": number, "state": state}
    return _kept(connection, event_id, member_id, answer, 201, now)[0]


def _kept(
    connection: Any, event_id: uuid.UUID, member_id: uuid.UUID, answer: dict[str, Any], status: int, now: Any
) -> tuple[dict[str, Any], int]:
    digest, key = hashlib.sha256(request.get_data()).digest(), request.headers["Idempotency-Key"]
    connection.execute(KEY, [f"member:{member_id} {event_id}", key, digest, status, Jsonb(answer), now])
    return answer, status
