"""A released notice on its way: by which channels, stopped and withdrawn at any moment, counted."""

import functools
from typing import Any

import psycopg
import pytest
from flask import Flask

from app import jobs
from services.accounts.types import OfficerActor, Role
from services.core import clock
from services.core.paging import PageRequest
from services.events.service import signing_up
from services.events.types import Entry, Kind
from services.notifications.notices import counting, errors, queries, sending, service
from services.notifications.notices.types import Readers, SignedUp, State, UsedShop
from services.notifications.ports import Result
from services.notifications.templates import words
from services.notifications.types import Channel, DeliveryStatus
from tests.builders.events import Gathering
from tests.builders.notices import TEXT, Noticing
from tests.builders.reach import Reachable
from tests.builders.world import World
from tests.harness.channels import Fake, Use
from tests.services.test_notices import HOUR, NIGHT, NOON, Jobs, code_of, crowd, go_on, inbox
from tests.services.test_rights import used


@pytest.fixture
def noticing(world: World) -> Noticing:
    return Noticing(world)


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


def test_the_title_goes_out_by_sms_and_the_text_stays_inside(
    world: World, noticing: Noticing, run_jobs: Jobs, use: Use, noon: None
) -> None:
    crowd(world, 2)
    sms, template = Fake(Channel.SMS, provider="local-sms"), Fake(Channel.TEMPLATE, provider="local-oa")
    use(sms, template)
    officer = noticing.officer()
    notice = noticing.written(officer, sms=True)
    noticing.release(notice, officer)
    run_jobs()
    assert [one.title for one in sms.got] == ["周六文化宫放电影。全文在工惠的“消息”里。"] * 2
    assert sms.got[0].fields == {"notice_title": "周六文化宫放电影"}
    assert template.got == []
    seen = noticing.seen(notice)
    done = world.look(lambda: queries.progress(seen))
    assert (seen.state, done.told, done.done, done.deliveries) == (State.SENT, 2, 2, {"sent": 2})


def test_a_broadcast_goes_by_no_service_message_though_everybody_could_be_reached(
    world: World, noticing: Noticing, run_jobs: Jobs, use: Use, noon: None, sql: psycopg.Connection
) -> None:
    [member], officer, reachable = crowd(world, 1), noticing.officer(), Reachable(world)
    ports = [
        Fake(Channel.TEMPLATE, provider="local-oa"), Fake(Channel.OA_SUBSCRIBE, provider="local-oa"),
        Fake(Channel.MP_SUBSCRIBE, provider="local-mp"), Fake(Channel.SMS, provider="local-sms"),
    ]  # fmt: skip
    use(*ports)
    for appid in ("local-oa", "local-mp"):
        reachable.wechat(member.account_id, appid)
        for layout in ("change", "task", "answer", "use", "safety"):
            reachable.consents(member.account_id, f"local-{layout}", appid=appid)
    reachable.follows(member.account_id, appid="local-oa")
    for said in ({}, {"sms": True}):
        notice = noticing.written(officer, **said)
        noticing.release(notice, officer)
    run_jobs()
    assert sql.execute("SELECT DISTINCT channel FROM deliveries").fetchall() == [("sms",)]


def test_a_notice_that_answers_a_use_goes_by_template(
    world: World, noticing: Noticing, run_jobs: Jobs, use: Use, noon: None, sql: psycopg.Connection
) -> None:
    user, other = crowd(world, 2)
    shop, officer, reachable = world.shop(), noticing.officer(), Reachable(world)
    template = Fake(Channel.TEMPLATE, provider="local-oa")
    use(template, Fake(Channel.SMS, provider="local-sms"))
    for member in (user, other):
        reachable.wechat(member.account_id, "local-oa")
        reachable.follows(member.account_id, appid="local-oa")
    used(world, user, shop)
    notice = noticing.written(officer, readers=Readers(act=UsedShop(shop.merchant_id, 30)))
    noticing.release(notice, officer)
    run_jobs()
    assert "周六文化宫放电影" in {one.fields["what"] for one in template.got}
    assert len(template.got) == 2  # the use itself was told too
    assert sorted(item.template for item in inbox(world, user)) == ["notice.used", "redemption.member"]
    assert inbox(world, other) == []


