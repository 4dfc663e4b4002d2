"""What a link says to whoever was asked and then somebody else instead; until when a newcomer may answer; who is in
a draw by another's word; who is accepted and waits."""

import re

import pytest
from flask.testing import FlaskClient

from services.core import clock
from services.events.service import deciding, organising
from services.events.types import Category, Joining, Kind, Mode
from tests.builders.entries import Entries
from tests.builders.world import World
from tests.http.event_phone import PAIR, Phone, csrf, plain
from tests.http.pages import Reader

CREW = (Category(1, {"zh": "接力"}, 2, 3),)


@pytest.fixture
def events(world: World) -> Entries:
    return Entries(world)


def test_a_link_tells_whose_place_another_has_and_is_dead_for_everybody_else(
    client: FlaskClient, world: World, events: Entries
) -> None:
    event_id, captain = events.event(categories=PAIR), events.member("李春梅")
    (mate, his), (_, hers) = events.named("周建国"), events.named("王芳")
    entry = events.entered(captain, event_id, category=2, mates=(his,))
    address, phone = f"/me/events/{entry}", Phone(client, world, mate, event_id)
    assert "李春梅 邀您一起报名" in phone.open(address)
    token = csrf(phone)
    assert events.replace(captain, entry, 1, hers) is None
    said = phone.open(address)
    assert "名单换了人，您不用再确认" in plain(said) and f'href="/events/{event_id}"' in said
    assert "李春梅" not in said and "王芳" not in said, "who else is in it is not his business any more"
    for verb in ("join", "turn-down"):
        tapped = client.post(f"{address}/{verb}", data={"csrf": token})
        assert tapped.status_code == 409 and "您不用再确认" in tapped.text
    assert "沿河健步走" not in phone.open("/me/events")
    assert "您不用再确认" not in Reader(client, world, events.member("外人")).open(address, 404)


def test_of_a_team_that_stands_the_list_says_until_when_the_newcomer_may_answer(
    client: FlaskClient, world: World, events: Entries
) -> None:
    event_id, captain = events.event(categories=CREW), events.member("李春梅")
    mates = [events.named(name) for name in ("周建国", "王芳")]
    entry = events.entered(captain, event_id, mates=tuple(named for _, named in mates))
    for actor, _ in mates:
        events.join(actor, entry)
    newcomer, named = events.named("孙丽")
    events.turn_down(mates[0][0], entry)
    phone = Phone(client, world, captain, event_id)
    assert "就不算在内" not in phone.open(f"/me/events/{entry}")
    assert events.replace(captain, entry, 1, named) is None
    said = plain(phone.open(f"/me/events/{entry}"))
    assert re.search(r"孙丽 等确认 \S+.{0,16}\d\d:\d\d 前不答复，就不算在内。", said), said
    assert "已报上" in said
    asked = plain(Phone(client, world, newcomer, event_id).open(f"/me/events/{entry}"))
    assert "李春梅 邀您一起报名" in asked and "前确认，还有" in asked


def test_in_a_draw_who_was_entered_by_another_may_say_yes_for_his_tickets(
    client: FlaskClient, world: World, events: Entries
) -> None:
    event_id = events.event(categories=PAIR, mode=Mode.DRAW, joining=Joining.VOUCHED)
    mate, named = events.named("周建国")
    entry = events.entered(events.member("李春梅"), event_id, category=2, mates=(named,))
    address, phone = f"/me/events/{entry}", Phone(client, world, mate, event_id)
    said = plain(phone.open(address))
    assert "想去请点“我参加”：没摇中，下次同类活动多一张签；" in said and "算一次爽约" in said
    assert phone.act(address, "join").status_code == 303
    assert "想去请点" not in phone.open(address) and "等摇号" in phone.open(address)


def test_who_is_accepted_and_waits_reads_both(client: FlaskClient, world: World, events: Entries) -> None:
    event_id, officer = events.event(mode=Mode.APPROVAL, kind=Kind.TRAINING, places=1), events.officer
    people = events.members("李春梅", "周建国")
    ids = [events.entered(one, event_id) for one in people]
    world.do(lambda: deciding.approve(actor=officer, event_id=event_id, signup_ids=ids, now=clock.now()))
    said = plain(Phone(client, world, people[1], event_id).open(f"/me/events/{ids[1]}"))
    assert "候补中，您排第 1 位" in said and "审核通过了，只是名额满了" in said


def test_who_taps_on_a_page_of_before_reads_what_became_of_it(
    client: FlaskClient, world: World, events: Entries
) -> None:
    """Full in the meantime, with no line; called off; given up by the captain."""
    full, off, pair = events.event(places=1, waiting_most=0), events.event(), events.event(categories=PAIR)
    me, (mate, named) = events.member("李春梅"), events.named("周建国")
    phone = Phone(client, world, me, full)
    token = csrf(phone)
    events.entered(events.member("赵磊"), full)
    late = client.post(phone.address, data={"csrf": token, "category": "1"})
    said = plain(late.text)
    assert late.status_code == 409 and "没有报上：您填的时候情况变了" in said and "名额满了" in said
    ours, together = events.entered(me, off), events.entered(me, pair, category=2, mates=(named,))
    officer = events.officer
    world.do(lambda: organising.cancel(actor=officer, event_id=off, note="台风红色预警", now=clock.now()))
    events.cancel(me, together)
    for entry, words in ((ours, "这个活动取消了"), (together, "您取消了这份报名")):
        tapped = plain(client.post(f"/me/events/{entry}/cancel", data={"csrf": token}).text)
        assert words in tapped and "重新报名" not in tapped
    assert "报名的人取消了这份报名" in Phone(client, world, mate, pair).open(f"/me/events/{together}")
