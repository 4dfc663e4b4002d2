"""The entries of an event as a sheet. Each is kept on record, and phones in full as looks."""

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app import event_sheet
from app.pages.staff import desk
from app.pages.staff.events import seen
from app.throttle import WRITE, limiter
from services.core import clock
from services.members.types import LookReason

blueprint = Blueprint("staff_event_export", __name__, template_folder="..")

CLEAR = frozenset(LookReason) - {LookReason.OTHER}


@blueprint.post("/<uuid:event_id>/signups/export")
@limiter.limit(WRITE)
def sheet(event_id: UUID) -> ResponseReturnValue:
    """All entries, whatever became of them. With `phones`, a reason, those of the officer's own members in full."""
    given = request.form.get("phones", "")
    reason = LookReason(given) if given in CLEAR else None
    return event_sheet.sheet(seen(event_id), officer=desk.officer(), reason=reason, now=clock.now())
