"""What every till page has: a bar that names shop and clerk and counts the day. And who is the owner."""

from typing import Any

from flask import render_template

from app import permissions
from services.accounts.types import ClerkActor
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Forbidden
from services.merchants import queries as merchants
from services.merchants.errors import OWNER_ONLY
from services.merchants.rules import may_take_cards
from services.redemptions import queries


def page(template: str, **values: Any) -> str:
    actor, today = permissions.caller(ClerkActor), local_date(clock.now())
    counter = merchants.counter(actor.clerk_id)
    return render_template(
        template,
        counter=counter,
        closed=may_take_cards(counter, today=today),
        count=queries.count_at_branch(branch_id=actor.branch_id, day=today),
        **values,
    )


def owner() -> ClerkActor:
    """The caller, who is the shop's owner. Raises Forbidden(owner_only)."""
    actor = permissions.caller(ClerkActor)
    if not merchants.is_owner(actor.clerk_id):
        raise Forbidden(OWNER_ONLY)
    return actor
