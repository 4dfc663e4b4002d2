"""Who is bound at once, whose claim lies in which tray, what moving a bond does."""

import datetime
from collections.abc import Callable

import psycopg
import pytest

from services.accounts import queries as accounts
from services.accounts import service as account_verbs
from services.accounts.service import codes, wechat
from services.accounts.types import Ended, MemberActor, Role
from services.accounts.wechat import WechatUser
from services.bindings import queries, service
from services.bindings.types import BondEnd, Bound, Filed, Why
from services.cards import queries as cards
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Conflict, DomainError, Invalid, TooOften
from services.members.types import MemberId, Standing
from tests.builders.binding import MINI, OA, OTHER_PHONE, PHONE, Binding, number
from tests.builders.world import World

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
MONDAY = datetime.datetime(2026, 11, 16, 2, 0, tzinfo=datetime.UTC)


@pytest.fixture
def binding(world: World) -> Binding:
    return Binding(world)


def _column(sql: psycopg.Connection, query: str, *values: object) -> list[object]:
    return [row[0] for row in sql.execute(query, values).fetchall()]


def _refused(work: Callable[[], object], kind: type[DomainError]) -> str:
    with pytest.raises(kind) as refused:
        work()
    return refused.value.code


# --- bound at once


def test_name_document_and_the_rosters_phone_bind_at_once_and_bring_a_card(
    binding: Binding, sql: psycopg.Connection
) -> None:
    member_id, document = binding.rostered()
    who = binding.visitor(openid="o-1")
    assert binding.claim(who, document, name="李 春梅") == Bound(who.account_id, member_id)
    look = binding.world.look
    assert look(lambda: accounts.member_of(who.account_id)) == member_id
    assert look(lambda: cards.has_card(member_id))
    assert _column(sql, "SELECT task_name FROM procrastinate_jobs ORDER BY id") == ["bindings.bound"]
    assert _column(sql, "SELECT how FROM bonds WHERE ended_at IS NULL") == ["roster"]
    (agreed,) = look(lambda: queries.consents(who.account_id))
    assert (agreed.text, agreed.version, agreed.how) == ("binding", "2026-11", "wechat")


def test_somebody_who_has_a_card_keeps_it(binding: Binding, sql: psycopg.Connection) -> None:
    member_id, document = binding.rostered()
    binding.claim(binding.visitor(), document)
    number_before = binding.world.look(lambda: cards.card_of(member_id)).number
    unbind = {"member_id": member_id, "because": BondEnd.BY_MEMBER, "actor": "test"}
    binding.world.do(lambda: service.unbind(**unbind, now=clock.now()))
    assert isinstance(binding.claim(binding.visitor(), document), Bound)
    assert binding.world.look(lambda: cards.card_of(member_id)).number == number_before


@pytest.mark.parametrize("standing", [one for one in Standing if one is not Standing.LEFT])
def test_every_standing_but_left_binds(binding: Binding, standing: Standing) -> None:
    _, document = binding.rostered(standing=standing)
    assert isinstance(binding.claim(binding.visitor(), document), Bound)


# --- into a tray


def test_what_the_roster_does_not_settle_lies_in_a_tray_with_the_reason(
    binding: Binding, sql: psycopg.Connection
) -> None:
    _, other_phone = binding.rostered(phone=OTHER_PHONE)
    _, none = binding.rostered(phone=None)
    _, left = binding.rostered(phone="10011110000", standing=Standing.LEFT)
    _, renamed = binding.rostered("王芳", phone="10011112222")
    _, shared = binding.rostered(phone="10033330000")
    binding.rostered(phone="10033330000")
    cases = {
        other_phone: ("李春梅", PHONE, Why.OTHER_PHONE),
        none: ("李春梅", PHONE, Why.OTHER_PHONE),
        left: ("李春梅", "10011110000", Why.NOT_FOUND),
        renamed: ("李春梅", "10011112222", Why.NAME_DIFFERS),
        shared: ("李春梅", "10033330000", Why.SHARED_PHONE),
        number(): ("李春梅", "10044440000", Why.NOT_FOUND),
    }
    for document, (name, phone, why) in cases.items():
        filed = binding.filed(binding.visitor(phone=phone), document, name=name)
        assert _column(sql, "SELECT why FROM binding_requests WHERE id = %s", filed.request_id) == [why]
    assert _column(sql, "SELECT DISTINCT status FROM binding_requests") == ["open"]
    assert _column(sql, "SELECT count(*) FROM bonds") == [0]


