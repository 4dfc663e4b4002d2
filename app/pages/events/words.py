"""An event in plain words: each rule of it is one sentence."""

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence

from flask_babel import gettext as _

from app.language import language, text
from app.sentences import group_words, standing_words
from app.wording import weekdays
from services.core.calendar import DAY, local, local_date
from services.events import rules
from services.events.types import (
    Category,
    Event,
    Joining,
    Kind,
    Mode,
    Once,
    Quota,
    QuotaKind,
    Slot,
    Terms,
    Unit,
)
from services.members.documents import Sex
from services.unions.types import UnionPath

Named = Callable[[UnionPath], Mapping[str, str]]
"""The name of the union at a path."""
MINUTES_OF_DAY = 24 * 60


def kind_words(kind: Kind) -> str:
    said: str = {
        Kind.SPORT: _("体育比赛"),
        Kind.SOCIAL: _("交友联谊"),
        Kind.CONTEST: _("才艺技能比赛"),
        Kind.LECTURE: _("讲座"),
        Kind.CLINIC: _("义诊"),
        Kind.CHECKUP: _("体检"),
        Kind.TRAINING: _("培训"),
        Kind.TRIP: _("春秋游、疗休养"),
        Kind.SHOW: _("演出电影"),
    }[kind]
    return said


def weekday(day: datetime.date) -> str:
    return weekdays([day.isoweekday()], language())


def day_words(day: datetime.date) -> str:
    """ "7 月 20 日（周日）"."""
    if language() == "zh":
        return f"{day.month} 月 {day.day} 日（{weekday(day)}）"
    return f"{weekday(day)} {day.day} {day:%b}"


def moment_words(at: datetime.datetime, now: datetime.datetime) -> str:
    """ "今天 20:00", "明天 12:00", "7 月 20 日（周日）09:00"."""
    day, today, clock = local_date(at), local_date(now), f"{local(at):%H:%M}"
    if day == today:
        return str(_("今天 %(time)s", time=clock))
    if day == today + DAY:
        return str(_("明天 %(time)s", time=clock))
    return day_words(day) + ("" if language() == "zh" else " ") + clock


def within(at: str) -> str:
    """A moment inside a Chinese sentence: a space only where a digit meets a character."""
    if language() != "zh":
        return at
    return f" {at} " if at[:1].isdigit() else f"{at} "


def kept(terms: Terms, now: datetime.datetime) -> str:
    """How long a place offered now would be kept, and longer where that would end at night.
    Nothing near the start, where it is less."""
    whole, until = datetime.timedelta(minutes=terms.offer_minutes), rules.offered_until(terms, now)
    return lasting(whole) if until and until - now >= whole else ""


def when(begins: datetime.datetime, ends: datetime.datetime) -> str:
    """ "7 月 20 日（周日）09:00–11:30", with the other day if it ends on another."""
    first, last = local(begins), local(ends)
    gap = "" if language() == "zh" else " "
    if first.date() == last.date():
        return f"{day_words(first.date())}{gap}{first:%H:%M}–{last:%H:%M}"
    return str(
        _(
            "%(first)s到 %(last)s",
            first=f"{day_words(first.date())}{gap}{first:%H:%M} ",
            last=f"{day_words(last.date())}{gap}{last:%H:%M}",
        )
    )


def slot_words(slot: Slot) -> str:
    """ "09:00–09:30", with its name if it has one, with its day where slots lie on several."""
    said = f"{local(slot.begins_at):%H:%M}–{local(slot.ends_at):%H:%M}"
    return f"{text(slot.name)} {said}" if slot.name else said


