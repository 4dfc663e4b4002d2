"""A member's messages: the list, what was put away, and one message on its own page, where every link leads."""

import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.links import opens
from app.pages.paths import newest_shown, page_asked, see_other
from app.retention import inbox_kept
from app.throttle import WRITE, limiter
from services.accounts import queries as accounts
from services.accounts.types import MAY, Capability, ClerkActor, MemberActor, OfficerActor
from services.core import clock
from services.core.calendar import DAY, local_date
from services.core.errors import NotFound
from services.core.transaction import in_transaction
from services.notifications import queries, service
from services.notifications.errors import MESSAGE_UNKNOWN
from services.notifications.templates import TEMPLATES
from services.notifications.types import Channel, Group, InboxItem, Recipient, RecipientKind
from services.unions import queries as unions

blueprint = Blueprint("inbox", __name__, template_folder="..")
message = Blueprint("message", __name__, template_folder="..")

ICONS = {
    Group.SAFETY: "shield", Group.CARD: "bill", Group.ANSWERS: "check", Group.EVENTS: "clock",
    Group.NOTICES: "bell", Group.DUTY: "file",
}  # fmt: skip


@blueprint.get("/inbox")
def messages() -> ResponseReturnValue:
    return _list("member/inbox.html", archived=False)


@blueprint.get("/inbox/archive")
def archived() -> ResponseReturnValue:
    return _list("member/inbox_archive.html", archived=True)


@blueprint.post("/inbox/read")
@limiter.limit(WRITE)
def mark_read() -> ResponseReturnValue:
    """What was shown has been seen. What was told meanwhile has not."""
    recipient, newest = own(), newest_shown()
    in_transaction(lambda: service.mark_read(recipient, now=clock.now(), newest=newest))
    return see_other("inbox.messages")


@blueprint.post("/inbox/<uuid:inbox_id>/archive")
@limiter.limit(WRITE)
def archive(inbox_id: UUID) -> ResponseReturnValue:
    recipient = own()
    in_transaction(lambda: service.archive(recipient, inbox_id=inbox_id, now=clock.now()))
    return see_other("inbox.messages")


@blueprint.post("/inbox/<uuid:inbox_id>/bring-back")
@limiter.limit(WRITE)
def bring_back(inbox_id: UUID) -> ResponseReturnValue:
    recipient = own()
    in_transaction(lambda: service.bring_back(recipient, inbox_id=inbox_id))
    return see_other("message.one", inbox_id=inbox_id)


@message.get("/inbox/<uuid:inbox_id>")
def one(inbox_id: UUID) -> ResponseReturnValue:
    """Where a WeChat message and an SMS lead: a member's own, or one to the union of an officer. Changes nothing."""
    recipient, item = _readable(inbox_id)
    values: dict[str, Any] = {
        "item": item,
        "mine": recipient.kind is RecipientKind.MEMBER,
        "opens": opens(item),
        "place": TEMPLATES[item.template].opens,
        "picture": ICONS[TEMPLATES[item.template].group],
        "until": local_date(item.created_at + inbox_kept()),
        **_ways(item),
    }
    return render_template("member/inbox_one.html", **values)


@message.post("/inbox/<uuid:inbox_id>/read")
@limiter.limit(WRITE)
def read(inbox_id: UUID) -> ResponseReturnValue:
    """Sent by the page's script once it is shown, or by its button."""
    recipient, _ = _readable(inbox_id)
    in_transaction(lambda: service.mark_one_read(recipient, inbox_id=inbox_id, now=clock.now()))
    return see_other("message.one", inbox_id=inbox_id)


def own() -> Recipient:
    return Recipient(RecipientKind.MEMBER, permissions.caller(MemberActor).member_id)


def _list(template: str, *, archived: bool) -> str:
    page = queries.inbox(own(), page_asked(), archived=archived)
    today = local_date(clock.now())
    days = [(_day(day, today), list(items)) for day, items in groupby(page.items, _told_on)]
    pictures = {item.id: ICONS[TEMPLATES[item.template].group] for item in page.items}
    kept = inbox_kept().days
    return render_template(template, page=page, days=days, pictures=pictures, kept=kept, cursor=_cursor())


def _cursor() -> str:
    return request.args.get("cursor", "")


def _told_on(item: InboxItem) -> datetime.date:
    return local_date(item.created_at)


def _day(day: datetime.date, today: datetime.date) -> tuple[str, datetime.date]:
    """today, yesterday or day; the template has the words."""
    return {today: "today", today - DAY: "yesterday"}.get(day, "day"), day


def _readable(inbox_id: UUID) -> tuple[Recipient, InboxItem]:
    """Raises NotFound(message_unknown) for somebody else's. An officer reads what his role is told."""
    actor, theirs = g.actor, []
    if isinstance(actor, MemberActor):
        theirs = [own()]
    elif isinstance(actor, ClerkActor):
        theirs = [Recipient(RecipientKind.BRANCH, actor.branch_id)]
    found = queries.message(theirs, inbox_id) if theirs else None
    return found or _of_union(inbox_id)


def _of_union(inbox_id: UUID) -> tuple[Recipient, InboxItem]:
    actor = g.actor
    officer = actor if isinstance(actor, OfficerActor) else None
    if isinstance(actor, MemberActor):
        officer = accounts.officer(actor.account_id, on=local_date(clock.now()))
    roles: dict[UUID, set[Capability]] = {}
    for grant in officer.grants if officer else ():
        roles.setdefault(unions.at(grant.scope).id, set()).update(MAY[grant.role])
    found = queries.message([Recipient(RecipientKind.UNION, union) for union in roles], inbox_id) if roles else None
    if found is None or TEMPLATES[found[1].template].capability not in {None, *roles[found[0].id]}:
        raise NotFound(MESSAGE_UNKNOWN)
    return found


def _ways(item: InboxItem) -> dict[str, bool]:
    """What is said of its way: that it went to WeChat, or by SMS."""
    by = queries.went_out_by(item.id)
    return {"by_wechat": any(channel.of_wechat for channel in by), "by_sms": Channel.SMS in by}
