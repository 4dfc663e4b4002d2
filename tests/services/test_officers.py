"""Officers: one-time links, password and second factor, guessing, resets by two, roles that end, stale accounts."""

import datetime
from collections.abc import Callable

import psycopg
import pyotp
import pytest

from services.accounts import passwords, queries, service, staff
from services.accounts.service.desk import Claimed
from services.accounts.types import AccountId, Capability, Grant, MemberActor, OfficerActor, Role, Via
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Conflict, Forbidden, Invalid, Refusal, TooOften, Unavailable
from services.unions.types import UnionView
from tests.builders.world import World

PASSWORD = "three lamps by the river"
STEP = datetime.timedelta(seconds=30)
NONCE = "what one browser holds"
NOW = datetime.datetime(2026, 3, 2, 1, 0, tzinfo=datetime.UTC)


def link(world: World, role: Role = Role.SYSTEM, *, by: OfficerActor | None = None, at: UnionView | None = None,
         now: datetime.datetime = NOW) -> str:  # fmt: skip
    union = at or world.federation
    return world.do(lambda: service.invite(by=by, name="周敏", role=role, union=union, actor="test", now=now))


def code(token: str, now: datetime.datetime = NOW) -> str:
    return pyotp.TOTP(passwords.secret_of_link(token, NONCE)).at(now)


def accept(world: World, token: str, login: str = "zhou.min", *, password: str = PASSWORD,
           now: datetime.datetime = NOW) -> AccountId:  # fmt: skip
    return world.do(
        lambda: service.accept_with_password(
            token=token, nonce=NONCE, login=login, password=password, code=code(token, now), now=now
        )
    )


def enter(
    world: World, login: str, password: str, digits: str, *, source: str = "address:1", now: datetime.datetime
) -> OfficerActor | Refusal:
    return world.do(
        lambda: service.sign_in_with_password(login=login, password=password, code=digits, source=source, now=now)
    )


def test_the_first_officer_comes_by_a_link_that_works_once(world: World) -> None:
    token = link(world)
    account_id = accept(world, token)
    actor = world.look(lambda: queries.officer(account_id, on=local_date(NOW)))
    assert actor == OfficerActor(account_id, (Grant(Role.SYSTEM, world.federation.path),))
    with pytest.raises(Conflict) as raised:
        accept(world, token, "somebody.else")
    assert raised.value.code == "link_over"


def test_a_link_ends_after_seven_days_and_by_being_withdrawn(world: World) -> None:
    token, withdrawn = link(world), link(world)
    week = NOW + datetime.timedelta(days=7)
    with pytest.raises(Conflict, match="link_over"):
        accept(world, token, now=week)
    found = world.look(lambda: staff.behind(withdrawn, now=NOW))
    world.do(lambda: service.withdraw_invitation(invitation_id=found.id, actor="test", now=NOW))
    with pytest.raises(Conflict, match="link_over"):
        accept(world, withdrawn)


@pytest.mark.parametrize(
    ("login", "password", "digits", "said"),
    [
        ("1zhou", PASSWORD, None, "login_malformed"), ("zh", PASSWORD, None, "login_malformed"),
        ("周敏", PASSWORD, None, "login_malformed"), ("zhou.min", "short", None, "password_too_short"),
        ("zhou.min", "password1234", None, "password_too_common"), ("zhou.min", "zhou.minzhou.min", None,
        "password_too_common"), ("zhou.min", "qwertyuiop123", None, "password_too_common"),
        ("zhou.min", PASSWORD, "000000", "factor_wrong"), ("zhou.min", PASSWORD, "abc", "factor_wrong"),
    ],
)  # fmt: skip
def test_what_makes_no_account_says_which_field(
    world: World, login: str, password: str, digits: str | None, said: str
) -> None:
    token = link(world)
    with pytest.raises(Invalid) as raised:
        world.do(
            lambda: service.accept_with_password(
                token=token, nonce=NONCE, login=login, password=password, code=digits or code(token), now=NOW
            )
        )
    assert raised.value.code == said
    assert accept(world, token), "the link is still good"


