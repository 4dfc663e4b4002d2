"""Who reads a notice: a description, and the members it fits, found by the database.

Of a registry: what answers an act of the member names that act and its own template; everything else is a broadcast,
which no service message of WeChat may carry.
"""

import datetime
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from services.accounts import queries as accounts
from services.core.db import Rows
from services.events.queries import telling
from services.events.types import State
from services.members import queries as members
from services.members.types import Standing
from services.notifications.notices.types import Readers, SignedUp, UsedShop
from services.notifications.types import Act
from services.redemptions.queries import receipts
from services.unions import queries as unions
from services.unions.types import UnionPath

PLAIN, TEXTED = "notice.member", "notice.texted"
BROADCASTS = (PLAIN, TEXTED)
"""Templates of notices that answer no act: inbox, SMS and the mass message only."""
EVERYBODY = tuple(standing for standing in Standing if standing is not Standing.LEFT)


def _used_shop(act: UsedShop, now: datetime.datetime) -> Rows:
    """member_id of whoever used the card there and was not undone."""
    use = receipts.redemptions().subquery("use")
    return select(use.c.member_id).where(
        use.c.merchant_id == act.shop_id,
        use.c.redeemed_at >= now - datetime.timedelta(days=act.days),
        use.c.voided_at.is_(None),
    )


def _signed_up(act: SignedUp, now: datetime.datetime) -> Rows:
    """member_id of whoever is in it, or waits, and has not turned it down."""
    return telling.members_in(act.event_id, [State.WAITING] if act.waiting else [State.CONFIRMED])


@dataclass(frozen=True)
class Kind:
    """What members did: `members` selects their ids, `template` answers it."""

    answers: Act
    template: str
    members: Callable[[Any, datetime.datetime], Rows]
    read: Callable[[Mapping[str, Any]], Any]


KINDS: dict[str, Kind] = {
    "used_shop": Kind(
        Act.REDEEMED, "notice.used", _used_shop, lambda kept: UsedShop(uuid.UUID(kept["shop"]), int(kept["days"]))
    ),
    "signed_up": Kind(
        Act.SIGNED_UP, "notice.signed_up", _signed_up,
        lambda kept: SignedUp(uuid.UUID(kept["event"]), bool(kept["waiting"]), bool(kept["private"])),
    ),
}  # fmt: skip
"""Acts that a notice may answer, by the name that is kept; rules.dumped is the other way round."""
_KIND_OF: dict[type, str] = {UsedShop: "used_shop", SignedUp: "signed_up"}
QUIET = "notice.signed_up_quiet"
TEMPLATES = frozenset({*BROADCASTS, QUIET, *(kind.template for kind in KINDS.values())})


def template_of(readers: Readers, *, sms: bool) -> str:
    if readers.signed_up and readers.signed_up.private:
        return QUIET
    if readers.act:
        return KINDS[_KIND_OF[type(readers.act)]].template
    return TEXTED if sms else PLAIN


def read(kept: Mapping[str, Any]) -> Readers:
    """What rules.dumped wrote."""
    act = kept.get("act")
    return Readers(
        tuple(Standing(one) for one in kept["standings"]), kept["bound"], KINDS[act["kind"]].read(act) if act else None
    )


def member_ids(readers: Readers, *, scope: UnionPath, now: datetime.datetime) -> Rows:
    """member_id of everybody in that subtree whom the description fits now. Nobody who has left the union."""
    holder = members.holders().subquery("holder")
    wanted = [standing for standing in readers.standings or EVERYBODY if standing is not Standing.LEFT]
    query = select(holder.c.member_id).where(
        unions.in_subtree(holder.c.union_path, scope), holder.c.standing.in_(wanted)
    )
    if readers.bound:
        bound = accounts.bound_members().subquery("bound")
        query = query.where(holder.c.member_id.in_(select(bound.c.member_id)))
    if readers.act:
        query = query.where(holder.c.member_id.in_(KINDS[_KIND_OF[type(readers.act)]].members(readers.act, now)))
    return query
