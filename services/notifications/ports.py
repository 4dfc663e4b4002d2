"""What a channel must be able to do. One module a channel beside this one."""

from dataclasses import dataclass
from typing import Protocol

from services.notifications.types import DeliveryId


@dataclass(frozen=True)
class Outgoing:
    """What leaves the house: an id to recognise a repeat by, and a text fit for a lock screen."""

    id: DeliveryId
    title: str


TIMEOUT = 5.0
"""Seconds. Every channel gives up by then, retries of its own included: service.LEASE counts on it."""


class Port(Protocol):
    """`send` returns when the channel has taken the message and raises when it has not, within TIMEOUT."""

    name: str
    #: whether the channel recognises an id it has had: then a send whose answer was lost may be repeated
    repeats_safely: bool

    def send(self, outgoing: Outgoing) -> None: ...
