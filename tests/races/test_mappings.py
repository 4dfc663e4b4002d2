"""Two officers set the template of one layout at once: one holds, the other is told."""

from functools import partial

import pytest
from flask import Flask

from services.core import clock
from services.core.errors import Conflict
from services.notifications import mapping
from services.notifications.errors import TEMPLATE_SET_MEANWHILE
from services.notifications.types import Channel, Language
from tests.builders.reach import OA
from tests.builders.world import World
from tests.harness.threads import crowd, together

__all__ = ["crowd"]

KEYS = {"what": "thing1", "when": "time2", "next": "thing3"}


@pytest.mark.parametrize("seen", [0, 1])
def test_of_two_officers_at_once_one_is_told_that_the_other_was_faster(crowd: Flask, seen: int) -> None:
    world = World(crowd)

    def set_one(letter: str, behind: int) -> str:
        try:
            world.do(
                lambda: mapping.set_mapping(
                    actor="test", channel=Channel.TEMPLATE, provider=OA, layout="safety", language=Language.ZH,
                    platform_id=letter * 43, keys=KEYS, long_term=False, seen=behind, now=clock.now(),
                )
            )  # fmt: skip
        except Conflict as error:
            return error.code
        return "set"

    if seen:
        assert set_one("A", 0) == "set"
    outcomes = together(*(partial(set_one, letter, seen) for letter in "BCDE"))
    assert sorted(outcomes) == ["set", *[TEMPLATE_SET_MEANWHILE] * 3]
    history = world.look(lambda: mapping.history(Channel.TEMPLATE, OA, "safety", Language.ZH))
    assert [one.version for one in history if one.ended_at is None] == [seen + 1] and len(history) == seen + 1
