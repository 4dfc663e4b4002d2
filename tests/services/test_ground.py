"""The ground on PostgreSQL: outbox, idempotency keys, pages, and what constraints mean."""

import datetime
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from services.accounts import service as accounts
from services.accounts.types import Role
from services.cards import service as cards
from services.cards.messages import CardFrozen
from services.core import audit, clock, idempotency, outbox
from services.core.audit import AuditEntry
from services.core.db import db
from services.core.errors import Conflict, LostRace, Refusal
from services.core.ids import uuid7
from services.core.paging import PageRequest
from services.core.transaction import in_transaction
from services.members.types import MemberId
from services.offers.types import OfferKind
from services.unions.models import Union
from tests.builders.world import World

Jobs = Callable[[], list[tuple[str, str, dict[str, Any]]]]
FROZEN = CardFrozen(card_id=uuid.UUID(int=1), member_id=uuid.UUID(int=2))


@pytest.fixture
def jobs(sql: psycopg.Connection) -> Jobs:
    """What really stands in the queue: task, queue and arguments."""
    return lambda: sql.execute("SELECT task_name, queue_name, args FROM procrastinate_jobs ORDER BY id").fetchall()


def test_a_message_is_a_job_with_plain_values(app: Flask, jobs: Jobs) -> None:
    with app.app_context():
        message_id = in_transaction(lambda: outbox.post(FROZEN))
    payload = {"card_id": str(FROZEN.card_id), "member_id": str(FROZEN.member_id)}
    assert jobs() == [("cards.frozen", "messages", {"message_id": str(message_id), "payload": payload})]


def test_a_message_is_not_there_before_the_commit(app: Flask, jobs: Jobs) -> None:
    seen: list[int] = []

    def work() -> None:
        outbox.post(FROZEN)
        seen.append(len(jobs()))

    with app.app_context():
        in_transaction(work)
    assert (seen, len(jobs())) == ([0], 1)


def test_a_rollback_drops_the_message(app: Flask, jobs: Jobs) -> None:
    def work() -> None:
        outbox.post(FROZEN)
        raise ZeroDivisionError

    with app.app_context(), pytest.raises(ZeroDivisionError):
        in_transaction(work)
    assert jobs() == []


def test_a_savepoint_drops_only_its_own_message(app: Flask, jobs: Jobs) -> None:
    def work() -> None:
        outbox.post(FROZEN)
        savepoint = db.session.begin_nested()
        outbox.post(FROZEN)
        savepoint.rollback()

    with app.app_context():
        in_transaction(work)
    assert len(jobs()) == 1


def test_work_that_is_done_again_posts_once(app: Flask, jobs: Jobs) -> None:
    runs: list[uuid.UUID] = []

    def work() -> None:
        runs.append(outbox.post(FROZEN))
        if len(runs) < 3:
            raise LostRace

    with app.app_context():
        in_transaction(work)
    assert [job[2]["message_id"] for job in jobs()] == [str(runs[-1])]


NOW = datetime.datetime(2026, 3, 1, 4, 5, 6, tzinfo=datetime.UTC)


def store(key: str = "key-0001", *, scope: str = "clerk:1 /r", at: datetime.datetime = NOW, answer: object = 1) -> None:
    idempotency.store(scope=scope, key=key, digest=b"d" * 32, status=201, answer={"a": answer}, now=at)


def test_an_answer_is_kept_under_its_scope_and_key(world: World) -> None:
    world.do(store)
    kept = world.look(lambda: idempotency.stored(scope="clerk:1 /r", key="key-0001"))
    assert kept == idempotency.Stored(b"d" * 32, 201, {"a": 1})
    for scope, key in (("clerk:2 /r", "key-0001"), ("clerk:1 /s", "key-0001"), ("clerk:1 /r", "KEY-0001")):
        assert world.look(lambda scope=scope, key=key: idempotency.stored(scope=scope, key=key)) is None


def test_the_second_act_under_a_key_is_undone_whole(world: World, jobs: Jobs) -> None:
    world.do(store)
    before = len(jobs())

    def second() -> None:
        outbox.post(FROZEN)
        store(answer=2)

    with pytest.raises(Conflict) as raised:
        world.do(second)
    assert raised.value.code == idempotency.KEY_TAKEN
    assert len(jobs()) == before
    kept = world.look(lambda: idempotency.stored(scope="clerk:1 /r", key="key-0001"))
    assert kept is not None
    assert kept.answer == {"a": 1}


