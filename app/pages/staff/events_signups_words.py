"""Words of entries on an officer's desk."""

from typing import Any

from flask_babel import lazy_gettext as _

from services.events.service.entering import Verdict
from services.events.types import RefusedFor, Role, State

STATES: dict[State, tuple[str, str, Any]] = {
    State.APPLIED: ("info", "file", _("等审核")),
    State.CONFIRMED: ("ok", "check", _("已报上")),
    State.FORMING: ("info", "clock", _("等队友确认")),
    State.OFFERED: ("warn", "clock", _("候补到位，等确认")),
    State.WAITING: ("warn", "queue", _("候补")),
    State.ENTERED: ("info", "draw", _("等摇号")),
    State.CANCELLED: ("line", "del", _("本人取消")),
    State.DECLINED: ("line", "del", _("放弃了候补名额")),
    State.LAPSED: ("line", "clock", _("没轮到，或没按时确认")),
    State.REFUSED: ("bad", "warn", _("审核没通过")),
    State.REMOVED: ("bad", "warn", _("主办方取消")),
    State.CALLED_OFF: ("line", "warn", _("活动取消")),
}
"""Tone, icon and words, in the order in which they are listed."""
REASONS: dict[RefusedFor, Any] = {
    RefusedFor.FULL: _("名额已满"),
    RefusedFor.CONDITIONS: _("不符合条件"),
    RefusedFor.PAPERS: _("材料不全"),
    RefusedFor.TWICE: _("已参加过同类活动"),
    RefusedFor.OTHER: _("其他"),
}
ROLES: dict[Role, Any] = {Role.MEMBER: _("会员"), Role.GUEST: _("家属、朋友"), Role.CHILD: _("孩子")}
VERDICTS: dict[Verdict, Any] = {
    Verdict.FOUND: _("可以报"),
    Verdict.NOBODY: _("您管的单位里没有找到，请核对姓名和手机号"),
    Verdict.SEVERAL: _("有几位同名，请写上手机号"),
    Verdict.PHONE: _("手机号写得不对，要 11 位数字"),
    Verdict.TWICE: _("上面已经写过这一位"),
    Verdict.ALREADY: _("已经报过名了"),
    Verdict.NOT_ELIGIBLE: _("不能报"),
}
