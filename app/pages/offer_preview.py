"""An offer before members see it: as they would, and as the till would decide at a time and on a bill to try."""

import dataclasses
import datetime
from dataclasses import dataclass, field
from uuid import UUID

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.language import language
from app.wording import clerk_words
from services.core import workdays
from services.core.calendar import DAY, YEARS, day_start, local, local_date
from services.core.errors import Invalid, Refusal
from services.core.money import parse_yuan
from services.members.rules import may_use_benefits
from services.members.types import Standing
from services.merchants.types import BranchId
from services.offers import queries
from services.offers.again import HORIZON, again
from services.offers.rules import may_use, saving
from services.offers.types import AmountPolicy, Moment, Offer, Person, Saving, Uses
from services.unions.types import TradeGroup, UnionPath

NOON = datetime.timedelta(hours=12)


@dataclass(frozen=True)
class Sample:
    """Somebody who might come, and what the till would say; None is yes."""

    who: str
    refusal: Refusal | None


@dataclass
class Trial:
    """A bill at the till at some time. `wrong` is what could not be read, by field."""

    at: datetime.datetime
    amount: str = ""
    branch_id: BranchId | None = None
    refusal: Refusal | None = None
    saving: Saving | None = None
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def day(self) -> str:
        return f"{local(self.at):%Y-%m-%d}"

    @property
    def time(self) -> str:
        return f"{local(self.at):%H:%M}"


def trial(offer: Offer, federation: UnionPath, asked: MultiDict[str, str], now: datetime.datetime) -> Trial:
    """What the till would say to a member of the audience, at the time and on the bill that were asked."""
    person = _inside(offer, federation)
    tried = Trial(_usual(offer, person, now), asked.get("amount", "").strip()[:20])
    if asked.get("day") or asked.get("time"):
        try:
            tried.at = _instant(asked.get("day", ""), asked.get("time", ""))
        except ValueError:
            tried.wrong["day"] = _("请选日期和时间。")
    own = {str(share.branch_id): share.branch_id for share in offer.branches}
    tried.branch_id = own.get(asked.get("branch", "")) or _branch(asked.get("branch", ""))
    moment = queries.moment(tried.at, [offer])
    tried.refusal = may_use(offer, person, uses=Uses(), moment=moment, branch_id=tried.branch_id)
    if tried.refusal is None and (tried.amount or offer.amount_policy is not AmountPolicy.REQUIRED):
        _save(tried, offer)
    return tried


def samples(offer: Offer, federation: UnionPath, at: datetime.datetime) -> list[Sample]:
    """Who may use it at that time and who may not: one of the audience, one outside of each bound, the retired."""
    moment = queries.moment(at, [offer])
    inside = _inside(offer, federation)
    people = [(_("符合条件的会员"), inside, Uses())]
    if offer.audience_path and "." in offer.audience_path:
        people.append((_("别的单位的会员"), dataclasses.replace(inside, union_path=federation), Uses()))
    if offer.audience_groups:
        other = next((group for group in TradeGroup if group not in offer.audience_groups), None)
        people.append((_("别的行业的会员"), dataclasses.replace(inside, trade_group=other), Uses()))
    if offer.first_use:
        people.append((_("在本店用过优惠的会员"), inside, Uses(been_here=True)))
    if most := max(_limits(offer), default=0):
        people.append((_("用满次数的会员"), inside, Uses(most, most, most, most)))
    people.append((_("退休会员"), dataclasses.replace(inside, standing=Standing.RETIRED), Uses()))
    people.append((_("会籍暂停的会员"), dataclasses.replace(inside, standing=Standing.SUSPENDED), Uses()))
    return [Sample(who, _told(offer, person, uses, moment)) for who, person, uses in people]


def _told(offer: Offer, person: Person, uses: Uses, moment: Moment) -> Refusal | None:
    return may_use_benefits(person.standing) or may_use(offer, person, uses=uses, moment=moment)


def _save(tried: Trial, offer: Offer) -> None:
    try:
        amount = parse_yuan(tried.amount) if tried.amount else None
        found = saving(offer, amount)
    except Invalid as error:
        tried.wrong["amount"] = clerk_words(error.code, error.facts, language=language())
        return
    if isinstance(found, Refusal):
        tried.refusal = found
    else:
        tried.saving = found


def _inside(offer: Offer, federation: UnionPath) -> Person:
    standing = next(iter(offer.audience_standings), Standing.ACTIVE)
    return Person(offer.audience_path or federation, standing, next(iter(offer.audience_groups), None))


def _limits(offer: Offer) -> list[int]:
    limits = (offer.per_member_daily, offer.per_member_weekly, offer.per_member_monthly, offer.per_member_total)
    return [limit for limit in limits if limit is not None]


def _usual(offer: Offer, person: Person, now: datetime.datetime) -> datetime.datetime:
    """Now, or else the next time at which somebody may use it; noon where that is a whole day."""
    begins = now if local_date(now) >= offer.starts_on else day_start(offer.starts_on) + NOON
    moment = Moment(begins, workdays.holidays(local_date(begins) - DAY, local_date(begins) + HORIZON * DAY))
    if may_use(offer, person, uses=Uses(), moment=moment) is None:
        return begins
    found = again(offer, person, uses=Uses(), moment=moment)
    if found is None:
        return now
    return found if offer.hours else found + NOON


def _instant(day: str, time: str) -> datetime.datetime:
    """Of a day and a time in China."""
    clock, date = datetime.time.fromisoformat(time or "12:00"), datetime.date.fromisoformat(day)
    if date.year not in YEARS:
        raise ValueError(day)
    return day_start(date) + datetime.timedelta(hours=clock.hour, minutes=clock.minute)


def _branch(text: str) -> BranchId | None:
    try:
        return BranchId(UUID(text))
    except ValueError:
        return None
