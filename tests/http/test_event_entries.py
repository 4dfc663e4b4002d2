"""Looking after an entry: confirm, take, turn down, cancel, each in its time; my events."""

import datetime
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from services.accounts.types import MemberActor, Role
from services.core import clock
from services.events.service import deciding, entering, leaving, offering
from services.events.types import (
    EventId,
    Joining,
    Kind,
    Mode,
    Named,
    RefusedFor,
    SignupId,
)
from tests.builders.events import HOUR, Gathering
from tests.builders.world import DAY, World
from tests.http.event_phone import PAIR, At, Phone, csrf, enter, fault, plain
from tests.http.pages import Reader


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


@pytest.fixture
def noon(at: At) -> datetime.datetime:
    """Noon in China: what is offered then is kept for a day, and not until the morning after."""
    found = (clock.now() + DAY).replace(hour=4, minute=0, second=0, microsecond=0)
    at(found)
    return found


def test_a_pair_names_its_partner_who_confirms_on_his_own_phone(
    client: FlaskClient, world: World, gathering: Gathering
) -> None:
    event_id = gathering.event(categories=PAIR)
    captain, mate = gathering.member("李春梅"), gathering.member("周建国", phone="10030000001")
    phone = Phone(client, world, captain, event_id)
    done = phone.fill(category="2", mate_1_name="周建国", mate_1_phone="100 3000 0001")
    assert done.status_code == 303
    said = plain(phone.open(done.location))
    assert "还有 1 位队友没确认" in said and "周建国 等确认" in said
    other = Phone(client, world, mate, event_id)
    assert "李春梅 邀您一起报名" in plain(other.open(done.location)) and "等您确认" in other.open("/me/events")
    assert "有一件事等您确认" in other.open("/")
    assert other.act(done.location, "join").status_code == 303
    assert "已报上" in other.open(done.location) and "有一件事等您确认" not in other.open("/")


def test_who_turns_down_makes_room_for_another(client: FlaskClient, world: World, gathering: Gathering) -> None:
    event_id, captain = gathering.event(categories=PAIR), gathering.member("李春梅")
    mate = gathering.member("周建国", phone="10030000001")
    gathering.member("王芳", phone="10030000002")
    entry = enter(gathering, captain, event_id, category=2, mates=(Named("周建国", "10030000001"),))
    address = f"/me/events/{entry}"
    other = Phone(client, world, mate, event_id)
    assert other.act(address, "turn-down").status_code == 303
    phone = Phone(client, world, captain, event_id)
    assert "周建国 不参加" in plain(phone.open(address))
    wrong = phone.act(address, "replace", name="王芳", phone="1003000")
    assert wrong.status_code == 422 and fault(wrong, "replace") and 'value="1003000"' in wrong.text
    unknown = phone.act(address, "replace", name="王方", phone="10030000002")
    assert (
        unknown.status_code == 409 and "对不上会员资料" in fault(unknown, "replace") and 'value="王方"' in unknown.text
    )
    assert phone.act(address, "replace", name="王芳", phone="10030000002").status_code == 303
    assert "王芳 等确认" in plain(phone.open(address))


def waiting(gathering: Gathering, **terms: Any) -> tuple[EventId, SignupId, MemberActor, MemberActor, SignupId]:
    """An event of one place, who has it and who waits."""
    event_id = gathering.event(places=1, **terms)
    first, second = gathering.members("赵一", "钱二")
    return event_id, enter(gathering, first, event_id), first, second, enter(gathering, second, event_id)


