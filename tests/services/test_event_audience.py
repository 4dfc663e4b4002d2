"""Whoever has a place at an event, or waits for one, is an audience of notices."""

import pytest

from services.accounts.types import Role
from services.core import clock
from services.core.db import db
from services.core.errors import Invalid
from services.events.service import signing_up
from services.events.types import Entry
from services.notifications.notices import audience, errors, queries
from services.notifications.notices.types import Readers, SignedUp
from tests.builders.events import Gathering
from tests.builders.notices import Noticing
from tests.builders.world import World


def test_those_who_are_in_or_wait_are_an_audience(world: World) -> None:
    gathering, noticing = Gathering(world), Noticing(world)
    district, town = noticing.officer(), noticing.officer(Role.TOWN)
    event_id, people = gathering.event(places=2), gathering.members("甲", "乙", "丙", "丁")
    for one in people:
        world.do(lambda one=one: signing_up.sign_up(actor=one, event_id=event_id, entry=Entry(), now=clock.now()))
    for waiting, expected in ((False, people[:2]), (True, people[2:])):
        readers = Readers(act=SignedUp(event_id, waiting))
        notice_id = noticing.written(district, readers=readers)
        notice = world.look(lambda n=notice_id: queries.view_of(n))
        assert notice.readers == readers
        found = world.look(
            lambda r=readers: db.session.scalars(
                audience.member_ids(r, scope=world.federation.path, now=clock.now())
            ).all()
        )
        assert set(found) == {one.member_id for one in expected}
    theirs = Readers(act=SignedUp(event_id))
    with pytest.raises(Invalid) as refused:
        noticing.written(town, union_id=world.town.id, readers=theirs)
    assert refused.value.code == errors.NOTICE_EVENT_UNKNOWN, "the federation's event is not the town's to write about"
