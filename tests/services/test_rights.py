"""A member's rights: a correction is asked for and decided, who looked is seen, an account is closed."""

import datetime
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask

from services.accounts import queries as accounts
from services.accounts import service as account_verbs
from services.accounts.types import MemberActor, OfficerActor
from services.cards import queries as cards
from services.core import audit, clock, workdays
from services.core.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from services.core.paging import PageRequest
from services.core.transaction import in_transaction
from services.members import corrections as records
from services.members.documents import Document, document
from services.members.own import own_record
from services.members.types import LookReason
from services.merchants import service as merchants
from services.notifications import queries as inboxes
from services.notifications.types import Recipient, RecipientKind
from services.redemptions import service as redemptions
from services.redemptions.types import Receipt, RedemptionId, ScanView
from services.rights import copies, queries, service
from services.rights.types import CorrectionId, CorrectionStatus, Wish
from services.unions.types import UnionPath
from tests.builders.world import World

ID = "120199199003072575"


def paper() -> Document:
    found = document(None, ID)
    assert isinstance(found, Document)
    return found


def ask(world: World, member: MemberActor, **wish: Any) -> CorrectionId:
    return world.do(lambda: service.ask_correction(actor=member, wish=Wish(**wish), now=clock.now(), proven=True))


def decide(world: World, officer: OfficerActor, asked: CorrectionId, *, accept: bool, note: str = "") -> None:
    world.do(
        lambda: service.decide_correction(
            actor=officer, request_id=asked, accept=accept, note=note, now=clock.now()
        )
    )  # fmt: skip


def topics(sql: psycopg.Connection) -> list[str]:
    return [name for (name,) in sql.execute("SELECT task_name FROM procrastinate_jobs ORDER BY id")]


def test_a_correction_is_asked_for_and_written_by_the_officer_who_says_yes(
    world: World, sql: psycopg.Connection
) -> None:
    member, officer = world.member("李春梅"), world.officer()
    asked = ask(world, member, name=" 李 春美 ", phone="+86 100 0000 1234", document=paper(), words="")
    (line,) = world.look(lambda: queries.correction_tray(scopes=(world.federation.path,)))
    assert (line.id, line.masked_name, line.fields) == (asked, "李*梅", ("name", "phone", "document"))
    case = world.look(lambda: queries.correction_case(asked, scopes=(world.federation.path,)))
    assert [(change.field, change.asked) for change in case.changes] == [
        ("name", "李*美"), ("phone", "100****1234"), ("document", "1201************75")
    ]  # fmt: skip
    decide(world, officer, asked, accept=True)
    record = world.look(lambda: own_record(member.member_id))
    assert (record.name, record.phone, record.document_number) == ("李春美", "10000001234", ID)
    (mine,) = world.look(lambda: queries.corrections_of(member.member_id))
    assert mine.status is CorrectionStatus.DONE
    assert sql.execute("SELECT asked FROM correction_requests").fetchone() == (None,)
    assert topics(sql) == ["members.correction_asked", "members.record_changed", "members.correction_decided"]
    seen = world.look(lambda: queries.looks(member.member_id, PageRequest())).items
    assert [(look.action, look.changed, look.roles, look.union_name) for look in seen] == [
        ("member.corrected", ("name", "document", "phone"), ("district",), world.federation.name)
    ]


def test_a_no_needs_words_that_the_member_reads(world: World) -> None:
    member, officer = world.member(), world.officer()
    asked = ask(world, member, words="我的单位不对")
    with pytest.raises(Invalid, match="correction_note_missing"):
        decide(world, officer, asked, accept=False)
    decide(world, officer, asked, accept=False, note="请先办转会")
    (mine,) = world.look(lambda: queries.corrections_of(member.member_id))
    assert (mine.status, mine.note, mine.fields) == (CorrectionStatus.REFUSED, "请先办转会", ("words",))
    with pytest.raises(Conflict, match="correction_decided"):
        decide(world, officer, asked, accept=True)


def test_it_is_due_in_ten_working_days_and_lies_with_a_union_that_would_see_it(world: World) -> None:
    asked = ask(world, world.member(), phone="10000001234")
    with pytest.raises(NotFound, match="correction_unknown"):
        world.look(lambda: queries.correction_case(asked, scopes=(world.union.path,)))
    case = world.look(lambda: queries.correction_case(asked, scopes=(world.federation.path,)))
    assert case.line.union_id == world.federation.id  # nobody below has an officer
    assert case.line.due_at == world.look(lambda: workdays.due(case.line.filed_at, 10))


