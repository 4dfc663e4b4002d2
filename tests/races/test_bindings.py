"""Many at once: claims of one person, tries of one code, an officer and the worker at the same request."""

import threading
from collections import Counter
from functools import partial

import psycopg
import pytest

from services.accounts import queries as accounts
from services.accounts import service as accounts_verbs
from services.accounts.service import codes, wechat
from services.accounts.types import CodeFor, MemberActor, Role, VisitorActor
from services.accounts.wechat import WechatUser
from services.bindings import service
from services.bindings.types import BondEnd, Bound, Filed, RefusedFor
from services.core import clock
from services.core.budget import MINUTE, spend
from services.core.errors import DomainError, Refusal
from tests.builders.binding import OA, OTHER_PHONE, PHONE, Binding, number
from tests.builders.world import World
from tests.harness.threads import PATIENCE, together, until_somebody_waits
from tests.races.till import count

MANY = 20


@pytest.fixture
def binding(world: World) -> Binding:
    return Binding(world)


def _outcome(binding: Binding, who: VisitorActor, document: str) -> str:
    try:
        return type(binding.claim(who, document)).__name__
    except DomainError as error:
        return error.code


def _one_bond(sql: psycopg.Connection) -> None:
    assert count(sql, "SELECT count(*) FROM bonds WHERE ended_at IS NULL") == 1
    assert count(sql, "SELECT count(*) FROM accounts WHERE member_id IS NOT NULL") == 1
    assert count(sql, "SELECT count(*) FROM cards WHERE status <> 'replaced'") == 1
    holder = "SELECT count(*) FROM bonds b JOIN accounts a ON a.id = b.account_id AND a.member_id = b.member_id"
    assert count(sql, f"{holder} WHERE b.ended_at IS NULL") == 1


