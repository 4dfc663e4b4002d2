"""How long our clients wait for a stand-in: a moment for one that is made to hang, else long.

A moment for all would take every pause of a busy machine for a platform that hangs."""

from collections.abc import Callable
from typing import Protocol

MOMENT, LONG = 0.5, 10.0
"""Seconds."""


class Hanging(Protocol):
    before_hanging: Callable[[], None]


def patient(stand_in: Hanging, wait: Callable[[float], None]) -> None:
    """`wait` sets the client's time to read; the stand-in shortens it as soon as it is told to hang."""
    wait(LONG)
    stand_in.before_hanging = lambda: wait(MOMENT)