@pytest.mark.usefixtures("noon")
def test_near_the_start_nobody_is_promised_a_day(
    client: FlaskClient, world: World, gathering: Gathering, at: At
) -> None:
    starts_at = clock.now() + 7 * DAY
    event_id, _, _, second, offered = waiting(
        gathering, starts_at=starts_at, ends_at=starts_at + HOUR, closes_at=starts_at
    )
    terms, third = gathering.seen(event_id).terms, gathering.member("孙三")
    address = f"/me/events/{offered}"
    assert terms.starts_at is not None
    at(terms.starts_at - datetime.timedelta(minutes=terms.offers_end_minutes) - HOUR)
    page = Phone(client, world, second, event_id).open(address)
    assert "晚了就给下一位" in page and "名额给您留" not in page
    page = Phone(client, world, third, event_id).open(f"/events/{event_id}")
    assert page.count("要马上确认") == 2 and "名额给您留" not in page


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize(("verb", "says", "taken"), [("accept", "已报上", 1), ("decline", "您放弃了候补到的名额", 0)])
def test_an_offered_place_is_taken_or_turned_down(
    client: FlaskClient, world: World, gathering: Gathering, verb: str, says: str, taken: int
) -> None:
    event_id, held, first, second, offered = waiting(gathering)
    phone = Phone(client, world, second, event_id)
    address = f"/me/events/{offered}"
    assert "您排第 1 位" in phone.open(address) and "不排了" in phone.open(address)
    assert "名额给您留 1 天" in phone.open(address)
    world.do(lambda: leaving.cancel(actor=first, signup_id=held, now=clock.now()))
    assert "名额给您留着" in phone.open(address) and "还有 1 天" in phone.open(address)
    assert "等您确认" in phone.open("/me/events") and "有一件事等您确认" in phone.open("/")
    assert "名额给您留着" in phone.open(f"/events/{event_id}")
    assert phone.act(address, verb).status_code == 303
    assert says in phone.open(address) and gathering.seen(event_id).total.taken == taken


def test_an_offer_that_has_run_out_says_so(
    client: FlaskClient, world: World, gathering: Gathering, noon: datetime.datetime, at: At
) -> None:
    event_id, held, first, second, offered = waiting(gathering)
    world.do(lambda: leaving.cancel(actor=first, signup_id=held, now=clock.now()))
    phone = Phone(client, world, second, event_id)
    page = phone.open(f"/me/events/{offered}")
    at(noon + DAY + HOUR)
    answer = phone.send(page, "/accept")
    assert answer.status_code == 409 and "时间过了，已经给了下一位" in answer.text
    assert 'action="/me/events/' not in answer.text.split("</main>")[0], "there is nothing to press any more"


def test_cancelling_late_says_what_it_costs(client: FlaskClient, world: World, gathering: Gathering, at: At) -> None:
    event_id, member = gathering.event(), gathering.member()
    entry = enter(gathering, member, event_id)
    phone, address = Phone(client, world, member, event_id), f"/me/events/{entry}"
    in_time = plain(phone.open(address))
    assert "前取消不算爽约" in in_time and "取消期限是" not in in_time
    at(clock.now() + 5 * DAY + HOUR)
    said = plain(phone.open(address))
    assert "取消期限是" in said and "这次只提醒" in said and "有人补上，就不算" in said
    assert phone.act(address, "cancel").status_code == 303
    assert "您取消了这份报名" in phone.open(address) and gathering.seen(event_id).total.taken == 0


def test_once_the_event_has_begun_there_is_nothing_to_cancel(
    client: FlaskClient, world: World, gathering: Gathering, at: At
) -> None:
    event_id, member = gathering.event(), gathering.member()
    address = f"/me/events/{enter(gathering, member, event_id)}"
    phone = Phone(client, world, member, event_id)
    before = phone.open(address)
    at(clock.now() + 7 * DAY + HOUR)
    assert "现在可以签到" in phone.open(address) and "取消报名" not in phone.open(address)
    late = phone.send(before, "/cancel")
    assert late.status_code == 409 and "活动已经开始了" in late.text


def test_an_entry_is_its_peoples_and_nobody_elses(client: FlaskClient, world: World, gathering: Gathering) -> None:
    event_id, member = gathering.event(), gathering.member()
    address = f"/me/events/{enter(gathering, member, event_id)}"
    stranger = Phone(client, world, gathering.member(), event_id)
    stranger.open(address, 404)
    for verb in ("accept", "decline", "cancel", "join", "turn-down"):
        assert client.post(f"{address}/{verb}", data={"csrf": csrf(stranger)}).status_code == 404, verb
    assert gathering.seen(event_id).total.taken == 1


