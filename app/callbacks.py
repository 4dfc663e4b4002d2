"""What outsiders told us is worked on here, off the request: at once by a job, and again by a chore."""

import functools
import uuid
from collections.abc import Callable
from typing import Any

import structlog

from services.core import clock
from services.core.transaction import in_transaction
from services.notifications.service import callbacks, following, settling
from services.notifications.service.callbacks import CallbackId, Handlers
from services.notifications.sms import settling as sms_settling
from services.notifications.work import CallbackKept

log = structlog.get_logger("gonghui.worker")
HANDLERS: Handlers = {**following.HANDLERS, **settling.HANDLERS, **sms_settling.HANDLERS}
"""Who works on which event; what nobody works on is not kept."""


def work(*, message_id: str, payload: dict[str, Any]) -> None:
    """Works on what was kept. It may run twice: then it is done."""
    _work(CallbackId(uuid.UUID(payload["callback_id"])))


def hear_again(timestamp: int) -> None:
    """Looks again at what was not ready. What breaks is put off like the rest, and does not keep it."""
    for callback_id in in_transaction(lambda: callbacks.due(now=clock.now())):
        try:
            _work(callback_id)
        except Exception as error:
            log.warning("callback failed", callback=str(callback_id), error=type(error).__name__)
            in_transaction(functools.partial(callbacks.postpone, callback_id=callback_id, now=clock.now()))


def let_go(timestamp: int) -> None:
    """Nobody gets the notices of an account that was unbound."""
    in_transaction(following.let_go)


def _work(callback_id: CallbackId) -> None:
    in_transaction(lambda: callbacks.work(callback_id=callback_id, handlers=HANDLERS, now=clock.now()))


JOBS: dict[str, Callable[..., None]] = {CallbackKept.topic: work}
"""What the worker runs for what came from outside, by topic."""
