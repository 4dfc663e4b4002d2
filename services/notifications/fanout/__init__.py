"""Who is told what: one function for each topic of the outbox."""

from services.notifications.fanout import bindings, complaints, events, following, offers, people, shops, till
from services.notifications.types import Crowd, Fan, Part

_ALL = (*till.FANS, *people.FANS, *bindings.FANS, *complaints.FANS, *shops.FANS, *offers.FANS, *following.FANS)


def _at_once(fan: Fan) -> Crowd:
    return lambda payload, after, now: Part(fan(payload))


FANS: dict[str, Crowd] = {
    **{message.topic: _at_once(fan) for message, fan in _ALL},
    **{message.topic: crowd for message, crowd in events.CROWDS},
}
