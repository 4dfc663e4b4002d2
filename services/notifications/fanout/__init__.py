"""Who is told what: one function for each topic of the outbox."""

from services.notifications.fanout import bindings, complaints, following, offers, people, shops, till
from services.notifications.types import Fan

_ALL = (*till.FANS, *people.FANS, *bindings.FANS, *complaints.FANS, *shops.FANS, *offers.FANS, *following.FANS)
FANS: dict[str, Fan] = {message.topic: fan for message, fan in _ALL}
