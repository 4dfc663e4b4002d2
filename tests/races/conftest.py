"""A house whose application has room for forty threads at once."""

import pytest
from flask import Flask

from tests.builders.world import World
from tests.harness.threads import crowd

__all__ = ["crowd", "world"]


@pytest.fixture
def world(crowd: Flask) -> World:
    return World(crowd)
