"""What an officer may do with a request, and what happens when he does nothing."""

import datetime
from collections.abc import Callable

import psycopg
import pytest

from services.accounts.service import codes, wechat
from services.accounts.types import Capability, MemberActor, Role
from services.bindings import queries, service
from services.bindings.types import Bound, RefusedFor, Status
from services.core import clock
from services.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from services.members import queries as members
from tests.builders.binding import OTHER_PHONE, PHONE, Binding, number
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


# --- the officer


def test_an_officer_binds_the_worker_and_takes_the_new_phone_into_the_record(
    binding: Binding, sql: psycopg.Connection
) -> None:
    member_id, document = binding.rostered(phone=OTHER_PHONE)
    officer, who = binding.officer(), binding.visitor(openid="o-1")
    filed = binding.filed(who, document)
    decided = {"actor": officer, "request_id": filed.request_id, "take_phone": True}
    bound = binding.world.do(lambda: service.approve(**decided, now=clock.now()))
    assert bound == Bound(who.account_id, member_id)
    assert binding.world.look(lambda: members.phone(member_id)) == "100****5678"
    assert binding.world.look(lambda: service.enter(account_id=who.account_id)) == MemberActor(*_fields(bound))
    acts = _column(sql, "SELECT action FROM audit_entries WHERE actor = %s ORDER BY id", officer.label)
    assert acts == ["binding.approved", "member.phone", "card.issued", "bond.made"] or set(acts) == {
        "binding.approved", "member.phone", "card.issued", "bond.made"
    }  # fmt: skip
    details = str(sql.execute("SELECT array_agg(detail::text) FROM audit_entries").fetchall())
    assert not [word for word in (PHONE, OTHER_PHONE, document, "李春梅") if word in details]


def _fields(bound: Bound) -> tuple[object, object]:
    return bound.account_id, bound.member_id


def test_without_being_asked_the_roster_keeps_its_phone(binding: Binding) -> None:
    member_id, document = binding.rostered(phone=OTHER_PHONE)
    officer, filed = binding.officer(), binding.filed(binding.visitor(), document)
    decided = {"actor": officer, "request_id": filed.request_id, "take_phone": False}
    binding.world.do(lambda: service.approve(**decided, now=clock.now()))
    assert binding.world.look(lambda: members.phone(member_id)) == "100****0000"


def test_a_refusal_has_a_reason_that_the_worker_reads(binding: Binding) -> None:
    who, officer = binding.visitor(), binding.officer()
    filed = binding.filed(who, number())

    def refuse(reason: RefusedFor, note: str) -> None:
        decided = {"actor": officer, "request_id": filed.request_id, "reason": reason, "note": note}
        binding.world.do(lambda: service.refuse(**decided, now=clock.now()))

    assert _refused(lambda: refuse(RefusedFor.OTHER, " "), Invalid) == "binding_note_missing"
    refuse(RefusedFor.OTHER, "请带证件来一趟")
    seen = binding.world.look(lambda: queries.standing(who.account_id))
    assert seen and (seen.status, seen.reason, seen.note) == (Status.REFUSED, RefusedFor.OTHER, "请带证件来一趟")
    binding.filed(who, number())


def test_the_second_officer_hears_who_was_faster(binding: Binding) -> None:
    _, document = binding.rostered(phone=OTHER_PHONE)
    first, second = binding.officer(), binding.officer(binding.world.town, Role.TOWN)
    filed = binding.filed(binding.visitor(), document)
    decided = {"request_id": filed.request_id, "take_phone": False}
    binding.world.do(lambda: service.approve(actor=first, **decided, now=clock.now()))
    with pytest.raises(Conflict) as late:
        binding.world.do(lambda: service.approve(actor=second, **decided, now=clock.now()))
    assert late.value.code == "binding_decided"
    assert late.value.facts["who"] == "周敏" and late.value.facts["at"]


def test_a_request_of_another_subtree_is_not_there(binding: Binding) -> None:
    binding.officer()
    filed = binding.filed(binding.visitor(), number())
    stranger = binding.officer(binding.world.another_union())
    decided = {"actor": stranger, "request_id": filed.request_id, "take_phone": False}
    approve = lambda: binding.world.do(lambda: service.approve(**decided, now=clock.now()))  # noqa: E731
    assert _refused(approve, NotFound) == "binding_unknown"
    scopes = stranger.scopes(Capability.DECIDE_BINDINGS)
    look = lambda: binding.world.look(lambda: queries.case(filed.request_id, scopes=scopes))  # noqa: E731
    assert _refused(look, NotFound) == "binding_unknown"
    assert binding.world.look(lambda: queries.tray(scopes=scopes, below=True)) == []


def test_nobody_decides_his_own_request(binding: Binding) -> None:
    officer = binding.officer()
    binding.world.do(lambda: codes.prove_phone(account_id=officer.account_id, phone=PHONE, now=clock.now()))
    own = type(binding.visitor())(officer.account_id)
    _, document = binding.rostered(phone=OTHER_PHONE)
    filed = binding.filed(own, document)
    decided = {"actor": officer, "request_id": filed.request_id, "take_phone": False}
    assert _refused(lambda: binding.world.do(lambda: service.approve(**decided, now=clock.now())), Forbidden) == (
        "binding_own"
    )