def test_a_mate_may_leave_and_may_not_cancel_for_all(client: FlaskClient, world: World, gathering: Gathering) -> None:
    event_id, captain = gathering.event(categories=PAIR), gathering.member("李春梅")
    mate = gathering.member("周建国", phone="10030000001")
    entry = enter(gathering, captain, event_id, category=2, mates=(Named("周建国", "10030000001"),))
    phone, address = Phone(client, world, mate, event_id), f"/me/events/{entry}"
    phone.act(address, "join")
    page = phone.open(address)
    assert "我不参加了" in page and f"{address}/cancel" not in page
    assert phone.send(page, "/turn-down").status_code == 303
    assert client.get(phone.address).status_code == 200, "by himself he may sign up at once"


def test_my_events_has_what_waits_then_what_comes_then_what_was(
    client: FlaskClient, world: World, gathering: Gathering, at: At
) -> None:
    member = gathering.member("李春梅", phone="10030000001")
    coming = gathering.event(title={"zh": "要来的"}, starts_at=clock.now() + 8 * DAY)
    invited = gathering.event(title={"zh": "等我的"}, categories=PAIR)
    left = gathering.event(title={"zh": "退了的"})
    enter(gathering, member, coming)
    enter(gathering, gathering.member(), invited, category=2, mates=(Named("李春梅", "10030000001"),))
    gone = enter(gathering, member, left)
    world.do(lambda: leaving.cancel(actor=member, signup_id=gone, now=clock.now()))
    page = Phone(client, world, member, coming).open("/me/events")
    order = [page.index(words) for words in ("等您确认", "等我的", "接下来", "要来的", "以前的", "退了的")]
    assert order == sorted(order) and page.count("要来的") == 1
    at(clock.now() + 10 * DAY)
    assert "没有签到" in Phone(client, world, member, coming).open("/me/events")


def test_whoever_has_none_is_shown_what_there_is(client: FlaskClient, world: World, gathering: Gathering) -> None:
    page = Reader(client, world, gathering.member()).open("/me/events")
    assert "您还没有报过活动" in page and "/events?mine=1" in page


def test_misses_are_seen_before_they_bite(
    client: FlaskClient, world: World, gathering: Gathering, sql: psycopg.Connection
) -> None:
    member, event_id = gathering.member(), gathering.event()
    reader = Reader(client, world, member)
    assert "爽约记录" not in reader.open("/me/events")
    miss(sql, member, event_id)
    assert "再有一次，这类活动会暂停报名 30 天" in reader.open("/me/events")
    miss(sql, member, gathering.event())
    page = reader.open("/me/events")
    assert "暂停报名" in page and "才能再报这类活动" in page
    closed = reader.open(f"/events/{event_id}")
    assert "报了名没去的次数多了" in closed and "/me/events#misses" in closed


def miss(sql: psycopg.Connection, member: MemberActor, event_id: EventId) -> None:
    sql.execute(
        "INSERT INTO event_misses (id, event_id, member_id, kind, because, at)"
        " VALUES (gen_random_uuid(), %s, %s, 'sport', 'no_show', now() - interval '1 hour')",
        (event_id, member.member_id),
    )
    sql.commit()


def test_few_before_me_in_something_private_are_not_counted(
    client: FlaskClient, world: World, gathering: Gathering
) -> None:
    event_id, _held, _first, second, waits = waiting(gathering, kind=Kind.SOCIAL)
    said = plain(Phone(client, world, second, event_id).open(f"/me/events/{waits}"))
    assert ("前面不到 5 份" in said, "第 1 位" in said) == (True, False)


def test_a_private_event_is_neutral_on_the_card_page(client: FlaskClient, world: World, gathering: Gathering) -> None:
    """The card is held out to others."""
    event_id, held, first, second, _offered = waiting(gathering, kind=Kind.SOCIAL, title={"zh": "单身联谊"})
    world.do(lambda: leaving.cancel(actor=first, signup_id=held, now=clock.now()))
    page = Phone(client, world, second, event_id).open("/")
    assert "有一件事等您确认" in page and "联谊" not in page


