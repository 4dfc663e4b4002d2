"""“The shop said no”: told once a day, answered once, raised after a day; the shop never learns who it was."""

import datetime
from collections.abc import Callable
from dataclasses import asdict

import psycopg
import pytest

from app import jobs
from services.accounts.types import ClerkActor, Grant, MemberActor, OfficerActor, Role
from services.complaints import queries, service
from services.complaints.types import AnsweredAs, ComplaintId
from services.core import clock
from services.core.errors import Conflict, Forbidden, Invalid, NotFound, TooOften
from services.core.paging import PageRequest
from services.merchants.types import BranchId
from services.notifications.queries import inbox
from services.notifications.templates import words
from services.notifications.types import Recipient, RecipientKind
from services.offers import service as offers
from services.offers.types import OfferId
from services.rights.copies import copy_of
from services.unions import service as unions
from services.unions.types import Level
from tests.builders.world import Shop, World

DAY = datetime.timedelta(days=1)


def tell(
    world: World,
    member: MemberActor,
    shop: Shop,
    offer_id: OfferId,
    note: str = "",
    at: datetime.datetime | None = None,
) -> ComplaintId:
    branch = BranchId(shop.clerk.branch_id)
    now = at or clock.now()
    return world.do(lambda: service.file(actor=member, offer_id=offer_id, branch_id=branch, note=note, now=now))


def answer(
    world: World, actor: ClerkActor | OfficerActor, told: ComplaintId, text: str = "对不起，店员不知道。"
) -> None:
    world.do(lambda: service.answer(actor=actor, complaint_id=told, text=text, now=clock.now()))


def notices(world: World, kind: RecipientKind, who: object) -> list[str]:
    """Title and body of everything in that inbox, the newest first."""
    page = world.look(lambda: inbox(Recipient(kind, who), PageRequest()))  # type: ignore[arg-type]
    said = [words(one.template, one.facts, language="zh") for one in page.items]
    return [f"{one.title} {one.body}" for one in said]


def elsewhere(world: World) -> OfficerActor:
    """Somebody who looks after the shops of another federation."""
    other = world.do(lambda: unions.found(name={"zh": "川南区总工会"}, level=Level.FEDERATION))
    return OfficerActor(world.officer().account_id, (Grant(Role.DISTRICT, other.path),))


def test_the_first_of_a_day_counts_and_a_second_tap_returns_it(world: World, sql: psycopg.Connection) -> None:
    member, shop = world.member(), world.shop()
    offer_id = world.offer(shop)
    first = tell(world, member, shop, offer_id, note="  店员说\r\n不知道 ")
    assert tell(world, member, shop, offer_id, note="再说一遍") == first
    mine = world.look(lambda: queries.one_of_member(first, member_id=member.member_id))
    assert (mine.note, mine.answer, mine.due_at - mine.happened_at) == ("店员说 不知道", None, DAY)
    posted = sql.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'complaints.made'").fetchone()
    assert posted == (1,)
    assert tell(world, member, shop, offer_id, at=clock.now() + DAY) != first


def test_a_day_is_a_day_in_china(world: World) -> None:
    member, shop = world.member(), world.shop()
    offer_id = world.offer(shop)
    midnight = datetime.datetime.combine(clock.now().date(), datetime.time(16), datetime.UTC)
    late, second = datetime.timedelta(seconds=-1), datetime.timedelta(0)
    assert tell(world, member, shop, offer_id, at=midnight + late) != tell(
        world, member, shop, offer_id, at=midnight + second
    )


