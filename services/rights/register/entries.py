"""What an entry of the register says."""

import datetime
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Text(NamedTuple):
    """A text for the privacy page."""

    zh: str
    en: str


class Viewer(StrEnum):
    SELF = "self"
    UNION = "union"
    FEDERATION = "federation"
    SHOP = "shop"
    PUBLIC = "public"
    NOBODY = "nobody"


UNITS = ((365 * 86400, "年", "year"), (86400, "天", "day"), (3600, "小时", "hour"), (60, "分钟", "minute"))
MEMBERS = Text("会员", "members")
VIEWERS: dict[Viewer, Text] = {
    Viewer.SELF: Text("您自己", "you"),
    Viewer.UNION: Text(
        "您单位的工会和它的上级工会（号码打码；看全部要写原因，您能看到是哪个工会、什么时候、为什么）",
        "your union and those above it (numbers are masked; reading them in full needs a reason, and you can see which "
        "union did, when and why)",
    ),
    Viewer.FEDERATION: Text("区总工会", "the district federation"),
    Viewer.SHOP: Text("您出示会员卡的那家店（姓名打码）", "the shop where you hold out your card (name masked)"),
    Viewer.PUBLIC: Text("所有人", "everybody"),
    Viewer.NOBODY: Text("没有人，只有系统在用", "nobody; only the system uses it"),
}


@dataclass(frozen=True)
class Kept:
    """How long. With `span` and `purge` it is forgotten by itself: `purge` names what app/jobs.py runs."""

    words: Text
    span: datetime.timedelta | None = None
    purge: str | None = None
    #: what the span counts from
    since: Text | None = None

    def during(self, span: datetime.timedelta | None) -> "Kept":
        """As an installation has set it; None: it has set nothing."""
        return forgotten(span, self.since, by=self.purge) if span and self.since and self.purge else self


def forgotten(span: datetime.timedelta, since: Text, *, by: str) -> Kept:
    """Kept so long after `since` ("用完后", "after use"); the words are made of the span that the purge itself uses."""
    amount = _amount(span)
    return Kept(Text(f"{since.zh} {amount.zh}，自动删除", f"{amount.en} {since.en}, then deleted"), span, by, since)


def expiring(*, by: str) -> Kept:
    """Kept until its time is over: minutes or hours."""
    return Kept(Text("过期就自动删除", "until it expires, then deleted"), datetime.timedelta(), by)


def _amount(span: datetime.timedelta) -> Text:
    for seconds, zh, en in UNITS:
        count, rest = divmod(span.total_seconds(), seconds)
        # Whole years may hold a leap day.
        if count >= 1 and (rest == 0 or (seconds > 86400 and rest <= 86400 * count / 3)):
            return Text(f"{count:.0f} {zh}", f"{count:.0f} {en}{'s' if count > 1 else ''}")
    return Text(f"{span.total_seconds():.0f} 秒", f"{span.total_seconds():.0f} seconds")


@dataclass(frozen=True)
class Topic:
    """What belongs together for a reader: why we hold it, whose it is, who sees it."""

    title: Text
    purpose: Text
    viewers: tuple[Viewer, ...]
    whose: Text = MEMBERS


@dataclass(frozen=True)
class Table:
    """One table. `personal` says of columns what they tell about a person; `plain` are ids, states and times with it.

    A table without a topic holds nothing about anybody; `why` says what it is for.
    """

    name: str
    topic: Topic | None
    kept: Kept | None
    personal: dict[str, Text] = field(default_factory=dict)
    plain: str = ""
    why: str = ""
    #: where they are others than the topic's
    viewers: tuple[Viewer, ...] = ()

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(self.personal) | frozenset(self.plain.split())


def nothing(name: str, why: str, columns: str) -> Table:
    """A table with nothing about a person."""
    return Table(name, None, None, plain=columns, why=why)
