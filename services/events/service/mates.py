"""Colleagues as a captain writes them down: found by name and phone, and not by trying."""

import datetime
from collections.abc import Sequence

from services.accounts.types import MemberActor
from services.core.budget import DAY, spend
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
    # Asked before anybody is looked for: after too many wrong guesses a right one would tell as much as before. Taking
    # nothing of what is left makes the tries of one captain wait for each other.
    if _wrong(actor, now, amount=0):
        return Refusal(errors.MATES_TOO_OFTEN)
    found = members.named([(mate.name, mate.phone) for mate in named])
    wrong = [line for line, one in enumerate(found, start=1) if one is None]
    if any(_wrong(actor, now, amount=1) for _ in wrong):
        return Refusal(errors.MATES_TOO_OFTEN)
    return Refusal(errors.MATE_UNKNOWN, {"line": wrong[0]}) if wrong else [one for one in found if one is not None]


def _wrong(actor: MemberActor, now: datetime.datetime, *, amount: int) -> bool:
    """Counts so many wrong names; True when today's are used up. Of 0: when none is left."""
    limits = ((DAY, WRONG_A_DAY - (not amount)),)
    return bool(spend("events.mates", actor.member_id.bytes, limits=limits, now=now, amount=amount))
