"""What somebody with bad intentions, or an officer in haste, must not get by binding or by a phone."""

import datetime
from collections.abc import Callable

import psycopg
import pytest

from services.accounts import queries as accounts
from services.accounts import service as account_verbs
from services.accounts.service import codes, wechat
from services.accounts.types import AccountId, Capability, CodeFor, MemberActor, OfficerActor, Role, VisitorActor
from services.accounts.wechat import WechatUser
from services.bindings import queries, service
from services.bindings.types import BondEnd, Bound, Status
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Conflict, DomainError, Refusal, TooOften
from services.members import corrections
from services.members import queries as members
from services.members.types import ChangeReason, Correction, MemberId
from services.merchants import queries as merchants
from services.merchants import service as shops
from services.unions.types import UnionView
from tests.builders.binding import OA, OTHER_PHONE, PHONE, Binding, number
from tests.builders.world import World

MINUTE, DAY = datetime.timedelta(minutes=1), datetime.timedelta(days=1)


@pytest.fixture
def binding(world: World) -> Binding:
    return Binding(world)


def _column(sql: psycopg.Connection, query: str, *values: object) -> list[object]:
    return [row[0] for row in sql.execute(query, values).fetchall()]


def _refused(work: Callable[[], object], kind: type[DomainError]) -> str:
    with pytest.raises(kind) as refused:
        work()
    return refused.value.code


def _bound(binding: Binding, *, openid: str = "o-1") -> tuple[Bound, str]:
    """A member of the world's union who bound himself, and the number of his document."""
    _, document = binding.rostered()
    bound = binding.claim(binding.visitor(openid=openid), document)
    assert isinstance(bound, Bound)
    return bound, document


def _grant(binding: Binding, account_id: AccountId, role: Role, union: UnionView) -> None:
    held = {"account_id": account_id, "role": role, "union_id": union.id, "actor": "test"}
    binding.world.do(lambda: account_verbs.grant(**held, now=clock.now()))


def _officer(binding: Binding, account_id: AccountId) -> OfficerActor | None:
    return binding.world.look(lambda: accounts.officer(account_id, on=local_date(clock.now())))


def _correct_phone(binding: Binding, member_id: MemberId, officer: OfficerActor, phone: str = OTHER_PHONE) -> None:
    scopes = officer.scopes(Capability.EDIT_MEMBERS)
    binding.world.do(
        lambda: corrections.correct(
            member_id=member_id, correction=Correction(phone=phone), reason=ChangeReason.ASKED, actor=officer.label,
            scopes=scopes, now=clock.now(), own=None,
        )
    )  # fmt: skip


# --- phones


def test_a_number_that_was_given_up_signs_nobody_in(binding: Binding) -> None:
    bound, document = _bound(binding)
    by_phone = lambda: binding.world.do(lambda: codes.by_phone(phone=PHONE, now=clock.now()))  # noqa: E731
    assert by_phone() == MemberActor(bound.account_id, bound.member_id)
    _correct_phone(binding, bound.member_id, binding.officer())
    assert isinstance(by_phone(), VisitorActor)
    assert not isinstance(binding.claim(binding.visitor(), document), Bound), "nor does it join the account"


def test_a_proof_of_more_than_four_hundred_days_signs_nobody_in(binding: Binding) -> None:
    bound, _ = _bound(binding)
    for days, kind in ((399, MemberActor), (800, VisitorActor)):
        later = clock.now() + days * DAY
        assert isinstance(binding.world.do(lambda at=later: codes.by_phone(phone=PHONE, now=at)), kind)
    assert bound


def test_only_the_rosters_phone_is_a_fresh_proof(binding: Binding) -> None:
    bound, _ = _bound(binding)
    member = MemberActor(bound.account_id, bound.member_id)
    said = [
        binding.world.look(lambda a=actor, p=phone: codes.on_record(a, phone=p))
        for actor, phone in ((member, PHONE), (member, OTHER_PHONE), (VisitorActor(bound.account_id), PHONE))
    ]
    assert said == [True, False, False]


