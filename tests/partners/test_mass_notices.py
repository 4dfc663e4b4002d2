"""群发 of an officer's notice: to known followers in calls that stay the same, once each, over real HTTP."""

import dataclasses
import datetime
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask

from app import notices
from services.accounts.models import WechatIdentity
from services.accounts.service.wechat import OPENID_FIELD
from services.core import clock
from services.core.crypto import vault
from services.core.db import db
from services.core.ids import uuid7
from services.core.transaction import in_transaction
from services.notifications import backlog
from services.notifications.models import Follower
from services.notifications.notices import mass, sending, service
from services.notifications.notices.types import NoticeId, State
from services.notifications.ports import Effect
from services.notifications.types import DeliveryStatus
from tests.builders.notices import Noticing
from tests.builders.world import World
from tests.partners.conftest import Client
from tests.partners.platform import MASS, PEOPLE, Fault, Person, StandIn

LI, ZHAO, SUN = PEOPLE
NOON = datetime.datetime(2026, 11, 20, 4, 0, tzinfo=datetime.UTC)
MINUTES = datetime.timedelta(minutes=1)


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime.datetime], None]:
    """Midday; `noon(at)` is another time."""

    def put(at: datetime.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: at)

    put(NOON)
    return put


@pytest.fixture
def official(
    app: Flask, world: World, platform: StandIn, client_of: Client, noon: object, monkeypatch: pytest.MonkeyPatch
) -> StandIn:
    """Li and Zhao follow, Sun does not; all three are members with a WeChat."""
    port = mass.PlatformMass(client_of(platform.official_account))
    monkeypatch.setitem(app.extensions, "channels", dataclasses.replace(app.extensions["channels"], mass=port))
    for person in PEOPLE:
        known(world, platform, person, following=person is not SUN)
        if person is not SUN:
            platform.follow(person)
    return platform


def known(world: World, platform: StandIn, person: Person, *, following: bool) -> None:
    appid, member = platform.official_account.appid, world.member("张三", phone=f"1001234567{PEOPLE.index(person)}")
    openid = person.openid(appid)
    index = vault.blind_index(OPENID_FIELD, openid)

    def keep() -> None:
        db.session.add(
            WechatIdentity(
                id=uuid7(), appid=appid, openid=vault.seal(OPENID_FIELD, openid), openid_index=index,
                account_id=member.account_id, created_at=NOON,
            )
        )  # fmt: skip
        db.session.add(Follower(appid=appid, openid_index=index, following=following, changed_at=NOON))
        db.session.flush()

    world.do(keep)


def released(world: World) -> NoticeId:
    noticing = Noticing(world)
    officer = noticing.officer()
    notice = noticing.written(officer, mass=True)
    noticing.release(notice, officer, above=99)
    return notice


def go_on(app: Flask) -> None:
    with app.app_context():
        notices.go_on(0)


def calls(sql: psycopg.Connection) -> list[tuple[object, ...]]:
    return sql.execute("SELECT status, people, attempts, reason FROM mass_sends ORDER BY chunk").fetchall()


def test_followers_get_the_title_and_the_way_to_the_text(
    app: Flask, world: World, official: StandIn, sql: psycopg.Connection
) -> None:
    notice = released(world)
    go_on(app)
    go_on(app)
    assert sorted(one.openid for one in official.sent) == sorted(
        person.openid(official.official_account.appid) for person in (LI, ZHAO)
    )
    assert calls(sql) == [("sent", 2, 1, None)]
    assert sql.execute("SELECT provider_id FROM mass_sends").fetchone() == (str(official.sent[0].msgid),)
    assert sql.execute("SELECT count(*) FROM inbox_messages").fetchone() == (3,)
    assert Noticing(world).seen(notice).state is State.SENT


def test_a_call_whose_answer_was_lost_goes_out_once(
    app: Flask, world: World, official: StandIn, sql: psycopg.Connection, noon: Callable[[datetime.datetime], None]
) -> None:
    released(world)
    official.fail(MASS, Fault.LOST)
    go_on(app)
    assert calls(sql)[0][:3] == ("created", 2, 1)
    go_on(app)
    assert calls(sql)[0][2] == 1, "not before its time"
    noon(NOON + 5 * MINUTES)
    go_on(app)
    assert calls(sql) == [("sent", 2, 2, None)]
    assert len(official.sent) == 2


def test_a_worker_that_died_after_the_call_repeats_it_under_its_id(
    app: Flask, world: World, official: StandIn, sql: psycopg.Connection, noon: Callable[[datetime.datetime], None]
) -> None:
    notice = released(world)
    port = app.extensions["channels"].mass
    with app.app_context():
        in_transaction(lambda: sending.start(notice_id=notice, above=99, with_mass=True, now=NOON))
        call = in_transaction(lambda: mass.lease(notice_id=notice, appid=port.provider, text="x", now=NOON))
        assert call is not None
        assert mass.send(port, call).status is DeliveryStatus.SENT
        assert in_transaction(lambda: mass.lease(notice_id=notice, appid=port.provider, text="x", now=NOON)) is None
    noon(NOON + 3 * MINUTES)
    go_on(app)
    assert calls(sql)[0][:2] == ("sent", 2)
    assert len(official.sent) == 2


