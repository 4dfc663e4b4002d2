"""The frame of every desk page: whose desk it is, and what the officer may open."""

from typing import Any, NamedTuple

from flask import current_app, render_template, url_for
from flask_babel import lazy_gettext as _

from app import permissions
from services.accounts import queries as accounts
from services.accounts.types import Capability, OfficerActor
from services.core import clock
from services.events.queries import duties
from services.notifications import queries as notifications
from services.notifications.types import Recipient, RecipientKind
from services.reports import tasks
from services.unions import queries as unions
from services.unions.types import UnionView


class Entry(NamedTuple):
    """One line of the side: where it leads, and who sees it."""

    endpoint: str
    icon: str
    text: Any
    capability: Capability | None = None

    @property
    def alone(self) -> bool:
        """Has its blueprint to itself: every page of that belongs here."""
        return self.endpoint.partition(".")[0] not in ("staff", "staff_officers")


SIDE = (
    Entry("staff.day", "chart", _("每天核销"), Capability.SEE_DAY),
    Entry("staff_figures.figures", "chart", _("优惠数据"), Capability.SEE_DAY),
    Entry("tray.requests", "check", _("待我审批"), Capability.DECIDE_BINDINGS),
    Entry("staff_tasks.tasks", "check", _("待办"), Capability.MANAGE_EVENTS),
    Entry("staff_corrections.corrections", "file", _("更正申请"), Capability.EDIT_MEMBERS),
    Entry("staff_members.members", "search", _("会员管理"), Capability.SEE_MEMBERS),
    Entry("staff_roster.imports", "file", _("导入会员"), Capability.IMPORT_ROSTER),
    Entry("staff_unions.unions", "home", _("工会"), Capability.SEE_MEMBERS),
    Entry("staff_prints.prints", "file", _("打印"), Capability.PRINT),
    Entry("staff.inbox", "bell", _("通知")),
    Entry("staff_notices.notices", "text", _("通知会员"), Capability.SEND_NOTICES),
    Entry("staff_events.all_events", "event", _("活动"), Capability.MANAGE_EVENTS),
    Entry("staff_event_units.events", "file", _("单位报名"), Capability.ENTER_MEMBERS),
    Entry("staff_door.doors", "scan", _("活动签到"), Capability.MANAGE_EVENTS),
    Entry("staff_shops.shops", "shop", _("商户管理"), Capability.MANAGE_SHOPS),
    Entry("staff_offers.offers", "deal", _("商户优惠"), Capability.MANAGE_SHOPS),
    Entry("staff_complaints.complaints", "warn", _("会员反馈"), Capability.MANAGE_SHOPS),
    Entry("staff_receipts.receipts", "bill", _("核销凭据"), Capability.MANAGE_SHOPS),
    Entry("staff_signals.signals", "search", _("值得看一眼"), Capability.MANAGE_SHOPS),
    Entry("staff_officers.officers", "shield", _("干部"), Capability.INVITE_OFFICERS),
    Entry("staff_channels.channels", "cog", _("消息渠道"), Capability.MANAGE_CHANNELS),
    Entry("staff_audit.acts", "shield", _("审计"), Capability.SEE_AUDIT),
    Entry("staff_officers.own_roles", "me", _("我的职责")),
)
"""What there is, in the order of the side; the first that an officer may open is his home."""


def address(endpoint: str, **values: Any) -> str | None:
    """Where that page is; None in a house that has none."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def officer() -> OfficerActor:
    return permissions.caller(OfficerActor)


def side() -> list[Entry]:
    """What the calling officer may open."""
    return [entry for entry in SIDE if entry.capability is None or officer().scopes(entry.capability)]


def own_union() -> UnionView:
    """The union whose desk this is: the top of the officer's first grant."""
    return unions.at(officer().grants[0].scope)


def inbox_of(union: UnionView) -> Recipient:
    return Recipient(RecipientKind.UNION, union.id)


def _tasks_waiting() -> int:
    """The number at the entry of the tasks; no statement for whoever has none."""
    now, shops, events = (
        clock.now(),
        officer().scopes(Capability.MANAGE_SHOPS),
        officer().scopes(Capability.MANAGE_EVENTS),
    )
    return (tasks.count(scopes=shops, now=now) if shops else 0) + (
        duties.count(scopes=events, now=now) if events else 0
    )


def page(template: str, union: UnionView | None = None, **values: Any) -> str:
    """Renders a template that extends desk.html."""
    union = union or own_union()
    return render_template(
        template,
        officer_name=accounts.display_name(officer().account_id),
        union=union,
        unread=notifications.unread(inbox_of(union)),
        tasks_waiting=_tasks_waiting(),
        side=[entry for entry in side() if entry.endpoint in current_app.view_functions],
        **values,
    )