def test_nobody_binds_a_second_account_to_himself(binding: Binding) -> None:
    """An officer who is a member decides a request about his own document, sent from another account."""
    member_id, document = binding.rostered(phone=OTHER_PHONE)
    officer = binding.officer(binding.world.federation, Role.DISTRICT)
    binding.world.do(lambda: wechat.bind(account_id=officer.account_id, member_id=member_id, display_name="周敏"))
    filed = binding.filed(binding.visitor(), document)
    decided = {"actor": officer, "request_id": filed.request_id, "take_phone": False}
    assert _refused(lambda: binding.world.do(lambda: service.approve(**decided, now=clock.now())), Forbidden) == (
        "binding_own"
    )


def test_whom_nobody_knows_cannot_be_approved_until_he_is_in_the_roster(binding: Binding) -> None:
    officer, who, document = binding.officer(), binding.visitor(), number()
    filed = binding.filed(who, document)
    decided = {"actor": officer, "request_id": filed.request_id, "take_phone": True}
    approve = lambda: binding.world.do(lambda: service.approve(**decided, now=clock.now()))  # noqa: E731
    assert _refused(approve, Conflict) == "binding_nobody"
    member_id, _ = binding.rostered(document=document, phone=None)
    assert approve() == Bound(who.account_id, member_id)


def test_the_officer_sees_what_differs_and_no_number_in_full(binding: Binding) -> None:
    _, document = binding.rostered("李春眉", phone=OTHER_PHONE)
    officer, filed = binding.officer(), binding.filed(binding.visitor(), document)
    scopes = officer.scopes(Capability.DECIDE_BINDINGS)
    case = binding.world.look(lambda: queries.case(filed.request_id, scopes=scopes))
    assert (case.name.same, case.document.same, case.phone.same) == (False, True, False)
    assert (case.phone.said, case.phone.roster) == ("100****5678", "100****0000")
    assert document not in repr(case) and PHONE not in repr(case) and OTHER_PHONE not in repr(case)


def test_a_tray_is_sorted_by_due_date(binding: Binding) -> None:
    officer, begin = binding.officer(binding.world.town, Role.TOWN), MONDAY
    filed = []
    for days in (2, 0, 1):
        who, at = binding.visitor(phone=None), begin + days * DAY
        phone = f"1001000{days:04d}"
        binding.world.do(
            lambda who=who, at=at, phone=phone: codes.prove_phone(account_id=who.account_id, phone=phone, now=at)
        )
        filed.append((days, binding.filed(who, number(), now=at).request_id))
    scopes = officer.scopes(Capability.DECIDE_BINDINGS)
    lines = binding.world.look(lambda: queries.tray(scopes=scopes, below=True))
    assert [line.id for line in lines] == [request_id for _, request_id in sorted(filed, key=lambda one: one[0])]
    assert binding.world.look(lambda: queries.waiting(scopes=scopes)) == 3


# --- time passes


def test_an_undecided_request_is_nudged_on_day_two_and_then_goes_up(binding: Binding, sql: psycopg.Connection) -> None:
    who = binding.visitor(phone=None)
    binding.officer()
    binding.world.do(lambda: codes.prove_phone(account_id=who.account_id, phone=PHONE, now=MONDAY))
    binding.filed(who, number(), now=MONDAY)

    def pass_time(at: datetime.datetime) -> tuple[int, int]:
        raised = binding.world.do(lambda: service.raise_overdue(at))
        return raised, binding.world.do(lambda: service.nudge(at))

    assert pass_time(MONDAY + DAY) == (0, 0)
    assert pass_time(MONDAY + 2 * DAY) == (0, 1)
    assert pass_time(MONDAY + 2 * DAY) == (0, 0), "once"
    assert pass_time(MONDAY + 4 * DAY) == (1, 0)
    assert pass_time(MONDAY + 4 * DAY) == (0, 0)
    assert _column(sql, "SELECT union_id FROM binding_requests") == [binding.world.town.id]
    seen = binding.world.look(lambda: queries.standing(who.account_id))
    assert seen and seen.raised and seen.due_at > MONDAY + 5 * DAY
    topics = _column(sql, "SELECT task_name FROM procrastinate_jobs ORDER BY id")
    assert topics == ["bindings.filed", "bindings.nudged", "bindings.raised"]


def test_at_the_federation_a_request_stays_and_is_nudged(binding: Binding, sql: psycopg.Connection) -> None:
    who = binding.visitor(phone=None)
    binding.world.do(lambda: codes.prove_phone(account_id=who.account_id, phone=PHONE, now=MONDAY))
    binding.filed(who, number(), now=MONDAY)
    for _ in range(2):
        binding.world.do(lambda: service.raise_overdue(MONDAY + 4 * DAY))
    assert _column(sql, "SELECT union_id FROM binding_requests") == [binding.world.federation.id]
    topics = _column(sql, "SELECT task_name FROM procrastinate_jobs ORDER BY id")
    assert topics == ["bindings.filed", "bindings.nudged"]
