"""Each term of an offer as a sentence, Chinese and English, out of the data alone: app/terms.py puts them together."""

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _

from app.language import language, text
from app.wording import day, weekdays
from services.core.calendar import Hours
from services.core.money import yuan
from services.members.types import Standing
from services.offers.types import AmountPolicy, BranchShare, Holidays, Offer, OfferKind, Terms
from services.unions.types import TradeGroup

DAY_MINUTES = 1440
LISTED = (
    "deal", "cap", "weekdays", "hours", "holidays", "daily", "weekly", "monthly", "in_all", "stock", "budget", "union",
    "groups", "standings", "first_use", "branches",
)  # fmt: skip
ON_RECEIPT = ("deal", "cap", "daily", "weekly", "monthly", "in_all", "stacks", "note")
FOR_WRITERS = ("title", "title_en", "amount", "budget_sum")
"""What only those who look after offers are told."""


@dataclass(frozen=True)
class Names:
    """What terms point to, by name. A branch that is not named here is not said."""

    union: Mapping[str, str] | None = None
    branches: Mapping[uuid.UUID, Mapping[str, str]] = field(default_factory=dict)


NOBODY = Names()


def deal(offer: Terms) -> str:
    """What the member gets: "满 30 元减 8 元", "按原价的 88% 付", "送酸梅汤一杯"."""
    said: str
    if offer.kind is OfferKind.PERCENT:
        said = _("按原价的 %(percent)s%% 付", percent=100 - (offer.percent_off or 0))
    elif offer.kind is OfferKind.FIXED_PRICE:
        said = _("只付 %(price)s 元", price=money(offer.price_fen or 0))
    elif offer.kind is OfferKind.MEMBER_PRICE:
        price, usual = money(offer.price_fen or 0), money(offer.list_fen or 0)
        said = _("会员价 %(price)s 元，原价 %(usual)s 元", price=price, usual=usual)
    elif offer.kind is OfferKind.GIFT:
        said = _("送%(gift)s", gift=text(offer.gift))
    else:
        threshold, off = money(offer.threshold_fen or 0), money(offer.off_fen or 0)
        said = _("满 %(threshold)s 元减 %(off)s 元", threshold=threshold, off=off)
    return said


def by_topic(terms: Terms, names: Names = NOBODY) -> dict[str, str]:
    """Each term that says something, as one sentence without an end, in reading order."""
    said = {
        "title": terms.title["zh"],
        "title_en": terms.title.get("en", ""),
        "deal": deal(terms),
        "cap": _("最多优惠 %(sum)s 元", sum=money(terms.most_off_fen)) if terms.most_off_fen else "",
        "amount": _amount(terms.amount_policy),
        "dates": _("%(first)s到 %(last)s", first=_day(terms.starts_on), last=_day(terms.ends_on)),
        **_when(terms),
        **_how_often(terms),
        **_how_much(terms, names),
        **_for_whom(terms, names),
        "first_use": _("只给第一次到店用优惠的会员") if terms.first_use else "",
        "stacks": _("可以和本店别的优惠一起用") if terms.stacks else _("不和本店别的优惠一起用"),
        "note": text(terms.note),
    }
    return {topic: words for topic, words in said.items() if words}


