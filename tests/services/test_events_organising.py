"""What an organiser does with an event: drafts, changes, publishes, cancels and copies it."""

import pytest

from services.core import clock
from services.events import rules
from services.events.queries import events
from services.events.types import Phase
from tests.builders.events import Gathering
from tests.builders.world import World


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


def test_an_event_that_was_published_is_open_to_everybody(world: World, gathering: Gathering) -> None:
    event_id = gathering.event()
    seen = world.look(lambda: events.public(event_id))
    assert rules.phase(seen, clock.now()) is Phase.OPEN and seen.total.left == 10
    gathering.members("甲", "乙", age=30)