def test_only_offers_that_run_at_branches_of_that_shop(world: World) -> None:
    member, shop, other = world.member(), world.shop(), world.shop("绿野鲜果")
    today = clock.now().date()
    ended, future = (
        world.offer(shop, starts_on=today - 9 * DAY, ends_on=today - 3 * DAY),
        world.offer(shop, starts_on=today + 3 * DAY, ends_on=today + 9 * DAY),
    )
    paused, runs = world.offer(shop), world.offer(shop)
    world.do(lambda: offers.pause(offer_id=paused, actor="test", now=clock.now()))
    for offer_id, code in ((ended, "offer_ended"), (future, "offer_not_started"), (paused, "offer_paused")):
        with pytest.raises(Conflict, match=code):
            tell(world, member, shop, offer_id)
    with pytest.raises(Invalid, match="branch_of_another_shop"):
        tell(world, member, other, runs)
    with pytest.raises(Invalid, match="complaint_branch_missing"):
        world.do(lambda: service.file(actor=member, offer_id=runs, branch_id=None, note="", now=clock.now()))
    with pytest.raises(Invalid, match="complaint_note_length"):
        tell(world, member, shop, runs, note="长" * 201)
    over = world.shop("旧店", agreed_days=(-30, -1))
    with pytest.raises(Conflict, match="shop_takes_no_cards"):
        tell(world, member, over, world.offer(over))


def test_a_sixth_in_a_day_is_too_many_and_a_repeated_one_is_free(world: World, sql: psycopg.Connection) -> None:
    member, shop, now = world.member(), world.shop(), clock.now()
    found = [world.offer(shop) for _ in range(6)]
    for offer_id in found[:5]:
        tell(world, member, shop, offer_id, at=now)
        tell(world, member, shop, offer_id, at=now)
    with pytest.raises(TooOften, match="complaints_too_often"):
        tell(world, member, shop, found[5], at=now)
    assert sql.execute("SELECT count(*) FROM complaints").fetchone() == (5,)
    assert tell(world, world.member("王强"), shop, found[5], at=now)


def test_the_owner_answers_once_and_nobody_else_of_the_shop(world: World) -> None:
    member, shop, other = world.member(), world.shop(), world.shop("绿野鲜果")
    colleague = world.clerk(shop, same_branch=True)
    told = tell(world, member, shop, world.offer(shop))
    with pytest.raises(Forbidden, match="owner_only"):
        answer(world, colleague, told)
    with pytest.raises(NotFound, match="complaint_unknown"):
        answer(world, other.clerk, told)
    for text in ("好", " 好 ", "长" * 201):
        with pytest.raises(Invalid, match="complaint_answer_length"):
            answer(world, shop.clerk, told, text)
    answer(world, shop.clerk, told)
    for actor in (shop.clerk, world.officer()):
        with pytest.raises(Conflict, match="complaint_answered"):
            answer(world, actor, told, "第二次")
    found = world.look(lambda: queries.one_of_member(told, member_id=member.member_id)).answer
    assert found and (found.text, found.answered_as) == ("对不起，店员不知道。", AnsweredAs.OWNER)


def test_the_union_of_the_shop_answers_and_no_other(world: World, run_jobs: Callable[[], None]) -> None:
    member, shop = world.member(), world.shop()
    told = tell(world, member, shop, world.offer(shop))
    with pytest.raises(NotFound, match="complaint_unknown"):
        answer(world, elsewhere(world), told)
    answer(world, world.officer(), told, "已经跟商户说好了。")
    run_jobs()
    mine = world.look(lambda: queries.one_of_member(told, member_id=member.member_id))
    assert mine.answer and mine.answer.answered_as is AnsweredAs.UNION
    assert notices(world, RecipientKind.MEMBER, member.member_id)[0].startswith("您的反馈有了答复")
    assert notices(world, RecipientKind.BRANCH, shop.clerk.branch_id)[0].startswith("工会答复了一条会员反馈")


def test_the_branch_and_the_owner_are_told_at_once_and_not_who_it_was(
    world: World, run_jobs: Callable[[], None]
) -> None:
    member, shop = world.member("欧阳春晓"), world.shop()
    second = world.clerk(shop)  # another branch, which its own owner keeps
    third = world.do(lambda: world._clerk(shop.merchant_id, second.branch_id))
    told = world.do(
        lambda: service.file(
            actor=member, offer_id=world.offer(shop), branch_id=BranchId(third.branch_id), note="", now=clock.now()
        )
    )
    run_jobs()
    for branch in (shop.clerk.branch_id, third.branch_id):
        (notice,) = notices(world, RecipientKind.BRANCH, branch)
        assert "等店主答复" in notice and "欧阳" not in notice
    seen = world.look(lambda: queries.one_of_shop(told, merchant_id=shop.merchant_id))
    assert "欧阳" not in repr(seen) and str(member.member_id) not in repr(seen)


