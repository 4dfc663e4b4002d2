"""Two officers at one part of the tree."""

from services.core import clock
from services.core.errors import DomainError
from services.unions import service
from services.unions.types import Level, UnionView
from tests.builders.world import World
from tests.harness.threads import together


def test_a_town_that_closes_and_a_union_added_to_it_together(world: World) -> None:
    """Never an open union below a closed one: the one who is second sees what the first did."""
    for number in range(5):
        town = world.do(
            lambda n=number: service.found(name={"zh": f"新城{n}"}, level=Level.TOWN, parent=world.federation)
        )

        def add(town: UnionView = town) -> str:
            return attempt(
                world,
                lambda: service.add(
                    name={"zh": "下"}, level=Level.GRASSROOTS, parent_id=town.id, now=clock.now(), actor="test"
                ),
            )

        def close(town: UnionView = town) -> str:
            return attempt(world, lambda: service.close(union_id=town.id, now=clock.now(), actor="test"))

        assert sorted(together(add, close)) in (["done", "union_closed"], ["done", "union_has_branches"])


def attempt(world: World, work: object) -> str:
    try:
        world.do(work)  # type: ignore[arg-type]
    except DomainError as error:
        return error.code
    return "done"
