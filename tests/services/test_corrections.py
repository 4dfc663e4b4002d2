"""An officer at one record: what is corrected is told, what is read in full is counted, others are not there."""

import datetime
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from services.core import clock
from services.core.errors import Conflict, Forbidden, Invalid, NotFound
from services.members import corrections, queries
from services.members.documents import Document, DocumentType, document
from services.members.types import ChangeReason, Correction, LookReason, MemberId, NewMember, Standing
from services.unions import service as unions
from services.unions.types import UnionId
from tests.builders.world import World

ID = "120199199003072575"
OTHER_ID = "120199198501010014"


def paper(number: str = ID) -> Document:
    found = document(DocumentType.MAINLAND, number)
    assert isinstance(found, Document), found
    return found


@pytest.fixture
def desk(world: World) -> Callable[..., Any]:
    """desk(verb, **values): the verb as an officer of the world's town calls it."""

    def call(verb: Callable[..., Any], **values: Any) -> Any:
        given = {"actor": "officer:test", "scopes": (world.town.path,), "now": clock.now(), **values}
        return world.do(lambda: verb(**given))

    return call


@pytest.fixture
def member(world: World, desk: Callable[..., Any]) -> MemberId:
    person = NewMember("李春梅", world.union.id, datetime.date(2020, 1, 1), "10012345678", document=paper())
    return MemberId(desk(corrections.add, person=person, reason=ChangeReason.PAPERS))


def acts(sql: psycopg.Connection) -> list[tuple[Any, ...]]:
    return sql.execute("SELECT action, detail FROM audit_entries ORDER BY id").fetchall()


def topics(sql: psycopg.Connection) -> list[Any]:
    rows = sql.execute("SELECT task_name, args->'payload' FROM procrastinate_jobs ORDER BY id").fetchall()
    return [tuple(row) for row in rows]


def test_what_differs_is_written_told_and_audited_without_its_value(
    desk: Callable[..., Any], member: MemberId, world: World, sql: psycopg.Connection
) -> None:
    other = world.do(lambda: unions.found(name={"zh": "远帆工会"}, level="grassroots", parent=world.town))  # type: ignore[arg-type]
    wanted = Correction(" 李 春　梅 ", world.union.id, None, paper(), "10012345678")
    same = desk(corrections.correct, member_id=member, correction=wanted, reason=ChangeReason.ASKED)
    assert same == () and topics(sql) == []
    new = Correction("李春玫", other.id, None, paper(OTHER_ID), "10087654321")
    changed = desk(corrections.correct, member_id=member, correction=new, reason=ChangeReason.PAPERS)
    assert changed == ("name", "union", "document", "phone")
    assert acts(sql)[-1] == ("member.corrected", {"changed": list(changed), "reason": "papers"})
    assert topics(sql) == [("members.record_changed", {"changed": f"{member} name union document phone"})]
    clear = desk(corrections.unmask, member_id=member, reason=LookReason.ASKED, note="")
    assert (clear.name, clear.phone, clear.born_on) == ("李春玫", "10087654321", datetime.date(1985, 1, 1))
    found = world.look(lambda: queries.by_document(paper(OTHER_ID)))
    assert found and found.member_id == member and found.union_id == other.id
    assert world.look(lambda: queries.by_document(paper())) is None
    assert desk(
        corrections.correct, member_id=member, correction=Correction(no_phone=True), reason=ChangeReason.ASKED
    ) == ("phone",)
    assert desk(corrections.unmask, member_id=member, reason=LookReason.ASKED, note="").phone is None
    trail = str(acts(sql)) + str(topics(sql))
    assert not any(said in trail for said in ("李春玫", "10087654321", OTHER_ID, ID))


def test_a_member_of_another_subtree_is_not_there(
    desk: Callable[..., Any], world: World, member: MemberId, sql: psycopg.Connection
) -> None:
    elsewhere = world.another_union()
    foreign = world.member("王五", union=elsewhere).member_id
    before = acts(sql)
    for verb, values in (
        (corrections.correct, {"correction": Correction("王六"), "reason": ChangeReason.ASKED}),
        (corrections.set_standing, {"standing": Standing.LEFT, "reason": ChangeReason.ASKED}),
        (corrections.unmask, {"reason": LookReason.ASKED, "note": ""}),
    ):
        for member_id in (foreign, MemberId(uuid.uuid4())):
            with pytest.raises(NotFound, match="member_unknown"):
                desk(verb, member_id=member_id, **values)
    for union_id in (elsewhere.id, UnionId(uuid.uuid4())):
        with pytest.raises(NotFound, match="union_unknown"):
            desk(corrections.correct, member_id=member, correction=Correction(union_id=union_id), reason="moved")
        with pytest.raises(NotFound, match="union_unknown"):
            desk(corrections.add, person=NewMember("赵六", union_id, datetime.date(2020, 1, 1)), reason="asked")
    assert acts(sql) == before and topics(sql) == []


