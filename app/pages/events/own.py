"""A member's own entry: where it stands, what to do next, until when."""

import datetime
from dataclasses import dataclass, replace

from flask_babel import gettext as _

from app.language import text
from app.pages.events import words
from app.pages.events.face import Face, Pill
from services.events import rules, showing
from services.events.types import ACTIVE, Event, Mode, PersonView, Phase, Presence, RefusedFor, Signup, State


@dataclass(frozen=True)
class Doing:
    """What this member may do with the entry now."""

    accept: bool = False
    decline: bool = False
    cancel: bool = False
    join: bool = False
    #: somebody else has entered this member, who has not said yes himself yet
    agree: bool = False
    turn_down: bool = False
    #: cancelling now is late, and so it will be after taking a place now
    late: bool = False


def me_of(signup: Signup, member_id: object) -> PersonView | None:
    return next((one for one in signup.people if one.member_id == member_id), None)


def doing(event: Event, signup: Signup, member_id: object, now: datetime.datetime) -> Doing:
    """The services say the same."""
    me = me_of(signup, member_id)
    if signup.state not in ACTIVE or me is None or now >= event.terms.starts_at:
        return Doing()
    captain, invited = signup.captain_id == member_id, me.presence is Presence.INVITED
    offered = signup.state is State.OFFERED and signup.due_at is not None and signup.due_at > now
    return Doing(
        accept=captain and offered,
        decline=captain and offered,
        cancel=captain and signup.state is not State.OFFERED,
        join=invited,
        agree=me.presence is Presence.IN
        and not (me.agreed or me.checked_in_at)
        and signup.state in (State.CONFIRMED, State.FORMING, State.ENTERED),
        turn_down=not captain and me.presence is not Presence.DECLINED,
        late=now > free_until(event, signup) and _costs(signup, captain, me),
    )


def _costs(signup: Signup, captain: bool, me: PersonView) -> bool:
    """Is it a miss to let go now that it is late, or to take a place and then let go?"""
    if captain and signup.state is State.OFFERED:
        return True
    stands = signup.state is State.CONFIRMED or (captain and signup.state is State.FORMING and signup.stood)
    return stands and me.agreed


def free_until(event: Event, signup: Signup) -> datetime.datetime:
    """Until when letting go of this entry costs nothing."""
    placed = signup.state is State.CONFIRMED and not signup.stood
    return rules.free_until(event.terms, signup.changed_at if placed else None)


def face(event: Event, signup: Signup, member_id: object, now: datetime.datetime) -> Face:
    """The state in one sentence, with what comes next."""
    me = me_of(signup, member_id)
    invited = me is not None and me.presence is Presence.INVITED and signup.state in ACTIVE
    if me is not None and me.presence is Presence.DECLINED:
        return Face(Pill("", "info", _("不参加")), _("您没有参加这一队"))
    if invited and now < event.terms.starts_at:
        return _invited(signup, now)
    if signup.state is State.OFFERED and signup.due_at is not None and signup.due_at <= now:
        return _ended(event, replace(signup, state=State.LAPSED), member_id)
    if signup.state in (State.OFFERED, State.FORMING):
        return _in_time(signup, now)
    if signup.state is State.CONFIRMED:
        return _confirmed(event, signup, me, now)
    if signup.state in ACTIVE:
        return _undecided(event, signup, now)
    return _ended(event, signup, member_id)


def replaced() -> Face:
    """Of whoever was asked, until the captain named somebody else."""
    said = [_("报名的人另请了一位，这不影响您自己报名。")]
    return Face(Pill("", "info", _("换了人")), _("名单换了人，您不用再确认"), said=said)


def _invited(signup: Signup, now: datetime.datetime) -> Face:
    captain = next((one.name for one in signup.people if one.member_id == signup.captain_id), "")
    due = _by(signup.due_at, now)
    said = [_("参加就点“我参加”，不参加就点“我不参加”，都不影响您自己另外报名。")]
    if due:
        said.insert(0, due)
    title = _("%(name)s 邀您一起报名", name=captain)
    return Face(Pill("info", "me", _("等您确认")), title, said=said, act=_("去确认"))


def _in_time(signup: Signup, now: datetime.datetime) -> Face:
    due = _by(signup.due_at, now)
    soon = signup.due_at if signup.due_at and signup.due_at - now <= datetime.timedelta(hours=1) else None
    if signup.state is State.OFFERED:
        said = [due, _("过时不确认，名额就给下一位。")]
        return Face(Pill("warn", "clock", _("等您确认")), _("候补到了，名额给您留着"), said=said, turns_at=soon,
                    act=_("去确认"))  # fmt: skip
    waits = sum(one.presence is not Presence.IN for one in signup.people)
    said = [due, _("名额先给你们留着。有人不参加，可以换一位。")]
    return Face(Pill("info", "clock", _("等队友确认")), _("还有 %(count)s 位队友没确认", count=waits), said=said)


