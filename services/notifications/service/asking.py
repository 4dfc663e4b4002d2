"""Which consents to ask for at a tap, and what the client says that became of it."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from services.accounts import queries as accounts
from services.accounts.types import AccountId
from services.core.db import db
from services.notifications import consents
from services.notifications import reach as reaching
from services.notifications.models import Credit
from services.notifications.reach import Providers
from services.notifications.templates import TEMPLATES
from services.notifications.templates.layouts import LAYOUTS
from services.notifications.types import Act, Channel, Language, PlatformTemplate

MOST = 3
"""Older clients take no more in one call."""
ENOUGH = 5
"""Whoever has left so many messages of a template is not asked for more of it."""


class Tap(StrEnum):
    """What somebody is about to do, or has just done."""

    REDEEM = "redeem"
    SIGN_UP = "sign_up"
    APPLY = "apply"
    ASK = "ask"
    DUTY = "duty"


ACTS: dict[Tap, frozenset[Act]] = {
    Tap.REDEEM: frozenset({Act.REDEEMED, Act.BOUND, Act.STOPPED_CARD}),
    Tap.SIGN_UP: frozenset({Act.SIGNED_UP}),
    Tap.APPLY: frozenset(),
    Tap.ASK: frozenset({Act.ASKED, Act.COMPLAINED}),
    Tap.DUTY: frozenset({Act.ON_DUTY}),
}
"""What each tap leads to: the messages that answer these acts may come of it."""


class Answer(StrEnum):
    """What the platform's component says of each template."""

    ACCEPT = "accept"
    REJECT = "reject"
    CANCEL = "cancel"
    BAN = "ban"
    FILTER = "filter"


@dataclass(frozen=True)
class Ask:
    """One template to ask for."""

    template_id: str
    title: Mapping[str, str]
    long_term: bool


def to_ask(*, account_id: AccountId, tap: Tap, channel: Channel, providers: Providers) -> list[Ask]:
    """At most MOST templates, all of them one-time or all long-term, those with the fewest messages left first.

    None twice, no title twice, none that is not mapped, none of which ENOUGH is left. In the language in
    which this account is written to. Three statements.
    """
    wanted = {
        template.card.layout for template in TEMPLATES.values() if template.card and template.answers in ACTS[tap]
    }
    mapped = _mapped(channel, providers, reaching.preferences([account_id]).get(account_id, reaching.CHINESE))
    found = {mapped[layout].platform_id: layout for layout in LAYOUTS if layout in wanted and layout in mapped}
    if not found:
        return []
    left = _left(account_id, providers[channel], found)
    asks = [
        (left.get(template_id, 0), Ask(template_id, LAYOUTS[layout].name, mapped[layout].long_term))
        for template_id, layout in found.items()
    ]
    asks = sorted((pair for pair in asks if pair[0] < ENOUGH), key=lambda pair: (pair[0], not pair[1].long_term))
    return [ask for _, ask in asks if ask.long_term == asks[0][1].long_term][:MOST]


def answered(
    *,
    account_id: AccountId,
    channel: Channel,
    providers: Providers,
    results: Mapping[str, Answer],
    now: datetime.datetime,
) -> list[str]:
    """Notes what the client says that somebody accepted; returns these templates' ids. Nothing is sent on it.

    A template that is not mapped here, or a person without a WeChat of this app: left out.
    """  # fmt: skip
    here = {channel: providers[channel]} if channel in providers else {}
    known = {mapping.platform_id for mapping in reaching.mappings(here).values()}
    accepted = sorted(one for one, answer in results.items() if answer is Answer.ACCEPT and one in known)
    openid_index = _openid(account_id, providers[channel]) if accepted else None
    if openid_index is None:
        return []
    consents.provisional(appid=providers[channel], openid_index=openid_index, template_ids=accepted, now=now)
    return accepted


def _mapped(channel: Channel, providers: Providers, languages: Sequence[Language]) -> dict[str, PlatformTemplate]:
    """Of this channel alone: layout -> the platform's template, in the first of these languages that there is."""
    if channel not in providers:
        return {}
    found = reaching.mappings({channel: providers[channel]})
    mapped: dict[str, PlatformTemplate] = {}
    for language in reversed(languages):
        mapped |= {layout: mapping for (_, layout, its), mapping in found.items() if its is language}
    return mapped


def _openid(account_id: AccountId, appid: str) -> bytes | None:
    ways = accounts.wechat_addresses().subquery()
    return db.session.scalar(
        select(ways.c.openid_index).where(ways.c.account_id == account_id, ways.c.appid == appid).limit(1)
    )


def _left(account_id: AccountId, appid: str, templates: Mapping[str, str]) -> dict[str, int]:
    """How many more may be sent, what only the client told us of included; a standing consent is enough."""
    ways = accounts.wechat_addresses().subquery()
    query = (
        select(Credit.template_id, Credit.standing, (consents.available() + Credit.provisional).label("left"))
        .join(ways, (ways.c.appid == Credit.appid) & (ways.c.openid_index == Credit.openid_index))
        .where(ways.c.account_id == account_id, Credit.appid == appid, Credit.template_id.in_(templates))
    )
    return {row.template_id: ENOUGH if row.standing else row.left for row in db.session.execute(query)}
