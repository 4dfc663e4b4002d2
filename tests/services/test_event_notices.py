"""What members are told of events: each once, as things are when they are told, nothing on a lock screen that is
private."""

import datetime
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from app import jobs
from services.accounts.types import MemberActor
from services.core import clock
from services.core.calendar import SHANGHAI
from services.core.transaction import in_transaction
from services.events.messages import EventCancelled, EventDrawn, Missed, What
from services.events.service import joining, leaving, offering, organising, reminding, signing_up, writing
from services.events.types import Category, Entry, EventId, Joining, Kind, Named, SignupId, Slot
from services.members.types import MemberId
from services.notifications import service as notifications
from services.notifications import templates
from services.notifications.fanout import events as fanout
from services.notifications.templates import TEMPLATES
from services.notifications.templates.template import Sms
from services.notifications.types import Channel
from tests.builders.events import Gathering
from tests.builders.world import DAY, World
from tests.harness.channels import Fake, Use
from tests.harness.threads import connected_to, together

HOUR = datetime.timedelta(hours=1)
PAIR = (Category(1, {"zh": "双人"}, 2, 2),)
NOON = datetime.datetime(2026, 11, 23, 4, 0, tzinfo=datetime.UTC)
"""A Monday, 12:00 in China."""


@pytest.fixture
def noon(at: Callable[..., None]) -> datetime.datetime:
    at(NOON)
    return NOON


@pytest.fixture
def gathering(world: World, noon: datetime.datetime) -> Gathering:
    return Gathering(world)


def enter(world: World, actor: MemberActor, event_id: EventId, **entry: Any) -> SignupId:
    found = world.do(lambda: signing_up.sign_up(actor=actor, event_id=event_id, entry=Entry(**entry), now=clock.now()))
    assert isinstance(found, uuid.UUID), found
    return SignupId(found)


def told(sql: psycopg.Connection, member: MemberActor | MemberId) -> list[str]:
    """Templates, in the order of telling."""
    member_id = member.member_id if isinstance(member, MemberActor) else member
    query = "SELECT template FROM inbox_messages WHERE recipient_id = %s ORDER BY id"
    return [name for (name,) in sql.execute(query, [member_id])]


def facts(sql: psycopg.Connection, template: str) -> dict[str, Any]:
    row = sql.execute("SELECT facts FROM inbox_messages WHERE template = %s", [template]).fetchone()
    assert row is not None, template
    found: dict[str, Any] = row[0]
    return found