def test_what_is_written_to_the_people_of_a_private_event_is_read_inside_alone(
    world: World, noticing: Noticing, run_jobs: Jobs, use: Use, noon: None
) -> None:
    gathering, officer, reachable = Gathering(world), noticing.officer(), Reachable(world)
    template = Fake(Channel.TEMPLATE, provider="local-oa")
    use(template)
    shown = {}
    for kind in (Kind.CLINIC, Kind.SPORT):
        (member,) = gathering.members("李春梅")
        reachable.wechat(member.account_id, "local-oa")
        reachable.follows(member.account_id, appid="local-oa")
        event_id = gathering.event(kind=kind)
        entry = functools.partial(signing_up.sign_up, actor=member, event_id=event_id, entry=Entry())
        world.do(functools.partial(entry, now=clock.now()))
        template.got.clear()
        notice = noticing.written(officer, readers=Readers(act=SignedUp(event_id)))
        noticing.release(notice, officer)
        run_jobs()
        shown[kind] = [one.fields["what"] for one in template.got if one.fields["next"] == "点开看全文"]
        (one,) = [item for item in inbox(world, member) if item.template.startswith("notice.")]
        assert one.facts["notice_title"] == TEXT["title"]
    assert shown == {Kind.CLINIC: ["您报名的活动有通知"], Kind.SPORT: [TEXT["title"]["zh"]]}


# --- stopped, withdrawn


