"""Pure decisions: how long a sign-in lasts, which roles go together, who may invite whom."""

import datetime

from services.accounts.types import Grant, OfficerActor, Persona, Role
from services.unions.types import Level, UnionPath

LIFETIME = {
    Persona.VISITOR: datetime.timedelta(days=1),
    Persona.MEMBER: datetime.timedelta(days=30),
    Persona.CLERK: datetime.timedelta(hours=14),  # one shift
    Persona.OFFICER: datetime.timedelta(hours=12),
}
IDLE = {Persona.OFFICER: datetime.timedelta(minutes=15)}
"""Whoever is away that long signs in again. Members and tills are not asked: they hold no one else's data."""
FRESH = datetime.timedelta(minutes=10)
"""How long a proof (a code, a second factor) holds for an act that asks for one."""
ASLEEP = datetime.timedelta(days=90)
"""An officer who has not signed in for so long counts as left (等保: no stale accounts)."""
RESET_LASTS = datetime.timedelta(days=2)
"""From the asking to the agreeing, and from there to the owner's use of the link."""

APART = frozenset({Role.SYSTEM, Role.AUDITOR})
"""System administration, audit and business are three people (三权分立)."""
LEVEL = {
    Role.GRASSROOTS: Level.GRASSROOTS,
    Role.TOWN: Level.TOWN,
    Role.DISTRICT: Level.FEDERATION,
    Role.FINANCE: Level.FEDERATION,
    Role.SYSTEM: Level.FEDERATION,
    Role.AUDITOR: Level.FEDERATION,
}
"""At which level of the tree a role is held."""
WITH_PASSWORD = frozenset({Role.DISTRICT, Role.FINANCE, Role.SYSTEM, Role.AUDITOR})
"""These sign in by password and second factor; the others by their bound WeChat and a code."""
_INVITES = {
    Role.SYSTEM: frozenset({Role.SYSTEM, Role.AUDITOR, Role.DISTRICT, Role.FINANCE}),
    Role.DISTRICT: frozenset({Role.TOWN, Role.GRASSROOTS}),
    Role.TOWN: frozenset({Role.GRASSROOTS}),
}


def expired(
    persona: Persona, *, expires_at: datetime.datetime, seen_at: datetime.datetime, now: datetime.datetime
) -> bool:
    """Is a session over by its age, or by idleness?"""
    idle = IDLE.get(persona)
    return expires_at <= now or (idle is not None and seen_at + idle <= now)


def may_hold_together(one: Role, other: Role) -> bool:
    return one == other or not {one, other} & APART


def invitable(officer: OfficerActor, *, role: Role, level: Level, path: UnionPath) -> bool:
    """Officers are invited from above; those of the federation by whoever runs the system."""

    def covers(grant: Grant) -> bool:
        return path == grant.scope or path.startswith(grant.scope + ".")

    return LEVEL[role] is level and any(
        role in _INVITES.get(grant.role, ()) and covers(grant) for grant in officer.grants
    )
