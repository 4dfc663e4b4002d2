"""A small union, a shop and the people in it, and clients signed in as them."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

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