def test_a_shop_sees_the_hour_and_nothing_that_tells_one_customer_from_another(world: World) -> None:
    shop, at = world.shop(), clock.now().replace(hour=4, minute=37, second=12)
    offer_id = world.offer(shop)
    for name in ("欧阳春晓", "王强"):
        tell(world, world.member(name), shop, offer_id, at=at)
    seen = [
        {name: value for name, value in asdict(one).items() if name != "id"}
        for one in world.look(lambda: queries.open_of_shop(shop.merchant_id))
    ]
    assert seen[0] == seen[1] and seen[0]["hour"] == at.replace(minute=0, second=0, microsecond=0)
    assert not {"member_id", "masked_name", "happened_at"} & set(seen[0])
    assert seen[0]["due_at"].minute == 0, "nor by when it is due"


def test_a_shop_reads_its_own_and_a_branch_its_own(world: World) -> None:
    member, shop, other = world.member(), world.shop(), world.shop("绿野鲜果")
    second = world.clerk(shop)
    told = tell(world, member, shop, world.offer(shop))
    tell(world, member, other, world.offer(other))
    ids = [one.id for one in world.look(lambda: queries.open_of_shop(shop.merchant_id))]
    assert ids == [told]
    assert world.look(lambda: queries.open_of_shop(shop.merchant_id, branch_id=second.branch_id)) == []
    assert world.look(lambda: queries.waiting_at_shop(shop.merchant_id)) == 1
    with pytest.raises(NotFound, match="complaint_unknown"):
        world.look(lambda: queries.one_of_shop(told, merchant_id=other.merchant_id))
    answer(world, shop.clerk, told)
    assert world.look(lambda: queries.waiting_at_shop(shop.merchant_id)) == 0
    page = world.look(lambda: queries.answered_of_shop(shop.merchant_id, request=PageRequest()))
    assert [one.id for one in page.items] == [told]


def test_what_waits_for_a_day_goes_to_the_shops_federation_once(
    world: World, at: Callable[..., None], run_jobs: Callable[[], None]
) -> None:
    shop, start = world.shop(), clock.now()
    offer_id = world.offer(shop)
    late, done = (tell(world, world.member(name), shop, offer_id, at=start) for name in ("李春梅", "王强"))
    answer(world, shop.clerk, done)
    scopes, minute = [world.federation.path], datetime.timedelta(minutes=1)
    assert world.look(lambda: queries.overdue(scopes=scopes, now=start + DAY - minute)) == []
    with world.app.app_context():
        at(start + DAY - minute)
        jobs.unanswered(0)
        at(start + DAY)
        jobs.unanswered(0)
        jobs.unanswered(0)
    run_jobs()
    assert [one.id for one in world.look(lambda: queries.overdue(scopes=scopes, now=start + DAY))] == [late]
    told = notices(world, RecipientKind.UNION, world.federation.id)
    assert len(told) == 1 and told[0].startswith("有一条会员反馈还没有答复")
    assert "李春梅" not in told[0]
    case = world.look(lambda: queries.one_of_union(late, scopes=scopes))
    assert (case.masked_name, case.union_name) == ("李*梅", {"zh": "恒沛精密工会"}) and case.raised_at
    other = elsewhere(world).grants[0].scope
    assert world.look(lambda: queries.overdue(scopes=[other], now=start + DAY)) == []


def test_the_copy_of_ones_data_holds_what_one_told(world: World) -> None:
    member, shop = world.member(), world.shop()
    told = tell(world, member, shop, world.offer(shop), note="店员不知道")
    answer(world, shop.clerk, told)
    copy = world.do(lambda: copy_of(actor=member, token="", language="zh", now=clock.now()))
    (one,) = copy["complaints"]
    assert (one["note"], one["answer"]["text"]) == ("店员不知道", "对不起，店员不知道。")
