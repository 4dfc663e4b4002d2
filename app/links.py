"""What a message opens, as an address for its reader."""

from flask import g, url_for

from services.accounts.types import ClerkActor, MemberActor, OfficerActor, VisitorActor
from services.notifications.templates import TEMPLATES
from services.notifications.types import InboxItem, Place

_MEMBERS = {
    Place.HISTORY: "member.history",
    Place.CARD: "member.home",
    Place.DATA: "rights.hub",
    Place.COMPLAINTS: "complaints.mine",
    Place.EVENTS: "event_entries.mine",
}
_OFFICERS = {
    Place.TRAY: "tray.requests",
    Place.TASKS: "staff_tasks.tasks",
    Place.DESK_INBOX: "staff.inbox",
}


def opens(item: InboxItem) -> str | None:
    """As `place_url`, of a message for whoever is here."""
    place = TEMPLATES[item.template].opens
    if place is Place.EVENT and isinstance(g.actor, MemberActor):
        return url_for("event_entries.one", signup_id=item.facts["signup"])
    return place_url(place, g.actor)


def place_url(place: Place, reader: VisitorActor | MemberActor | ClerkActor | OfficerActor) -> str | None:
    """The page that a message is about; None where there is none beside the message, or this reader has none.

    A member who is an officer goes to the desk by its door: it asks who he is once more.
    """
    if place in _OFFICERS:
        if isinstance(reader, OfficerActor):
            return url_for(_OFFICERS[place])
        return url_for("enter.begin") if isinstance(reader, MemberActor) else None
    return url_for(_MEMBERS[place]) if place in _MEMBERS and isinstance(reader, MemberActor) else None
