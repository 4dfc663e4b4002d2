"""A house whose application has room for many threads, and processes that serve the same database."""

import pytest
from flask import Flask

from tests.builders.world import World
from tests.harness.processes import processes
from tests.harness.threads import crowd

__all__ = ["crowd", "processes", "world"]


@pytest.fixture
def world(crowd: Flask) -> World:
    return World(crowd)
