"""The signed-in member as a reader of offers."""

from app import permissions
from services.accounts.types import MemberActor
from services.offers.finding import Reader
from services.redemptions import queries as redemptions


def reader() -> Reader | None:
    """None for anybody else: he is told no more than the terms. Reads nothing."""
    actor = permissions.caller_if_any()
    if not isinstance(actor, MemberActor):
        return None
    return Reader(actor.member_id, redemptions.been_to(actor.member_id))
