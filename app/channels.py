"""The channels of this installation, put together from the settings; and the threads that call them."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

from flask import Flask, current_app

from app.settings import Settings
from services.core import clock
from services.core.transaction import in_transaction
from services.notifications.local import LocalPort
from services.notifications.ports import Port
from services.notifications.types import Channel


@dataclass(frozen=True)
class Channels:
    """`ports`: what can be sent on here. Without WeChat or SMS in development the local platform takes their place."""

    ports: Mapping[Channel, Port]
    pool: Executor

    @property
    def providers(self) -> dict[Channel, str]:
        return {channel: port.provider for channel, port in self.ports.items()}

    @property
    def repeats_safely(self) -> dict[Channel, bool]:
        return {channel: port.repeats_safely for channel, port in self.ports.items()}


def register(app: Flask, settings: Settings) -> None:
    # Threads are made when the first work comes: the web process never sends.
    pool = ThreadPoolExecutor(settings.sends_in_flight, thread_name_prefix="send")
    app.extensions["channels"] = Channels(_ports(app, settings), pool)


def channels() -> Channels:
    return cast("Channels", current_app.extensions["channels"])


def _ports(app: Flask, settings: Settings) -> dict[Channel, Port]:
    if settings.env != "development":
        return {}
    return {
        channel: LocalPort(channel, transact=_transact(app), clock=lambda: clock.now())  # noqa: PLW0108 - tests set it
        for channel in Channel
    }


def _transact(app: Flask) -> Callable[[Callable[[], Any]], Any]:
    """A transaction for a thread of the pool: each has a context, and so a session, of its own."""

    def run(work: Callable[[], Any]) -> Any:
        with app.app_context():
            return in_transaction(work)

    return run