def money(fen: int) -> str:
    """ "30" for 3000, "30.50" for 3050: whole yuan need no decimals in a sentence."""
    return str(fen // 100) if fen % 100 == 0 else yuan(fen)


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def group_words(group: TradeGroup) -> str:
    said: str = {
        TradeGroup.MANUFACTURING: _("制造业职工"),
        TradeGroup.CONSTRUCTION: _("建筑工人"),
        TradeGroup.COURIERS: _("快递员"),
        TradeGroup.RIDERS: _("外卖骑手"),
        TradeGroup.DRIVERS: _("货车和网约车司机"),
        TradeGroup.SANITATION: _("环卫工人"),
        TradeGroup.CARE: _("家政护理员"),
        TradeGroup.SERVICES: _("商贸服务人员"),
        TradeGroup.EDUCATION: _("教育工作者"),
        TradeGroup.HEALTH: _("医护人员"),
        TradeGroup.PUBLIC: _("机关事业单位职工"),
    }[group]
    return said


def standing_words(standing: Standing) -> str:
    said: str = {
        Standing.ACTIVE: _("会籍正常"),
        Standing.GRACE: _("续登宽限期"),
        Standing.MOVING: _("会籍转接中"),
        Standing.RETIRED: _("退休"),
        Standing.SUSPENDED: _("暂停"),
        Standing.LEFT: _("已离会"),
    }[standing]
    return said


def _amount(policy: AmountPolicy) -> str:
    said: str = {
        AmountPolicy.REQUIRED: _("店员要输消费金额"),
        AmountPolicy.OPTIONAL: _("店员可以输金额，也可以不输"),
        AmountPolicy.NOT_ASKED: _("店员不用输金额"),
    }[policy]
    return said


def _when(terms: Terms) -> dict[str, str]:
    return {
        "weekdays": _("%(days)s能用", days=_weekdays(terms.weekdays)) if terms.weekdays else "",
        "hours": _("%(hours)s 能用", hours=_listed(map(_hours, terms.hours))) if terms.hours else "",
        "holidays": {
            Holidays.ANY: "",
            Holidays.NOT: _("法定节假日不能用"),
            Holidays.ONLY: _("只在法定节假日能用"),
        }[terms.holidays],
    }


def _how_often(terms: Terms) -> dict[str, str]:
    daily, weekly, monthly = terms.per_member_daily, terms.per_member_weekly, terms.per_member_monthly
    in_all = terms.per_member_total
    return {
        "daily": _("每人每天 %(count)s 次", count=daily) if daily is not None else "",
        "weekly": _("每人每周 %(count)s 次", count=weekly) if weekly is not None else "",
        "monthly": _("每人每月 %(count)s 次", count=monthly) if monthly is not None else "",
        "in_all": _("每人一共 %(count)s 次", count=in_all) if in_all is not None else "",
    }


def _how_much(terms: Terms, names: Names) -> dict[str, str]:
    left = terms.stock_left if isinstance(terms, Offer) else None
    stock = _("共 %(count)s 份", count=terms.stock_total) if terms.stock_total is not None else ""
    shares = [share for share in terms.branches if share.branch_id in names.branches]
    named = [_share(terms, share, names.branches[share.branch_id]) for share in shares]
    some = _("只在部分门店能用") if terms.branches else ""
    budget = terms.budget_fen
    return {
        "stock": _("还剩 %(count)s 份", count=left) if left is not None else stock,
        "branches": _("只在这些门店能用：%(branches)s", branches=_listed(named)) if named else some,
        "budget": _("补贴用完为止") if budget is not None else "",
        "budget_sum": _("补贴总额 %(sum)s 元", sum=money(budget)) if budget is not None else "",
    }


def _share(terms: Terms, share: BranchShare, name: Mapping[str, str]) -> str:
    """A branch, with what it has of its own."""
    left = terms.left_at(share.branch_id) if isinstance(terms, Offer) else None
    if left is not None:
        return str(_("%(branch)s（还剩 %(count)s 份）", branch=text(name), count=left))
    if share.stock_total is None:
        return text(name)
    return str(_("%(branch)s（共 %(count)s 份）", branch=text(name), count=share.stock_total))


def _for_whom(terms: Terms, names: Names) -> dict[str, str]:
    union = names.union or (terms.audience_name if isinstance(terms, Offer) else None)
    whole = isinstance(terms, Offer) and terms.audience_path is not None and "." not in terms.audience_path
    some = _("只给部分单位的会员") if terms.audience_union_id else ""
    groups = _listed(map(group_words, terms.audience_groups))
    return {
        "union": "" if whole else _("只给%(union)s的会员", union=text(union)) if union else some,
        "groups": _("只给%(groups)s", groups=groups) if groups else "",
        "standings": _standings(terms.audience_standings),
    }


def _standings(standings: Sequence[Standing]) -> str:
    if not standings:
        return ""
    if set(standings) == {Standing.RETIRED}:
        return str(_("只给退休会员"))
    return str(_("只给这些会员：%(standings)s", standings=_listed(map(standing_words, standings))))


def _weekdays(days: Sequence[int]) -> str:
    """ "周一至周五" for days in a row, "周一、周三" for others."""
    inner = sorted(set(days))
    if len(inner) > 2 and inner[-1] - inner[0] == len(inner) - 1:
        return str(_("%(first)s至%(last)s", first=_weekday(inner[0]), last=_weekday(inner[-1])))
    return weekdays(inner, language())


def _weekday(one: int) -> str:
    return weekdays([one], language())


def _hours(hours: Hours) -> str:
    """ "11:00–14:00", "18:00–次日 02:00"."""
    if hours.past_midnight and hours.until:
        return str(_("%(begin)s–次日 %(until)s", begin=clock(hours.begin), until=clock(hours.until)))
    return f"{clock(hours.begin)}–{clock(hours.until or DAY_MINUTES)}"


def _listed(words: Iterable[str]) -> str:
    return str(_("、")).join(words)


def _day(value: datetime.date) -> str:
    return day(value, language())