def test_twenty_claims_of_one_person_from_two_wechats_leave_one_bond(
    binding: Binding, sql: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.bindings.rules.TRIES", ((MINUTE, 1000),))
    member_id, document = binding.rostered()
    two = [binding.visitor(openid="o-1"), binding.visitor(openid="o-2")]
    said = Counter(together(*[partial(_outcome, binding, two[turn % 2], document) for turn in range(MANY)]))
    assert said["Bound"] >= 2, "each of the two was bound once: the second took the bond over"
    # The account whose WeChat has moved on is empty: its proof of the phone went along.
    assert set(said) <= {"Bound", "Filed", "bound_already", "binding_open_already", "phone_not_proven"}
    _one_bond(sql)
    assert count(sql, "SELECT count(*) FROM bonds WHERE ended_because = 'moved'") == 1
    assert count(sql, "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'bindings.moved'") == 1
    holder = binding.world.look(lambda: accounts.account_of_member(member_id))
    assert count(sql, "SELECT count(*) FROM wechat_identities WHERE account_id = %s", holder) == 1


def test_twenty_people_who_claim_to_be_one_are_one(
    binding: Binding, sql: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty browsers without WeChat, all with the phone of the roster: they join one account."""
    monkeypatch.setattr("services.bindings.rules.TRIES", ((MINUTE, 1000),))
    member_id, document = binding.rostered()
    visitors = [binding.visitor() for _ in range(MANY)]
    results = together(*[partial(binding.claim, who, document) for who in visitors])
    assert len(set(results)) == 1
    assert results[0] == Bound(results[0].account_id, member_id)  # type: ignore[union-attr]
    _one_bond(sql)


def test_a_code_tried_twenty_times_at_once_works_once(binding: Binding, sql: psycopg.Connection) -> None:
    ask = {"phone": PHONE, "purpose": CodeFor.SIGN_IN, "per_minute": 10}
    asked = binding.world.do(lambda: codes.ask_code(**ask, now=clock.now()))
    use = {"request": asked.request, "code": asked.code, "purpose": CodeFor.SIGN_IN}
    results = together(*[lambda: binding.world.do(lambda: codes.use_code(**use, now=clock.now()))] * MANY)
    assert Counter(isinstance(result, Refusal) for result in results) == {False: 1, True: MANY - 1}


def test_a_code_guessed_at_twenty_times_at_once_takes_five_tries(binding: Binding, sql: psycopg.Connection) -> None:
    ask = {"phone": PHONE, "purpose": CodeFor.SIGN_IN, "per_minute": 10}
    asked = binding.world.do(lambda: codes.ask_code(**ask, now=clock.now()))
    wrong = f"{(int(asked.code) + 1) % 10**6:06d}"
    use = {"request": asked.request, "code": wrong, "purpose": CodeFor.SIGN_IN}
    results = together(*[lambda: binding.world.do(lambda: codes.use_code(**use, now=clock.now()))] * MANY)
    said = Counter(result.code for result in results if isinstance(result, Refusal))
    assert said == {"phone_code_wrong": 4, "phone_code_over": MANY - 4}
    assert count(sql, "SELECT attempts FROM phone_codes") == 5


def test_twenty_first_sign_ins_of_one_wechat_are_one_account(binding: Binding, sql: psycopg.Connection) -> None:
    user = WechatUser(OA, "o-1", "u-1")
    found = together(*[lambda: binding.world.do(lambda: wechat.identify(user=user, now=clock.now()))] * MANY)
    assert len(set(found)) == 1
    assert count(sql, "SELECT count(*) FROM accounts") == 1


def test_a_way_back_taken_twenty_times_at_once_is_taken_once(binding: Binding) -> None:
    state, browser = binding.world.do(lambda: wechat.leave_for_wechat(clock.now()))
    back = {"state": state, "browser": browser}
    used = together(*[lambda: binding.world.do(lambda: wechat.back_from_wechat(**back, now=clock.now()))] * MANY)
    assert Counter(used) == {True: 1, False: MANY - 1}


def test_a_budget_of_three_is_three_for_twenty_at_once(binding: Binding) -> None:
    now = clock.now()
    waits = together(*[lambda: binding.world.do(lambda: spend("test", b"x", limits=((MINUTE, 3),), now=now))] * MANY)
    assert sum(wait == 0 for wait in waits) == 3


def test_approving_refusing_and_withdrawing_at_once_is_one_of_them(binding: Binding, sql: psycopg.Connection) -> None:
    officers = [binding.officer() for _ in range(3)]
    decided = Counter()  # type: ignore[var-annotated]
    for turn in range(6):
        _, document = binding.rostered(phone=OTHER_PHONE)
        who = binding.visitor(phone=f"1001000{turn:04d}")
        filed = binding.filed(who, document)
        assert isinstance(filed, Filed)
        works = [
            *(partial(_approve, binding, officer, filed) for officer in officers),
            partial(_refuse, binding, officers[0], filed),
            partial(_withdraw, binding, who, filed),
        ]
        said = together(*works)
        assert sum(word in ("approved", "refused", "withdrawn") for word in said) == 1, said
        (won,) = {"approved", "refused", "withdrawn"} & set(said)
        decided[won] += 1
        status = sql.execute("SELECT status FROM binding_requests WHERE id = %s", [filed.request_id]).fetchone()
        assert status == (won,)
    assert count(sql, "SELECT count(*) FROM bonds") == decided["approved"]
    acts = (
        "SELECT count(*) FROM audit_entries WHERE action IN ('binding.approved','binding.refused','binding.withdrawn')"
    )
    assert count(sql, acts) == 6


def test_a_role_that_is_granted_while_a_claim_is_judged_counts(binding: Binding, sql: psycopg.Connection) -> None:
    """The claim waits for whoever holds the account's row, and then sees what he did."""
    _, document = binding.rostered()
    bound = binding.claim(binding.visitor(openid="o-1"), document)
    assert isinstance(bound, Bound)
    rival, results = binding.visitor(openid="o-2"), list[object]()
    thread = threading.Thread(target=lambda: results.append(binding.claim(rival, document)))
    held = {"account_id": bound.account_id, "role": Role.TOWN, "union_id": binding.world.town.id, "actor": "test"}

    def grant() -> None:
        accounts_verbs.grant(**held, now=clock.now())
        thread.start()
        until_somebody_waits(sql)

    binding.world.do(grant)
    thread.join(PATIENCE)
    assert [type(one) for one in results] == [Filed]
    assert count(sql, "SELECT count(*) FROM binding_requests WHERE why = 'holds_role'") == 1
    assert count(sql, "SELECT count(*) FROM bonds WHERE ended_at IS NOT NULL") == 0


@pytest.mark.parametrize("way", ["wechat", "phone"])
def test_an_unbinding_ends_the_session_that_was_about_to_begin(
    binding: Binding, sql: psycopg.Connection, way: str
) -> None:
    member_id, document = binding.rostered()
    binding.claim(binding.visitor(openid="o-1"), document)
    ended = {"member_id": member_id, "because": BondEnd.BY_OFFICER, "actor": "officer:test"}
    thread = threading.Thread(target=lambda: binding.world.do(lambda: service.unbind(**ended, now=clock.now())))

    def sign_in() -> str:
        now = clock.now()
        if way == "phone":
            actor = codes.by_phone(phone=PHONE, now=now)
        else:
            actor = wechat.actor_of_account(wechat.identify(user=WechatUser(OA, "o-1", None), now=now))
        assert isinstance(actor, MemberActor)
        thread.start()
        until_somebody_waits(sql)
        return accounts_verbs.sign_in(actor, now=now).token

    token = binding.world.do(sign_in)
    thread.join(PATIENCE)
    assert binding.world.look(lambda: accounts.actor_of(token, now=clock.now())) is None
    assert count(sql, "SELECT count(*) FROM bonds WHERE ended_because = 'by_officer'") == 1


def _said(binding: Binding, work: object, won: str) -> str:
    try:
        binding.world.do(work)  # type: ignore[arg-type]
    except DomainError as error:
        return error.code
    return won


def _approve(binding: Binding, officer: object, filed: Filed) -> str:
    verb = partial(service.approve, actor=officer, request_id=filed.request_id, take_phone=True, now=clock.now())
    return _said(binding, verb, "approved")


def _refuse(binding: Binding, officer: object, filed: Filed) -> str:
    no = {"reason": RefusedFor.NOT_OURS, "note": ""}
    verb = partial(service.refuse, actor=officer, request_id=filed.request_id, **no, now=clock.now())
    return _said(binding, verb, "refused")


def _withdraw(binding: Binding, who: VisitorActor, filed: Filed) -> str:
    return _said(
        binding, partial(service.withdraw, actor=who, request_id=filed.request_id, now=clock.now()), "withdrawn"
    )


def test_two_chores_at_once_raise_a_request_once(binding: Binding, sql: psycopg.Connection) -> None:
    binding.officer()
    filed = binding.filed(binding.visitor(), number())
    late = filed.due_at.replace(year=filed.due_at.year + 1)
    together(*[lambda: binding.world.do(lambda: service.raise_overdue(late))] * 4)
    assert count(sql, "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'bindings.raised'") == 1