def test_strangers_who_type_an_officers_phone_use_up_none_of_his_own_codes(binding: Binding) -> None:
    begin = datetime.datetime(2026, 11, 20, 2, 0, tzinfo=datetime.UTC)

    def ask(purpose: CodeFor, minutes: int, phone: str = PHONE) -> object:
        asked = {"phone": phone, "purpose": purpose, "per_minute": 3, "now": begin + minutes * MINUTE}
        return binding.world.do(lambda: codes.ask_code(**asked))  # type: ignore[arg-type]

    for minute in range(5):
        ask(CodeFor.SIGN_IN, minute)
    assert _refused(lambda: ask(CodeFor.BINDING, 6), TooOften) == "phone_code_too_often"
    for other in range(3):
        ask(CodeFor.SIGN_IN, 7, f"1001000{other:04d}")
    assert _refused(lambda: ask(CodeFor.SIGN_IN, 7, "10010009999"), TooOften), "all phones together are used up too"
    assert ask(CodeFor.OFFICER, 7) and ask(CodeFor.FRESH, 8)
    for minute in (9, 10, 11):
        ask(CodeFor.OFFICER, minute)
    assert _refused(lambda: ask(CodeFor.FRESH, 12), TooOften), "five an hour, as for everybody"


def test_one_account_has_five_codes_an_hour_and_ten_a_day_to_whatever_phones(binding: Binding) -> None:
    begin, who = datetime.datetime(2026, 11, 20, 2, 0, tzinfo=datetime.UTC), binding.visitor(phone=None)
    phones = iter(range(100))

    def sent(hours: int) -> bool:
        asked = {"purpose": CodeFor.BINDING, "per_minute": 100, "now": begin + datetime.timedelta(hours=hours)}
        phone = f"1001000{next(phones):04d}"
        try:
            binding.world.do(lambda: codes.ask_code(phone=phone, account_id=who.account_id, **asked))  # type: ignore[arg-type]
        except TooOften:
            return False
        return True

    assert [sum(sent(hours) for _ in range(8)) for hours in (0, 1, 2)] == [5, 5, 0]


# --- who holds a role


def test_a_claim_without_wechat_takes_no_officers_account(binding: Binding, sql: psycopg.Connection) -> None:
    """The roster's phone is changed to somebody else's, who then claims in a browser."""
    bound, document = _bound(binding)
    _correct_phone(binding, bound.member_id, binding.officer())
    _grant(binding, bound.account_id, Role.TOWN, binding.world.town)
    binding.filed(binding.visitor(phone=OTHER_PHONE), document)
    assert _column(sql, "SELECT why FROM binding_requests") == ["holds_role"]
    assert _column(sql, "SELECT union_id FROM binding_requests") == [binding.world.federation.id]


def test_a_claim_without_wechat_does_not_follow_a_move_of_the_same_day(
    binding: Binding, sql: psycopg.Connection
) -> None:
    bound, document = _bound(binding)
    binding.claim(binding.visitor(openid="o-2"), document)
    _correct_phone(binding, bound.member_id, binding.officer())
    binding.filed(binding.visitor(phone=OTHER_PHONE), document)
    assert _column(sql, "SELECT why FROM binding_requests") == ["moved_lately"]


def test_an_officer_in_a_browser_of_his_own_joins_unless_others_share_the_phone(
    binding: Binding, sql: psycopg.Connection
) -> None:
    bound, document = _bound(binding)
    _grant(binding, bound.account_id, Role.GRASSROOTS, binding.world.union)
    assert binding.claim(binding.visitor(), document) == bound
    binding.rostered("王强", phone=PHONE)
    binding.filed(binding.visitor(), document)
    assert _column(sql, "SELECT why FROM binding_requests") == ["shared_phone"]


