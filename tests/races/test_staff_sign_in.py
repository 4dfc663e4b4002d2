"""What works once works once, however many try: links, an authenticator's codes, a computer, a clerk's digits."""

import datetime
from collections.abc import Callable
from typing import TypeVar

import psycopg
import pyotp

from services.accounts import passwords, service
from services.accounts.service.desk import Claimed
from services.accounts.types import ClerkActor, OfficerActor, Role
from services.core import clock
from services.core.errors import DomainError, Refusal
from services.merchants import service as merchants
from services.merchants.types import BranchId
from tests.builders.world import World
from tests.harness.threads import together

T = TypeVar("T")
MANY = 20


def outcome(world: World, work: Callable[[], T]) -> T | str:
    try:
        return world.do(work)
    except DomainError as error:
        return error.code


def invited(world: World, role: Role = Role.SYSTEM) -> str:
    union = world.federation if role is Role.SYSTEM else world.union
    return world.do(lambda: service.invite(by=None, name="周敏", role=role, union=union, actor="test", now=clock.now()))


def digits(token: str, now: datetime.datetime) -> str:
    return pyotp.TOTP(passwords.secret_of_link(token, "nonce")).at(now)


def test_one_link_makes_one_officer(world: World, sql: psycopg.Connection) -> None:
    token, now = invited(world), clock.now()

    def accept(number: int) -> Callable[[], object]:
        return lambda: outcome(
            world,
            lambda: service.accept_with_password(
                token=token, nonce="nonce", login=f"zhou.{number}", password="three lamps by the river",
                code=digits(token, now), now=now,
            ),
        )  # fmt: skip

    answers = together(*(accept(number) for number in range(MANY)))
    assert answers.count("link_over") == MANY - 1
    assert sql.execute("SELECT count(*) FROM credentials").fetchone() == (1,)
    assert sql.execute("SELECT count(*) FROM role_grants").fetchone() == (1,)
    assert sql.execute("SELECT count(*) FROM audit_entries WHERE action = 'role.granted'").fetchone() == (1,)


def test_a_role_is_taken_by_one_of_many(world: World, sql: psycopg.Connection) -> None:
    token, now = invited(world, Role.GRASSROOTS), clock.now()
    people = [world.member(f"张{number}") for number in range(8)]

    def accept(number: int) -> Callable[[], object]:
        person = people[number]
        return lambda: outcome(
            world, lambda: service.accept(token=token, account_id=person.account_id, actor=person.label, now=now)
        )

    answers = together(*(accept(number) for number in range(len(people))))
    assert answers.count("link_over") == len(people) - 1
    assert sql.execute("SELECT count(*) FROM role_grants WHERE ended_at IS NULL").fetchone() == (1,)


def test_one_code_of_an_authenticator_lets_one_in(world: World) -> None:
    token, now = invited(world), clock.now()
    world.do(
        lambda: service.accept_with_password(
            token=token,
            nonce="nonce",
            login="zhou.min",
            password="three lamps by the river",
            code=digits(token, now),
            now=now,
        )
    )
    later = now + datetime.timedelta(minutes=1)

    def enter(number: int) -> Callable[[], object]:
        return lambda: outcome(
            world,
            lambda: service.sign_in_with_password(
                login="zhou.min", password="three lamps by the river", code=digits(token, later),
                source=f"address:{number}", now=later,
            ),
        )  # fmt: skip

    answers = together(*(enter(number) for number in range(MANY)))
    assert sum(isinstance(answer, OfficerActor) for answer in answers) == 1
    assert answers.count(Refusal("sign_in_wrong")) == MANY - 1  # type: ignore[arg-type]


def test_wrong_tries_at_once_are_all_counted(world: World, sql: psycopg.Connection) -> None:
    token, now = invited(world), clock.now()
    world.do(
        lambda: service.accept_with_password(
            token=token,
            nonce="nonce",
            login="zhou.min",
            password="three lamps by the river",
            code=digits(token, now),
            now=now,
        )
    )

    def guess() -> object:
        return outcome(
            world,
            lambda: service.sign_in_with_password(
                login="zhou.min", password="a wrong password", code="123456", source="address:1", now=now
            ),
        )

    answers = together(*[guess] * MANY)
    codes = [answer.code for answer in answers if isinstance(answer, Refusal)]
    assert (codes.count("sign_in_wrong"), codes.count("sign_in_locked")) == (4, MANY - 4)
    told = sql.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'accounts.guessing_stopped'")
    assert told.fetchone() == (1,)


def test_a_waiting_computer_is_let_in_once_and_by_one(world: World) -> None:
    officers = [world.officer() for _ in range(6)]
    tokens = [world.token(officer) for officer in officers]
    now = clock.now()
    opened = world.do(lambda: service.open_desk(device="Chrome · Windows", now=now))

    def confirm(token: str) -> Callable[[], object]:
        return lambda: outcome(
            world,
            lambda: service.confirm_desk(code=opened.code, digits=opened.digits, token=token, actor="test", now=now),
        )

    answers = together(*(confirm(token) for token in tokens))
    assert answers.count("desk_code_over") == len(tokens) - 1
    winner = officers[answers.index(None)]
    claims = together(*[lambda: outcome(world, lambda: service.claim_desk(browser=opened.browser, now=now))] * MANY)
    assert claims.count("desk_code_over") == MANY - 1
    (claimed,) = [claim for claim in claims if isinstance(claim, Claimed)]
    assert claimed.actor == winner


def test_the_digits_of_an_owner_make_one_clerk(world: World, sql: psycopg.Connection) -> None:
    shop, now = world.shop(), clock.now()
    branch = BranchId(shop.clerk.branch_id)
    told = world.do(lambda: merchants.invite_clerk(branch_id=branch, name="小何", actor="test", now=now))
    people = [world.member(f"何{number}") for number in range(10)]

    def join(number: int) -> Callable[[], object]:
        account_id = people[number].account_id
        return lambda: outcome(world, lambda: merchants.join(digits=told, account_id=account_id, now=now))

    answers = together(*(join(number) for number in range(len(people))))
    assert sum(isinstance(answer, Refusal) for answer in answers) == len(people) - 1
    assert sql.execute("SELECT count(*) FROM clerks WHERE branch_id = %s", [branch]).fetchone() == (2,)


def test_five_wrong_digits_an_hour_and_no_more(world: World) -> None:
    person, now = world.member(), clock.now()
    tries = [
        outcome(world, lambda: merchants.join(digits="000000", account_id=person.account_id, now=now)) for _ in range(6)
    ]
    assert [isinstance(one, Refusal) for one in tries] == [True] * 5 + [False]
    assert tries[-1] == "join_too_often"


def test_a_clerk_let_go_does_not_pass_his_till_to_a_computer(world: World) -> None:
    shop = world.shop()
    clerk: ClerkActor = world.clerk(shop)
    token, now = world.token(clerk), clock.now()
    opened = world.do(lambda: service.open_desk(device="", now=now))
    world.do(lambda: service.confirm_desk(code=opened.code, digits=opened.digits, token=token, actor="test", now=now))
    world.do(lambda: merchants.let_clerk_go(clerk_id=clerk.clerk_id, actor="test", now=now))  # type: ignore[arg-type]
    assert outcome(world, lambda: service.claim_desk(browser=opened.browser, now=now)) == "desk_code_over"