def test_all_of_a_long_password_counts(world: World) -> None:
    long = "a sentence of many words that goes on and on " * 3 + "x"
    token = link(world)
    accept(world, token, password=long)
    later = NOW + 2 * STEP
    assert enter(world, "zhou.min", long[:-1] + "y", code(token, later), now=later) == Refusal("sign_in_wrong")
    assert isinstance(enter(world, "zhou.min", long, code(token, later), now=later), OfficerActor)


def test_a_code_of_the_authenticator_works_once(world: World) -> None:
    token = link(world)
    accept(world, token)
    assert enter(world, "zhou.min", PASSWORD, code(token), now=NOW) == Refusal("sign_in_wrong"), "used to accept"
    later = NOW + 2 * STEP
    assert isinstance(enter(world, "ZHOU.MIN ", PASSWORD, code(token, later), now=later), OfficerActor)
    assert enter(world, "zhou.min", PASSWORD, code(token, later), now=later) == Refusal("sign_in_wrong")


def test_five_wrong_tries_stop_one_source_and_not_the_owner(world: World, sql: psycopg.Connection) -> None:
    token = link(world)
    accept(world, token)
    later = NOW + 2 * STEP
    answers = [enter(world, "zhou.min", "wrong password", "123456", now=later) for _ in range(6)]
    assert [answer.code for answer in answers if isinstance(answer, Refusal)] == ["sign_in_wrong"] * 4 + [
        "sign_in_locked"
    ] * 2
    right = code(token, later)
    assert enter(world, "zhou.min", PASSWORD, right, now=later) == Refusal("sign_in_locked", {"minutes": 15})
    assert isinstance(enter(world, "zhou.min", PASSWORD, right, source="device:own", now=later), OfficerActor)
    told = sql.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'accounts.guessing_stopped'")
    assert told.fetchone() == (1,)
    after = later + datetime.timedelta(minutes=16)
    assert isinstance(enter(world, "zhou.min", PASSWORD, code(token, after), now=after), OfficerActor)


def test_nobody_learns_whether_a_login_exists(world: World) -> None:
    accept(world, link(world))
    assert enter(world, "nobody", PASSWORD, "123456", now=NOW) == enter(
        world, "zhou.min", "wrong password", "123456", now=NOW
    )


def pair(world: World) -> tuple[AccountId, OfficerActor, OfficerActor, str]:
    """Somebody who lost his phone, and two colleagues who may help."""
    token = link(world)
    lost = accept(world, token)
    helpers = []
    for login in ("deng.hua", "he.ping"):
        account_id = accept(world, link(world), login)
        helpers.append(OfficerActor(account_id, (Grant(Role.SYSTEM, world.federation.path),)))
    return lost, helpers[0], helpers[1], token


def test_a_reset_takes_two_who_are_not_the_owner(world: World) -> None:
    lost, asker, agrees, old = pair(world)
    owner = OfficerActor(lost, asker.grants)
    session = world.token(owner)
    refused: list[Callable[[], object]] = [
        lambda: service.ask_reset(account_id=lost, by=owner, now=NOW),
    ]
    world.do(lambda: service.ask_reset(account_id=lost, by=asker, now=NOW))
    (reset,) = world.look(lambda: staff.open_resets(now=NOW))
    refused += [
        lambda: service.agree_reset(reset_id=reset.id, by=asker, now=NOW),
        lambda: service.agree_reset(reset_id=reset.id, by=owner, now=NOW),
    ]
    for act in refused:
        with pytest.raises(Forbidden, match="reset_needs_another"):
            world.do(act)
    with pytest.raises(Conflict, match="reset_open_already"):
        world.do(lambda: service.ask_reset(account_id=lost, by=agrees, now=NOW))
    token = world.do(lambda: service.agree_reset(reset_id=reset.id, by=agrees, now=NOW))
    new = "four quiet boats upstream"
    world.do(lambda: service.use_reset(token=token, nonce=NONCE, password=new, code=code(token), now=NOW))
    later = NOW + 2 * STEP
    assert enter(world, "zhou.min", PASSWORD, code(old, later), now=later) == Refusal("sign_in_wrong")
    assert isinstance(enter(world, "zhou.min", new, code(token, later), now=later), OfficerActor)
    assert world.look(lambda: queries.actor_of(session, now=clock.now())) is None
    with pytest.raises(Conflict, match="link_over"):
        world.do(lambda: service.use_reset(token=token, nonce=NONCE, password=new, code=code(token), now=NOW))


