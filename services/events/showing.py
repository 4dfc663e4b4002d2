"""Which figures of a private kind everybody may know. Pure; the same for pages, API and messages.

What is hidden is not only a small figure, but whatever it could be worked out from.
"""

from collections import defaultdict

from services.events.types import Event, QuotaKind

FEW = 5


def rooms_shown(event: Event) -> frozenset[int]:
    """The ordinals of the quotas of which everybody may know how many places are taken, or left.

    One small figure hides all but the total, and a small total hides all. Small is also what a quota, or all quotas of
    a kind, leave of the total: of nine in, seven women are two men. That a quota is full everybody must be told, and
    how many places it has: then the total goes as well.
    """
    every = frozenset(room.quota.ordinal for room in event.rooms)
    total = event.total.taken
    if not event.private:
        return every
    if total < FEW:
        return frozenset()
    sums: defaultdict[QuotaKind, int] = defaultdict(int)
    for room in event.rooms[1:]:
        sums[room.quota.kind] += room.taken
    taken = [room.taken for room in event.rooms[1:]]
    rests = [total - count for count in [*taken, *sums.values()]]
    small = any(count < FEW for count in taken) or any(0 < rest < FEW for rest in rests)
    full = any(room.left == 0 for room in event.rooms[1:])
    return every if not small else frozenset() if full else frozenset({0})


def place_shown(event_private: bool, place: int | None) -> int | None:
    """A place in the waiting line, 1 is next; None where so few are before it that they are nobody's business."""
    return None if event_private and place is not None and place <= FEW else place
