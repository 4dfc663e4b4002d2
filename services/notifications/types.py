import datetime
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NewType

from services.accounts.types import AccountId, Capability
from services.core.errors import Value

DeliveryId = NewType("DeliveryId", uuid.UUID)
InboxId = NewType("InboxId", uuid.UUID)
NoticeId = NewType("NoticeId", uuid.UUID)


class RecipientKind(StrEnum):
    MEMBER = "member"
    BRANCH = "branch"
    UNION = "union"


@dataclass(frozen=True)
class Recipient:
    kind: RecipientKind
    id: uuid.UUID


@dataclass(frozen=True)
class Notice:
    """One thing to tell to one recipient: which template, and the facts that fill it."""

    recipient: Recipient
    template: str
    facts: dict[str, Value] = field(default_factory=dict)


Fan = Callable[[Mapping[str, Any]], list[Notice]]
"""From a message's payload to whom it is told."""


@dataclass(frozen=True)
class Part:
    """Some of a crowd, and where to go on; `after` is None when all have been told."""

    notices: list[Notice]
    after: uuid.UUID | None = None


Crowd = Callable[[Mapping[str, Any], uuid.UUID | None, datetime.datetime], Part]
"""As a Fan, of any number of people: payload, `after` of the part before, and now. What does not hold any more at
that moment is told to nobody."""


class Channel(StrEnum):
    """A way out of the house. The inbox is none: what is told stands there whatever a channel says."""

    TEMPLATE = "template"  # 服务号模板消息: needs a follower
    OA_SUBSCRIBE = "oa_subscribe"  # 服务号订阅通知: one consent, one message
    MP_SUBSCRIBE = "mp_subscribe"  # 小程序订阅消息: one consent, one message
    SMS = "sms"

    @property
    def of_consent(self) -> bool:
        return self in (Channel.OA_SUBSCRIBE, Channel.MP_SUBSCRIBE)

    @property
    def of_wechat(self) -> bool:
        return self is not Channel.SMS


class DeliveryStatus(StrEnum):
    CREATED = "created"  # waits: for its time, for a worker, for another try
    SENDING = "sending"  # leased: somebody is talking to the channel
    SENT = "sent"  # the channel took it
    DELIVERED = "delivered"  # the channel says that it arrived
    READ = "read"  # its inbox message was opened
    EXPIRED = "expired"  # useless by now, or not wanted any more: never sent
    TEMPORARY_FAILURE = "temporary_failure"  # tried until its tries were used up
    PERMANENT_FAILURE = "permanent_failure"  # this person cannot be reached by this channel now
    TECHNICAL_FAILURE = "technical_failure"  # our request or our account is wrong: an operator must look
    UNKNOWN = "unknown"  # nobody knows whether it went out, and a repeat might come twice


OPEN = frozenset({DeliveryStatus.CREATED, DeliveryStatus.SENDING})
REACHED = frozenset({DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ, DeliveryStatus.UNKNOWN})
"""After these no other channel is tried, unless the message stays unread: of UNKNOWN it may have arrived."""


class Act(StrEnum):
    """What the recipient did, so that the platform's service messages may answer it. Without an act they may not."""

    REDEEMED = "redeemed"  # 用过卡
    BOUND = "bound"  # 绑定、解绑
    STOPPED_CARD = "stopped_card"  # 冻结会员卡
    COMPLAINED = "complained"  # 反映过问题
    ASKED = "asked"  # 申请更正、绑定
    SIGNED_UP = "signed_up"  # 报名了活动
    ON_DUTY = "on_duty"  # 当了工会经办人: what lies in the tray


class Group(StrEnum):
    """What a member may switch off together. SAFETY cannot be: it warns of somebody else's hand."""

    SAFETY = "safety"
    CARD = "card"
    ANSWERS = "answers"
    EVENTS = "events"  # what is near; answers to a sign-up are ANSWERS
    NOTICES = "notices"
    DUTY = "duty"


class Place(StrEnum):
    """What a message opens; app/ knows the addresses."""

    INBOX = "inbox"
    HISTORY = "history"
    CARD = "card"
    DATA = "data"
    COMPLAINTS = "complaints"
    EVENTS = "events"
    EVENT = "event"
    TRAY = "tray"
    TASKS = "tasks"
    DESK_INBOX = "desk_inbox"


class Language(StrEnum):
    """In which a message goes out; what has no English goes out in Chinese."""

    ZH = "zh"
    EN = "en"


class FieldType(StrEnum):
    """Types of the platform's fields; the key's prefix says which: thing1, time2."""

    THING = "thing"
    SHORT_THING = "short_thing"
    PHRASE = "phrase"
    CHARACTER_STRING = "character_string"
    LETTER = "letter"
    SYMBOL = "symbol"
    NAME = "name"
    DATE = "date"
    TIME = "time"
    AMOUNT = "amount"
    NUMBER = "number"
    PHONE_NUMBER = "phone_number"
    CAR_NUMBER = "car_number"
    CONST = "const"


class Hindrance(StrEnum):
    """Why a channel cannot be taken to somebody now."""

    NOT_SET_UP = "not_set_up"  # this installation has no such channel
    NOT_MAPPED = "not_mapped"  # the platform's template is not chosen yet
    NO_WECHAT = "no_wechat"
    NOT_FOLLOWING = "not_following"
    NO_CREDIT = "no_credit"
    NO_PHONE = "no_phone"
    REFUSED = "refused"  # the channel refused this address for good
    UNWANTED = "unwanted"  # the recipient switched it off


@dataclass(frozen=True)
class PlatformTemplate:
    """How a layout goes out on one channel in one language: the platform's template, and its key of each field."""

    id: uuid.UUID
    platform_id: str
    keys: Mapping[str, str]
    long_term: bool


@dataclass(frozen=True)
class Addressee:
    """An account that a message goes to, with what stands in the way of each channel (None: nothing)."""

    account_id: AccountId
    hindrances: Mapping[Channel, Hindrance | None]


@dataclass(frozen=True)
class Step:
    """What the ladder does next for one addressee: this channel, not before this time."""

    channel: Channel
    at: datetime.datetime


@dataclass(frozen=True)
class Look:
    """Nothing now; look again then, whether it was read."""

    at: datetime.datetime


@dataclass(frozen=True)
class Audience:
    """Who reads a message of a union: the officers there who may do this."""

    capability: Capability


@dataclass(frozen=True)
class InboxItem:
    id: uuid.UUID
    template: str
    facts: dict[str, Value]
    created_at: datetime.datetime
    read: bool
    version: int = 1
    archived: bool = False
