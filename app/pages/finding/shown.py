"""What pages about shops and offers show, in words."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from flask_babel import gettext as _

from app.language import language
from app.maps import map_link
from app.wording import weekdays
from services.core.calendar import DAY, Hours, local, local_date
from services.members.rules import may_use_benefits
from services.merchants.hours import Opening, opening
from services.merchants.types import Branch, OpenHours, Shop
from services.offers.finding import Answer, OneOffer
from services.offers.types import Offer

DAY_MINUTES = 1440


@dataclass(frozen=True)
class ShownBranch:
    """A branch with whether it is open, in words too; None where nobody said when."""

    branch: Branch
    opening: Opening | None
    state: str | None

    @property
    def place(self) -> str:
        """ "30.612000,104.012000", for the phone that sorts by distance; empty where none is known."""
        place = self.branch.place
        return f"{place.latitude:.6f},{place.longitude:.6f}" if place else ""

    @property
    def map_link(self) -> str | None:
        return map_link(self.branch.place, self.branch.name)

    @property
    def week(self) -> list[tuple[str, str]]:
        return _week(self.branch.hours)


@dataclass(frozen=True)
class ShownShop:
    """A shop of the list, with the titles of what it gives."""

    shop: Shop
    branches: list[ShownBranch]
    gives: list[dict[str, str]]

    @property
    def places(self) -> str:
        return " ".join(branch.place for branch in self.branches if branch.place)


def shown_shop(shop: Shop, gives: Sequence[dict[str, str]], now: datetime.datetime) -> ShownShop:
    return ShownShop(shop, shown_branches(shop.branches, now), list(gives))


def shown_branches(branches: Sequence[Branch], now: datetime.datetime) -> list[ShownBranch]:
    found = [(branch, opening(branch.hours, now)) for branch in branches]
    return [ShownBranch(branch, opens, _state(opens, now) if opens else None) for branch, opens in found]


def again_words(at: datetime.datetime, now: datetime.datetime) -> str:
    """ "明天", "周三 11:00", "12 月 1 日": when something is possible again."""
    day, today, said = local_date(at), local_date(now), f"{local(at):%H:%M}"
    if day == today:
        return str(_("今天 %(time)s", time=said))
    if day == today + DAY:
        words = str(_("明天"))
    elif day - today < 7 * DAY:
        words = weekdays([day.isoweekday()], language())
    else:
        words = f"{day.month} 月 {day.day} 日" if language() == "zh" else f"{day.day} {day:%b}"
    return words if said == "00:00" else f"{words} {said}"


def uses_left(offer: Offer, answer: Answer) -> list[str]:
    """How often this member may still use it: today, this week, this month, in all; only what is limited."""
    uses, said = answer.uses, []
    if offer.per_member_daily is not None:
        said.append(_("今天还能用 %(count)s 次", count=max(0, offer.per_member_daily - uses.today)))
    if offer.per_member_weekly is not None:
        said.append(_("本周还能用 %(count)s 次", count=max(0, offer.per_member_weekly - uses.this_week)))
    if offer.per_member_monthly is not None:
        said.append(_("本月还能用 %(count)s 次", count=max(0, offer.per_member_monthly - uses.this_month)))
    if offer.per_member_total is not None:
        said.append(_("一共还能用 %(count)s 次", count=max(0, offer.per_member_total - uses.in_all)))
    return said


def wants_person(one: OneOffer) -> bool:
    """Is it the member's own standing, not the offer, that stands in the way?"""
    return one.answer is not None and may_use_benefits(one.answer.person.standing) is not None


def _state(opens: Opening, now: datetime.datetime) -> str:
    at = opens.changes_at
    if at is None:
        return str(_("营业中，24 小时"))
    said, day, today = f"{local(at):%H:%M}", local_date(at), local_date(now)
    if not opens.open:
        return _closed(day, today, said)
    if day == today:
        return str(_("营业中，到 %(time)s", time=said))
    if day == today + DAY:
        return str(
            _("营业中，到 %(time)s", time="24:00") if said == "00:00" else _("营业中，到次日 %(time)s", time=said)
        )
    return str(_("营业中"))


def _closed(day: datetime.date, today: datetime.date, said: str) -> str:
    if day == today:
        return str(_("休息中，今天 %(time)s 开门", time=said))
    if day == today + DAY:
        return str(_("休息中，明天 %(time)s 开门", time=said))
    return str(_("休息中，%(day)s %(time)s 开门", day=weekdays([day.isoweekday()], language()), time=said))


def _week(hours: Sequence[OpenHours]) -> list[tuple[str, str]]:
    """Days and times of a week: ("周一至周五", "09:00–21:00"); days that follow each other alike are one line."""
    of_day = {day: sorted(one.hours for one in hours if one.weekday == day) for day in range(1, 8)}
    lines = []
    for same, days in groupby(of_day, key=lambda day: of_day[day]):
        first, *rest = list(days)
        lines.append((_days(first, rest[-1] if rest else first), _times(same)))
    return lines if hours else []


def _days(first: int, last: int) -> str:
    if (first, last) == (1, 7):
        return str(_("每天"))
    one, other = (weekdays([day], language()) for day in (first, last))
    return one if first == last else str(_("%(first)s至%(last)s", first=one, last=other))


def _times(hours: Sequence[Hours]) -> str:
    if not hours:
        return str(_("休息"))
    if hours[0].begin == 0 and hours[0].until >= DAY_MINUTES:
        return str(_("24 小时"))
    return str(_("、")).join(_time(one) for one in hours)


def _time(hours: Hours) -> str:
    begin, until = (f"{minute // 60:02d}:{minute % 60:02d}" for minute in (hours.begin, hours.until or DAY_MINUTES))
    if hours.past_midnight and hours.until:
        return str(_("%(begin)s–次日 %(until)s", begin=begin, until=until))
    return f"{begin}–{until}"
