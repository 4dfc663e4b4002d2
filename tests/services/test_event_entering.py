"""A unit's officer enters its people: what a list comes to, who is entered, and what is kept of it."""

from collections.abc import Sequence
from typing import Any

import pytest
from psycopg import Connection

from services.accounts.types import Capability, OfficerActor, Role
from services.core import clock
from services.core.errors import Conflict, Invalid, NotFound, Refusal
from services.core.sheets import Column, write_csv, write_xlsx
from services.events import errors
from services.events.lists import MOST, Line, lines_of, pasted_of
from services.events.messages import What
from services.events.queries import mine, signups
from services.events.service import entering, leaving, signing_up
from services.events.service.entering import Looked, Verdict
from services.events.types import (
    PRIVATE,
    Category,
    Entry,
    EventId,
    Joining,
    Kind,
    Mode,
    Quota,
    QuotaKind,
    Signup,
    SignupId,
    State,
)
from services.members.documents import Sex
from services.members.types import MemberId, Standing
from tests.builders.events import Gathering
from tests.builders.world import World

TEAM = (Category(1, {"zh": "拔河队"}, 3, 4, women=1),)


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


@pytest.fixture
def unit(gathering: Gathering) -> OfficerActor:
    return gathering.another_officer(Role.GRASSROOTS)


def look(world: World, unit: OfficerActor, event_id: EventId, pasted: str, category: int = 1) -> list[Looked]:
    lines = lines_of(pasted)
    return world.look(
        lambda: entering.look(actor=unit, event_id=event_id, lines=lines, category=category, now=clock.now())
    )


def enter(
    world: World, unit: OfficerActor, event_id: EventId, people: Sequence[MemberId], **more: Any
) -> SignupId | Refusal:
    given = {"category": 1, "slot": None, "wait": True, **more}
    return world.do(lambda: entering.enter(actor=unit, event_id=event_id, member_ids=people, now=clock.now(), **given))


def entered(world: World, found: SignupId | Refusal) -> Signup:
    assert not isinstance(found, Refusal), found
    return world.look(lambda: mine.signups([found])[0])


def code(found: SignupId | Refusal) -> str:
    assert isinstance(found, Refusal), found
    return found.code


@pytest.mark.parametrize(
    ("written", "name", "phone"),
    [
        ("张三 10000000001", "张三", "10000000001"),
        ("张三\t100 0000 0001", "张三", "10000000001"),
        ("1. 张三，１０００００００００１", "张三", "10000000001"),
        ("12 张三 +86 100-0000-0001", "张三", "10000000001"),
        ("张 三", "张三", ""),
        ("Mary Lee,10000000001", "Mary Lee", "10000000001"),
        ("买买提·艾力 10000000001", "买买提·艾力", "10000000001"),
        ("张三 1000000", "张三", None),
        ("10000000001 张三", "张三", "10000000001"),
        ("10000000001\t张三\t司机", "张三", "10000000001"),
        ("张三 10000000001 司机，尺码 L", "张三", "10000000001"),
        ("张三、10000000001、男", "张三", "10000000001"),
        ("张三（10000000001）", "张三", "10000000001"),
        ("张三—10000000001", "张三", "10000000001"),
        ("①张三10000000001", "张三", "10000000001"),
        ("12 10000000001 张三", "张三", "10000000001"),
        ("102345 张三 10000000001", "张三", "10000000001"),
        ("张 三 10000000001 男", "张三", "10000000001"),
        ("李 小龙 10000000001", "李小龙", "10000000001"),
        ("Mary Lee 10000000001 driver", "Mary Lee", "10000000001"),
        ("张三 10000000001 10000000002", "张三", "10000000001"),
        ("张三 司机", "张三", ""),
        ("张三 01012345678", "张三", None),
        ("10000000001", "", "10000000001"),
        ("张三 10000000001；李四 10000000002", "张三", None),
    ],
)
def test_a_line_is_read_however_it_is_written(written: str, name: str, phone: str | None) -> None:
    assert lines_of(written) == [Line(1, name, phone)]


@pytest.mark.parametrize(
    ("written", "rest", "crowded"),
    [
        ("张三 10000000001", "", False),
        ("1. 张三，10000000001，司机，尺码 L", "司机 尺码 L", False),
        ("机加工车间\t张 三\t10000000001", "张 三", False),
        ("张三 10000000001 10000000002", "10000000002", False),
        ("张三 1000000", "1000000", False),
        ("张三 10000000001；李四 10000000002", "李四 10000000002", True),
    ],
)
def test_what_stands_beside_name_and_phone_is_kept(written: str, rest: str, crowded: bool) -> None:
    found = lines_of(written)[0]
    assert (found.rest, found.crowded) == (rest, crowded)