def test_what_was_said_is_sealed_and_gone_when_the_request_is_closed(binding: Binding, sql: psycopg.Connection) -> None:
    who, document = binding.visitor(), number()
    filed = binding.filed(who, document)
    row = sql.execute("SELECT name, document_number, phone FROM binding_requests").fetchone()
    assert row and all(row)
    assert not any(plain.encode() in sealed for plain in ("李春梅", document, PHONE) for sealed in row)
    binding.world.do(lambda: service.withdraw(actor=who, request_id=filed.request_id, now=clock.now()))
    assert sql.execute("SELECT name, document_number, phone FROM binding_requests").fetchall() == [(None, None, None)]


def test_a_tray_is_the_members_unions_else_that_of_the_one_named_else_the_next_above_with_an_officer(
    binding: Binding, sql: psycopg.Connection
) -> None:
    world, elsewhere = binding.world, binding.world.another_union()

    def tray(document: str, phone: str) -> object:
        filed = binding.filed(binding.visitor(phone=phone), document, union=elsewhere)
        return _column(sql, "SELECT union_id FROM binding_requests WHERE id = %s", filed.request_id)[0]

    _, known = binding.rostered(phone=OTHER_PHONE)
    assert tray(known, "10010000001") == world.federation.id, "nobody is there yet: the federation"
    binding.officer(world.town, Role.TOWN)
    _, known = binding.rostered(phone=OTHER_PHONE)
    assert tray(known, "10010000002") == world.town.id
    binding.officer(world.union)
    _, known = binding.rostered(phone=OTHER_PHONE)
    assert tray(known, "10010000003") == world.union.id
    assert tray(number(), "10010000004") == world.federation.id, "of the union that was named nobody is there"
    binding.officer(elsewhere)
    assert tray(number(), "10010000005") == elsewhere.id


def test_the_worker_sees_the_same_whether_the_document_is_known_or_not(binding: Binding) -> None:
    elsewhere = binding.world.another_union()
    _, known = binding.rostered(phone=OTHER_PHONE)
    shown = []
    for document, phone in ((known, "10010000001"), (number(), "10010000002")):
        who = binding.visitor(phone=phone)
        binding.filed(who, document, union=elsewhere)
        seen = binding.world.look(lambda who=who: queries.standing(who.account_id))
        assert seen is not None
        shown.append((seen.status, seen.union_id, seen.union_phone, local_date(seen.due_at), seen.raised))
    assert shown[0] == shown[1]
    assert shown[0][1] == elsewhere.id


def test_a_request_is_due_on_the_third_working_day(binding: Binding) -> None:
    friday = datetime.datetime(2026, 11, 20, 2, 0, tzinfo=datetime.UTC)
    who = binding.visitor(phone=None)
    binding.world.do(lambda: codes.prove_phone(account_id=who.account_id, phone=PHONE, now=friday))
    filed = binding.filed(who, number(), now=friday)
    assert local_date(filed.due_at) == datetime.date(2026, 11, 25)


def test_the_sixth_on_a_phone_is_flagged(binding: Binding, sql: psycopg.Connection) -> None:
    for _ in range(4):
        binding.rostered(phone=PHONE)
    _, fifth = binding.rostered(phone=PHONE)
    _, sixth = binding.rostered(phone=OTHER_PHONE)
    for document, crowded in ((fifth, False), (sixth, True)):
        filed = binding.filed(binding.visitor(), document)
        assert _column(sql, "SELECT crowded FROM binding_requests WHERE id = %s", filed.request_id) == [crowded]


# --- who may not claim


def test_a_claim_needs_a_phone_proven_within_half_an_hour(binding: Binding) -> None:
    _, document = binding.rostered()
    assert _refused(lambda: binding.claim(binding.visitor(phone=None), document), Conflict) == "phone_not_proven"
    who = binding.visitor()
    later = clock.now() + codes.PROVEN_FOR
    assert _refused(lambda: binding.claim(who, document, now=later), Conflict) == "phone_not_proven"


def test_a_claim_needs_the_text_of_today(binding: Binding) -> None:
    said = binding.said(number())
    old = type(said)(said.name, said.document, said.union_id, "2020-01", said.via)
    claim = lambda: binding.world.do(lambda: service.claim(actor=binding.visitor(), said=old, now=clock.now()))  # noqa: E731
    assert _refused(claim, Invalid) == "consent_outdated"


