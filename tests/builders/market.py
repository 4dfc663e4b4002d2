"""Shops as somebody finds them: with branches that have a place, hours and a phone."""

from services.core import clock
from services.core.calendar import Hours
from services.merchants import service as merchants
from services.merchants.types import BranchId, OpenHours
from services.unions.types import Place
from tests.builders.world import Shop, World


def every_day(begin: int, until: int) -> tuple[OpenHours, ...]:
    """The same hours on all days of the week, in minutes of the day."""
    return tuple(OpenHours(day, Hours(begin, until)) for day in range(1, 8))


def branch(
    world: World,
    shop: Shop,
    name: str,
    *,
    address: str = "柳渡大道 12 号",
    place: Place | None = None,
    hours: tuple[OpenHours, ...] = (),
    phone: str | None = None,
) -> BranchId:
    """One more branch of that shop."""
    return world.do(
        lambda: merchants.open_branch(
            merchant_id=shop.merchant_id, name={"zh": name}, address={"zh": address}, phone=phone, place=place,
            hours=hours, actor="test", now=clock.now(),
        )
    )  # fmt: skip