def test_what_the_roster_proves_is_not_locked_out_by_guesses_about_the_document(binding: Binding) -> None:
    _, document = binding.rostered()
    begin = datetime.datetime(2026, 11, 20, 2, 0, tzinfo=datetime.UTC)

    def claim(phone: str, name: str) -> object:
        who = binding.visitor(phone=None)
        binding.world.do(lambda: codes.prove_phone(account_id=who.account_id, phone=phone, now=begin))
        return binding.claim(who, document, name=name, now=begin)

    for turn in range(5):
        claim(f"1001000{turn:04d}", "张三")
    assert _refused(lambda: claim("10010009999", "张三"), TooOften) == "binding_too_often"
    assert isinstance(claim(PHONE, "李春梅"), Bound)


def _approve(binding: Binding, officer: OfficerActor, request_id: object, *, take_phone: bool = False) -> object:
    decided = {"actor": officer, "request_id": request_id, "take_phone": take_phone}
    return binding.world.do(lambda: service.approve(**decided, now=clock.now()))  # type: ignore[arg-type]


def test_an_officer_gives_nobody_a_role_that_he_could_not_give(binding: Binding, sql: psycopg.Connection) -> None:
    """A role that was granted after the request was filed: it goes above the role, and there it is decided."""
    world, (bound, document) = binding.world, _bound(binding)
    low, town = binding.officer(), binding.officer(world.town, Role.TOWN)
    filed = binding.filed(binding.visitor(phone=OTHER_PHONE, openid="o-evil"), document)
    _grant(binding, bound.account_id, Role.TOWN, world.town)
    for officer in (low, town):
        sql.execute("UPDATE binding_requests SET union_id = %s", [world.union.id])
        said = _approve(binding, officer, filed.request_id, take_phone=True)
        assert isinstance(said, Refusal) and said.code == "binding_holds_role"
        row = sql.execute("SELECT status, why, union_id, due_at FROM binding_requests").fetchone()
        assert row == ("open", "holds_role", world.federation.id, filed.due_at), "the worker's date stands"
    assert world.look(lambda: members.phone_number(bound.member_id)) == PHONE
    assert _column(sql, "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'bindings.filed'") == [3]
    assert _column(sql, "SELECT count(*) FROM audit_entries WHERE action = 'binding.passed_on'") == [2]
    assert isinstance(_approve(binding, world.officer(), filed.request_id), Bound)


def test_a_claim_of_an_officer_lies_above_his_role_from_the_start_whatever_is_wrong_with_it(
    binding: Binding, sql: psycopg.Connection
) -> None:
    world, (bound, document) = binding.world, _bound(binding)
    low, town = binding.officer(), binding.officer(world.town, Role.TOWN)
    _grant(binding, bound.account_id, Role.GRASSROOTS, world.union)
    filed = binding.filed(binding.visitor(phone=OTHER_PHONE), document)
    assert _column(sql, "SELECT why FROM binding_requests") == ["other_phone"]
    assert _column(sql, "SELECT union_id FROM binding_requests") == [world.town.id]
    assert _refused(lambda: _approve(binding, low, filed.request_id), DomainError) == "binding_unknown"
    assert isinstance(_approve(binding, town, filed.request_id), Bound)


def test_a_role_that_sleeps_is_a_role(binding: Binding, sql: psycopg.Connection) -> None:
    bound, document = _bound(binding)
    _grant(binding, bound.account_id, Role.TOWN, binding.world.town)
    sql.execute("UPDATE role_grants SET granted_at = granted_at - interval '100 days'")
    assert _officer(binding, bound.account_id) is None
    binding.filed(binding.visitor(openid="o-2"), document)
    assert _column(sql, "SELECT why FROM binding_requests") == ["holds_role"]