@pytest.mark.parametrize(
    ("fault", "status", "reason"), [(45028, "permanent_failure", "45028"), (48001, "technical_failure", "48001")]
)
def test_a_no_of_the_platform_ends_the_call(
    app: Flask, world: World, official: StandIn, sql: psycopg.Connection, fault: int, status: str, reason: str
) -> None:
    notice = released(world)
    official.fail(MASS, fault)
    go_on(app)
    assert calls(sql) == [(status, 2, 1, reason)]
    assert Noticing(world).seen(notice).state is State.SENT


@pytest.mark.parametrize(("fault", "ended"), [(45009, "created"), (48001, "technical_failure")])
def test_a_no_to_all_calls_lets_none_out_before_the_next_day(
    app: Flask, world: World, official: StandIn, sql: psycopg.Connection, noon: Callable[[datetime.datetime], None],
    fault: int, ended: str,
) -> None:  # fmt: skip
    released(world)
    official.fail(MASS, fault)
    go_on(app)
    released(world)
    for minutes in (5, 60, 240):
        noon(NOON + minutes * MINUTES)
        go_on(app)
    found = sql.execute("SELECT status, attempts FROM mass_sends ORDER BY id").fetchall()
    assert (found, official.sent) == ([(ended, 1), ("created", 0)], [])
    with app.app_context():
        (pause,) = in_transaction(lambda: backlog.pauses(now=clock.now()))
    assert (pause.channel, pause.reason) == ("mass", str(fault))
    noon(NOON + 24 * 60 * MINUTES)
    go_on(app)
    assert len(official.sent) == (4 if ended == "created" else 2)


def test_nothing_goes_out_at_night_or_after_a_stop(
    app: Flask, world: World, official: StandIn, sql: psycopg.Connection, noon: Callable[[datetime.datetime], None]
) -> None:
    noon(NOON + 10 * 60 * MINUTES)  # 22:00
    notice = released(world)
    go_on(app)
    assert (official.sent, calls(sql)) == ([], [("created", 0, 0, None)])
    noticing = Noticing(world)
    noticing.act(service.stop, notice, noticing.officer())
    noon(NOON + 24 * 60 * MINUTES)
    go_on(app)
    assert (official.sent, calls(sql)) == ([], [("expired", 0, 0, "stopped")])


def test_one_follower_is_too_few_for_the_platform(
    app: Flask, world: World, official: StandIn, sql: psycopg.Connection
) -> None:
    sql.execute(
        "UPDATE followers SET following = false WHERE openid_index <> (SELECT min(openid_index) FROM followers)"
    )
    released(world)
    go_on(app)
    assert official.sent == []
    assert calls(sql)[0][0] == "permanent_failure"
    assert calls(sql)[0][3] == "too_few"


def test_everybody_is_in_one_call_and_stays_there(
    app: Flask, world: World, official: StandIn, monkeypatch: pytest.MonkeyPatch, sql: psycopg.Connection
) -> None:
    monkeypatch.setattr(sending, "PEOPLE_A_CALL", 1)
    monkeypatch.setattr(mass, "LEAST", 1)
    notice = released(world)
    appid = app.extensions["channels"].mass.provider
    with app.app_context():
        in_transaction(lambda: sending.start(notice_id=notice, above=99, with_mass=True, now=NOON))
        found = [mass.followers(notice, chunk=chunk, appid=appid) for chunk in range(3)]
        again = [mass.followers(notice, chunk=chunk, appid=appid) for chunk in range(3)]
    people = [openid for chunk in found for _, openid in chunk]
    assert sorted(people) == sorted(person.openid(appid) for person in (LI, ZHAO))
    assert found == again


def test_without_wechat_it_is_shown_on_the_phone_of_the_demo(
    app: Flask, world: World, official: StandIn, monkeypatch: pytest.MonkeyPatch, sql: psycopg.Connection
) -> None:
    appid = official.official_account.appid
    local = mass.LocalMass(appid, transact=world.do, clock=lambda: NOON)
    monkeypatch.setitem(app.extensions, "channels", dataclasses.replace(app.extensions["channels"], mass=local))
    released(world)
    go_on(app)
    shown = sql.execute("SELECT channel, shown->>'title' FROM local_messages").fetchall()
    assert [one[0] for one in shown] == ["template"] * 2
    assert shown[0][1].startswith("周六文化宫放电影\n")
    assert calls(sql)[0][:2] == ("delivered", 2)


def test_what_comes_late_does_not_undo_the_platforms_word(
    app: Flask, world: World, official: StandIn, sql: psycopg.Connection
) -> None:
    released(world)
    go_on(app)
    sql.execute("UPDATE mass_sends SET status = 'delivered'")
    row = sql.execute("SELECT id, notice_id FROM mass_sends").fetchone()
    assert row
    call = mass.Call(row[0], row[1], 0, [], "")
    said = mass.Said(DeliveryStatus.CREATED, "down:lost", effect=Effect.NONE)
    world.do(lambda: mass.record(call, said, now=NOON))
    assert calls(sql)[0][0] == "delivered"