def _confirmed(event: Event, signup: Signup, me: PersonView | None, now: datetime.datetime) -> Face:
    terms, number = event.terms, _("报名号 %(number)s", number=signup.number)
    phase = rules.phase(event, now)
    if me and me.checked_in_at:
        at = words.moment_words(me.checked_in_at, now)
        return Face(Pill("ok", "check", _("已签到")), _("%(at)s 签到", at=at), number)
    if phase is Phase.OVER:
        return Face(Pill("", "info", _("没有签到")), _("活动结束了"), number)
    slot = rules.slot_of(terms, signup.slot or 0)
    begins = words.moment_words(slot.begins_at if slot else terms.starts_at, now)
    if now >= terms.starts_at:
        return Face(
            Pill("ok", "check", _("已报上")), _("现在可以签到"), number, said=[_CHECK_IN()], act=_("出示会员码")
        )
    free = free_until(event, signup)
    until = words.moment_words(free, now)
    keep = (
        _("去不了，请在%(at)s前取消，名额给别的工友。", at=words.within(until))
        if now <= free
        else _("取消期限已过。实在去不了也请取消：有人补上，就不算爽约。")
    )
    title = _("%(at)s，%(place)s", at=begins, place=text(terms.place))
    return Face(Pill("ok", "check", _("已报上")), title, number, said=[_CHECK_IN(), keep])


def _CHECK_IN() -> str:  # noqa: N802
    return str(_("现场出示会员码，或扫现场的签到码。"))


def _undecided(event: Event, signup: Signup, now: datetime.datetime) -> Face:
    number = _("报名号 %(number)s", number=signup.number)
    closes = words.moment_words(event.terms.closes_at, now)
    if signup.state is State.WAITING:
        place = showing.place_shown(event.private, signup.position)
        title = _("候补中，您排第 %(place)s 位", place=place) if place else _("候补中")
        few = _("前面不到 %(count)s 份。", count=showing.FEW) if signup.position and not place else ""
        passed = event.terms.mode is Mode.APPROVAL
        said = [
            _("审核通过了，只是名额满了，按通过的先后补。") if passed else "",
            _("前面最多 %(count)s 份。", count=place - 1) if place and place > 1 else few,
            _kept(event, now),
        ]
        return Face(Pill("warn", "queue", _("候补中")), title, said=said)
    if signup.state is State.ENTERED:
        tickets = _("您有 %(count)s 张签。", count=signup.tickets or 1)
        more = _("以前没中过，所以多几张。") if (signup.tickets or 1) > 1 else ""
        said = [tickets + more, _("结果会发消息；号码表和种子都公布，您能查到自己的号。")]
        return Face(Pill("info", "draw", _("等摇号")), _("%(at)s 截止后摇号", at=closes), number, said=said)
    said = [_("主办方看过后，通不通过都会发消息。")]
    return Face(Pill("info", "clock", _("等审核")), _("已交给主办方审核"), number, said=said)


def _kept(event: Event, now: datetime.datetime) -> str:
    if kept := words.kept(event.terms, now):
        return str(_("轮到您会发消息，名额给您留 %(time)s，到时来这里确认。", time=kept))
    return str(_("轮到您会发消息，请马上来这里确认，晚了就给下一位。"))


def _ended(event: Event, signup: Signup, member_id: object) -> Face:
    state = signup.state
    if state in (State.REFUSED, State.REMOVED):
        words_of = {State.REFUSED: _("审核没有通过"), State.REMOVED: _("主办方取消了这份报名")}
        # What was written may be of the captain's papers, or his health: it is not his mates' business.
        said = [reason_words(signup.reason), (signup.note or "") if signup.captain_id == member_id else ""]
        return Face(
            Pill("bad", "warn", _("未通过") if state is State.REFUSED else _("已取消")), words_of[state], said=said
        )
    if state is State.CALLED_OFF:
        return Face(Pill("bad", "warn", _("活动取消")), _("这个活动取消了"), said=[event.cancelled_note or ""])
    if state is State.LAPSED and not signup.offered and all(one.presence is Presence.IN for one in signup.people):
        # Nobody was late: the line, or the order of the draw, has not come to them.
        return Face(
            Pill("", "info", _("没轮到")), _("这次没有摇中，候补也没轮到") if signup.tickets else _("候补没有轮到您")
        )
    captain = signup.captain_id == member_id
    titles = {
        State.CANCELLED: (_("已取消"), _("您取消了这份报名") if captain else _("报名的人取消了这份报名")),
        State.DECLINED: (_("已放弃"), _("您放弃了候补到的名额") if captain else _("报名的人放弃了候补到的名额")),
        State.LAPSED: (_("已过期"), _("没有在时限内确认，名额给了别人")),
    }
    pill, title = titles.get(state, (_("已结束"), _("这份报名结束了")))
    return Face(Pill("", "info", pill), title)


def reason_words(reason: str | None) -> str:
    said = {
        RefusedFor.FULL: _("名额已满。"),
        RefusedFor.CONDITIONS: _("不符合这次活动的条件。"),
        RefusedFor.PAPERS: _("材料不全。"),
        RefusedFor.TWICE: _("已经参加过同类活动，这次先给没参加过的工友。"),
    }
    return str(said.get(RefusedFor(reason), "")) if reason and reason in set(RefusedFor) else ""


def _by(due_at: datetime.datetime | None, now: datetime.datetime) -> str:
    """ "请在今天 20:00 前确认，还有 3 小时 5 分钟。"."""
    if due_at is None or due_at <= now:
        return ""
    at = words.moment_words(due_at, now)
    return str(_("请在%(at)s前确认，还有 %(time)s。", at=words.within(at), time=words.lasting(due_at - now)))