@pytest.mark.parametrize(
    "written", ["机加工车间\t买买提·艾力\t{phone}", "买买提 艾力 {phone} 司机", "{phone} 男 买买提艾力"]
)
def test_the_phone_says_which_word_of_a_line_is_the_name(
    world: World, gathering: Gathering, unit: OfficerActor, written: str
) -> None:
    event_id = gathering.event(unit_entry=True)
    known = "买买提·艾力" if "·" in written else "买买提艾力"
    member = gathering.member(known, phone="10033330001")
    found = look(world, unit, event_id, written.format(phone="100 3333 0001"))
    assert [(one.verdict, one.member_id, one.line.name) for one in found] == [(Verdict.FOUND, member.member_id, known)]


def test_headers_and_empty_lines_are_passed_over_and_lines_keep_their_numbers() -> None:
    found = lines_of("姓名\t手机号\n\n张三\t10000000001\r\n  \n李四\n")
    assert [(one.number, one.name) for one in found] == [(3, "张三"), (5, "李四")]


@pytest.mark.parametrize("pasted", ["", " \n\t\n", "姓名 手机号", "序号\t单位\t姓名\t手机号"])
def test_a_list_of_nobody_is_refused(pasted: str) -> None:
    with pytest.raises(Invalid) as empty:
        lines_of(pasted)
    assert empty.value.code == errors.UNIT_LIST_EMPTY


def test_a_list_has_its_length() -> None:
    assert len(lines_of("张三\n" * MOST)) == MOST
    with pytest.raises(Invalid) as long:
        lines_of("张三\n" * (MOST + 1))
    assert long.value.code == errors.UNIT_LIST_LONG


def test_a_sheet_becomes_lines_by_its_headers() -> None:
    columns = [Column("序号"), Column("联系电话"), Column("职工姓名"), Column("备注")]
    rows = [("1", "10000000001", "张三", "队长"), ("2", None, "李四", None)]
    for data in (write_xlsx(columns, rows, name="名单"), write_csv(columns, rows)):
        assert [(one.name, one.phone) for one in lines_of(pasted_of(data))] == [("张三", "10000000001"), ("李四", "")]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7", "roster_file_pdf"),
        ("甲,乙\n丙,丁\n".encode(), "roster_sheet_no_name"),
        ("姓名,手机\n".encode() + "张三,\n".encode() * (MOST + 1), errors.UNIT_LIST_LONG),
    ],
)
def test_a_sheet_that_is_none_says_why(data: bytes, said: str) -> None:
    with pytest.raises(Invalid) as no:
        pasted_of(data)
    assert no.value.code == said


def test_each_line_gets_its_verdict(world: World, gathering: Gathering, unit: OfficerActor) -> None:
    event_id = gathering.event(unit_entry=True, quotas=(Quota(0, QuotaKind.ALL, 9),))
    fine = gathering.member("陈静", phone="10033330001")
    gathering.members("王伟", "王伟")
    gathering.member("赵远", phone="10033330002", union=world.another_union())
    gathering.member("周洁", phone="10033330003", standing=Standing.LEFT)
    inside = gathering.member("吴敏", phone="10033330004")
    enter(world, unit, event_id, [inside.member_id])
    pasted = """陈静 10033330001
        陈静
        王伟
        赵远 10033330002
        赵远
        周洁 10033330003
        吴敏 10033330004
        何人 10099990000
        陈静 10033330002
        陈静 100333"""
    found = look(world, unit, event_id, pasted)
    assert [one.verdict for one in found] == [
        Verdict.FOUND, Verdict.TWICE, Verdict.SEVERAL, Verdict.NOBODY, Verdict.NOBODY, Verdict.NOBODY,
        Verdict.ALREADY, Verdict.NOBODY, Verdict.NOBODY, Verdict.PHONE,
    ]  # fmt: skip
    assert found[0].member_id == fine.member_id
    assert found[3].member_id is None


def test_who_may_not_enter_is_said_with_the_reason(world: World, gathering: Gathering, unit: OfficerActor) -> None:
    women = (Category(1, {"zh": "女子组"}, sex=Sex.FEMALE),)
    event_id = gathering.event(unit_entry=True, categories=women)
    gathering.member("王强", sex=Sex.MALE)
    found = look(world, unit, event_id, "王强")[0]
    assert (found.verdict, found.refusal and found.refusal.code) == (Verdict.NOT_ELIGIBLE, errors.EVENT_NOT_FOR_SEX)


@pytest.mark.parametrize("kind", sorted(PRIVATE))
def test_nobody_but_the_member_enters_for_a_private_kind(
    world: World, gathering: Gathering, unit: OfficerActor, sql: Connection, kind: Kind
) -> None:
    with pytest.raises(Invalid, match=errors.PRIVATE_UNIT_ENTRY):
        gathering.event(unit_entry=True, kind=kind)
    # Whatever else may have put it there.
    event_id, own = gathering.event(kind=kind), gathering.member("陈静")
    sql.execute("UPDATE events SET unit_entry = true WHERE id = %s", (event_id,))
    world.do(lambda: signing_up.sign_up(actor=own, event_id=event_id, entry=Entry(), now=clock.now()))
    for asks in (lambda: look(world, unit, event_id, "陈静"), lambda: enter(world, unit, event_id, [own.member_id])):
        with pytest.raises(Conflict, match=errors.UNIT_ENTRY_OFF):
            asks()
    assert world.look(lambda: signups.for_units(scopes=unit.scopes(Capability.ENTER_MEMBERS), now=clock.now())) == []