def test_nobody_is_put_into_a_closed_union_or_under_a_taken_document(
    desk: Callable[..., Any], world: World, member: MemberId
) -> None:
    shut = world.do(lambda: unions.found(name={"zh": "旧厂工会"}, level="grassroots", parent=world.town))  # type: ignore[arg-type]
    world.do(lambda: unions.close(union_id=shut.id, actor="test", now=clock.now()))
    with pytest.raises(Conflict, match="union_closed"):
        desk(corrections.correct, member_id=member, correction=Correction(union_id=shut.id), reason="moved")
    second = NewMember("王五", world.union.id, datetime.date(2020, 1, 1), document=paper())
    with pytest.raises(Conflict, match="document_taken"):
        desk(corrections.add, person=second, reason="papers")
    other = desk(corrections.add, person=NewMember("王五", world.union.id, datetime.date(2020, 1, 1)), reason="papers")
    with pytest.raises(Conflict, match="document_taken"):
        desk(corrections.correct, member_id=other, correction=Correction(document=paper()), reason="papers")
    with pytest.raises(Invalid, match="member_name_missing"):
        desk(corrections.correct, member_id=other, correction=Correction(" "), reason="papers")


def test_an_officer_does_not_change_his_own_record(desk: Callable[..., Any], member: MemberId) -> None:
    with pytest.raises(Forbidden, match="own_record"):
        desk(corrections.correct, member_id=member, correction=Correction("李四"), reason="asked", own=member)
    with pytest.raises(Forbidden, match="own_record"):
        desk(corrections.set_standing, member_id=member, standing=Standing.ACTIVE, reason="asked", own=member)


def test_a_standing_changes_once_and_the_member_is_told(
    desk: Callable[..., Any], member: MemberId, world: World, sql: psycopg.Connection
) -> None:
    for _ in range(2):
        desk(corrections.set_standing, member_id=member, standing=Standing.LEFT, reason=ChangeReason.MOVED)
    assert world.look(lambda: queries.profile(member)).standing is Standing.LEFT
    assert topics(sql) == [("members.record_changed", {"changed": f"{member} standing"})]
    assert [action for action, _ in acts(sql)] == ["member.added", "member.standing", "member.corrected"]


@pytest.mark.parametrize(
    ("reason", "note", "code"),
    [
        (LookReason.OTHER, " ", "note_missing"),
        (LookReason.ASKED, "电话 138 0000 1111", "note_with_numbers"),
        (LookReason.ASKED, "证件１１０１０１", "note_with_numbers"),
        (LookReason.OTHER, "李春梅来问", "note_with_name"),
    ],
)
def test_a_reason_says_why_and_no_personal_data(
    desk: Callable[..., Any], member: MemberId, sql: psycopg.Connection, reason: LookReason, note: str, code: str
) -> None:
    with pytest.raises(Invalid, match=code):
        desk(corrections.unmask, member_id=member, reason=reason, note=note)
    assert "member.unmasked" not in str(acts(sql)) and sql.execute("SELECT * FROM unmask_tallies").fetchall() == []


def test_each_look_is_audited_and_every_twentieth_of_a_day_is_told_above(
    desk: Callable[..., Any], member: MemberId, sql: psycopg.Connection, run_jobs: Callable[[], None], world: World
) -> None:
    now = clock.now()
    for number in range(41):
        actor = "officer:busy" if number else "officer:calm"
        desk(corrections.unmask, member_id=member, reason=LookReason.OTHER, note="慰问", actor=actor, now=now)
    looks = [detail for action, detail in acts(sql) if action == "member.unmasked"]
    assert looks == [{"reason": "other", "note": "慰问"}] * 41
    assert [payload["looks"] for topic, payload in topics(sql) if topic == "members.unmasked_often"] == [20, 40]
    tomorrow = now + datetime.timedelta(days=1)
    desk(corrections.unmask, member_id=member, reason=LookReason.ASKED, note="", actor="officer:busy", now=tomorrow)
    tallies = sql.execute("SELECT actor, looks FROM unmask_tallies ORDER BY day, actor").fetchall()
    assert tallies == [("officer:busy", 40), ("officer:calm", 1), ("officer:busy", 1)]
    run_jobs()
    told = sql.execute("SELECT recipient_id, facts->>'looks' FROM inbox_messages WHERE template = 'unmasking.union'")
    assert sorted(told.fetchall()) == [(world.federation.id, "20"), (world.federation.id, "40")]
