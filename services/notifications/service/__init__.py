"""The gateway's verbs by subject: telling, planning, delivering, recording, inboxes."""

from services.notifications.service.delivering import BATCH, LEASE, Leased, due, lease, sweep
from services.notifications.service.inboxes import mark_read
from services.notifications.service.planning import Plan, plan
from services.notifications.service.recording import MOST_ATTEMPTS, record
from services.notifications.service.telling import tell

__all__ = [
    "BATCH",
    "LEASE",
    "MOST_ATTEMPTS",
    "Leased",
    "Plan",
    "due",
    "lease",
    "mark_read",
    "plan",
    "record",
    "sweep",
    "tell",
]