@pytest.mark.parametrize(
    ("by", "to", "allowed"),
    [
        ("district@federation", "town@town", True), ("district@federation", "grassroots@union", True),
        ("town@town", "grassroots@union", True), ("town@town", "town@town", False),
        ("district@federation", "district@federation", False), ("grassroots@union", "grassroots@union", False),
        ("system@federation", "district@federation", True), ("system@federation", "grassroots@union", False),
        ("district@federation", "grassroots@town", False), ("finance@federation", "town@town", False),
        ("town@elsewhere", "grassroots@union", False), ("auditor@federation", "system@federation", False),
    ],
)  # fmt: skip
def test_officers_are_invited_from_above(world: World, by: str, to: str, allowed: bool) -> None:
    places = {
        "federation": world.federation, "town": world.town, "union": world.union, "elsewhere": world.another_union(),
    }  # fmt: skip
    own, _, scope = by.partition("@")
    role, _, at = to.partition("@")
    account_id = world.do(lambda: service.open_account(display_name="邓华", now=NOW))
    inviter = OfficerActor(account_id, (Grant(Role(own), places[scope].path),))
    if allowed:
        assert link(world, Role(role), by=inviter, at=places[at])
    else:
        with pytest.raises(Forbidden, match="invitation_not_yours"):
            link(world, Role(role), by=inviter, at=places[at])


def test_a_hand_over_ends_one_and_begins_the_other_at_once(world: World) -> None:
    giver, taker = world.member("张三"), world.member("李四")
    world.do(
        lambda: service.grant(
            account_id=giver.account_id, role=Role.GRASSROOTS, union_id=world.union.id, actor="test", now=NOW
        )
    )
    officer = OfficerActor(giver.account_id, (Grant(Role.GRASSROOTS, world.union.path),))
    session = world.token(officer)
    token = world.do(
        lambda: service.invite(
            by=officer, name="李四", role=Role.GRASSROOTS, union=world.union, actor=officer.label, now=NOW,
            takes_over_from=giver.account_id,
        )
    )  # fmt: skip
    day = local_date(NOW)
    assert world.look(lambda: queries.officer(giver.account_id, on=day)) is not None, "until somebody accepts"
    world.do(lambda: service.accept(token=token, account_id=taker.account_id, actor=taker.label, now=NOW))
    assert world.look(lambda: queries.officer(giver.account_id, on=day)) is None
    assert world.look(lambda: queries.actor_of(session, now=clock.now())) is None
    assert world.look(lambda: queries.officer(taker.account_id, on=day)) is not None


def test_a_hand_over_gives_no_more_than_the_giver_has(world: World) -> None:
    account_id, taker = world.do(lambda: service.open_account(display_name="邓华", now=NOW)), world.member("李四")
    last = local_date(NOW) + datetime.timedelta(days=3)
    given = {"account_id": account_id, "role": Role.TOWN, "union_id": world.town.id, "actor": "test", "now": NOW}
    world.do(lambda: service.grant(**given, ends_on=last))
    giver = OfficerActor(account_id, (Grant(Role.TOWN, world.town.path),))

    def handed() -> str:
        return world.do(
            lambda: service.invite(
                by=giver, name="李四", role=Role.TOWN, union=world.town, actor=giver.label, now=NOW,
                takes_over_from=account_id,
            )
        )  # fmt: skip

    def take(token: str, by: AccountId, now: datetime.datetime = NOW) -> None:
        world.do(lambda: service.accept(token=token, account_id=by, actor="test", now=now))

    with pytest.raises(Conflict, match="link_over"):
        take(handed(), account_id)
    with pytest.raises(Conflict, match="link_over"):
        take(handed(), taker.account_id, now=NOW + datetime.timedelta(days=4))
    take(handed(), taker.account_id)
    found = world.look(lambda: staff.officers(of=taker.account_id, now=NOW))
    assert [one.ends_on for one in found] == [last]