def test_who_is_bound_or_waits_cannot_claim_again(binding: Binding) -> None:
    _, document = binding.rostered()
    who = binding.visitor()
    binding.claim(who, document)
    assert _refused(lambda: binding.claim(who, document), Conflict) == "bound_already"
    waiting = binding.visitor(phone=OTHER_PHONE)
    binding.filed(waiting, number())
    assert _refused(lambda: binding.claim(waiting, document), Conflict) == "binding_open_already"


@pytest.mark.parametrize("same", ["account", "phone", "document"])
def test_tries_are_counted_by_account_by_phone_and_by_document(binding: Binding, same: str) -> None:
    account, document = binding.visitor(), number()
    begin = datetime.datetime(2026, 11, 20, 2, 0, tzinfo=datetime.UTC)

    def attempt(turn: int) -> None:
        who = account if same == "account" else binding.visitor()
        phone = PHONE if same == "phone" else f"1001000{turn:04d}"
        binding.world.do(lambda: codes.prove_phone(account_id=who.account_id, phone=phone, now=begin))
        tried = document if same == "document" else number()
        filed = binding.filed(who, tried, now=begin)
        binding.world.do(lambda: service.withdraw(actor=who, request_id=filed.request_id, now=begin))

    for turn in range(5):
        attempt(turn)
    assert _refused(lambda: attempt(5), TooOften) == "binding_too_often"


# --- moving a bond


def test_a_second_wechat_takes_the_bond_and_the_first_is_signed_out_and_told(
    binding: Binding, sql: psycopg.Connection
) -> None:
    member_id, document = binding.rostered()
    old = binding.visitor(openid="o-old")
    bound = binding.claim(old, document)
    assert isinstance(bound, Bound)
    token = binding.world.token(MemberActor(bound.account_id, member_id))
    new = binding.visitor(openid="o-new")
    moved = binding.claim(new, document)
    assert moved == Bound(old.account_id, member_id), "the person keeps the account, with all that hangs on it"
    look = binding.world.look
    assert look(lambda: accounts.actor_of(token, now=clock.now())) is None
    ended = look(lambda: accounts.why_ended(token))
    assert ended and ended[0] is Ended.BOND_MOVED
    assert "bindings.moved" in _column(sql, "SELECT task_name FROM procrastinate_jobs")
    now = clock.now()
    again = binding.world.do(lambda: wechat.identify(user=WechatUser(OA, "o-new", None), now=now))
    assert look(lambda: wechat.actor_of_account(again)) == MemberActor(old.account_id, member_id)
    former = binding.world.do(lambda: wechat.identify(user=WechatUser(OA, "o-old", None), now=now))
    assert look(lambda: accounts.member_of(former)) is None


def test_a_bond_moves_once_a_day_by_oneself_and_then_through_the_tray(
    binding: Binding, sql: psycopg.Connection
) -> None:
    officer, (_, document) = binding.officer(), binding.rostered()
    binding.claim(binding.visitor(openid="o-1"), document)
    assert isinstance(binding.claim(binding.visitor(openid="o-2"), document), Bound)
    filed = binding.filed(binding.visitor(openid="o-3"), document)
    assert _column(sql, "SELECT why FROM binding_requests") == ["moved_lately"]
    decided = {"actor": officer, "request_id": filed.request_id, "take_phone": False}
    assert isinstance(binding.world.do(lambda: service.approve(**decided, now=clock.now())), Bound)
    later = clock.now() + DAY + HOUR
    who = binding.visitor(openid="o-4", phone=None)
    binding.world.do(lambda: codes.prove_phone(account_id=who.account_id, phone=PHONE, now=later))
    assert isinstance(binding.claim(who, document, now=later), Bound)


def test_an_officers_bond_moves_through_the_tray_only(binding: Binding, sql: psycopg.Connection) -> None:
    _, document = binding.rostered()
    bound = binding.claim(binding.visitor(openid="o-1"), document)
    assert isinstance(bound, Bound)
    binding.world.do(
        lambda: account_verbs.grant(
            account_id=bound.account_id,
            role=Role.GRASSROOTS,
            union_id=binding.world.union.id,
            actor="t",
            now=clock.now(),
        )
    )
    binding.filed(binding.visitor(openid="o-2"), document)
    assert _column(sql, "SELECT why FROM binding_requests") == ["holds_role"]


def test_the_same_person_in_the_mini_program_joins_and_nobody_is_signed_out(
    binding: Binding, sql: psycopg.Connection
) -> None:
    member_id, document = binding.rostered()
    bound = binding.claim(binding.visitor(openid="o-page"), document)
    assert isinstance(bound, Bound)
    token = binding.world.token(MemberActor(bound.account_id, member_id))
    assert binding.claim(binding.visitor(openid="o-mini", appid=MINI), document) == bound
    assert binding.world.look(lambda: accounts.actor_of(token, now=clock.now())) is not None
    assert _column(sql, "SELECT count(*) FROM wechat_identities WHERE account_id = %s", bound.account_id) == [2]


