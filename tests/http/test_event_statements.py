"""How many statements a sign-up sends: when it opens, thousands come in minutes."""

from services.core.errors import Refusal
from services.events.types import Category, Joining
from tests.builders.entries import Entries
from tests.builders.world import World
from tests.harness.statements import statements

MOST = {"straight": 7, "waiting": 10, "refused": 2, "already": 2, "pair": 10}


def test_a_sign_up_stays_within_its_statements(world: World) -> None:
    events = Entries(world)
    event_id = events.event(places=1, waiting_most=1)
    first, second, third, warm = events.members(*"甲乙丙丁")
    events.entered(warm, events.event())
    found = {}
    with statements() as sent:
        events.entered(first, event_id)
    found["straight"] = len(sent)
    with statements() as sent:
        events.entered(second, event_id)
    found["waiting"] = len(sent)
    with statements() as sent:
        assert isinstance(events.enter(third, event_id), Refusal)
    found["refused"] = len(sent)
    with statements() as sent:
        assert isinstance(events.enter(first, event_id), Refusal)
    found["already"] = len(sent)
    pair = events.event(categories=(Category(1, {"zh": "双打"}, 2, 2),), joining=Joining.CONFIRM)
    _, mate = events.named("林芳")
    with statements() as sent:
        events.entered(first, pair, mates=(mate,))
    found["pair"] = len(sent)
    assert all(found[what] <= most for what, most in MOST.items()), found