def test_an_officer_of_another_subtree_binds_nobody_and_writes_no_record(
    binding: Binding, sql: psycopg.Connection
) -> None:
    """Filed as unknown with a union of one's choice; the person joins elsewhere meanwhile."""
    document, other, own = number(), binding.world.another_union(), binding.officer()
    low = binding.officer(other)
    filed = binding.filed(binding.visitor(phone=OTHER_PHONE, openid="o-evil"), document, union=other)
    member_id, _ = binding.rostered(document=document)
    scopes = low.scopes(Capability.DECIDE_BINDINGS)
    case = binding.world.look(lambda: queries.case(filed.request_id, scopes=scopes))
    assert case.elsewhere and case.member_id is None and case.name.roster is None and case.phone.roster is None
    said = _approve(binding, low, filed.request_id, take_phone=True)
    assert isinstance(said, Refusal) and said.code == "binding_elsewhere"
    assert binding.world.look(lambda: members.phone_number(member_id)) == PHONE
    assert _column(sql, "SELECT union_id FROM binding_requests") == [binding.world.union.id]
    assert isinstance(_approve(binding, own, filed.request_id), Bound)


# --- what stays with the person


def _unbind(binding: Binding, member_id: MemberId, because: BondEnd) -> None:
    ended = {"member_id": member_id, "because": because, "actor": "officer:test"}
    binding.world.do(lambda: service.unbind(**ended, now=clock.now()))  # type: ignore[arg-type]


def _clerk(binding: Binding, account_id: AccountId) -> object:
    branch_id = binding.world.shop().clerk.branch_id
    post = {"branch_id": branch_id, "account_id": account_id, "name": "小唐", "actor": "test"}
    return binding.world.do(lambda: shops.take_on_clerk(**post, now=clock.now()))  # type: ignore[arg-type]


def _posts(binding: Binding, account_id: AccountId) -> list[object]:
    return [post.clerk_id for post in binding.world.look(lambda: merchants.clerks_of_account(account_id))]


def _with_wechat(binding: Binding, openid: str, phone: str) -> VisitorActor:
    """Whoever has this WeChat now, with a phone of his own."""

    def come() -> AccountId:
        account_id = wechat.identify(user=WechatUser(OA, openid, None), now=clock.now())
        codes.prove_phone(account_id=account_id, phone=phone, now=clock.now())
        return account_id

    return VisitorActor(binding.world.do(come))


def test_an_officer_hands_over_before_he_unbinds(binding: Binding) -> None:
    bound, _ = _bound(binding)
    _grant(binding, bound.account_id, Role.GRASSROOTS, binding.world.union)
    assert _refused(lambda: _unbind(binding, bound.member_id, BondEnd.BY_MEMBER), Conflict) == "unbind_holds_role"
    assert binding.world.look(lambda: accounts.member_of(bound.account_id)) == bound.member_id
    ended = {"account_id": bound.account_id, "role": Role.GRASSROOTS, "union_id": binding.world.union.id}
    binding.world.do(lambda: account_verbs.end_role(**ended, actor="test", now=clock.now()))
    _unbind(binding, bound.member_id, BondEnd.BY_MEMBER)
    assert binding.world.look(lambda: accounts.member_of(bound.account_id)) is None


def test_an_officers_unbinding_ends_roles_and_posts_and_frees_the_wechat(
    binding: Binding, sql: psycopg.Connection
) -> None:
    """The phone is in wrong hands: whoever has it is himself a worker, and binds with his own number."""
    bound, _ = _bound(binding, openid="o-stolen")
    _grant(binding, bound.account_id, Role.TOWN, binding.world.town)
    clerk_id = _clerk(binding, bound.account_id)
    token = binding.world.token(OfficerActor(bound.account_id, ()))
    _unbind(binding, bound.member_id, BondEnd.BY_OFFICER)
    _, document = binding.rostered("王强", phone=OTHER_PHONE)
    thief = binding.claim(_with_wechat(binding, "o-stolen", OTHER_PHONE), document, name="王强")
    assert isinstance(thief, Bound) and thief.account_id != bound.account_id
    assert _officer(binding, thief.account_id) is None and _officer(binding, bound.account_id) is None
    assert binding.world.look(lambda: accounts.actor_of(token, now=clock.now())) is None
    assert _posts(binding, thief.account_id) == _posts(binding, bound.account_id) == []
    acts = "SELECT action FROM audit_entries WHERE actor = 'officer:test' ORDER BY id"
    assert {"role.ended", "clerk.left", "sessions.ended", "bond.ended"} <= set(_column(sql, acts))
    assert _column(sql, "SELECT id FROM clerks WHERE left_at IS NOT NULL") == [clerk_id]