def test_who_was_dismissed_hands_nothing_over_and_invites_nobody(world: World) -> None:
    account_id, taker = world.do(lambda: service.open_account(display_name="邓华", now=NOW)), world.member("李四")
    given = {"account_id": account_id, "role": Role.TOWN, "union_id": world.town.id, "actor": "test", "now": NOW}
    world.do(lambda: service.grant(**given))
    officer = OfficerActor(account_id, (Grant(Role.TOWN, world.town.path),))
    own = world.do(
        lambda: service.invite(
            by=officer, name="李四", role=Role.TOWN, union=world.town, actor=officer.label, now=NOW,
            takes_over_from=account_id,
        )
    )  # fmt: skip
    below = link(world, Role.GRASSROOTS, by=officer, at=world.union)
    world.do(lambda: service.end_role(**given))
    for token in (own, below):
        with pytest.raises(Conflict, match="link_over"):
            world.do(
                lambda token=token: service.accept(token=token, account_id=taker.account_id, actor=taker.label, now=NOW)
            )
    assert world.look(lambda: queries.officer(taker.account_id, on=local_date(NOW))) is None


def test_who_has_only_seen_the_link_does_not_know_the_secret(world: World) -> None:
    token = link(world)
    accept(world, token)
    later = NOW + 2 * STEP
    stolen = pyotp.TOTP(passwords.secret_of_link(token, "another browser")).at(later)
    assert enter(world, "zhou.min", PASSWORD, stolen, now=later) == Refusal("sign_in_wrong")


def test_a_login_of_any_length_has_one_lock(world: World) -> None:
    token, login = link(world), "z" * 40
    accept(world, token, login)
    later = NOW + 2 * STEP
    tries = [enter(world, login + "x" * more, "wrong password", "123456", now=later) for more in range(6)]
    assert tries[-1] == Refusal("sign_in_locked", {"minutes": 15})
    assert enter(world, "zhou\0min", PASSWORD, "123456", now=later) == Refusal("sign_in_wrong")


def test_codes_of_a_factor_are_counted_by_the_account(world: World) -> None:
    account_id = accept(world, link(world))

    def prove() -> bool:
        return world.do(lambda: service.prove_by_factor(account_id=account_id, code="000000", now=NOW))

    assert [prove() for _ in range(10)] == [False] * 10
    with pytest.raises(TooOften):
        prove()


def test_a_computer_lives_no_longer_than_the_phone_that_let_it_in(world: World) -> None:
    shop, start = world.shop(), clock.now()
    phone = world.do(lambda: service.sign_in(shop.clerk, now=start))
    later = start + datetime.timedelta(hours=13)

    def let_in(token: str) -> Claimed | None:
        opened = world.do(lambda: service.open_desk(device="", now=later))
        refused = world.do(
            lambda: service.confirm_desk(code=opened.code, digits=opened.digits, token=token, actor="test", now=later)
        )
        assert refused is None
        return world.do(lambda: service.claim_desk(browser=opened.browser, now=later))

    claimed = let_in(phone.token)
    assert claimed is not None and claimed.until == phone.expires_at
    desk = world.do(lambda: service.sign_in(claimed.actor, now=later, via=Via.DESK, until=claimed.until))
    assert desk.expires_at == phone.expires_at
    with pytest.raises(Conflict, match="desk_not_by_desk"):
        let_in(desk.token)


