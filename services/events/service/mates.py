"""Colleagues as a captain writes them down: found by name and phone, and not by trying."""

import datetime
from collections.abc import Sequence

from services.accounts.types import MemberActor
from services.core.budget import DAY, left, spend
from services.core.errors import Refusal
from services.events import errors
from services.events.types import Named
from services.members import queries as members
from services.members.types import MemberId

WRONG_A_DAY = 10


def mates_of(named: Sequence[Named], actor: MemberActor, now: datetime.datetime) -> list[MemberId] | Refusal:
    """The members of these names and phones. Wrong ones are counted: nobody shall find out who is one by trying."""
    if not named:
        return []
    captain, limits = actor.member_id.bytes, ((DAY, WRONG_A_DAY),)
    # Asked before anybody is looked for: after too many wrong guesses a right one would tell as much as before.
    if not left("events.mates", captain, limits=limits, now=now):
        return Refusal(errors.MATES_TOO_OFTEN)
    found = members.named([(mate.name, mate.phone) for mate in named])
    wrong = [line for line, one in enumerate(found, start=1) if one is None]
    if any(spend("events.mates", captain, limits=limits, now=now) for _ in wrong):
        return Refusal(errors.MATES_TOO_OFTEN)
    return Refusal(errors.MATE_UNKNOWN, {"line": wrong[0]}) if wrong else [one for one in found if one is not None]
