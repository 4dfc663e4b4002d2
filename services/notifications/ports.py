"""What a channel must be able to do. One module a channel beside this one."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from services.notifications.types import Channel, DeliveryId, DeliveryStatus


@dataclass(frozen=True)
class Outgoing:
    """What leaves the house: fit for a lock screen, filled and cut to the channel's limits."""

    id: DeliveryId
    channel: Channel
    #: openid or phone; for the local platform the account's id
    address: str = field(repr=False)
    #: the provider's id of the template
    platform_id: str = field(repr=False)
    #: the provider's key -> value, in the order of the layout
    fields: Mapping[str, str] = field(repr=False)
    #: the whole as a person reads it: for SMS and for the local platform
    title: str = field(repr=False)
    #: path on our own pages that it opens; "" for none
    link: str = field(default="", repr=False)
    language: str = "zh"
    #: of safety: goes out at night, before what waits, and from what is kept of our own limits
    at_once: bool = False


class Effect(StrEnum):
    """What a result changes beside its delivery (the action column of the platform's error codes)."""

    NONE = "none"
    NOT_FOLLOWING = "not_following"  # 43004: until a subscribe event
    NO_CREDIT = "no_credit"  # 43101: the ledger goes to 0
    BLOCK_ADDRESS = "block_address"  # 40003, blacklists: nothing goes there until the state changes
    PAUSE_TEMPLATE = "pause_template"  # 40036, 40037, 43107, 43116: until somebody mends it
    PAUSE_UNTIL_MIDNIGHT = "pause_until_midnight"  # 45009: the day's quota
    PAUSE_MINUTE = "pause_minute"  # 45011, 44991: until the next minute begins, with jitter
    STOP_CHANNEL = "stop_channel"  # configuration, permission, ban: until somebody mends it
    SOON = "soon"  # 43108: again after a second or two


PAUSES = frozenset({Effect.PAUSE_TEMPLATE, Effect.PAUSE_UNTIL_MIDNIGHT, Effect.PAUSE_MINUTE, Effect.STOP_CHANNEL})
"""After these nothing more is tried on the channel, or the template, until the pause ends."""


@dataclass(frozen=True)
class Result:
    """What became of one send.

    `status` is SENT, CREATED (worth another try), PERMANENT_FAILURE, TECHNICAL_FAILURE or UNKNOWN. `reason` is the
    channel's own code or a short word of ours: it names nobody. `charged`: a consent was used up by it.
    """

    id: DeliveryId
    status: DeliveryStatus
    reason: str | None = None
    provider_id: str | None = None
    effect: Effect = Effect.NONE
    charged: bool = False
    took: datetime.timedelta = datetime.timedelta()


TIMEOUT = 9.0
"""Seconds. Every channel gives up by then, a repeat of its own included: service.LEASE counts on it."""


class Port(Protocol):
    """`send` says what became of it, within TIMEOUT; what it raises counts as no answer."""

    channel: Channel
    #: of templates and pauses: the app's id, aliyun, tencent, local
    provider: str
    #: whether the channel recognises an id it has had: then a send whose answer was lost may be repeated
    repeats_safely: bool

    def send(self, outgoing: Outgoing) -> Result: ...