def test_a_role_that_slept_does_not_outlive_the_bond(binding: Binding, sql: psycopg.Connection) -> None:
    bound, _ = _bound(binding)
    _grant(binding, bound.account_id, Role.TOWN, binding.world.town)
    sql.execute("UPDATE role_grants SET granted_at = granted_at - interval '100 days'")
    _unbind(binding, bound.member_id, BondEnd.BY_MEMBER)
    assert _column(sql, "SELECT count(*) FROM role_grants WHERE ended_at IS NULL") == [0]


def test_an_account_with_a_role_and_no_member_is_nobodys_to_bind(binding: Binding) -> None:
    _, document = binding.rostered()
    officer = binding.officer()
    binding.world.do(lambda: codes.prove_phone(account_id=officer.account_id, phone=PHONE, now=clock.now()))
    claim = lambda: binding.claim(VisitorActor(officer.account_id), document)  # noqa: E731
    assert _refused(claim, Conflict) == "binding_account_has_role"


def test_posts_stay_with_the_account_after_the_members_own_unbinding_and_end_when_somebody_else_binds(
    binding: Binding,
) -> None:
    bound, document = _bound(binding)
    clerk_id = _clerk(binding, bound.account_id)
    _unbind(binding, bound.member_id, BondEnd.BY_MEMBER)
    assert _posts(binding, bound.account_id) == [clerk_id]
    assert binding.claim(_with_wechat(binding, "o-1", PHONE), document) == bound
    assert _posts(binding, bound.account_id) == [clerk_id], "the same person again"
    _unbind(binding, bound.member_id, BondEnd.BY_MEMBER)
    _, other = binding.rostered("王强", phone=OTHER_PHONE)
    assert isinstance(binding.claim(_with_wechat(binding, "o-1", OTHER_PHONE), other, name="王强"), Bound)
    assert _posts(binding, bound.account_id) == []


def test_a_clerk_who_binds_keeps_his_posts_also_where_he_has_an_account_already(
    binding: Binding, sql: psycopg.Connection
) -> None:
    fresh = binding.visitor(openid="o-1")
    clerk_id = _clerk(binding, fresh.account_id)
    _, document = binding.rostered()
    assert isinstance(binding.claim(fresh, document), Bound)
    assert _posts(binding, fresh.account_id) == [clerk_id], "an account that was never bound"
    other = binding.visitor(openid="o-2")
    second = _clerk(binding, other.account_id)
    moved = binding.claim(other, document)
    assert isinstance(moved, Bound) and moved.account_id == fresh.account_id
    assert set(_posts(binding, fresh.account_id)) == {clerk_id, second}
    assert _posts(binding, other.account_id) == []
    passed = "SELECT subject_id FROM audit_entries WHERE action = 'clerk.passed'"
    assert _column(sql, passed) == [second]


# --- after the approval


def test_a_worker_without_wechat_enters_the_account_that_was_there(binding: Binding) -> None:
    low, (bound, document) = binding.officer(), _bound(binding)
    who = binding.visitor(phone=OTHER_PHONE)
    filed = binding.filed(who, document)
    assert _approve(binding, low, filed.request_id, take_phone=True) == bound
    seen = binding.world.look(lambda: queries.standing(who.account_id))
    assert seen and seen.status is Status.APPROVED
    enter = lambda: binding.world.look(lambda: service.enter(account_id=who.account_id))  # noqa: E731
    assert enter() == MemberActor(bound.account_id, bound.member_id)
    # The bond goes to another WeChat afterwards: whoever was approved before has no part in it any more.
    assert isinstance(binding.claim(binding.visitor(phone=OTHER_PHONE, openid="o-2"), document), Bound)
    assert enter() is None