def test_a_stop_in_the_night_sends_nothing_in_the_morning_and_leaves_the_text(
    app: Flask, world: World, noticing: Noticing, run_jobs: Jobs, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    members, sms, officer = crowd(world, 2), Fake(Channel.SMS, provider="local-sms"), noticing.officer()
    use(sms)
    monkeypatch.setattr(clock, "now", lambda: NIGHT)
    notice = noticing.written(officer, sms=True)
    noticing.release(notice, officer)
    run_jobs()
    seen = noticing.seen(notice)
    assert (seen.state, world.look(lambda: queries.progress(seen)).pending) == (State.SENDING, 2)
    noticing.act(service.stop, notice, officer)
    noticing.act(service.stop, notice, officer)
    monkeypatch.setattr(clock, "now", lambda: NIGHT + 12 * HOUR)
    with app.app_context():
        jobs.sweep(0)
    seen = noticing.seen(notice)
    done = world.look(lambda: queries.progress(seen))
    assert (sms.got, seen.state, done.deliveries) == ([], State.STOPPED, {"expired": 2})
    assert [len(inbox(world, member)) for member in members] == [1, 1]


def test_a_stop_before_the_ladder_began_opens_no_delivery(
    app: Flask, world: World, noticing: Noticing, use: Use, noon: None, sql: psycopg.Connection
) -> None:
    crowd(world, 2)
    sms, officer = Fake(Channel.SMS, provider="local-sms"), noticing.officer()
    use(sms)
    notice = noticing.written(officer, sms=True)
    noticing.release(notice, officer)
    world.do(lambda: sending.start(notice_id=notice, above=9, with_mass=False, now=NOON))
    noticing.act(service.stop, notice, officer)
    with app.app_context():
        jobs.sweep(0)
    assert sms.got == []
    assert sql.execute("SELECT count(*) FROM deliveries").fetchone() == (0,)
    assert sql.execute("SELECT count(next_step_at), count(*) FROM inbox_messages").fetchone() == (0, 2)


def test_what_comes_back_after_a_stop_is_not_sent_again(
    app: Flask, world: World, noticing: Noticing, run_jobs: Jobs, use: Use, monkeypatch: pytest.MonkeyPatch,
    sql: psycopg.Connection,
) -> None:  # fmt: skip
    crowd(world, 1)
    officer = noticing.officer()
    monkeypatch.setattr(clock, "now", lambda: NOON)

    def stopped_meanwhile(outgoing: Any) -> Result:
        noticing.act(service.stop, notice, officer)
        return Result(outgoing.id, DeliveryStatus.CREATED, "busy")

    sms = Fake(Channel.SMS, provider="local-sms", answer=stopped_meanwhile)
    use(sms)
    notice = noticing.written(officer, sms=True)
    noticing.release(notice, officer)
    run_jobs()
    assert sql.execute("SELECT status FROM deliveries").fetchall() == [("created",)]
    monkeypatch.setattr(clock, "now", lambda: NOON + HOUR)
    go_on(app)
    with app.app_context():
        jobs.sweep(0)
    assert len(sms.got) == 1
    assert sql.execute("SELECT status, reason FROM deliveries").fetchall() == [("expired", "stopped")]


def test_a_withdrawn_notice_shows_its_text_to_nobody(world: World, noticing: Noticing, run_jobs: Jobs) -> None:
    [member], officer = crowd(world, 1), noticing.officer()
    notice = noticing.written(officer)
    noticing.release(notice, officer)
    run_jobs()
    noticing.act(service.withdraw, notice, officer)
    noticing.act(service.withdraw, notice, officer)
    [item] = inbox(world, member)
    said = words(item.template, item.facts, language="zh")
    assert said.title == "这条通知已由工会撤回"
    assert "会员码" not in said.body
    assert noticing.seen(notice).state is State.SENT


# --- a worker that dies


def test_started_twice_and_after_a_kill_no_inbox_has_it_twice(
    app: Flask, world: World, noticing: Noticing, run_jobs: Jobs, use: Use, noon: None, sql: psycopg.Connection
) -> None:
    crowd(world, 2)
    sms, officer = Fake(Channel.SMS, provider="local-sms"), noticing.officer()
    use(sms)
    notice = noticing.written(officer, sms=True)
    noticing.release(notice, officer)
    for _ in range(2):  # the job ran so far and was killed
        world.do(lambda: sending.start(notice_id=notice, above=9, with_mass=False, now=NOON))
    run_jobs()
    go_on(app)
    assert sql.execute("SELECT count(*), count(DISTINCT recipient_id) FROM inbox_messages").fetchone() == (2, 2)
    assert len(sms.got) == 2
    assert noticing.seen(notice).state is State.SENT


def test_ids_of_the_rows_sort_by_the_time_they_were_made(world: World, noticing: Noticing, run_jobs: Jobs) -> None:
    [member], officer = crowd(world, 1), noticing.officer()
    for day in ("周一", "周二"):
        noticing.release(noticing.written(officer, title={"zh": day}), officer)
        run_jobs()
    assert [item.facts["notice_title"]["zh"] for item in inbox(world, member)] == ["周二", "周一"]  # type: ignore[index]
    assert {item.id.version for item in inbox(world, member)} == {7}


# --- counted before


def test_the_reach_says_who_is_reached_by_what_and_why_not(
    world: World, noticing: Noticing, use: Use, sql: psycopg.Connection
) -> None:
    reachable = Reachable(world)
    providers = {Channel.TEMPLATE: "local-oa", Channel.SMS: "local-sms"}
    both, phone, unbound, unwanted, without = [world.member(f"张三{n}", phone=f"1001234567{n}") for n in range(5)]
    reachable.wechat(both.account_id, "local-oa")
    reachable.follows(both.account_id, appid="local-oa")
    sql.execute("UPDATE accounts SET member_id = NULL WHERE id = %s", [unbound.account_id])
    sql.execute(
        "INSERT INTO message_wishes (account_id, \"group\", wechat, sms) VALUES (%s, 'notices', false, false)",
        [unwanted.account_id],
    )
    sql.execute("UPDATE members SET phone = NULL, phone_index = NULL WHERE id = %s", [without.member_id])

    def count(**ways: bool) -> Any:
        given = {"sms": False, "mass": False, **ways}
        return world.look(
            lambda: counting.count(
                Readers(), scope=world.federation.path, providers=providers, now=clock.now(), **given
            )
        )

    found = count(sms=True, mass=True)
    assert (found.people, found.wechat, found.sms) == (5, 1, 2)
    assert (found.inbox_only, found.unbound, found.unwanted, found.without) == (3, 1, 1, 1)
    plain = count()
    assert (plain.people, plain.wechat, plain.sms, plain.inbox_only) == (5, 0, 0, 5)
    assert phone.account_id != both.account_id


def test_a_month_has_four_mass_messages(world: World, noticing: Noticing, sql: psycopg.Connection) -> None:
    crowd(world, 1)
    officer = noticing.officer()
    for _ in range(4):
        noticing.release(noticing.written(officer, mass=True), officer, above=99)
    fifth = noticing.written(officer, mass=True, union_id=world.union.id)
    assert code_of(lambda: noticing.release(fifth, officer, above=99)) == errors.NOTICE_MASS_USED_UP
    month = world.look(lambda: queries.mass_month(scope=world.town.path, now=clock.now(), hold=False))
    assert month.left == 0
    elsewhere = world.another_union()
    sql.execute("UPDATE officer_notices SET union_id = %s", [elsewhere.id])
    assert world.look(lambda: queries.mass_month(scope=world.union.path, now=clock.now())).left == 4


def test_who_could_release_is_counted_without_the_writers(world: World, noticing: Noticing) -> None:
    alone = noticing.officer()
    noticing.officer(Role.TOWN)

    def others(*but: OfficerActor) -> int:
        writers = [one.account_id for one in but]
        return world.look(lambda: queries.others_who_release(scope=world.union.path, but=writers, now=clock.now()))

    assert others(alone) == 0
    noticing.officer()
    assert others(alone) == 1


def test_an_officers_list_holds_his_unions_without_what_was_dropped(world: World, noticing: Noticing) -> None:
    district, town = noticing.officer(), noticing.officer(Role.TOWN)
    above, below = noticing.written(district), noticing.written(town, union_id=world.town.id)
    dropped = noticing.written(district)
    noticing.act(service.drop, dropped, district)

    def listed(*paths: Any) -> list[Any]:
        return [one.id for one in world.look(lambda: queries.page(PageRequest(), scopes=paths)).items]

    assert listed(world.federation.path) == [below, above]
    assert listed(world.town.path) == [below]
    assert listed() == []
