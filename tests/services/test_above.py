"""An officer changes no record of somebody who holds a role that he could not have given, nor his own."""

import datetime

import psycopg
import pytest

from services.accounts import above
from services.accounts import queries as accounts_read
from services.accounts import service as accounts
from services.accounts.types import Capability, MemberActor, OfficerActor, Role
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Forbidden, NotFound
from services.members import corrections
from services.members import service as members
from services.members.roster import service as roster
from services.members.roster.types import Kind, Outcome, Verdict
from services.members.types import ChangeReason, Correction, MemberId, Standing
from services.rights import service as rights
from services.rights.types import Wish
from services.unions.types import UnionView
from tests.builders.binding import OTHER_PHONE, Binding
from tests.builders.rosters import Office, row, xlsx
from tests.builders.world import World


def made_officer(world: World, role: Role, union: UnionView) -> MemberActor:
    """A member of the world's grass-roots union whose account holds this role."""
    member = world.member()
    world.do(
        lambda: accounts.grant(
            account_id=member.account_id, role=role, union_id=union.id, actor="test", now=clock.now()
        )
    )  # fmt: skip
    return member


def correct(world: World, officer: OfficerActor, member_id: MemberId) -> None:
    world.do(
        lambda: corrections.correct(
            member_id=member_id, correction=Correction(phone=OTHER_PHONE), reason=ChangeReason.ASKED,
            actor=officer.label, scopes=officer.scopes(Capability.EDIT_MEMBERS), now=clock.now(),
            untouchable=above.untouchable,
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("role", "at", "by", "touched"),
    [
        (Role.TOWN, "town", Role.GRASSROOTS, False),
        (Role.GRASSROOTS, "union", Role.GRASSROOTS, False),
        (Role.TOWN, "town", Role.TOWN, False),
        (Role.GRASSROOTS, "union", Role.TOWN, True),
        (Role.TOWN, "town", Role.DISTRICT, True),
        (None, "union", Role.GRASSROOTS, True),
    ],
)
def test_who_is_above_or_beside_an_officer_is_corrected_from_above(
    world: World, role: Role | None, at: str, by: Role, touched: bool
) -> None:
    member = made_officer(world, role, getattr(world, at)) if role else world.member()
    place = {Role.GRASSROOTS: world.union, Role.TOWN: world.town, Role.DISTRICT: world.federation}[by]
    officer = Binding(world).officer(place, by)
    if touched:
        correct(world, officer, member.member_id)
    else:
        with pytest.raises(Forbidden, match="officers_record"):
            correct(world, officer, member.member_id)


def test_neither_standing_nor_a_correction_that_was_asked_for_goes_around_it(world: World) -> None:
    member, low = made_officer(world, Role.TOWN, world.town), Binding(world).officer()
    with pytest.raises(Forbidden, match="officers_record"):
        world.do(
            lambda: corrections.set_standing(
                member_id=member.member_id, standing=Standing.LEFT, reason=ChangeReason.MOVED, actor=low.label,
                scopes=low.scopes(Capability.EDIT_MEMBERS), now=clock.now(), untouchable=above.untouchable,
            )
        )  # fmt: skip
    asked = world.do(
        lambda: rights.ask_correction(actor=member, wish=Wish(phone=OTHER_PHONE), now=clock.now(), proven=True)
    )
    with pytest.raises(Forbidden, match="officers_record"):
        world.do(lambda: rights.decide_correction(actor=low, request_id=asked, accept=True, note="", now=clock.now()))


def test_a_role_that_is_over_protects_nobody_and_the_command_line_may_touch_everybody(
    world: World, sql: psycopg.Connection
) -> None:
    member, low, now = made_officer(world, Role.TOWN, world.town), Binding(world).officer(), clock.now()
    asked = [member.member_id]
    assert world.look(lambda: above.untouchable(low.label, asked, now)) == {member.member_id}
    assert world.look(lambda: above.untouchable("command", asked, now)) == set()
    asleep = now + datetime.timedelta(days=100)
    assert world.look(lambda: above.untouchable(low.label, asked, asleep)) == {member.member_id}
    sql.execute("UPDATE role_grants SET ended_at = now()")
    assert world.look(lambda: above.untouchable(low.label, asked, now)) == set()
    own = f"officer:{member.account_id}"
    assert world.look(lambda: above.untouchable(own, asked, now)) == {member.member_id}


def bound(sql: psycopg.Connection, world: World, role: Role, union: UnionView) -> MemberActor:
    """The one member of the roster with an account that holds this role."""
    (member_id,) = sql.execute("SELECT id FROM members").fetchone() or (None,)
    now = clock.now()

    def build() -> MemberActor:
        account = accounts.open_account(display_name="王芳", member_id=MemberId(member_id), now=now)
        accounts.grant(account_id=account, role=role, union_id=union.id, actor="test", now=now)
        return MemberActor(account, MemberId(member_id))

    return world.do(build)


def test_no_sheet_changes_a_record_that_the_officer_who_says_yes_may_not_change(
    world: World, sql: psycopg.Connection
) -> None:
    office, low = Office(world), Binding(world).officer()
    office.apply(office.check(xlsx([row(1)])))
    bound(sql, world, Role.TOWN, world.town)
    changed = office.check(xlsx([row(1, card="N-1"), row(2)]))
    assert office.apply(changed, actor=low.label).outcomes == {Outcome.OFFICERS: 1, Outcome.APPLIED: 1}
    above_him = office.check(xlsx([row(1, card="N-1"), row(2)]))
    assert office.apply(above_him, actor=world.officer().label).outcomes == {Outcome.APPLIED: 1}
    sql.execute("DELETE FROM members WHERE id NOT IN (SELECT member_id FROM accounts WHERE member_id IS NOT NULL)")
    gone = office.check(xlsx([row(3), row(4)]), kind=Kind.WHOLE)
    world.do(
        lambda: roster.choose_all(
            import_id=gone, verdict=Verdict.MISSING, chosen=True, scopes=office.scopes, actor=low.label,
            now=clock.now(),
        )
    )  # fmt: skip
    world.do(lambda: roster.approve(import_id=gone, scopes=office.scopes, actor="officer:other", now=clock.now()))
    assert office.apply(gone, actor=low.label).outcomes == {Outcome.OFFICERS: 1, Outcome.APPLIED: 2}
    assert sql.execute("SELECT count(*) FROM members WHERE standing = 'left'").fetchone() == (0,)


def test_a_phone_from_a_sheet_is_taken_neither_for_oneself_nor_for_who_is_above_nor_elsewhere(
    world: World, sql: psycopg.Connection
) -> None:
    office = Office(world)
    office.apply(office.check(xlsx([row(1)])))
    member = bound(sql, world, Role.TOWN, world.town)
    import_id, other = office.check(xlsx([row(1, phone="10099999999")])), world.another_union()

    def take(actor: str, scope: UnionView) -> None:
        sql.execute("UPDATE roster_imports SET union_id = %s", [scope.id])
        world.do(
            lambda: roster.take_phone(
                import_id=import_id, line=2, scopes=(scope.path,), actor=actor, now=clock.now(),
                untouchable=above.untouchable,
            )
        )  # fmt: skip

    for actor in (f"officer:{member.account_id}", Binding(world).officer().label):
        with pytest.raises(Forbidden, match="officers_record"):
            take(actor, world.town)
    with pytest.raises(NotFound, match="member_unknown"):
        take("command", other)
    take(world.officer().label, world.town)
    assert sql.execute("SELECT count(phone_taken_at) FROM roster_rows").fetchone() == (1,)


def test_who_has_left_the_union_is_its_officer_no_more(world: World) -> None:
    member = made_officer(world, Role.GRASSROOTS, world.union)
    token = world.token(OfficerActor(member.account_id, ()))

    def stands() -> tuple[bool, bool, bool]:
        now = clock.now()
        alone = {union.id for union in accounts_read.without_officer(scopes=(world.union.path,), now=now)}
        return (
            accounts_read.actor_of(token, now=now) is not None,
            accounts_read.has_active_officer(world.union.id, now=now),
            world.union.id not in alone,
        )

    assert world.look(stands) == (True, True, True)
    for standing, holds in ((Standing.LEFT, False), (Standing.RETIRED, True)):
        world.do(
            lambda to=standing: members.change_standing(
                member_id=member.member_id, standing=to, actor="test", now=clock.now()
            )
        )  # fmt: skip
        assert world.look(stands) == (holds,) * 3
    # One with a password is in nobody's roster.
    officer = world.officer()
    assert world.look(lambda: accounts_read.officer(officer.account_id, on=local_date(clock.now()))) == officer