def test_somebody_entered_has_a_place_knows_who_did_it_and_may_withdraw(
    world: World, gathering: Gathering, unit: OfficerActor, sql: Connection
) -> None:
    event_id, member = gathering.event(unit_entry=True), gathering.member()
    signup = entered(world, enter(world, unit, event_id, [member.member_id]))
    assert (signup.state, signup.entered_by) == (State.CONFIRMED, unit.label)
    told = sql.execute("SELECT args #>> '{payload,what}' FROM procrastinate_jobs WHERE task_name = 'events.signup'")
    assert told.fetchall() == [(What.BY_UNIT,)]
    world.do(lambda: leaving.cancel(actor=member, signup_id=signup.id, now=clock.now()))
    assert gathering.seen(event_id).total.taken == 0


def test_the_same_list_twice_enters_nobody_twice(world: World, gathering: Gathering, unit: OfficerActor) -> None:
    event_id, member = gathering.event(unit_entry=True), gathering.member()
    enter(world, unit, event_id, [member.member_id])
    assert code(enter(world, unit, event_id, [member.member_id])) == errors.ALREADY_SIGNED_UP
    assert gathering.seen(event_id).total.taken == 1


def test_beyond_the_units_quota_they_wait_or_not_as_was_chosen(
    world: World, gathering: Gathering, unit: OfficerActor
) -> None:
    quotas = (Quota(0, QuotaKind.ALL, 9), Quota(1, QuotaKind.UNION, 1, union=world.union.path))
    event_id = gathering.event(unit_entry=True, quotas=quotas)
    first, second, third = (one.member_id for one in gathering.members("甲", "乙", "丙"))
    assert entered(world, enter(world, unit, event_id, [first])).state is State.CONFIRMED
    assert code(enter(world, unit, event_id, [second], wait=False)) == errors.WAITING_NOT_WANTED
    assert entered(world, enter(world, unit, event_id, [third])).state is State.WAITING
    assert [room.taken for room in gathering.seen(event_id).rooms] == [1, 1]


def test_a_team_is_entered_whole_without_anybody_confirming(
    world: World, gathering: Gathering, unit: OfficerActor
) -> None:
    event_id = gathering.event(unit_entry=True, categories=TEAM, joining=Joining.CONFIRM)
    men = [one.member_id for one in gathering.members("甲", "乙", "丙", sex=Sex.MALE)]
    woman = gathering.member("丁", sex=Sex.FEMALE).member_id
    assert code(enter(world, unit, event_id, men[:2])) == errors.TOO_FEW_MATES
    assert code(enter(world, unit, event_id, men)) == errors.WOMEN_MISSING
    assert gathering.seen(event_id).total.taken == 0
    team = entered(world, enter(world, unit, event_id, [men[0], men[1], woman]))
    assert (team.state, team.captain_id, len(team.people)) == (State.CONFIRMED, men[0], 3)
    assert code(enter(world, unit, event_id, [men[2], men[1], woman])) == errors.ALREADY_SIGNED_UP
    assert gathering.seen(event_id).total.taken == 3


def test_into_a_draw_they_go_as_everybody(world: World, gathering: Gathering, unit: OfficerActor) -> None:
    event_id, member = gathering.event(unit_entry=True, mode=Mode.DRAW), gathering.member()
    signup = entered(world, enter(world, unit, event_id, [member.member_id]))
    assert (signup.state, signup.tickets) == (State.ENTERED, 1)


def test_only_ones_own_people_and_only_where_units_enter(
    world: World, gathering: Gathering, unit: OfficerActor
) -> None:
    stranger, member = gathering.member(union=world.another_union()), gathering.member()
    open_event, closed_event = gathering.event(unit_entry=True), gathering.event()
    assert code(enter(world, unit, open_event, [stranger.member_id])) == errors.UNIT_ELSEWHERE
    with pytest.raises(Conflict) as off:
        enter(world, unit, closed_event, [member.member_id])
    assert off.value.code == errors.UNIT_ENTRY_OFF
    beside = gathering.event(unit_entry=True, union=world.another_union())
    with pytest.raises(NotFound):
        enter(world, unit, beside, [member.member_id])


def test_looking_and_entering_want_a_category_that_is_there(
    world: World, gathering: Gathering, unit: OfficerActor
) -> None:
    event_id, member = gathering.event(unit_entry=True), gathering.member()
    for act in (
        lambda: look(world, unit, event_id, "陈静", category=7),
        lambda: enter(world, unit, event_id, [member.member_id], category=7),
    ):
        with pytest.raises(Invalid) as unknown:
            act()
        assert unknown.value.code == errors.CATEGORY_UNKNOWN
