"""How long a sign-in lasts: a member's phone a month, a till one shift, an officer's desk one working day."""

import datetime

from services.accounts.types import Persona

LIFETIME = {
    Persona.MEMBER: datetime.timedelta(days=30),
    Persona.CLERK: datetime.timedelta(hours=14),
    Persona.OFFICER: datetime.timedelta(hours=12),
}
