"""Notices of officers: two people for a large one, once into each inbox, stopped and withdrawn at any moment."""

import datetime
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask

from app import notices
from services.accounts.types import Role
from services.core import clock
from services.core.errors import DomainError, NotFound, Refusal
from services.core.paging import PageRequest
from services.members.types import Standing
from services.notifications import queries as inboxes
from services.notifications.notices import counting, errors, service
from services.notifications.notices.types import Readers, State, UsedShop
from services.notifications.templates import words
from services.notifications.types import InboxItem, Recipient, RecipientKind
from tests.builders.notices import ABOVE, Noticing
from tests.builders.world import World

HOUR = datetime.timedelta(hours=1)
NOON = datetime.datetime(2026, 11, 20, 4, 0, tzinfo=datetime.UTC)
NIGHT = datetime.datetime(2026, 11, 20, 15, 0, tzinfo=datetime.UTC)
Jobs = Callable[[], None]


@pytest.fixture
def noticing(world: World) -> Noticing:
    return Noticing(world)


@pytest.fixture
def bound(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The installation's own bound is that of the builder."""
    monkeypatch.setitem(app.config, "SETTINGS", _with(app.config["SETTINGS"], notice_second_above=ABOVE))


def _with(settings: Any, **changed: Any) -> Any:
    changed_fields = {name: getattr(settings, name) for name in settings.__dataclass_fields__}
    return type(settings)(**{**changed_fields, **changed})


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


def crowd(world: World, number: int = 3) -> list[Any]:
    return [world.member(f"张三{n}", phone=f"1001234567{n}") for n in range(number)]


def inbox(world: World, member: Any) -> list[InboxItem]:
    read = lambda: inboxes.inbox(Recipient(RecipientKind.MEMBER, member.member_id), PageRequest())  # noqa: E731
    return list(world.look(read).items)


def code_of(work: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as caught:
        work()
    return caught.value.code


# --- writing and who may


def test_a_small_notice_is_sent_by_its_author_and_read_by_everybody_in_the_subtree(
    world: World, noticing: Noticing, run_jobs: Jobs, sql: psycopg.Connection
) -> None:
    inside, officer = crowd(world, 2), noticing.officer(Role.GRASSROOTS)
    outside = world.member("李四", union=world.another_union())
    gone = world.member("王五", standing=Standing.LEFT)
    notice = noticing.written(officer, union_id=world.union.id)
    assert noticing.release(notice, officer) == notice
    run_jobs()
    for member in inside:
        [item] = inbox(world, member)
        said = words(item.template, item.facts, language="zh", version=item.version)
        assert (said.title, said.body) == ("周六文化宫放电影", "14:00 开始，带会员码入场。")
    assert inbox(world, outside) == inbox(world, gone) == []
    seen = noticing.seen(notice)
    assert (seen.state, seen.people, seen.second_needed) == (State.SENT, 2, False)
    assert sql.execute("SELECT count(*) FROM deliveries").fetchone() == (0,)


def test_without_english_the_chinese_is_read(world: World, noticing: Noticing, run_jobs: Jobs) -> None:
    [member], officer = crowd(world, 1), noticing.officer()
    noticing.release(noticing.written(officer, title={"zh": "放电影", "en": "A film"}), officer)
    run_jobs()
    [item] = inbox(world, member)
    said = words(item.template, item.facts, language="en")
    assert (said.title, said.body) == ("A film", "14:00 开始，带会员码入场。")


@pytest.mark.parametrize(
    ("readers", "fits"),
    [
        (Readers(), {"甲", "乙", "丙"}),
        (Readers(bound=True), {"甲", "乙"}),
        (Readers((Standing.RETIRED,)), {"乙"}),
        (Readers((Standing.RETIRED, Standing.LEFT)), {"乙"}),
    ],
)
def test_an_audience_is_a_subtree_by_standing_and_bond(
    world: World, sql: psycopg.Connection, readers: Readers, fits: set[str]
) -> None:
    world.member("甲")
    world.member("乙", standing=Standing.RETIRED)
    unbound = world.member("丙")
    world.member("丁", standing=Standing.LEFT)
    sql.execute("UPDATE accounts SET member_id = NULL WHERE id = %s", [unbound.account_id])
    found = world.look(lambda: counting.people(readers, scope=world.union.path, now=clock.now()))
    assert found == len(fits)


def test_somebody_elses_union_and_shop_are_refused(world: World, noticing: Noticing) -> None:
    town, elsewhere = noticing.officer(Role.TOWN), world.another_union()
    shop = world.shop().merchant_id
    assert code_of(lambda: noticing.written(town)) == errors.NOTICE_UNION_UNKNOWN
    assert code_of(lambda: noticing.written(town, union_id=elsewhere.id)) == errors.NOTICE_UNION_UNKNOWN
    used = Readers(act=UsedShop(shop, 30))
    assert code_of(lambda: noticing.written(town, union_id=world.town.id, readers=used)) == errors.NOTICE_SHOP_UNKNOWN
    other = noticing.written(noticing.officer())
    assert code_of(lambda: noticing.change(other, town)) == errors.NOTICE_UNKNOWN
    with pytest.raises(NotFound):
        noticing.release(other, town)


def test_a_change_goes_by_what_was_seen_and_ends_the_asking(world: World, noticing: Noticing) -> None:
    crowd(world)
    author, colleague = noticing.officer(), noticing.officer()
    notice = noticing.waiting(author)
    assert noticing.change(notice, colleague, title={"zh": "改到周日"}) == 2
    seen = noticing.seen(notice)
    assert (seen.state, seen.author, seen.revision) == (State.DRAFT, colleague.account_id, 2)
    assert code_of(lambda: noticing.change(notice, author)) == errors.NOTICE_CHANGED
    assert code_of(lambda: noticing.release(notice, author, seen=1)) == errors.NOTICE_CHANGED


# --- two people


def test_a_large_notice_needs_somebody_who_wrote_none_of_it(
    world: World, noticing: Noticing, run_jobs: Jobs, sql: psycopg.Connection
) -> None:
    members = crowd(world)
    author, writer, second = noticing.officer(Role.DISTRICT, Role.TOWN), noticing.officer(), noticing.officer()
    notice = noticing.written(writer)
    noticing.change(notice, author)
    noticing.ask(notice, author, seen=2)
    for officer in (author, writer):
        refused = noticing.release(notice, officer, seen=2)
        assert isinstance(refused, Refusal)
        assert refused.code == errors.NOTICE_OWN
    assert noticing.seen(notice).state is State.WAITING
    assert noticing.release(notice, second, seen=2) == notice
    run_jobs()
    assert [len(inbox(world, member)) for member in members] == [1, 1, 1]
    acts = sql.execute("SELECT action, actor FROM audit_entries WHERE subject_id = %s ORDER BY id", [notice])
    assert acts.fetchall() == [
        ("notice.written", writer.label),
        ("notice.written", author.label),
        ("notice.asked", author.label),
        ("notice.release_refused", author.label),
        ("notice.release_refused", writer.label),
        ("notice.released", second.label),
        ("notice.started", "job:notices"),
    ]


def test_a_town_officer_does_not_release_a_large_notice(world: World, noticing: Noticing) -> None:
    crowd(world)
    one, other = noticing.officer(Role.TOWN), noticing.officer(Role.TOWN)
    notice = noticing.waiting(one, union_id=world.town.id)
    refused = noticing.release(notice, other)
    assert isinstance(refused, Refusal)
    assert refused.code == errors.NOTICE_NEEDS_RELEASER


def test_a_draft_is_nobody_elses_to_release(world: World, noticing: Noticing) -> None:
    crowd(world, 1)
    notice = noticing.written(noticing.officer())
    assert code_of(lambda: noticing.release(notice, noticing.officer())) == errors.NOTICE_MOVED_ON


def test_small_notices_of_a_day_add_up(world: World, noticing: Noticing) -> None:
    crowd(world, 2)
    officer = noticing.officer()
    first, second = noticing.written(officer), noticing.written(officer)
    assert noticing.release(first, officer) == first
    refused = noticing.release(second, officer)
    assert isinstance(refused, Refusal)
    assert refused.code == errors.NOTICE_OWN


def test_the_database_itself_refuses_one_person(world: World, noticing: Noticing, sql: psycopg.Connection) -> None:
    crowd(world)
    author = noticing.officer()
    notice = noticing.waiting(author)
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.execute("UPDATE officer_notices SET status = 'scheduled', released_by = author WHERE id = %s", [notice])
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.execute("UPDATE officer_notices SET status = 'sending' WHERE id = %s", [notice])


def test_what_has_grown_since_the_count_waits_for_a_second_officer(
    app: Flask, bound: None, world: World, noticing: Noticing, run_jobs: Jobs
) -> None:
    crowd(world, 2)
    officer = noticing.officer()
    notice = noticing.written(officer)
    noticing.release(notice, officer)
    late = world.member("赵六")
    run_jobs()
    seen = noticing.seen(notice)
    assert (seen.state, seen.second_needed, seen.people, seen.released_by) == (State.WAITING, True, 3, None)
    assert inbox(world, late) == []
    refused = noticing.release(notice, officer)
    assert isinstance(refused, Refusal)
    noticing.release(notice, noticing.officer())
    run_jobs()
    assert len(inbox(world, late)) == 1


def test_released_twice_is_once(world: World, noticing: Noticing, run_jobs: Jobs, sql: psycopg.Connection) -> None:
    crowd(world, 2)
    officer = noticing.officer()
    notice = noticing.written(officer)
    assert noticing.release(notice, officer) == noticing.release(notice, officer) == notice
    assert code_of(lambda: noticing.release(notice, noticing.officer())) == errors.NOTICE_MOVED_ON
    run_jobs()
    assert noticing.release(notice, officer) == notice
    assert sql.execute("SELECT count(*) FROM inbox_messages").fetchone() == (2,)
    jobs_of = "SELECT count(*) FROM audit_entries WHERE action = 'notice.released'"
    assert sql.execute(jobs_of).fetchone() == (1,)


def test_nobody_is_refused(world: World, noticing: Noticing) -> None:
    officer = noticing.officer()
    notice = noticing.written(officer)
    assert code_of(lambda: noticing.release(notice, officer)) == errors.NOTICE_NOBODY
    assert code_of(lambda: noticing.ask(notice, officer)) == errors.NOTICE_NOBODY


# --- its time


def test_a_scheduled_notice_begins_when_it_is_due(
    app: Flask, world: World, noticing: Noticing, run_jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    [member], officer = crowd(world, 1), noticing.officer()
    monkeypatch.setattr(clock, "now", lambda: NOON)
    notice = noticing.written(officer, send_at=NOON + HOUR)
    noticing.release(notice, officer)
    run_jobs()
    go_on(app)
    assert inbox(world, member) == []
    monkeypatch.setattr(clock, "now", lambda: NOON + HOUR)
    go_on(app)
    assert len(inbox(world, member)) == 1
    assert noticing.seen(notice).state is State.SENT


def go_on(app: Flask) -> None:
    with app.app_context():
        notices.go_on(0)


def test_what_was_released_may_be_taken_back_until_it_begins(world: World, noticing: Noticing, run_jobs: Jobs) -> None:
    [member], officer = crowd(world, 1), noticing.officer()
    notice = noticing.written(officer)
    noticing.release(notice, officer)
    noticing.act(service.take_back, notice, officer)
    noticing.act(service.take_back, notice, officer)
    run_jobs()
    assert inbox(world, member) == []
    assert noticing.seen(notice).state is State.DRAFT
    noticing.act(service.drop, notice, officer)
    noticing.act(service.drop, notice, officer)
    for verb in (service.take_back, service.stop, service.withdraw):
        assert code_of(lambda verb=verb: noticing.act(verb, notice, officer)) == errors.NOTICE_MOVED_ON  # type: ignore[misc]