def test_whoever_gets_a_place_is_told_when_and_where(
    world: World, gathering: Gathering, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    member, event_id = gathering.member(), gathering.event()
    signup_id = enter(world, member, event_id)
    run_jobs()
    assert told(sql, member) == ["event.confirmed"]
    kept = facts(sql, "event.confirmed")
    assert kept["signup"] == str(signup_id)
    body = templates.words("event.confirmed", kept, language="zh").body
    assert body.startswith("“沿河健步走”报上了：11 月 30 日 12:00，雍河公园南门。")
    assert "11 月 28 日 12:00 之后取消算一次爽约" in body


def test_what_has_moved_on_is_told_to_nobody(
    world: World, gathering: Gathering, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    first, second = gathering.members("甲", "乙")
    event_id = gathering.event(places=1)
    ids = [enter(world, one, event_id) for one in (first, second)]
    world.do(lambda: leaving.cancel(actor=first, signup_id=ids[0], now=clock.now()))
    world.do(lambda: offering.accept(actor=second, signup_id=ids[1], now=clock.now()))
    run_jobs()
    assert told(sql, first) == ["event.cancelled"]
    assert told(sql, second) == ["event.confirmed"]


@pytest.mark.parametrize(("hours", "expected"), [(25, []), (13, ["event.offered_soon"]), (1, ["event.offered"])])
def test_an_offer_is_told_while_it_stands_and_pressing_when_little_time_is_left(
    world: World, gathering: Gathering, sql: psycopg.Connection, run_jobs: Callable[[], None], at: Callable[..., None],
    hours: int, expected: list[str],
) -> None:  # fmt: skip
    first, second = gathering.members("甲", "乙")
    event_id = gathering.event(places=1)
    ids = [enter(world, one, event_id) for one in (first, second)]
    run_jobs()
    world.do(lambda: leaving.cancel(actor=first, signup_id=ids[0], now=clock.now()))
    at(NOON + hours * HOUR)
    run_jobs()
    assert told(sql, second)[1:] == expected
    if expected:
        kept = facts(sql, expected[0])
        assert kept["good_until"] == kept["until"] == (NOON + 24 * HOUR).isoformat()


def test_an_offer_goes_out_by_sms_until_it_ends_and_not_at_night(
    world: World, gathering: Gathering, sql: psycopg.Connection, run_jobs: Callable[[], None], use: Use,
    at: Callable[..., None],
) -> None:  # fmt: skip
    use(Fake(Channel.SMS, provider="local-sms"))
    first, second = gathering.members("甲", "乙")
    early, late = gathering.event(places=1, offer_minutes=480), gathering.event(places=1, offer_minutes=480)
    entries = {one: [enter(world, member, one) for member in (first, second)] for one in (early, late)}
    run_jobs()
    world.do(lambda: leaving.cancel(actor=first, signup_id=entries[early][0], now=clock.now()))
    run_jobs()
    at(NOON + 10.5 * HOUR)
    world.do(lambda: leaving.cancel(actor=first, signup_id=entries[late][0], now=clock.now()))
    run_jobs()
    rows = sql.execute(
        "SELECT i.created_at, d.next_try_at, d.deadline_at FROM deliveries d JOIN inbox_messages i ON i.id = d.inbox_id"
        " WHERE i.template = 'event.offered_soon' ORDER BY i.id"
    ).fetchall()
    assert rows == [
        (NOON, NOON, NOON + 8 * HOUR), (NOON + 10.5 * HOUR, NOON + 20 * HOUR, NOON + 22 * HOUR)
    ], "an offer of 22:30 is told at 8:00, and taken until 10:00"  # fmt: skip
    assert told(sql, second).count("event.offered_soon") == 2


@pytest.mark.parametrize("kind", [Kind.SOCIAL, Kind.CLINIC, Kind.CHECKUP])
def test_of_a_private_kind_only_the_inbox_names_the_title(
    world: World, gathering: Gathering, sql: psycopg.Connection, run_jobs: Callable[[], None], kind: Kind
) -> None:
    first, second = gathering.members("甲", "乙")
    event_id = gathering.event(kind=kind, places=1, title={"zh": "秘密名称", "en": "Hidden name"})
    ids = [enter(world, one, event_id) for one in (first, second)]
    run_jobs()
    world.do(lambda: leaving.cancel(actor=first, signup_id=ids[0], now=clock.now()))
    run_jobs()
    world.do(lambda: offering.accept(actor=second, signup_id=ids[1], now=clock.now()))
    run_jobs()
    world.do(lambda: organising.cancel(actor=gathering.officer, event_id=event_id, note="场地不能用了", now=NOON))
    run_jobs()
    assert told(sql, second) == ["event.waiting_few", "event.offered", "event.confirmed", "event.called_off"]
    assert not sql.execute("SELECT 1 FROM inbox_messages WHERE facts ? 'order'").fetchall()
    leaving_words, inbox = set[str](), set[str]()
    for name, kept in sql.execute("SELECT template, facts FROM inbox_messages"):
        for language in ("zh", "en"):
            inbox.add(templates.words(name, kept, language=language).body)
            leaving_words.add(templates.words(name, kept, language=language).title)
            for channel in (Channel.TEMPLATE, Channel.SMS) if TEMPLATES[name].sms_text else (Channel.TEMPLATE,):
                leaving_words |= set(
                    templates.texts(name, channel, kept, told_at=NOON, language=language).values()
                )  # fmt: skip
    assert [text for text in leaving_words if "秘密" in text or "Hidden" in text] == []
    assert "您报名的活动" in leaving_words
    assert all("秘密名称" in text or "Hidden name" in text for text in inbox)


def test_a_card_names_a_public_title_unless_a_lock_screen_must_not_show_it(
    world: World, gathering: Gathering, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    member = gathering.member()
    for title in ("春游", "困难职工慰问演出"):
        enter(world, member, gathering.event(title={"zh": title}))
        run_jobs()
    rows = sql.execute("SELECT facts -> 'lock' ->> 'zh' FROM inbox_messages ORDER BY id").fetchall()
    assert rows == [("春游",), ("您报名的活动",)]


def test_the_invited_are_asked_and_the_captain_hears_of_a_no(
    world: World, gathering: Gathering, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    captain, mate = gathering.member("甲"), gathering.member("林芳", phone="10033330002")
    event_id = gathering.event(categories=PAIR)
    signup_id = enter(world, captain, event_id, mates=(Named("林芳", "10033330002"),))
    run_jobs()
    assert (told(sql, captain), told(sql, mate)) == (["event.forming"], ["event.invited"])
    world.do(lambda: joining.turn_down(actor=mate, signup_id=signup_id, now=clock.now()))
    run_jobs()
    world.do(lambda: leaving.cancel(actor=captain, signup_id=signup_id, now=clock.now()))
    run_jobs()
    assert told(sql, captain) == ["event.forming", "event.mate_declined", "event.cancelled"]
    assert told(sql, mate) == ["event.invited"], "whoever said no hears nothing more of it"


def test_those_who_were_vouched_for_are_told_with_their_captain(
    world: World, gathering: Gathering, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    captain, mate = gathering.member("甲"), gathering.member("林芳", phone="10033330002")
    event_id = gathering.event(categories=PAIR, joining=Joining.VOUCHED)
    enter(world, captain, event_id, mates=(Named("林芳", "10033330002"),))
    run_jobs()
    assert (told(sql, captain), told(sql, mate)) == (["event.confirmed"], ["event.confirmed"])


def test_a_line_that_closes_is_told_as_closed(
    world: World, gathering: Gathering, sql: psycopg.Connection, run_jobs: Callable[[], None], at: Callable[..., None]
) -> None:
    first, second = gathering.members("甲", "乙")
    event_id = gathering.event(places=1)
    for one in (first, second):
        enter(world, one, event_id)
    run_jobs()
    at(NOON + 7 * DAY - HOUR)
    with world.app.app_context():
        jobs.waiting_lines(0)
    run_jobs()
    assert told(sql, second) == ["event.waiting", "event.no_place"]


def test_a_change_says_what_is_another_now_to_everybody_who_is_in(
    world: World, gathering: Gathering, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    first, second, gone = gathering.members("甲", "乙", "丙")
    event_id = gathering.event(places=1)
    ids = [enter(world, one, event_id) for one in (first, second, gone)]
    world.do(lambda: leaving.cancel(actor=gone, signup_id=ids[2], now=clock.now()))
    run_jobs()
    terms = gathering.terms(places=1, place={"zh": "文化宫"})
    world.do(lambda: organising.rewrite(actor=gathering.officer, event_id=event_id, revision=1, terms=terms, now=NOON))
    run_jobs()
    assert [told(sql, one)[-1] for one in (first, second, gone)] == [
        "event.changed",
        "event.changed",
        "event.cancelled",
    ]
    body = templates.words("event.changed", facts(sql, "event.changed"), language="zh").body
    assert body.startswith("“沿河健步走”的地点变了，现在是：11 月 30 日 12:00，文化宫。")


def test_a_crowd_is_told_part_by_part_and_each_once_when_the_job_begins_again(
    world: World, gathering: Gathering, sql: psycopg.Connection, run_jobs: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(fanout, "A_PART", 3)
    event_id, people = gathering.event(), gathering.members(*"甲乙丙丁戊己庚辛")
    for one in people:
        enter(world, one, event_id)
    run_jobs()
    world.do(lambda: organising.cancel(actor=gathering.officer, event_id=event_id, note="场地不能用了", now=NOON))
    message_id, payload = uuid.uuid4(), {"event_id": str(event_id)}
    part = {"topic": EventCancelled.topic, "message_id": message_id, "payload": payload, "now": NOON}

    ids, after = world.do(lambda: notifications.tell_part(after=None, **part))
    assert (len(ids), after is None) == (3, False)
    with world.app.app_context():
        for _ in range(2):
            jobs.tell(EventCancelled.topic, message_id=str(message_id), payload=payload)

    query = "SELECT recipient_id FROM inbox_messages WHERE message_id = %s ORDER BY 1"
    assert [one for (one,) in sql.execute(query, [message_id])] == sorted(one.member_id for one in people)


def test_a_draw_tells_winners_and_losers_and_nobody_who_was_not_in_it(
    world: World, gathering: Gathering, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    won, lost, later, gone = gathering.members("甲", "乙", "丙", "丁")
    event_id = gathering.event(places=1)
    ids = [enter(world, one, event_id) for one in (won, lost, later, gone)]
    sql.execute("UPDATE signups SET won = true WHERE id = %s", [ids[0]])
    sql.execute("UPDATE signups SET won = false WHERE id = ANY(%s)", [[ids[1], ids[3]]])
    sql.execute("UPDATE signups SET state = 'lapsed', position = NULL WHERE id = %s", [ids[3]])
    sql.execute("DELETE FROM procrastinate_jobs")
    world.do(lambda: writing.outbox.post(EventDrawn(event_id)))
    run_jobs()
    everybody = (won, lost, later, gone)
    assert [told(sql, one) for one in everybody] == [["event.won"], ["event.lost"], [], []]
    assert facts(sql, "event.lost")["order"] == 1


def test_an_entry_is_reminded_on_the_evening_before_and_two_hours_before(
    world: World, gathering: Gathering, sql: psycopg.Connection, run_jobs: Callable[[], None], at: Callable[..., None]
) -> None:
    member = gathering.member()
    starts = NOON + 2 * DAY
    enter(world, member, gathering.event(starts_at=starts, closes_at=NOON + DAY, cancel_until=NOON + DAY))
    run_jobs()
    evening = datetime.datetime.combine(starts.astimezone(SHANGHAI).date() - DAY, datetime.time(18), SHANGHAI)
    minute = datetime.timedelta(minutes=1)
    reminded = []
    for moment in (evening - minute, evening, evening + minute, starts - 2 * HOUR - minute, starts - 2 * HOUR,
                   starts - HOUR, starts):  # fmt: skip
        at(moment.astimezone(datetime.UTC))
        with world.app.app_context():
            jobs.reminders(0)
        run_jobs()
        reminded.append(told(sql, member).count("event.reminder"))
    assert reminded == [0, 1, 1, 1, 2, 2, 2]


def test_whoever_signs_up_after_a_reminder_was_due_does_not_get_that_one(
    world: World, gathering: Gathering, sql: psycopg.Connection, run_jobs: Callable[[], None], at: Callable[..., None]
) -> None:
    member, starts = gathering.member(), NOON + DAY
    event_id = gathering.event(starts_at=starts, closes_at=starts, cancel_until=starts)
    at(NOON + 8 * HOUR)
    enter(world, member, event_id)
    assert world.do(lambda: reminding.remind(clock.now())) == 0
    assert world.do(lambda: reminding.remind(starts - HOUR)) == 1


def test_a_slot_is_reminded_by_its_own_hour(world: World, gathering: Gathering) -> None:
    day = NOON + 7 * DAY
    slots = tuple(Slot(key, day + key * 12 * HOUR, day + (key + 1) * 12 * HOUR) for key in (1, 4))
    event_id = gathering.event(kind=Kind.CHECKUP, slots=slots, starts_at=day, ends_at=day + 5 * DAY)
    for slot, member in zip((1, 4), gathering.members("甲", "乙"), strict=True):
        enter(world, member, event_id, slot=slot)
    counts = [world.do(lambda hours=hours: reminding.remind(day + hours * HOUR)) for hours in (-12, 7, 11, 35, 47)]
    assert counts == [0, 1, 1, 1, 1], "the first begins at midnight, the other at noon two days later"


def test_nobody_is_reminded_of_what_is_called_off_or_given_up(world: World, gathering: Gathering) -> None:
    first, second = gathering.members("甲", "乙")
    off, on = gathering.event(), gathering.event()
    enter(world, first, off)
    given_up = enter(world, second, on)
    world.do(lambda: organising.cancel(actor=gathering.officer, event_id=off, note="场地不能用了", now=NOON))
    world.do(lambda: leaving.cancel(actor=second, signup_id=given_up, now=NOON))
    assert world.do(lambda: reminding.remind(NOON + 7 * DAY - HOUR)) == 0


def test_two_workers_remind_each_entry_once(world: World, gathering: Gathering, sql: psycopg.Connection) -> None:
    event_id, people = gathering.event(places=60), gathering.members(*"甲乙丙丁戊己庚辛壬癸" * 3)
    for one in people:
        enter(world, one, event_id)
    soon = NOON + 7 * DAY - HOUR

    def work() -> int:
        with world.app.app_context():
            total = 0
            while found := in_transaction(lambda: reminding.remind(soon)):
                total += found
            return total

    with connected_to(world.app), pytest.MonkeyPatch.context() as small:
        small.setattr(reminding, "BATCH", 4)
        counts = together(work, work, work)
    posted = [
        one
        for (ids,) in sql.execute(
            "SELECT args #>> '{payload,signup_ids}' FROM procrastinate_jobs WHERE task_name = 'events.reminder'"
        )
        for one in ids.split(",")
    ]
    assert sum(counts) == len(posted) == len(set(posted)) == 30


def test_a_first_miss_says_what_the_next_one_costs_and_the_next_one_pauses(
    world: World, gathering: Gathering, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    member = gathering.member()
    for number in range(2):
        event_id, miss_id = gathering.event(), uuid.uuid4()
        sql.execute(
            "INSERT INTO event_misses (id, event_id, member_id, kind, because, at)"
            " VALUES (%s, %s, %s, 'sport', 'no_show', %s)",
            [miss_id, event_id, member.member_id, NOON + number * HOUR],
        )
        world.do(lambda miss_id=miss_id: writing.outbox.post(Missed(miss_id)))
        run_jobs()
    assert told(sql, member) == ["event.missed", "event.paused"]
    first = templates.words("event.missed", facts(sql, "event.missed"), language="zh").body
    assert "同类活动再有 1 次，要停 30 天不能报名" in first
    paused = templates.words("event.paused", facts(sql, "event.paused"), language="zh").body
    assert "同类活动在 12 月 23 日 13:00 之前不能报名" in paused


def test_every_what_is_told() -> None:
    assert set(fanout.TELLS) == set(What)


def test_what_ends_soon_is_texted_at_once_and_what_she_has_just_done_is_not() -> None:
    rules = {name: one.sms for name, one in TEMPLATES.items() if name.startswith("event.")}
    assert {name for name, rule in rules.items() if rule is Sms.URGENT} == {
        "event.invited", "event.offered_soon", "event.changed_soon", "event.called_off_soon",
    }  # fmt: skip
    own = ("confirmed", "forming", "waiting", "entered", "applied", "declined", "cancelled")
    assert {rules[f"event.{name}"] for name in own} == {Sms.NEVER}
