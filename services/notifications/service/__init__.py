"""The gateway's verbs by subject: telling, planning, delivering, recording, inboxes."""

from services.notifications.service.delivering import BATCH, LEASE, Leased, batches, due, lease, sweep
from services.notifications.service.inboxes import archive, bring_back, mark_one_read, mark_read
from services.notifications.service.lifting import phone_lives
from services.notifications.service.planning import Plan, plan
from services.notifications.service.recording import MOST_ATTEMPTS, record
from services.notifications.service.telling import tell, tell_part
from services.notifications.service.wishes import wish, write_in

__all__ = [
    "BATCH",
    "LEASE",
    "MOST_ATTEMPTS",
    "Leased",
    "Plan",
    "archive",
    "batches",
    "bring_back",
    "due",
    "lease",
    "mark_one_read",
    "mark_read",
    "phone_lives",
    "plan",
    "record",
    "sweep",
    "tell",
    "tell_part",
    "wish",
    "write_in",
]
