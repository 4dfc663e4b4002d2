"""What waits for an officer who looks after shops or puts on events, each with the page on which it is done."""

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app import permissions
from app.pages.staff import desk
from services.accounts.types import Capability
from services.core import clock
from services.core.calendar import local_date
from services.events.queries import duties
from services.events.types import Mode
from services.reports import tasks as reports
from services.reports.tasks import Task, TaskKind

blueprint = Blueprint("staff_tasks", __name__, template_folder="..")

MENDED_AT = {
    TaskKind.DISPUTE: ("staff_receipts.one", "redemption_id"),
    TaskKind.COMPLAINT: ("staff_complaints.one", "complaint_id"),
    TaskKind.ENDED: ("staff_shops.shop", "merchant_id"),
    TaskKind.ENDING: ("staff_agreements.renew_form", "merchant_id"),
    TaskKind.OFFER: ("staff_offer_drafts.preview", "offer_id"),
    TaskKind.SUSPENDED: ("staff_offers.of_shop", "merchant_id"),
}
DONE_AT = {Mode.APPROVAL: "staff_event_live.live", Mode.DRAW: "staff_event_draw.draw"}


@blueprint.get("")
def tasks() -> ResponseReturnValue:
    now, events = clock.now(), permissions.scopes(Capability.MANAGE_EVENTS)
    shops = desk.officer().scopes(Capability.MANAGE_SHOPS)
    lines = [(task, _link(task)) for task in (reports.tasks(scopes=shops, now=now) if shops else ())]
    due = [
        (duty, desk.address(DONE_AT[duty.mode], event_id=duty.event_id))
        for duty in duties.duties(scopes=events, now=now)
    ]
    return desk.page(
        "staff/tasks.html", lines=lines, kinds=TaskKind, today=local_date(now), due=due, modes=tuple(DONE_AT)
    )  # fmt: skip


def _link(task: Task) -> str:
    endpoint, name = MENDED_AT[task.kind]
    values: dict[str, Any] = {name: task.subject_id}
    return desk.address(endpoint, **values) or ""
