"""What the platform's events do, afterwards: who follows, what arrived, what was consented to, in whatever order."""

import datetime
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from app.callbacks import hear_again, let_go
from services.accounts.service.wechat import OPENID_FIELD
from services.accounts.types import MemberActor
from services.core import clock
from services.core.crypto import vault
from services.notifications import consents
from services.notifications.service import following, wish
from services.notifications.types import Channel, DeliveryStatus, Group
from services.rights import service as rights
from tests.builders.callbacks import Caller, delivered, set_up
from tests.builders.reach import MP, Reachable
from tests.builders.world import World

READER = "o-reader-of-tests"
SECOND, MINUTE = datetime.timedelta(seconds=1), datetime.timedelta(minutes=1)
Run = Callable[[], None]


@pytest.fixture
def oa(world: World, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Caller:
    set_up(world, monkeypatch.setitem)
    return Caller(client)


@pytest.fixture
def mp(oa: Caller, client: FlaskClient) -> Caller:
    return Caller(client, appid=MP)


def index(openid: str = READER) -> bytes:
    return vault.blind_index(OPENID_FIELD, openid)


def one(sql: psycopg.Connection, query: str, *values: Any) -> tuple[Any, ...]:
    row = sql.execute(query.encode(), values).fetchone()
    assert row is not None
    return tuple(row)


def standing(sql: psycopg.Connection, delivery: uuid.UUID) -> tuple[Any, ...]:
    """The delivery's status and reason, and whether the ladder of its message goes on."""
    return one(
        sql,
        "SELECT d.status, d.reason, i.next_step_at IS NOT NULL FROM deliveries d "
        "JOIN inbox_messages i ON i.id = d.inbox_id WHERE d.id = %s",
        delivery,
    )


def shown(world: World, member: MemberActor) -> str:
    return world.do(lambda: following.scene(account_id=member.account_id, now=clock.now()))


def link(sql: psycopg.Connection) -> tuple[Any, ...]:
    return one(sql, "SELECT following, account_id, openid IS NOT NULL FROM followers")


@pytest.mark.parametrize(("name", "prefix"), [("subscribe", "qrscene_"), ("SCAN", "")])
def test_who_follows_by_a_members_code_gets_its_notices_and_the_member_is_told(
    oa: Caller, world: World, sql: psycopg.Connection, run_jobs: Run, name: str, prefix: str
) -> None:
    member = world.member()
    token = shown(world, member)
    assert len(token) == 26
    oa.call(oa.event(name, READER, EventKey=prefix + token))
    run_jobs()
    assert link(sql) == (True, member.account_id, True)
    told = sql.execute("SELECT template, recipient_id FROM inbox_messages").fetchall()
    assert told == [("follow.linked", member.member_id)]
    sealed = one(sql, "SELECT openid FROM followers")[0]
    assert vault.unseal("followers.openid", sealed) == READER
    assert one(sql, "SELECT count(*) FROM wechat_identities WHERE account_id = %s", member.account_id) == (0,)
    assert world.do(lambda: following.unlink(account_id=member.account_id)) is True
    assert link(sql) == (True, None, False)
    assert world.do(lambda: following.unlink(account_id=member.account_id)) is False


def test_a_code_links_once_and_not_after_its_time(
    oa: Caller, world: World, sql: psycopg.Connection, run_jobs: Run, at: Callable[..., None]
) -> None:
    token, begun = shown(world, world.member()), clock.now()
    at(begun + 11 * MINUTE)
    oa.call(oa.event("subscribe", READER, EventKey=f"qrscene_{token}"))
    run_jobs()
    assert link(sql)[1] is None
    fresh = shown(world, world.member("王建国"))
    oa.call(oa.event("SCAN", READER, EventKey=fresh, at=begun + 12 * MINUTE))
    run_jobs()
    holder = link(sql)[1]
    assert holder is not None
    # Taken back, the account has room again; the code has not.
    assert world.do(lambda: following.unlink(account_id=holder)) is True
    oa.call(oa.event("subscribe", "o-second", EventKey=f"qrscene_{fresh}", at=begun + 13 * MINUTE))
    run_jobs()
    assert sql.execute("SELECT account_id FROM followers WHERE openid_index = %s", [index("o-second")]).fetchall() == [
        (None,)
    ]


@pytest.mark.parametrize(
    "case", ["signs in with a WeChat", "is somebody's sign-in", "has a link", "invented", "visitor"]
)
def test_a_code_links_nobody_who_has_a_way_already(
    oa: Caller, world: World, sql: psycopg.Connection, run_jobs: Run, case: str
) -> None:
    member, openid = world.member(), READER
    if case == "signs in with a WeChat":
        Reachable(world).wechat(member.account_id)
    if case == "is somebody's sign-in":
        openid = Reachable(world).wechat(world.member("王建国").account_id)
    if case == "has a link":
        oa.call(oa.event("subscribe", "o-first", EventKey=f"qrscene_{shown(world, member)}"))
        run_jobs()
    who = world.visitor() if case == "visitor" else member
    token = world.do(lambda: following.scene(account_id=who.account_id, now=clock.now()))
    token = token[::-1] if case == "invented" else token
    oa.call(oa.event("subscribe", openid, EventKey=f"qrscene_{token}"))
    run_jobs()
    row = one(sql, "SELECT following, account_id FROM followers WHERE openid_index = %s", index(openid))
    assert row == (True, None)


def test_who_leaves_is_forgotten_and_who_left_later_is_not_linked(
    oa: Caller, world: World, sql: psycopg.Connection, run_jobs: Run
) -> None:
    member, now = world.member(), clock.now()
    oa.call(oa.event("subscribe", READER, EventKey=f"qrscene_{shown(world, member)}", at=now - MINUTE))
    oa.call(oa.event("unsubscribe", READER, at=now))
    run_jobs()
    assert link(sql) == (False, None, False)
    oa.call(oa.event("SCAN", READER, EventKey=shown(world, member), at=now - 30 * SECOND))
    run_jobs()
    assert link(sql) == (False, None, False)


@pytest.mark.parametrize("how", ["closed", "unbound"])
def test_an_account_that_ends_takes_its_link_with_it(
    oa: Caller, world: World, sql: psycopg.Connection, run_jobs: Run, how: str
) -> None:
    member, other = world.member(), world.member("王建国")
    for number, who in enumerate((member, other)):
        oa.call(oa.event("subscribe", f"o-{number}", EventKey=f"qrscene_{shown(world, who)}"))
    run_jobs()
    if how == "closed":
        assert world.do(lambda: rights.close_account(actor=member, now=clock.now())) is None
    else:
        sql.execute("UPDATE accounts SET member_id = NULL WHERE id = %s", [member.account_id])
        with world.app.app_context():
            let_go(0)
    linked = sql.execute("SELECT account_id, openid IS NOT NULL FROM followers ORDER BY account_id").fetchall()
    assert linked == [(other.account_id, True), (None, False)]


def test_what_a_member_switched_off_is_not_the_next_ones_choice(world: World, sql: psycopg.Connection) -> None:
    member, other = world.member(), world.member("王建国")
    for who in (member, other):
        one = {"account_id": who.account_id, "group": Group.CARD, "wechat": False, "sms": False}
        world.do(lambda one=one: wish(**one))
    sql.execute("UPDATE accounts SET member_id = NULL WHERE id = %s", [member.account_id])
    with world.app.app_context():
        let_go(0)
    assert sql.execute("SELECT account_id FROM message_wishes").fetchall() == [(other.account_id,)]


def test_following_again_lifts_a_refused_address(oa: Caller, sql: psycopg.Connection, run_jobs: Run) -> None:
    for channel in ("template", "sms"):
        sql.execute("INSERT INTO blocks VALUES (%s, %s, '40003', now())", [channel, index()])
    oa.call(oa.event("subscribe", READER))
    run_jobs()
    assert sql.execute("SELECT channel FROM blocks").fetchall() == [("sms",)]


@pytest.mark.parametrize(
    ("said", "status", "reason", "goes_on", "follows"),
    [
        ("success", "delivered", None, False, []),
        ("failed:user block", "permanent_failure", "user block", True, [False]),
        ("failed: system failed", "temporary_failure", "system failed", True, []),
        ("failed:freq limit", "temporary_failure", "freq limit", True, []),
        ("failed:<b>张三</b>", "temporary_failure", "bb", True, []),
    ],
)
def test_a_template_message_ends_as_the_platform_says(
    oa: Caller, world: World, sql: psycopg.Connection, run_jobs: Run, said: str, status: str, reason: str | None,
    goes_on: bool, follows: list[bool],
) -> None:  # fmt: skip
    delivery = delivered(world, index(), provider_id="9007199254740993")
    oa.call(oa.event("TEMPLATESENDJOBFINISH", READER, MsgID=9007199254740993, Status=said), in_json=True)
    run_jobs()
    assert standing(sql, delivery) == (status, reason, goes_on)
    assert [row[0] for row in sql.execute("SELECT following FROM followers")] == follows


@pytest.mark.parametrize("status", [DeliveryStatus.READ, DeliveryStatus.DELIVERED, DeliveryStatus.PERMANENT_FAILURE])
def test_what_is_read_or_settled_stays_so(
    oa: Caller, world: World, sql: psycopg.Connection, run_jobs: Run, status: DeliveryStatus
) -> None:
    delivery = delivered(world, index(), provider_id="77", status=status)
    oa.call(oa.event("TEMPLATESENDJOBFINISH", READER, MsgID="77", Status="failed: system failed"))
    run_jobs()
    assert standing(sql, delivery) == (status, None, False)


def test_another_persons_event_does_not_touch_a_delivery(
    oa: Caller, world: World, sql: psycopg.Connection, run_jobs: Run
) -> None:
    delivery = delivered(world, index(), provider_id="77")
    oa.call(oa.event("TEMPLATESENDJOBFINISH", "o-other", MsgID="77", Status="failed:user block"))
    run_jobs()
    assert standing(sql, delivery) == ("sent", None, False)


def test_an_event_that_comes_before_the_answer_waits_for_it(
    oa: Caller, world: World, sql: psycopg.Connection, run_jobs: Run, at: Callable[..., None]
) -> None:
    oa.call(oa.event("TEMPLATESENDJOBFINISH", READER, MsgID="77", Status="success"))
    run_jobs()
    assert one(sql, "SELECT tries, handled_at FROM callbacks") == (1, None)
    delivery, now = delivered(world, index(), provider_id="77"), clock.now()
    with world.app.app_context():
        hear_again(0)
        assert standing(sql, delivery)[0] == "sent", "not before its time"
        at(now + MINUTE)
        hear_again(0)
    assert standing(sql, delivery)[0] == "delivered"


def test_an_event_of_nothing_of_ours_is_given_up_after_a_day(
    oa: Caller, world: World, sql: psycopg.Connection, run_jobs: Run, at: Callable[..., None]
) -> None:
    oa.call(oa.event("TEMPLATESENDJOBFINISH", READER, MsgID="77", Status="success"))
    now = clock.now()
    run_jobs()
    with world.app.app_context():
        for hours in range(1, 26):
            at(now + datetime.timedelta(hours=hours, minutes=1))
            hear_again(0)
            ended = one(sql, "SELECT handled_at IS NOT NULL FROM callbacks")[0]
            assert ended == (hours >= 24), hours


def test_an_event_that_breaks_does_not_keep_the_others(
    oa: Caller, world: World, sql: psycopg.Connection, at: Callable[..., None]
) -> None:
    for openid in ("o-1", "o-2"):
        oa.call(oa.event("subscribe", openid))
    sql.execute("DELETE FROM procrastinate_jobs")
    sql.execute("UPDATE callbacks SET body = '\\x00' WHERE id = (SELECT min(id::text)::uuid FROM callbacks)")
    at(clock.now() + MINUTE)
    with world.app.app_context():
        hear_again(0)
    assert sql.execute("SELECT tries, handled_at IS NULL FROM callbacks ORDER BY id").fetchall() == [
        (1, True),
        (0, False),
    ]
    assert one(sql, "SELECT count(*) FROM followers") == (1,)


def credit(sql: psycopg.Connection, template: str = "tpl-1") -> tuple[Any, ...]:
    """granted, lost, provisional, standing."""
    return one(sql, "SELECT granted, lost, provisional, standing FROM credits WHERE template_id = %s", template)


def item(template: str, status: str) -> dict[str, str]:
    return {"TemplateId": template, "SubscribeStatusString": status, "PopupScene": "0"}


@pytest.mark.parametrize("in_json", [False, True])
def test_each_accept_is_one_message_more_and_a_reject_takes_all(
    mp: Caller, sql: psycopg.Connection, run_jobs: Run, in_json: bool
) -> None:
    now = clock.now()
    several = [item("tpl-1", "accept"), item("tpl-2", "accept"), item("tpl-3", "reject"), item("", "accept")]

    def say(name: str, wrap: str, what: Any, ago: int) -> None:
        inner = {"List": what} if in_json else {wrap: {"List": what}}
        mp.call(mp.event(name, READER, at=now - ago * SECOND, **inner), in_json=in_json)
        run_jobs()

    say("subscribe_msg_popup_event", "SubscribeMsgPopupEvent", several, 3)
    say("subscribe_msg_popup_event", "SubscribeMsgPopupEvent", item("tpl-1", "accept"), 2)
    assert [credit(sql, name) for name in ("tpl-1", "tpl-2")] == [(2, 0, 0, False), (1, 0, 0, False)]
    assert one(sql, "SELECT count(*) FROM credits") == (2,)
    say("subscribe_msg_change_event", "SubscribeMsgChangeEvent", item("tpl-1", "reject"), 1)
    say("subscribe_msg_change_event", "SubscribeMsgChangeEvent", item("tpl-2", "accept"), 1)
    assert [credit(sql, name) for name in ("tpl-1", "tpl-2")] == [(2, 2, 0, False), (1, 0, 0, False)]


def test_the_platforms_word_takes_the_place_of_the_clients(
    mp: Caller, sql: psycopg.Connection, run_jobs: Run, world: World
) -> None:
    for _ in range(25):
        world.do(lambda: consents.provisional(appid=MP, openid_index=index(), template_ids=["tpl-1"], now=clock.now()))
    assert credit(sql) == (0, 0, consents.MOST_PROVISIONAL, False)
    mp.call(mp.event("subscribe_msg_popup_event", READER, List=item("tpl-1", "accept")))
    run_jobs()
    assert credit(sql) == (1, 0, consents.MOST_PROVISIONAL - 1, False)


def test_a_long_term_consent_stands_until_it_is_taken_back(
    mp: Caller, sql: psycopg.Connection, run_jobs: Run, world: World
) -> None:
    template = Reachable(world).mapped(Channel.MP_SUBSCRIBE, "use", "tpl-1")
    sql.execute("UPDATE channel_templates SET long_term = true")
    mp.call(mp.event("subscribe_msg_popup_event", READER, List=item(template, "accept")))
    run_jobs()
    assert credit(sql) == (0, 0, 0, True)
    mp.call(mp.event("subscribe_msg_popup_event", READER, List=item(template, "reject")))
    run_jobs()
    assert credit(sql) == (0, 0, 0, False)


def used(code: int, number: str = "") -> dict[str, str]:
    return {"TemplateId": "tpl-1", "MsgID": number, "ErrorCode": str(code), "ErrorStatus": "…"}


@pytest.mark.parametrize(
    ("code", "ends"),
    [(0, ("delivered", None, False)), (43101, ("permanent_failure", "43101", True)),
     (1, ("permanent_failure", "1", True))],
)  # fmt: skip
def test_a_subscribe_message_whose_answer_got_lost_is_settled_by_its_event(
    mp: Caller, world: World, sql: psycopg.Connection, run_jobs: Run, code: int, ends: tuple[Any, ...]
) -> None:
    Reachable(world).mapped(Channel.MP_SUBSCRIBE, "use", "tpl-1")
    mapping = one(sql, "SELECT id FROM channel_templates")[0]
    mp.call(mp.event("subscribe_msg_popup_event", READER, List=[item("tpl-1", "accept")]))
    run_jobs()
    held = one(sql, "SELECT id FROM credits")[0]
    sql.execute("UPDATE credits SET granted = 3, spent = 1")
    delivery = delivered(
        world, index(), channel=Channel.MP_SUBSCRIBE, status=DeliveryStatus.UNKNOWN, template_id=mapping, credit_id=held
    )
    others = [
        delivered(world, index(), channel=Channel.MP_SUBSCRIBE, provider_id="900", template_id=mapping),
        delivered(
            world, index("o-2"), channel=Channel.MP_SUBSCRIBE, status=DeliveryStatus.UNKNOWN, template_id=mapping
        ),
    ]
    mp.call(mp.event("subscribe_msg_sent_event", READER, List=used(code, "901")))
    run_jobs()
    assert standing(sql, delivery) == ends
    assert [standing(sql, other)[0] for other in others] == ["sent", "unknown"]
    assert credit(sql)[1] == (2 if code == 43101 else 0)


def test_of_two_lost_answers_neither_is_guessed_and_one_under_way_is_waited_for(
    mp: Caller, world: World, sql: psycopg.Connection, run_jobs: Run
) -> None:
    Reachable(world).mapped(Channel.MP_SUBSCRIBE, "use", "tpl-1")
    mapping = one(sql, "SELECT id FROM channel_templates")[0]

    def one_more(status: DeliveryStatus) -> uuid.UUID:
        return delivered(world, index(), channel=Channel.MP_SUBSCRIBE, status=status, template_id=mapping)

    lost, under_way = one_more(DeliveryStatus.UNKNOWN), one_more(DeliveryStatus.SENDING)
    mp.call(mp.event("subscribe_msg_sent_event", READER, List=used(0, "901")))
    run_jobs()
    assert standing(sql, lost)[0] == "unknown"
    sql.execute("UPDATE deliveries SET status = 'unknown' WHERE id = %s", [under_way])
    mp.call(mp.event("subscribe_msg_sent_event", READER, List=used(0, "902")))
    run_jobs()
    assert {standing(sql, each)[0] for each in (lost, under_way)} == {"unknown"}
    assert one(sql, "SELECT count(*) FROM callbacks WHERE handled_at IS NULL") == (2,)


def test_a_mass_message_ends_as_the_platform_says(
    oa: Caller, world: World, sql: psycopg.Connection, run_jobs: Run
) -> None:
    author = world.officer().account_id
    notice, chunks = uuid.uuid4(), [uuid.uuid4(), uuid.uuid4()]
    sql.execute(
        "INSERT INTO officer_notices (id, union_id, author, title, body, audience, sms, mass, status, revision, "
        "second_needed, created_at) VALUES (%s, %s, %s, '{}', '{}', '{}', false, true, 'draft', 1, false, now())",
        [notice, world.federation.id, author],
    )
    for number, chunk in enumerate(chunks):
        sql.execute(
            "INSERT INTO mass_sends (id, notice_id, chunk, people, status, attempts, created_at, provider_id) "
            "VALUES (%s, %s, %s, 10, 'sent', 1, now(), %s)",
            [chunk, notice, number, str(300 + number)],
        )
    oa.call(oa.event("MASSSENDJOBFINISH", "o-system", MsgID="300", Status="send success"))
    oa.call(oa.event("MASSSENDJOBFINISH", "o-system", MsgID="301", Status="err(10001)"))
    run_jobs()
    assert sql.execute("SELECT status, reason FROM mass_sends ORDER BY chunk").fetchall() == [
        ("delivered", None),
        ("permanent_failure", "err(10001)"),
    ]
