"""Channels that take what they are told to take, in the place of the outsiders."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping

import pytest
from flask import Flask

from services.notifications.ports import Outgoing, Port, Result
from services.notifications.types import Channel, DeliveryStatus

Answer = Callable[[Outgoing], Result]


def took(outgoing: Outgoing) -> Result:
    """The channel has it, and calls it by a number of its own."""
    return Result(outgoing.id, DeliveryStatus.SENT, provider_id=f"msg-{outgoing.id.hex[-8:]}")


class Fake:
    """Remembers what it was given; `answer` says what becomes of it."""

    def __init__(self, channel: Channel, *, provider: str, repeats_safely: bool = False, answer: Answer = took) -> None:
        self.channel, self.provider, self.repeats_safely = channel, provider, repeats_safely
        self.answer = answer
        self.got: list[Outgoing] = []

    def send(self, outgoing: Outgoing) -> Result:
        self.got.append(outgoing)
        return self.answer(outgoing)


Use = Callable[..., Mapping[Channel, Port]]


@pytest.fixture
def use(app: Flask) -> Iterator[Use]:
    """Puts these ports in the place of the installation's channels until the test ends."""
    usual = app.extensions["channels"]

    def put(*ports: Port) -> Mapping[Channel, Port]:
        here = {port.channel: port for port in ports}
        app.extensions["channels"] = dataclasses.replace(usual, ports=here)
        return here

    yield put
    app.extensions["channels"] = usual
