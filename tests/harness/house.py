"""A small union, a shop and the people in it, and clients signed in as them."""

import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from limits.storage import memory

from services.core import clock
from tests.builders.world import World


@pytest.fixture
def world(app: Flask) -> World:
    return World(app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Nobody in particular."""
    return app.test_client()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets the clock that doors and jobs read: at(instant)."""
    return lambda instant: monkeypatch.setattr(clock, "now", lambda: instant)


@pytest.fixture
def same_moment(at: Callable[..., None]) -> None:
    """The clock stands: what is counted by the hour or the day is counted in one, at any time the test is run."""
    at(clock.now())


@pytest.fixture
def same_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """The minute in which the throttle counts lasts as long as the test: a thousand requests may take a busy machine
    more than one."""
    begin = time.time()
    monkeypatch.setattr(memory, "time", SimpleNamespace(time=lambda: begin))