def test_whom_the_line_never_reached_is_not_told_that_he_was_late(
    client: FlaskClient, world: World, gathering: Gathering
) -> None:
    event_id, (first, second) = gathering.event(places=1), gathering.members("甲", "乙")
    enter(gathering, first, event_id)
    waits = enter(gathering, second, event_id)
    last = gathering.seen(event_id).terms.starts_at - HOUR
    assert world.do(lambda: offering.expire(last)) == 1
    page = Reader(client, world, second).open(f"/me/events/{waits}")
    assert "候补没有轮到您" in page and "没有在时限内确认" not in page


def test_whom_somebody_else_has_entered_may_say_yes_once(
    client: FlaskClient, world: World, gathering: Gathering, sql: psycopg.Connection
) -> None:
    event_id = gathering.event(categories=PAIR, joining=Joining.VOUCHED)
    captain, mate = gathering.member("李春梅"), gathering.member("周建国", phone="10030000001")
    entry = enter(gathering, captain, event_id, category=2, mates=(Named("周建国", "10030000001"),))
    address, other = f"/me/events/{entry}", Phone(client, world, mate, event_id)
    said = plain(other.open(address))
    assert "李春梅 替您报的。来的话请点“我参加”" in said and "我不参加了" in said
    assert other.act(address, "join").status_code == 303
    said = plain(other.open(address))
    assert "替您报的" not in said and "已报上" in said and "我不参加了" in said
    agreed = "SELECT member_id FROM signup_people WHERE agreed_at IS NOT NULL ORDER BY ordinal"
    assert [row[0] for row in sql.execute(agreed)] == [captain.member_id, mate.member_id]
    assert f"{address}/join" not in Phone(client, world, captain, event_id).open(address)


def test_whom_his_unit_has_entered_may_say_yes_or_cancel(
    client: FlaskClient, world: World, gathering: Gathering
) -> None:
    event_id, member = gathering.event(unit_entry=True), gathering.member("周建国")
    unit = gathering.another_officer(Role.GRASSROOTS)
    entry = world.do(
        lambda: entering.enter(
            actor=unit, event_id=event_id, member_ids=[member.member_id], category=1, slot=None, wait=False,
            now=clock.now(),
        )
    )  # fmt: skip
    address, phone = f"/me/events/{entry}", Phone(client, world, member, event_id)
    said = plain(phone.open(address))
    assert "单位工会替您报的。来的话请点“我参加”" in said and "取消报名" in said
    assert phone.act(address, "join").status_code == 303 and "替您报的" not in phone.open(address)


def test_what_the_organiser_wrote_with_a_no_is_the_captains_to_read(
    client: FlaskClient, world: World, gathering: Gathering
) -> None:
    event_id, officer = gathering.event(categories=PAIR, joining=Joining.VOUCHED), gathering.officer
    captain, mate = gathering.member("李春梅"), gathering.member("周建国", phone="10030000001")
    entry = enter(gathering, captain, event_id, category=2, mates=(Named("周建国", "10030000001"),))
    world.do(
        lambda: leaving.remove(
            actor=officer, signup_id=entry, reason=RefusedFor.PAPERS, note="诊断证明没交", now=clock.now()
        )
    )
    pages = [plain(Phone(client, world, one, event_id).open(f"/me/events/{entry}")) for one in (captain, mate)]
    assert all("材料不全" in page for page in pages)
    assert ["诊断证明没交" in page for page in pages] == [True, False]


def test_who_is_approved_late_reads_until_when_he_may_still_give_it_up(
    client: FlaskClient, world: World, gathering: Gathering, noon: datetime.datetime, at: At
) -> None:
    event_id, officer = gathering.event(mode=Mode.APPROVAL, cancel_until=noon - HOUR), gathering.officer
    member = gathering.member()
    entry = enter(gathering, member, event_id)
    world.do(lambda: deciding.approve(actor=officer, event_id=event_id, signup_ids=[entry], now=noon))
    phone, address = Phone(client, world, member, event_id), f"/me/events/{entry}"
    said = plain(phone.open(address))
    assert "请在今天 13:00 前取消" in said and "今天 13:00 前取消不算爽约" in said
    at(noon + 2 * HOUR)
    assert "取消期限是 今天 13:00，已经过了" in plain(Phone(client, world, member, event_id).open(address))
