"""The worker's part in officers' notices: what is due begins, the mass message goes out, what is done is closed."""

from functools import partial

import structlog
from flask import current_app

from app.channels import channels
from services.core import clock
from services.core.transaction import in_transaction
from services.notifications.notices import mass, sending
from services.notifications.notices.types import NoticeId, NoticeView, State

log = structlog.get_logger("gonghui.worker")


def spread(notice_id: NoticeId) -> None:
    """Into the inboxes, if it is due and not there yet; then the mass message, call by call. Fine to run twice."""
    above, port = current_app.config["SETTINGS"].notice_second_above, channels().mass
    notice: NoticeView = in_transaction(
        lambda: sending.start(notice_id=notice_id, above=above, with_mass=port is not None, now=clock.now())
    )
    if notice.mass and notice.state is State.SENDING and port:
        while _call(notice, port):
            pass


def finish(notice_id: NoticeId) -> None:
    in_transaction(lambda: sending.finish(notice_id=notice_id, now=clock.now()))


def go_on(timestamp: int) -> None:
    """Begins what is scheduled for now, takes up what a killed worker left, closes what is done.

    The messages themselves go on with the chore `sweep`. One notice that fails does not keep the others.
    """
    for notice_id in in_transaction(lambda: sending.due(now=clock.now())):
        try:
            spread(notice_id)
            finish(notice_id)
        except Exception as error:
            log.warning("notice failed", notice=str(notice_id), error=type(error).__name__)
    in_transaction(lambda: sending.tidy(now=clock.now()))


def _call(notice: NoticeView, port: mass.Port) -> bool:
    """One call of the mass message, if one may go out now; the database is let go of before it."""
    address = f"{current_app.config['SETTINGS'].public_url}/inbox"
    text = f"{notice.title['zh']}\n{address}"
    call = in_transaction(partial(mass.lease, notice_id=notice.id, appid=port.provider, text=text, now=clock.now()))
    if call is None:
        return False
    said = mass.send(port, call)
    in_transaction(partial(mass.record, call, said, now=clock.now()))
    return True