def test_an_answer_is_forgotten_after_two_days(world: World) -> None:
    world.do(lambda: store("key-old", at=NOW - datetime.timedelta(hours=48, seconds=1)))
    world.do(lambda: store("key-new", at=NOW - datetime.timedelta(hours=48)))
    assert world.do(lambda: idempotency.purge(NOW)) == 1
    left = [
        world.look(lambda key=key: idempotency.stored(scope="clerk:1 /r", key=key)) for key in ("key-old", "key-new")
    ]
    assert [one is not None for one in left] == [False, True]


def test_pages_show_every_row_once_while_new_ones_arrive(world: World) -> None:
    def write(count: int) -> None:
        for _ in range(count):
            audit.record("test.page", actor="test", subject_id=uuid7(), now=clock.now())

    def page(cursor: str | None) -> tuple[list[uuid.UUID], str | None]:
        request = PageRequest(cursor=cursor, limit=3)
        query = request.apply(select(AuditEntry.id).where(AuditEntry.action == "test.page"), AuditEntry.id)
        ids = list(db.session.scalars(query))
        found = request.page(ids, ids)
        return found.items, found.next

    world.do(lambda: write(10))
    first = world.look(lambda: list(db.session.scalars(select(AuditEntry.id).where(AuditEntry.action == "test.page"))))
    seen, cursor = world.look(lambda: page(None))
    while cursor:
        world.do(lambda: write(2))
        more, cursor = world.look(lambda cursor=cursor: page(cursor))
        seen += more
    assert seen == sorted(first, reverse=True)


def clashes(world: World) -> dict[str, Callable[[], object]]:
    """Acts that each hit one constraint, and the code they end with."""
    member, officer, now = world.member(), world.officer(), clock.now()
    again = Union(
        id=uuid7(),
        path=world.federation.path,
        level="federation",
        name={"zh": "重"},
        parent_id=None,
        join_token="0" * 16,
    )

    def add_again() -> None:
        db.session.add(again)
        db.session.flush()

    return {
        "account_exists": lambda: accounts.open_account(display_name="李春梅", now=now, member_id=member.member_id),
        "card_exists": lambda: cards.issue(member_id=member.member_id, actor="test", now=now),
        "role_granted_already": lambda: accounts.grant(
            account_id=officer.account_id, role=Role.DISTRICT, union_id=world.federation.id, actor="test", now=now
        ),
        "union_exists": add_again,
    }


@pytest.mark.parametrize("code", ["account_exists", "card_exists", "role_granted_already", "union_exists"])
def test_a_clash_is_told_in_the_words_of_the_business(world: World, code: str) -> None:
    with pytest.raises(Conflict) as raised:
        world.do(clashes(world)[code])
    assert raised.value.code == code


def test_a_key_to_nothing_is_a_fault_of_ours(world: World) -> None:
    with pytest.raises(IntegrityError, match="fk_cards_member_id"):
        world.do(lambda: cards.issue(member_id=MemberId(uuid7()), actor="test", now=clock.now()))


@pytest.mark.parametrize(
    "terms",
    [
        {"percent_off": None}, {"percent_off": 0}, {"percent_off": 100},
        {"kind": OfferKind.AMOUNT_OFF}, {"kind": OfferKind.AMOUNT_OFF, "off_fen": 500},
        {"kind": OfferKind.AMOUNT_OFF, "threshold_fen": 500}, {"kind": OfferKind.GIFT},
        {"kind": OfferKind.AMOUNT_OFF, "off_fen": 501, "threshold_fen": 500},
        {"kind": OfferKind.AMOUNT_OFF, "off_fen": 0, "threshold_fen": 500},
        {"per_member_daily": 0}, {"per_member_total": -1}, {"per_member_daily": 1, "per_member_total": 0},
        {"starts_on": datetime.date(2026, 3, 2), "ends_on": datetime.date(2026, 3, 1)},
        {"stock_total": -1},
    ],
)  # fmt: skip
def test_an_offer_whose_terms_make_no_sense_is_refused_by_its_table(
    world: World, sql: psycopg.Connection, terms: dict[str, Any]
) -> None:
    world.offer(world.shop())
    said = ", ".join(f"{name} = %s" for name in terms)
    with pytest.raises(psycopg.errors.CheckViolation, match="ck_offer_versions_"):
        sql.execute(f"UPDATE offer_versions SET {said}", list(terms.values()))  # type: ignore[arg-type]


def test_a_frozen_card_gets_no_digits_and_writes_none(world: World, sql: psycopg.Connection) -> None:
    member = world.member()
    world.do(lambda: cards.freeze(member_id=member.member_id, actor="test", now=clock.now()))
    result = world.do(lambda: cards.typed_code(member_id=member.member_id, now=clock.now()))
    assert result == Refusal("card_frozen")
    assert sql.execute("SELECT count(*) FROM typed_codes").fetchone() == (0,)
