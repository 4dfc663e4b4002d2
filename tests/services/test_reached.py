"""Whom the channels reach and why not: each member once, by the first thing that hinders."""

import datetime

from services.accounts.service.wechat import OPENID_FIELD
from services.core import clock
from services.core.crypto import vault
from services.core.db import db
from services.members import service as members
from services.notifications import backlog, figures, reached
from services.notifications.models import Block, Told
from services.notifications.types import Channel
from tests.builders.reach import MP, OA, Reachable, openid
from tests.builders.world import World

HERE = {Channel.TEMPLATE: OA, Channel.MP_SUBSCRIBE: MP, Channel.SMS: "aliyun"}


def found(world: World, scope: str = "") -> reached.Reached:
    scopes = (scope or world.federation.path,)
    return world.look(lambda: reached.reached(scopes=scopes, providers=HERE))  # type: ignore[arg-type]


def test_each_member_counts_once_for_each_channel(world: World) -> None:
    reach = Reachable(world)
    everywhere, gone, refused, _ = (world.member(phone=f"1001234567{n}") for n in range(4))
    world.do(
        lambda: members.enrol(
            name="未绑定", union_id=world.union.id, joined_on=datetime.date(2020, 1, 1), phone="10012345699"
        )
    )
    template = reach.mapped(Channel.MP_SUBSCRIBE, "use")
    reach.mapped(Channel.TEMPLATE, "use")
    for who in (everywhere, gone, refused):
        reach.wechat(who.account_id, OA)
        reach.wechat(who.account_id, MP)
    reach.consents(everywhere.account_id, template)
    reach.consents(gone.account_id, template, number=0)
    reach.follows(gone.account_id, following=False)

    def block() -> None:
        index = vault.blind_index(OPENID_FIELD, openid(OA, refused.account_id))
        db.session.add(Block(channel="template", address_index=index, reason="40003", since=clock.now()))

    world.do(block)
    seen = found(world)
    assert seen.members == 5 and seen.not_bound == 1
    assert seen.channels[Channel.TEMPLATE] == {
        "open": 1, "not_following": 1, "refused": 1, "no_wechat": 1, "not_bound": 1,
    }  # fmt: skip
    assert seen.channels[Channel.MP_SUBSCRIBE] == {"open": 1, "no_credit": 2, "no_wechat": 1, "not_bound": 1}
    assert seen.channels[Channel.SMS] == {"not_mapped": 4, "not_bound": 1}
    assert seen.channels[Channel.OA_SUBSCRIBE] == {"not_set_up": 4, "not_bound": 1}
    assert (seen.wechat, seen.sms_only, seen.inbox_only) == (1, 0, 3)
    levels = world.look(lambda: reached.credit_levels(providers=HERE))
    assert [(one.provider, one.left, one.people, one.without) for one in levels] == [(MP, 1, 3, 2)]


def test_another_subtree_does_not_count(world: World) -> None:
    elsewhere = world.another_union()
    world.member()
    world.member("王强", union=elsewhere)
    assert found(world).members == 2 and found(world, elsewhere.path).members == 1


def test_an_inbox_that_was_forgotten_is_still_counted_as_read(world: World) -> None:
    today = clock.now().date()

    def build() -> None:
        db.session.add(Told(day=today, template="card.frozen", told=10, read=4))

    world.do(build)
    (line,) = world.look(lambda: figures.read_share(now=clock.now()))
    assert (line.template, line.told, line.read) == ("card.frozen", 10, 4)
    assert world.look(lambda: backlog.backlog(now=clock.now())).oldest(clock.now()) == datetime.timedelta()
