"""Who is told what: one function for each topic of the outbox."""

from services.notifications.fanout import bindings, people, till
from services.notifications.types import Fan

FANS: dict[str, Fan] = {message.topic: fan for message, fan in (*till.FANS, *people.FANS, *bindings.FANS)}
