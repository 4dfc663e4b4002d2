"""Kinds, modes and states: closed lists, and what belongs together of them."""

from enum import StrEnum


class Kind(StrEnum):
    """What a union puts on (活动种类)."""

    SPORT = "sport"  # 体育比赛
    SOCIAL = "social"  # 交友联谊
    CONTEST = "contest"  # 书画、技能比赛
    LECTURE = "lecture"  # 讲座
    CLINIC = "clinic"  # 义诊
    CHECKUP = "checkup"  # 体检
    TRAINING = "training"  # 培训
    TRIP = "trip"  # 春游秋游、疗休养
    SHOW = "show"  # 演出、电影


PRIVATE = frozenset({Kind.SOCIAL, Kind.CLINIC, Kind.CHECKUP})
"""Names for the organiser only, no unit list, small figures hidden, neutral titles outside of the inbox."""


class Mode(StrEnum):
    """How places are given."""

    FIRST_COME = "first_come"  # 先到先得
    DRAW = "draw"  # 摇号
    APPROVAL = "approval"  # 审核


class Joining(StrEnum):
    """How somebody whom another person enters becomes part of the entry."""

    CONFIRM = "confirm"  # each confirms on his own phone
    VOUCHED = "vouched"  # the captain or the unit's officer answers for them; they are told and may withdraw


class Once(StrEnum):
    """How often one person may take part."""

    EVENT = "event"
    CATEGORY = "category"


class Door(StrEnum):
    """Who checks in whom."""

    STAFF = "staff"  # staff scan the member's card
    VENUE = "venue"  # the member scans the venue's rotating code
    BOTH = "both"


class QuotaKind(StrEnum):
    """Which people a quota counts (名额口径). Quota 0 is always the total."""

    ALL = "all"
    CATEGORY = "category"
    SLOT = "slot"
    UNION = "union"  # a subtree
    SEX = "sex"
    AGE = "age"
    TRADE = "trade"


class Unit(StrEnum):
    PEOPLE = "people"
    ENTRIES = "entries"


class State(StrEnum):
    """Of an entry (报名)."""

    FORMING = "forming"  # 待队友确认: holds its places until the others have confirmed
    APPLIED = "applied"  # 待审核: holds none
    ENTERED = "entered"  # 待摇号: holds none
    WAITING = "waiting"  # 候补
    OFFERED = "offered"  # 候补到位，待确认: holds its places for a time
    CONFIRMED = "confirmed"  # 已报上: holds its places
    CANCELLED = "cancelled"  # 本人取消
    DECLINED = "declined"  # 放弃候补到的名额
    LAPSED = "lapsed"  # 超时未确认
    REFUSED = "refused"  # 审核未通过
    REMOVED = "removed"  # 主办方取消
    CALLED_OFF = "called_off"  # 活动取消


HOLDING = frozenset({State.FORMING, State.OFFERED, State.CONFIRMED})
"""These count against quotas."""
ACTIVE = HOLDING | {State.APPLIED, State.ENTERED, State.WAITING}
"""In these a person cannot sign up again."""


class Phase(StrEnum):
    """Of an event at a moment."""

    DRAFT = "draft"
    COMING = "coming"  # published, sign-up not open yet
    OPEN = "open"  # sign-up runs, even if the event does too
    CLOSED = "closed"  # sign-up over, not begun
    RUNNING = "running"
    OVER = "over"
    CANCELLED = "cancelled"


class Role(StrEnum):
    """Of a person in an entry."""

    MEMBER = "member"
    GUEST = "guest"  # 家属、朋友
    CHILD = "child"  # 未成年人: the captain is the guardian


class Presence(StrEnum):
    """Where a person of an entry stands."""

    IN = "in"
    INVITED = "invited"  # has not confirmed yet
    DECLINED = "declined"


class How(StrEnum):
    """How somebody was checked in."""

    CARD = "card"
    VENUE = "venue"
    NAME = "name"
    PAPER = "paper"
    WALK_IN = "walk_in"


class Miss(StrEnum):
    NO_SHOW = "no_show"
    LATE_CANCEL = "late_cancel"


class RefusedFor(StrEnum):
    """Why an officer says no to an application, or takes an entry out."""

    FULL = "full"  # 名额已满
    CONDITIONS = "conditions"  # 不符合条件
    PAPERS = "papers"  # 材料不全
    TWICE = "twice"  # 已参加过同类活动
    OTHER = "other"
