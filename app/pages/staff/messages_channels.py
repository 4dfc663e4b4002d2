"""The channels of this installation: set up or not, paused or not, what waits, and the last hour."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app import message_desk, permissions
from app.channels import channels as installed
from app.pages.paths import see_other
from app.pages.staff import desk, messages_words
from app.throttle import WRITE, limiter
from services.accounts.types import Capability
from services.core import clock
from services.core.transaction import in_transaction
from services.notifications import backlog, figures, mapping
from services.notifications.notices import mass
from services.notifications.reach import LOCAL
from services.notifications.types import Channel, Language

blueprint = Blueprint("staff_channels", __name__, template_folder="..")

SUBJECT_MOST = 64


@blueprint.get("")
def channels() -> ResponseReturnValue:
    """Every channel there can be, with what it lacks here and what stands in its way now."""
    permissions.scopes(Capability.MANAGE_CHANNELS)
    now, here = clock.now(), installed().providers
    hours = figures.hours(now=now)
    return desk.page(
        "staff/messages_channels.html",
        channels=list(Channel),
        providers=here,
        local={channel for channel, provider in here.items() if provider.startswith(LOCAL)},
        backlog=backlog.backlog(now=now),
        last=hours[-2:],
        mapped={key[:2] for key in mapping.in_force(here) if key[2] is Language.ZH},
        mass=mass.CHANNEL,
        has_mass=installed().mass is not None,
        layouts={channel: mapping.layouts(channel) for channel in Channel},
        late=backlog.LATE,
        now=now,
        words=messages_words,
    )


@blueprint.post("/resume")
@limiter.limit(WRITE)
def resume() -> ResponseReturnValue:
    """The cause is mended: what waits goes out again. Nothing was paused any more: the same page."""
    permissions.scopes(Capability.MANAGE_CHANNELS)
    channel, subject = request.form.get("channel", ""), request.form.get("subject", "")[:SUBJECT_MOST]
    in_transaction(lambda: message_desk.resume(channel, subject, now=clock.now()))
    return see_other("staff_channels.channels", resumed=1)