def test_who_does_not_see_the_computer_does_not_let_it_in(world: World, sql: psycopg.Connection) -> None:
    token, now = world.token(world.officer()), clock.now()
    opened = world.do(lambda: service.open_desk(device="Chrome · Windows", now=now))
    wrong = f"{(int(opened.digits) + 1) % 100:02}"

    def confirm(digits: str) -> Refusal | None:
        return world.do(
            lambda: service.confirm_desk(code=opened.code, digits=digits, token=token, actor="test", now=now)
        )

    assert confirm(wrong) == Refusal("desk_digits_wrong")
    with pytest.raises(Conflict, match="desk_code_over"):
        confirm(opened.digits)
    assert sql.execute("SELECT count(*) FROM audit_entries WHERE action = 'desk.confirmed'").fetchone() == (0,)


def test_a_session_is_not_born_after_its_bond_has_ended(world: World) -> None:
    member = world.member()
    other = world.member("李四")
    stale = MemberActor(member.account_id, other.member_id)
    with pytest.raises(Unavailable, match="busy"):
        world.do(lambda: service.sign_in(stale, now=NOW))


def test_system_audit_and_business_are_three_people(world: World) -> None:
    account_id = accept(world, link(world))
    for role in (Role.DISTRICT, Role.AUDITOR):
        with pytest.raises(Conflict, match="roles_apart"):
            world.do(
                lambda role=role: service.grant(
                    account_id=account_id, role=role, union_id=world.federation.id, actor="test", now=NOW
                )
            )


def test_a_role_ends_with_its_last_day_and_after_three_months_unused(world: World) -> None:
    account_id = world.do(lambda: service.open_account(display_name="邓华", now=NOW))
    last = local_date(NOW) + datetime.timedelta(days=3)
    world.do(
        lambda: service.grant(
            account_id=account_id, role=Role.TOWN, union_id=world.town.id, actor="test", now=NOW, ends_on=last
        )
    )
    world.do(
        lambda: service.grant(
            account_id=account_id, role=Role.GRASSROOTS, union_id=world.union.id, actor="test", now=NOW
        )
    )

    def roles(day: datetime.date) -> set[Role]:
        found = world.look(lambda: queries.officer(account_id, on=day))
        return {grant.role for grant in found.grants} if found else set()

    assert roles(last) == {Role.TOWN, Role.GRASSROOTS}
    assert roles(last + datetime.timedelta(days=1)) == {Role.GRASSROOTS}
    assert roles(local_date(NOW) + datetime.timedelta(days=92)) == set()
    assert not world.look(lambda: queries.has_active_officer(world.union.id, now=NOW + datetime.timedelta(days=92)))
    assert world.look(lambda: queries.has_active_officer(world.union.id, now=NOW))
    orphans = world.look(lambda: queries.without_officer(scopes=(world.federation.path,), now=NOW))
    assert {union.id for union in orphans} == {world.federation.id}


def test_an_idle_officer_is_signed_out_and_a_busy_one_is_not(world: World) -> None:
    officer = world.officer()
    start = clock.now()
    signed = world.do(lambda: service.sign_in(officer, now=start))
    minutes = [datetime.timedelta(minutes=count) for count in (0, 14, 16, 28, 30)]

    def alive(after: datetime.timedelta) -> bool:
        return world.look(lambda: queries.actor_of(signed.token, now=start + after)) is not None

    assert [alive(minutes[1]), alive(minutes[2])] == [True, False]
    world.do(lambda: service.seen(signed.token, now=start + minutes[1]))
    assert [alive(minutes[3]), alive(minutes[4])] == [True, False]


def test_scopes_are_the_widest_subtrees_of_a_capability(world: World) -> None:
    town, union = world.town.path, world.union.path
    other = world.another_union().path
    officer = OfficerActor(
        AccountId(world.union.id),
        (Grant(Role.TOWN, town), Grant(Role.GRASSROOTS, union), Grant(Role.GRASSROOTS, other)),
    )
    assert officer.scopes(Capability.SEE_MEMBERS) == (town, other)
    assert officer.scopes(Capability.MANAGE_UNIONS) == (town,)
    assert officer.scopes(Capability.SEE_AUDIT) == ()
    assert officer.may(Capability.EDIT_MEMBERS, union) and not officer.may(Capability.MANAGE_UNIONS, other)