def test_an_officer_of_another_subtree_does_not_know_it_and_nobody_decides_his_own(world: World) -> None:
    member, officer = world.member(), world.officer()
    asked = ask(world, member, phone="10000001234")
    elsewhere = OfficerActor(officer.account_id, tuple(
        grant.__class__(grant.role, UnionPath("9999")) for grant in officer.grants
    ))  # fmt: skip
    with pytest.raises(NotFound, match="correction_unknown"):
        decide(world, elsewhere, asked, accept=True)
    own = OfficerActor(member.account_id, officer.grants)
    with pytest.raises(Forbidden, match="correction_own"):
        decide(world, own, asked, accept=True)


@pytest.mark.parametrize(
    ("wish", "code"),
    [({}, "correction_empty"), ({"words": "  "}, "correction_empty"), ({"phone": "12345"}, "correction_phone")],
)
def test_what_says_nothing_is_not_asked(world: World, wish: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        ask(world, world.member(), **wish)


def test_a_request_is_taken_back_by_its_member_alone_and_then_another_may_be(world: World) -> None:
    member, stranger = world.member(), world.member()
    asked = ask(world, member, phone="10000001234")
    with pytest.raises(NotFound):
        world.do(lambda: service.withdraw_correction(actor=stranger, request_id=asked, now=clock.now()))
    for _ in range(2):
        world.do(lambda: service.withdraw_correction(actor=member, request_id=asked, now=clock.now()))
    assert ask(world, member, phone="10000001234") != asked


def test_who_looked_is_told_by_office_and_never_by_name(world: World, sql: psycopg.Connection) -> None:
    member, officer = world.member(), world.officer()
    world.do(
        lambda: records.unmask(
            member_id=member.member_id, reason=LookReason.CONTACT, note="通知体检", actor=officer.label,
            scopes=(world.federation.path,), now=clock.now(),
        )
    )  # fmt: skip
    world.do(lambda: audit.record("card.frozen", actor="x", subject_id=member.member_id, now=clock.now()))
    page = world.look(lambda: queries.looks(member.member_id, PageRequest()))
    (look,) = page.items
    assert (look.action, look.roles) == ("member.unmasked", ("district",))
    assert (look.reason, look.note) == ("contact", "通知体检")
    assert "周敏" not in repr(look)
    later = "SELECT count(*) FROM audit_entries"
    assert sql.execute(later).fetchone() != (0,)
    assert world.look(lambda: queries.looks(world.member().member_id, PageRequest())).items == []


def test_the_looks_of_one_member_are_found_by_their_index(app: Flask, sql: psycopg.Connection) -> None:
    sql.execute(
        "INSERT INTO audit_entries SELECT gen_random_uuid(), now(), 'job:x', CASE WHEN n % 50 = 0 "
        "THEN 'member.unmasked' ELSE 'redemption.recorded' END, gen_random_uuid(), '{}' "
        "FROM generate_series(1, 20000) n"
    )
    sql.execute("ANALYZE audit_entries")
    query = (
        "EXPLAIN SELECT * FROM audit_entries WHERE subject_id = '01a2031f-95d0-7047-8a45-b621690ecfe4' "
        "AND audit_entries.action LIKE 'member.%' ORDER BY id DESC LIMIT 21"
    )
    plan = "\n".join(row[0] for row in sql.execute(query.encode()))
    assert "ix_audit_entries_member_subject" in plan, plan


def test_a_copy_holds_every_section_in_clear_and_is_on_record(world: World, sql: psycopg.Connection) -> None:
    member, shop = world.member("李春梅"), world.shop()
    used(world, member, shop)
    copy = world.do(lambda: copies.copy_of(actor=member, token="", language="zh", now=clock.now()))
    assert set(copies.SECTIONS) | {"made_at", "register"} == set(copy)
    assert (copy["record"]["name"], copy["record"]["phone"]) == ("李春梅", "10012345678")
    (use,) = copy["redemptions"]
    assert (use["amount_fen"], use["saved_fen"], use["merchant_name"]) == (10000, 1000, {"zh": "老灶牛肉面"})
    assert copy["card"]["number"]
    assert sql.execute("SELECT count(*) FROM audit_entries WHERE action = 'data.copied'").fetchone() == (1,)


def used(world: World, member: MemberActor, shop: Any) -> RedemptionId:
    """One use of ten percent off a bill of 100 yuan."""
    offer, code = world.offer(shop), world.code(member)

    def use() -> RedemptionId:
        scan = redemptions.scan(actor=shop.clerk, text=code, now=clock.now())
        assert isinstance(scan, ScanView)
        done = redemptions.redeem(
            actor=shop.clerk, scan_id=scan.id, offer_id=offer, amount_fen=10000, now=clock.now()
        )  # fmt: skip
        assert isinstance(done, Receipt)
        return done.id

    return world.do(use)


def close(world: World, member: MemberActor) -> Refusal | None:
    return world.do(lambda: service.close_account(actor=member, now=clock.now()))


def test_closing_ends_card_bond_and_sessions_at_once_and_twice_is_no_error(
    world: World, sql: psycopg.Connection
) -> None:
    member = world.member()
    token = world.token(member)
    assert close(world, member) is None
    assert close(world, member) is None
    assert world.look(lambda: accounts.actor_of(token, now=clock.now())) is None
    assert not world.look(lambda: cards.has_card(member.member_id))
    assert world.look(lambda: accounts.member_of(member.account_id)) is None
    assert world.look(lambda: accounts.display_name(member.account_id)) == ""
    assert world.look(lambda: own_record(member.member_id)).name == "李春梅"  # the roster is the union's
    closed = "SELECT count(*) FROM audit_entries WHERE action = 'account.closed'"
    assert sql.execute(closed).fetchone() == (1,)
    assert topics(sql) == ["bindings.unbound"]


def test_what_stands_in_the_way_is_said(world: World) -> None:
    member, shop = world.member(), world.shop()
    use = used(world, member, shop)
    ask(world, member, phone="10000001234")
    world.do(lambda: redemptions.dispute(actor=member, redemption_id=use, now=clock.now()))
    world.do(
        lambda: merchants.take_on_clerk(
            branch_id=shop.clerk.branch_id, account_id=member.account_id, name="小唐", actor="test", now=clock.now()
        )
    )  # fmt: skip
    stand = world.look(lambda: service.obstacles(member, now=clock.now()))
    assert stand == ["close_dispute_open", "close_correction_open", "close_is_clerk"]
    assert close(world, member) == Refusal("close_dispute_open")
    assert world.look(lambda: cards.has_card(member.member_id))
    later = clock.now() + datetime.timedelta(days=31)
    assert "close_dispute_open" not in world.look(lambda: service.obstacles(member, now=later))


def test_an_officer_hands_over_first(world: World) -> None:
    member, officer = world.member(), world.officer()

    def become() -> None:
        account_verbs.grant(
            account_id=member.account_id, role=officer.grants[0].role, union_id=world.union.id, actor="test",
            now=clock.now(),
        )  # fmt: skip

    world.do(become)
    assert close(world, member) == Refusal("close_holds_role")


def test_decided_requests_are_forgotten_after_half_a_year(world: World, sql: psycopg.Connection) -> None:
    member, officer = world.member(), world.officer()
    decide(world, officer, ask(world, member, phone="10000001234"), accept=True)
    with world.app.app_context():
        for days, gone in ((179, 0), (181, 1)):
            later = clock.now() + datetime.timedelta(days=days)
            assert in_transaction(lambda later=later: service.purge_corrections(later)) == gone  # type: ignore[misc]
    assert sql.execute("SELECT count(*) FROM correction_requests").fetchone() == (0,)


def test_the_union_is_told_of_a_request_and_the_member_of_the_answer(
    world: World, run_jobs: Callable[[], None]
) -> None:
    member, officer = world.member(), world.officer()
    decide(world, officer, ask(world, member, phone="10000001234"), accept=False, note="请补交证件")
    run_jobs()
    told = {
        kind: [item.template for item in world.look(lambda to=to: inboxes.inbox(to, PageRequest())).items]  # type: ignore[misc]
        for kind, to in (
            ("member", Recipient(RecipientKind.MEMBER, member.member_id)),
            ("union", Recipient(RecipientKind.UNION, world.federation.id)),
        )
    }
    assert told == {"member": ["correction.refused"], "union": ["correction.union"]}
