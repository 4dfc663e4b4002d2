"""Officers, workers and stops at once: a large notice never goes out by one person, and never twice."""

import psycopg
import pytest
from flask import Flask

from app import jobs
from services.accounts.types import OfficerActor
from services.core import clock
from services.core.errors import Conflict, Refusal
from services.notifications.notices import errors, sending, service
from services.notifications.notices.types import NoticeId, State
from services.notifications.types import Channel
from tests.builders.notices import ABOVE, Noticing
from tests.builders.world import World
from tests.harness.channels import Fake, Use
from tests.harness.threads import together

ROUNDS = 5


@pytest.fixture
def noticing(world: World) -> Noticing:
    for n in range(ABOVE + 1):
        world.member(f"张三{n}", phone=f"1001234567{n}")
    return Noticing(world)


def tried(noticing: Noticing, notice: NoticeId, officer: OfficerActor, *, seen: int = 1, above: int = ABOVE) -> str:
    try:
        done = noticing.release(notice, officer, seen=seen, above=above)
    except Conflict as error:
        return error.code
    return done.code if isinstance(done, Refusal) else "released"


def changed(noticing: Noticing, notice: NoticeId, officer: OfficerActor) -> str:
    try:
        noticing.change(notice, officer, title={"zh": "换了内容"})
    except Conflict as error:
        return error.code
    return "changed"


def test_what_is_released_is_what_was_read(noticing: Noticing) -> None:
    author, second = noticing.officer(), noticing.officer()
    for _ in range(ROUNDS):
        notice = noticing.waiting(author)
        done = together(lambda n=notice: tried(noticing, n, second), lambda n=notice: changed(noticing, n, author))  # type: ignore[misc]
        seen = noticing.seen(notice)
        if done[0] == "released":
            assert done[1] == errors.NOTICE_MOVED_ON
            assert (seen.state, seen.revision) == (State.SCHEDULED, 1)
        else:
            assert done == [errors.NOTICE_MOVED_ON, "changed"] or done == [errors.NOTICE_CHANGED, "changed"]
            assert (seen.state, seen.released_by) == (State.DRAFT, None)


def test_somebody_who_changes_it_at_that_moment_releases_nothing_of_his_own(noticing: Noticing) -> None:
    author, second = noticing.officer(), noticing.officer()
    for _ in range(ROUNDS):
        notice = noticing.waiting(author)

        def rewrite_and_release(n: NoticeId = notice) -> str:
            changed(noticing, n, second)
            noticing.ask(n, second, seen=2)
            return tried(noticing, n, second, seen=2)

        done = together(rewrite_and_release, lambda n=notice: tried(noticing, n, author))  # type: ignore[misc]
        assert "released" not in done
        assert noticing.seen(notice).released_by is None


def test_two_who_release_at_once_release_it_once(noticing: Noticing, sql: psycopg.Connection) -> None:
    author, one, other = noticing.officer(), noticing.officer(), noticing.officer()
    notice = noticing.waiting(author)
    works = [lambda who=who: tried(noticing, notice, who) for who in (one, other, author) * 4]  # type: ignore[misc]
    done = together(*works)
    assert set(done[2::3]) <= {errors.NOTICE_OWN, errors.NOTICE_MOVED_ON}
    assert "released" in done
    assert noticing.seen(notice).released_by in (one.account_id, other.account_id)
    posted = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'notifications.notice_released'"
    assert sql.execute(posted).fetchone() == (1,)
    released = "SELECT count(*) FROM audit_entries WHERE action = 'notice.released'"
    assert sql.execute(released).fetchone() == (1,)


def test_many_small_ones_at_once_add_up(world: World, noticing: Noticing, sql: psycopg.Connection) -> None:
    elsewhere = world.another_union()
    for n in range(2):
        world.member(f"李四{n}", union=elsewhere)
    officer = noticing.officer()
    small = [noticing.written(officer, union_id=elsewhere.id) for _ in range(6)]
    done = together(*[lambda n=n: tried(noticing, n, officer) for n in small])  # type: ignore[misc]
    assert sorted(done) == sorted(["released"] + [errors.NOTICE_OWN] * 5)


def test_many_workers_put_it_into_each_inbox_once(world: World, noticing: Noticing, sql: psycopg.Connection) -> None:
    notice = noticing.waiting(noticing.officer())
    noticing.release(notice, noticing.officer())

    def begin() -> State:
        return world.do(lambda: sending.start(notice_id=notice, above=ABOVE, with_mass=True, now=clock.now())).state

    assert together(*[begin] * 8) == [State.SENDING] * 8
    counted = sql.execute("SELECT count(*), count(DISTINCT recipient_id) FROM inbox_messages").fetchone()
    assert counted == (ABOVE + 1, ABOVE + 1)


def test_releases_at_once_make_no_fifth_mass_message_of_a_month(
    noticing: Noticing,
) -> None:
    officers = [noticing.officer() for _ in range(8)]
    written = [noticing.written(one, mass=True) for one in officers]

    done = together(*[lambda n=n, o=o: tried(noticing, n, o, above=99) for n, o in zip(written, officers, strict=True)])  # type: ignore[misc]
    assert sorted(done) == [errors.NOTICE_MASS_USED_UP] * 4 + ["released"] * 4


def test_a_stop_among_workers_lets_nothing_begin_after_it(
    crowd: Flask, world: World, noticing: Noticing, use: Use, monkeypatch: pytest.MonkeyPatch, sql: psycopg.Connection
) -> None:
    noon = clock.now().replace(hour=4, minute=0)
    monkeypatch.setattr(clock, "now", lambda: noon)
    officer, second = noticing.officer(), noticing.officer()
    for _ in range(ROUNDS):
        sms = Fake(Channel.SMS, provider="local-sms")
        use(sms)
        notice = noticing.waiting(officer, sms=True)
        noticing.release(notice, second)
        world.do(lambda n=notice: sending.start(notice_id=n, above=9, with_mass=False, now=noon))  # type: ignore[misc]

        def sweep() -> None:
            with crowd.app_context():
                jobs.sweep(0)

        together(sweep, lambda n=notice: noticing.act(service.stop, n, officer), sweep)  # type: ignore[misc]
        went = len(sms.got)
        sweep()
        assert len(sms.got) == went
        query = "SELECT count(*) FROM deliveries WHERE notice_id = %s AND status IN ('created', 'sending')"
        assert sql.execute(query, [notice]).fetchone() == (0,)
        assert len({one.id for one in sms.got}) == went <= ABOVE + 1


def test_a_stop_and_a_withdrawal_at_once_end_in_both(noticing: Noticing, world: World) -> None:
    officer, second = noticing.officer(), noticing.officer()
    for _ in range(ROUNDS):
        notice = noticing.waiting(officer, sms=True)
        noticing.release(notice, second)
        world.do(lambda n=notice: sending.start(notice_id=n, above=9, with_mass=False, now=clock.now()))  # type: ignore[misc]
        together(
            lambda n=notice: noticing.act(service.stop, n, officer),  # type: ignore[misc]
            lambda n=notice: noticing.act(service.withdraw, n, second),  # type: ignore[misc]
        )
        seen = noticing.seen(notice)
        assert seen.state is State.STOPPED
        assert seen.withdrawn_at
