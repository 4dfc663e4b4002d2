"""The channel of a machine without WeChat or SMS: a line in the worker's log."""

import structlog

from services.notifications.ports import Outgoing

log = structlog.get_logger("gonghui.console")


class Console:
    name = "console"
    repeats_safely = False

    def send(self, outgoing: Outgoing) -> None:
        log.info("told", delivery=str(outgoing.id), title=outgoing.title)
