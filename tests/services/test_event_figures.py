"""Sign-ups in figures: people who are in, nobody else."""

from services.events.queries import figures
from services.events.types import Category
from tests.builders.entries import Entries
from tests.builders.world import World


def test_who_turned_an_invitation_down_is_in_no_figure(world: World) -> None:
    events = Entries(world)
    event_id = events.event(categories=(Category(1, {"zh": "双打"}, 2, 2),))
    captain, (mate, named) = events.member("王强"), events.named("林芳")
    signup_id = events.entered(captain, event_id, mates=(named,))

    def counted() -> list[int | None]:
        event = events.seen(event_id)
        (unions, _), (categories, _) = world.look(lambda: (figures.by_union(event), figures.by_choice(event)))
        return [one.count for one in [*unions, *categories]]

    assert counted() == [2, 2]
    events.turn_down(mate, signup_id)
    assert counted() == [1, 1]
