"""The demo's personas: whom DEMO=1 lets in without a password. Refused in production by app/settings.py."""

import datetime

from services.accounts import queries as accounts
from services.accounts import service
from services.accounts.types import Actor, MemberActor, Persona, SignIn
from services.core.calendar import local_date
from services.core.errors import NotFound
from services.merchants import queries as merchants


def sign_in(persona: Persona, *, now: datetime.datetime) -> SignIn:
    """Raises NotFound(member_unknown) while there is no demo data."""
    return service.sign_in(actor_of(persona, now=now), now=now)


def actor_of(persona: Persona, *, now: datetime.datetime) -> Actor:
    actor: Actor | None = None
    if persona is Persona.CLERK:
        actor = merchants.first_clerk()
    elif persona is Persona.OFFICER:
        actor = accounts.first_officer(on=local_date(now))
    else:
        found = accounts.first_member()
        actor = MemberActor(*found) if found else None
    if actor is None:
        raise NotFound("demo_not_loaded")
    return actor
