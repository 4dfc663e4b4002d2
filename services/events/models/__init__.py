"""Tables: what is put on (events), who takes part (entries), what comes of it (misses)."""

from services.events.models.entries import POSITIONS, Signup, SignupPerson
from services.events.models.events import Draw, Event, EventQuota
from services.events.models.misses import Attainment, EventMiss, PauseRule

__all__ = ["POSITIONS", "Attainment", "Draw", "Event", "EventMiss", "EventQuota", "PauseRule", "Signup", "SignupPerson"]