def lasting(span: datetime.timedelta) -> str:
    """ "2 天 3 小时", "3 小时 5 分钟", "12 分钟": the two largest parts, rounded down, at least a minute."""
    minutes = max(1, int(span.total_seconds() // 60))
    days, rest = divmod(minutes, MINUTES_OF_DAY)
    hours, minutes = divmod(rest, 60)
    parts = [
        str(words)
        for count, words in (
            (days, _("%(count)s 天", count=days)),
            (hours, _("%(count)s 小时", count=hours)),
            (minutes, _("%(count)s 分钟", count=minutes)),
        )
        if count
    ]
    return " ".join(parts[:2])


def who(terms: Terms, named: Named) -> list[str]:
    """Who may come: the rules that hold for every category, one sentence each."""
    rule = terms.eligibility
    said = []
    if rule.union and "." in rule.union:
        said.append(_("%(union)s的会员可以报", union=text(named(rule.union))))
    if rule.trades:
        said.append(_("这些从业群体可以报：%(groups)s", groups=listed(map(group_words, sorted(rule.trades)))))
    if rule.standings:
        standings = listed(map(standing_words, sorted(rule.standings)))
        said.append(_("会籍是这些的可以报：%(standings)s", standings=standings))
    if rule.sex:
        said.append(_only(rule.sex))
    if ages := age_words(rule.age_from, rule.age_to):
        said.append(_("%(ages)s可以报", ages=ages))
    if rule.level is not None:
        said.append(_("要先参加过“%(series)s”第 %(level)s 级", series=terms.series or "", level=rule.level))
    said.append(_("每人每组只能报一次") if terms.once is Once.CATEGORY else _("每人只能报一次"))
    return list(map(str, said if len(said) > 1 else [_("区里的工会会员都可以报"), *said]))


def category_words(one: Category) -> list[str]:
    """What makes an entry of this category, one short sentence each."""
    said = []
    if one.most > 1:
        both = one.least == one.most
        said.append(
            _("每队 %(count)s 人", count=one.most)
            if both
            else _("每队 %(least)s 到 %(most)s 人", least=one.least, most=one.most)
        )
    if one.men or one.women:
        mixed = _("至少 %(men)s 男 %(women)s 女", men=one.men, women=one.women)
        alone = _("至少 %(men)s 名男会员", men=one.men) if one.men else _("至少 %(women)s 名女会员", women=one.women)
        said.append(mixed if one.men and one.women else alone)
    if one.sex:
        said.append(_only(one.sex))
    if ages := age_words(one.age_from, one.age_to):
        said.append(ages)
    return list(map(str, said)) + companion_words(one)


def companion_words(one: Category) -> list[str]:
    """Whom one may bring."""
    said = []
    if one.guests:
        said.append(_("可带 %(count)s 位家属或朋友", count=one.guests))
    if one.children:
        span = _("%(least)s–%(most)s 岁", least=one.child_from, most=one.child_to)
        said.append(_("可带 %(count)s 名 %(ages)s的孩子", count=one.children, ages=span))
    return list(map(str, said))


def age_words(least: int | None, most: int | None) -> str:
    """ "35–55 岁", "满 18 岁", "60 岁及以下"; nothing where no age is asked."""
    if least is not None and most is not None:
        return str(_("%(least)s–%(most)s 岁", least=least, most=most))
    if least is not None:
        return str(_("满 %(least)s 岁", least=least))
    return str(_("%(most)s 岁及以下", most=most)) if most is not None else ""


def how(event: Event, now: datetime.datetime) -> list[str]:
    """How places are given and given back, one sentence each."""
    terms = event.terms
    said = [_how_given(event, now)]
    if terms.mode is Mode.DRAW:
        said.append(_("没中过的机会更大：近一年同类活动每没中一次多一张签，最多 4 张，中过就从头算"))
        said.append(_("报名结束后用事先封存的种子开奖，种子和号码表都公布，谁都能照着复算"))
    if any(one.most > 1 for one in terms.categories):
        said.append(
            _("您写下队友，各人在自己手机上确认，48 小时内都确认了才算报上")
            if terms.joining is Joining.CONFIRM
            else _("您替队友报上，他们会收到通知，可以自己退出")
        )
    if terms.unit_entry:
        said.append(_("也可以请您单位的工会统一报名"))
    if terms.waiting_most:
        time = kept(terms, now)
        said.append(
            _("满了可以排候补：有人退出就按先后补上，名额给您留 %(time)s", time=time)
            if time
            else _("满了可以排候补：有人退出就按先后补上，补上要马上确认")
        )
    if terms.cancel_until >= terms.opens_at:
        until = moment_words(terms.cancel_until, now) + " "
        said.append(_("%(at)s前可以自己取消；之后取消、又没人补上，算一次爽约", at=until))
    if terms.walk_ins:
        said.append(_("现场有空位，也可以当场报"))
    return list(map(str, said))


def _how_given(event: Event, now: datetime.datetime) -> str:
    terms = event.terms
    if terms.mode is Mode.DRAW:
        return str(_("摇号：报名时间里先报后报机会一样"))
    if terms.mode is Mode.APPROVAL:
        return str(_("审核：主办方看过报名后决定，结果发消息告诉您"))
    if not terms.waves:
        return str(_("先到先得"))
    said = listed(
        str(_("%(at)s放 %(count)s 个", at=moment_words(wave.at, now) + " ", count=wave.places))
        for wave in sorted(terms.waves, key=lambda wave: wave.at)
    )
    return str(_("先到先得，分批放名额，倒班的也赶得上：%(waves)s", waves=said))


def quota_name(event: Event, quota: Quota, named: Named) -> str:
    """Whom a quota counts, for whoever may be one of them: "男双", "09:00–09:30", "柳渡镇总工会的会员"."""
    terms = event.terms
    if quota.name:
        return text(quota.name)
    match quota.kind:
        case QuotaKind.CATEGORY:
            category = rules.category_of(terms, quota.category or 0)
            return text(category.name) if category else ""
        case QuotaKind.SLOT:
            slot = rules.slot_of(terms, quota.slot or 0)
            return slot_words(slot) if slot else ""
        case QuotaKind.UNION:
            return str(_("%(union)s的会员", union=text(named(quota.union)))) if quota.union else ""
        case QuotaKind.SEX:
            return str(_("男会员") if quota.sex is Sex.MALE else _("女会员"))
        case QuotaKind.AGE:
            return age_words(*quota.ages) if quota.ages else ""
        case QuotaKind.TRADE:
            return listed(map(group_words, sorted(quota.trades)))
        case _:
            return str(_("全部"))


def counted(quota: Quota, count: int) -> str:
    """ "14 个名额" of people, "14 队" of entries."""
    return str(_("%(count)s 队", count=count) if quota.unit is Unit.ENTRIES else _("%(count)s 个名额", count=count))


def steps(event: Event, now: datetime.datetime) -> list[tuple[str, str]]:
    """What happens next, in order: a heading and when or how."""
    terms = event.terms
    opens = moment_words(terms.opens_at, now)
    until = _("%(at)s截止", at=moment_words(terms.closes_at, now) + " ")
    said = [(_("报名"), until if now >= terms.opens_at else _("%(at)s开始", at=opens + " "))]
    if terms.mode is Mode.DRAW:
        said.append((_("摇号"), _("截止后摇，结果发消息")))
    elif terms.mode is Mode.APPROVAL:
        said.append((_("审核"), _("通不通过都发消息，不通过说明原因")))
    else:
        said.append((_("收到确认消息"), _("报上就发，在“消息”里能看到")))
    said.append((_("提醒"), _("前一天晚上和开始前两小时各提醒一次")))
    said.append((_("现场签到"), _("出示会员码，或扫现场的签到码")))
    return [(str(head), str(rest)) for head, rest in said]


def listed(words: Iterable[str]) -> str:
    return str(_("、")).join(words)


def several_days(slots: Sequence[Slot]) -> bool:
    return len({local_date(slot.begins_at) for slot in slots}) > 1


def _only(sex: Sex) -> str:
    return str(_("限男会员") if sex is Sex.MALE else _("限女会员"))