def test_a_browser_with_the_same_phone_joins_also_where_a_family_shares_it(binding: Binding) -> None:
    _, document = binding.rostered()
    first = binding.claim(binding.visitor(openid="o-1"), document)
    binding.rostered(phone=PHONE)
    assert binding.claim(binding.visitor(), document) == first


def test_two_apps_are_one_person_by_the_unionid(binding: Binding) -> None:
    now = clock.now()
    one = binding.world.do(lambda: wechat.identify(user=WechatUser(OA, "o-page", "u-1"), now=now))
    other = binding.world.do(lambda: wechat.identify(user=WechatUser(MINI, "o-mini", "u-1"), now=now))
    stranger = binding.world.do(lambda: wechat.identify(user=WechatUser(MINI, "o-mini-2", "u-2"), now=now))
    assert one == other != stranger


# --- signing in with a phone


def test_a_phone_signs_in_the_one_member_who_is_bound_with_it(binding: Binding) -> None:
    member_id, document = binding.rostered()
    bound = binding.claim(binding.visitor(openid="o-1"), document)
    assert isinstance(bound, Bound)
    by_phone = lambda phone: binding.world.do(lambda: codes.by_phone(phone=phone, now=clock.now()))  # noqa: E731
    assert by_phone(PHONE) == MemberActor(bound.account_id, member_id)
    stranger = by_phone(OTHER_PHONE)
    assert not isinstance(stranger, MemberActor)
    assert by_phone(OTHER_PHONE) == stranger, "whoever comes back finds his request again"
    binding.rostered(phone=PHONE)
    assert not isinstance(by_phone(PHONE), MemberActor), "a family's phone tells nobody apart"


# --- unbinding


def test_unbinding_ends_the_members_sessions_and_keeps_the_card(binding: Binding, sql: psycopg.Connection) -> None:
    member_id, document = binding.rostered()
    who = binding.visitor(openid="o-1")
    binding.claim(who, document)
    token = binding.world.token(MemberActor(who.account_id, member_id))
    unbind = {"member_id": member_id, "because": BondEnd.BY_OFFICER, "actor": "officer:test"}
    binding.world.do(lambda: service.unbind(**unbind, now=clock.now()))
    look = binding.world.look
    assert look(lambda: accounts.why_ended(token)) is not None
    assert look(lambda: cards.has_card(member_id))
    assert look(lambda: accounts.member_of(who.account_id)) is None
    assert _column(sql, "SELECT ended_because FROM bonds") == ["by_officer"]
    assert (
        _refused(lambda: binding.world.do(lambda: service.unbind(**unbind, now=clock.now())), Conflict)
        == "member_not_bound"
    )


def test_everybody_concerned_is_told(binding: Binding, run_jobs: Callable[[], None], sql: psycopg.Connection) -> None:
    member_id, document = binding.rostered()
    binding.claim(binding.visitor(openid="o-1"), document)
    binding.claim(binding.visitor(openid="o-2"), document)
    binding.filed(binding.visitor(), number())
    run_jobs()
    told = sql.execute("SELECT recipient_id, template FROM inbox_messages ORDER BY id").fetchall()
    assert {(member_id, "bond.made"), (member_id, "bond.moved"), (binding.world.federation.id, "binding.filed")} == set(
        told
    )


def test_after_a_move_the_bond_is_entered_by_the_claims_own_account_only(binding: Binding) -> None:
    member_id, document = binding.rostered(phone=OTHER_PHONE)
    officer, who, stranger = binding.officer(), binding.visitor(openid="o-1"), binding.visitor(openid="o-2")
    filed = binding.filed(who, document)
    enter = lambda account: binding.world.look(lambda: service.enter(account_id=account))  # noqa: E731
    assert enter(who.account_id) is None
    decided = {"actor": officer, "request_id": filed.request_id, "take_phone": False}
    binding.world.do(lambda: service.approve(**decided, now=clock.now()))
    assert enter(who.account_id) == MemberActor(who.account_id, MemberId(member_id))
    assert enter(stranger.account_id) is None
    unbind = {"member_id": member_id, "because": BondEnd.BY_MEMBER, "actor": "test"}
    binding.world.do(lambda: service.unbind(**unbind, now=clock.now()))
    assert enter(who.account_id) is None
    assert isinstance(filed, Filed)
