"""A “not me” that was looked into and let stand: it counts again, the member is told, and nothing happens twice."""

from collections.abc import Callable

import psycopg
import pytest

from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Conflict, Invalid, NotFound, Refusal
from services.core.ids import uuid7
from services.core.paging import PageRequest
from services.notifications import queries as inboxes
from services.notifications.templates import words
from services.notifications.types import Recipient, RecipientKind
from services.redemptions import errors, queries
from services.redemptions import service as redemptions
from services.redemptions.types import Receipt, RedemptionId, VoidReason
from services.reports import shop as books
from services.reports import tasks
from services.rights import copies
from tests.builders.world import World
from tests.harness.invariants import nothing_doubled_or_lost
from tests.services.test_undoing import MINUTE, Scene

NOTE = "已请门店核对，当时出示的是您的会员码"


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def settle(scene: Scene, note: str = NOTE, **given: RedemptionId) -> Receipt:
    said = {"redemption_id": scene.made.id, **given}
    return scene.world.do(lambda: redemptions.settle(actor=scene.officer, note=note, now=scene.at + 5 * MINUTE, **said))


def refused(act: Callable[[], object]) -> str:
    with pytest.raises((Conflict, Invalid, NotFound)) as raised:
        act()
    return raised.value.code


def test_it_counts_again_and_nobody_is_asked_to_look_any_more(scene: Scene, sql: psycopg.Connection) -> None:
    scopes, look = [scene.world.federation.path], scene.world.look
    member, day, now = scene.member.member_id, local_date(scene.at), scene.at + 9 * MINUTE

    def counted() -> tuple[object, ...]:
        sums = books.shop_day(merchant_id=scene.shop.merchant_id, day=day).total
        (row,) = books.rows_of_shop(merchant_id=scene.shop.merchant_id, first=day, last=day)
        return (
            queries.saved_since(member_id=member, since=scene.at - MINUTE),
            (sums.redemptions, sums.amount_fen, sums.saved_fen, sums.disputed),
            row.disputed_at is not None,
            [task.subject_id for task in tasks.tasks(scopes=scopes, now=now)],
            tasks.count(scopes=scopes, now=now),
            len(queries.disputed(scopes=scopes, request=PageRequest()).items),
            queries.disputed_since(member_id=member, since=scene.at),
        )

    before = look(counted)
    scene.dispute()
    assert look(counted) == ((0, 0), (1, 0, 0, 1), True, [scene.made.id], 1, 1, True)
    receipt = settle(scene)
    assert (receipt.settled_at, receipt.in_dispute) == (scene.at + 5 * MINUTE, False)
    assert look(counted) == before == ((1, 1_000), (1, 10_000, 1_000, 0), False, [], 0, 0, False)
    nothing_doubled_or_lost(sql)


def test_twice_is_once_and_the_first_note_stays(scene: Scene, sql: psycopg.Connection) -> None:
    scene.dispute()
    assert settle(scene) == settle(scene, "另一个说法")
    scene.dispute()  # said again after it was settled: nothing more happens
    assert sql.execute("SELECT note, actor FROM settlements").fetchall() == [(NOTE, scene.officer.label)]
    posted = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'redemptions.settled'"
    assert sql.execute(posted).fetchone() == (1,)
    nothing_doubled_or_lost(sql)


@pytest.mark.parametrize("note", ["", " 好 ", "长" * 201])
def test_the_member_is_owed_a_sentence(scene: Scene, note: str) -> None:
    scene.dispute()
    assert refused(lambda: settle(scene, note)) == errors.SETTLE_NOTE_LENGTH
    assert scene.world.look(lambda: queries.settlement(scene.made.id)) is None


def test_only_an_open_dispute_is_settled(scene: Scene) -> None:
    assert refused(lambda: settle(scene)) == errors.NOT_DISPUTED
    assert refused(lambda: settle(scene, redemption_id=RedemptionId(uuid7()))) == errors.REDEMPTION_UNKNOWN
    scene.dispute()
    assert isinstance(scene.undo(scene.officer), Receipt)
    assert refused(lambda: settle(scene)) == errors.REDEMPTION_VOIDED


def test_what_was_settled_may_still_be_undone(scene: Scene, sql: psycopg.Connection) -> None:
    scene.dispute()
    assert isinstance(scene.undo(scene.clerk), Refusal)
    settle(scene)
    assert isinstance(scene.undo(scene.clerk, 6 * MINUTE), Receipt)
    nothing_doubled_or_lost(sql)


def test_the_member_reads_what_came_of_it_and_his_copy_has_it(scene: Scene, run_jobs: Callable[[], None]) -> None:
    scene.dispute()
    settle(scene)
    scene.undo(scene.officer, 6 * MINUTE, reason=VoidReason.RETURNED, note="小票上有退货章")
    run_jobs()
    inbox = Recipient(RecipientKind.MEMBER, scene.member.member_id)
    notices = scene.world.look(lambda: inboxes.inbox(inbox, PageRequest())).items
    told = {one.template: words(one.template, one.facts, language="zh").body for one in notices}
    assert NOTE in told["settled.member"]
    assert "退货或退款" in told["void.member"] and "退货章" not in told["void.member"]
    branch = Recipient(RecipientKind.BRANCH, scene.clerk.branch_id)
    heard = scene.world.look(lambda: inboxes.inbox(branch, PageRequest())).items
    shop = {one.template: words(one.template, one.facts, language="zh").body for one in heard}
    assert NOTE not in shop["settled.branch"] and "今天" not in shop["void.branch"]
    copy = scene.world.do(lambda: copies.copy_of(actor=scene.member, token="", language="zh", now=clock.now()))
    (use,) = copy["redemptions"]
    assert (use["settled_note"], use["undone_for"], use["undone_note"]) == (NOTE, "returned", "小票上有退货章")
