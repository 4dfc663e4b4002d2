"""The audit trail: whoever changes, removes or slips in a row that is sealed breaks the chain from there on."""

import datetime
import threading
import uuid
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask

from services.core import audit, clock
from services.core.errors import Conflict
from services.core.ids import uuid7
from services.core.transaction import in_transaction
from tests.harness.threads import until_somebody_waits

MINUTE = datetime.timedelta(minutes=1)


class Trail:
    """Writes, seals and verifies, each in a context of its own."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def do(self, work: Callable[[], object]) -> object:
        with self.app.app_context():
            return in_transaction(work)

    def write(self, count: int) -> None:
        def acts() -> None:
            for number in range(count):
                detail = {"saved_fen": number, "offer": None, "词": "字", "deep": {"b": [1, 2.5], "a": True}}
                audit.record("test.done", actor="test", subject_id=uuid7(), now=clock.now(), detail=detail)

        self.do(acts)

    def seal(self, minutes: float = 6) -> int:
        return self.do(lambda: audit.seal(clock.now() + minutes * MINUTE))  # type: ignore[return-value]

    def broken(self) -> uuid.UUID | None:
        with self.app.app_context():
            return audit.verify()


@pytest.fixture
def trail(app: Flask) -> Trail:
    return Trail(app)


@pytest.fixture
def sealed(trail: Trail, sql: psycopg.Connection) -> list[uuid.UUID]:
    """Three seals over three entries each, oldest first."""
    for _ in range(3):
        trail.write(3)
        assert trail.seal() == 3
    return [row[0] for row in sql.execute("SELECT id FROM audit_seals ORDER BY id")]


def test_an_empty_trail_holds(trail: Trail) -> None:
    assert trail.seal() == 0
    assert trail.broken() is None


def test_a_sealed_trail_holds_and_goes_on(trail: Trail, sealed: list[uuid.UUID]) -> None:
    assert trail.broken() is None
    trail.write(2)
    assert trail.broken() is None
    assert (trail.seal(), trail.seal()) == (2, 0)
    assert trail.broken() is None


def test_what_is_younger_than_five_minutes_is_left_for_later(trail: Trail) -> None:
    trail.write(4)
    assert trail.seal(minutes=4.9) == 0
    assert trail.seal(minutes=5.1) == 4


def test_a_long_trail_is_sealed_in_batches(
    trail: Trail, sql: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "BATCH", 4)
    trail.write(10)
    assert [trail.seal() for _ in range(4)] == [4, 4, 2, 0]
    assert sql.execute("SELECT rows FROM audit_seals ORDER BY id").fetchall() == [(4,), (4,), (2,)]
    assert trail.broken() is None


def test_many_acts_at_once_are_chained_as_single_ones_are(trail: Trail) -> None:
    past = clock.now() - datetime.timedelta(days=90)
    trail.write(2)
    assert trail.seal() == 2
    trail.do(lambda: audit.record_many(audit.Act("test.past", "job:demo", uuid7(), past) for _ in range(5)))
    trail.do(lambda: audit.record_many([]))
    assert trail.seal() == 5
    assert trail.broken() is None


NEW = "('018f0000-0000-7000-8000-000000000000', now(), 'x', 'x', gen_random_uuid(), '{}')"
MIDDLE = "(SELECT id FROM audit_entries ORDER BY id OFFSET 4 LIMIT 1)"
SWAP = f"""
    UPDATE audit_entries a SET at = b.at, detail = b.detail FROM audit_entries b
    WHERE a.id = {MIDDLE} AND b.id = (SELECT id FROM audit_entries ORDER BY id OFFSET 5 LIMIT 1)
"""
CUT = """
    WITH gone AS (SELECT id, previous_id FROM audit_seals ORDER BY id OFFSET 1 LIMIT 1),
    cut AS (UPDATE audit_seals SET previous_id = NULL WHERE previous_id = (SELECT id FROM gone))
    DELETE FROM audit_seals WHERE id = (SELECT id FROM gone)
"""


@pytest.mark.parametrize(
    ("tampering", "link"),
    [
        (f"UPDATE audit_entries SET actor = 'somebody' WHERE id = {MIDDLE}", 1),
        (f"UPDATE audit_entries SET action = 'test.else' WHERE id = {MIDDLE}", 1),
        (f"UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE id = {MIDDLE}", 1),
        (f"UPDATE audit_entries SET subject_id = gen_random_uuid() WHERE id = {MIDDLE}", 1),
        (f"UPDATE audit_entries SET detail = detail || '{{\"saved_fen\": 9}}' WHERE id = {MIDDLE}", 1),
        (f"UPDATE audit_entries SET detail = detail - 'offer' WHERE id = {MIDDLE}", 1),
        (f"DELETE FROM audit_entries WHERE id = {MIDDLE}", 1),
        ("DELETE FROM audit_entries WHERE id = (SELECT min(id::text)::uuid FROM audit_entries)", 0),
        ("DELETE FROM audit_entries WHERE id = (SELECT max(id::text)::uuid FROM audit_entries)", 2),
        (f"INSERT INTO audit_entries (id, at, actor, action, subject_id, detail) VALUES {NEW}", 0),
        (SWAP, 1),
        ("UPDATE audit_seals SET digest = sha256('x') WHERE previous_id IS NULL", 0),
        ("UPDATE audit_seals SET rows = 4 WHERE previous_id IS NULL", 0),
        (CUT, 2),
    ],
)  # fmt: skip
def test_tampering_breaks_the_chain_at_its_link(
    trail: Trail, sealed: list[uuid.UUID], sql: psycopg.Connection, tampering: str, link: int
) -> None:
    assert sql.execute(tampering).rowcount == 1
    assert trail.broken() == sealed[link]


def test_a_range_sealed_anew_after_tampering_does_not_fit_the_next(
    trail: Trail, sealed: list[uuid.UUID], sql: psycopg.Connection
) -> None:
    """Whoever can compute digests must still rewrite every later seal."""
    sql.execute(f"UPDATE audit_entries SET actor = 'somebody' WHERE id = {MIDDLE}")
    with trail.app.app_context():
        before = audit.db.session.get(audit.AuditSeal, sealed[0])
        assert before is not None
        entries = list(audit.db.session.scalars(audit.select(audit.AuditEntry).order_by(audit.AuditEntry.id)))
        forged = audit._digest(before.digest, entries[3:6])
    sql.execute("UPDATE audit_seals SET digest = %s WHERE id = %s", [forged, sealed[1]])
    assert trail.broken() == sealed[2]


@pytest.mark.parametrize("former", [0, 3])
def test_two_sealers_cannot_both_continue_the_chain(trail: Trail, sql: psycopg.Connection, former: int) -> None:
    trail.write(former)
    trail.seal()
    trail.write(5)
    refused: list[str] = []

    def second() -> None:
        try:
            trail.seal()
        except Conflict as conflict:
            refused.append(conflict.code)

    rival = threading.Thread(target=second)

    def first() -> int:
        count = audit.seal(clock.now() + 6 * MINUTE)
        rival.start()
        until_somebody_waits(sql)
        return count

    assert trail.do(first) == 5
    rival.join()
    assert refused == [audit.SEALED_ALREADY]
    assert trail.seal() == 0
    assert trail.broken() is None
