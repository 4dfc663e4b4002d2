"""One register of every column of every table: what it is for, who sees it, how long it stays.

The privacy page is written from it, and a test fails on a column that is not in it. A new column goes into the table's
entry: under `personal` with words that a worker understands if it tells something about a person, else under `plain`.
"""

from services.rights.register import people, signing_in, system, taking_part, telling, using
from services.rights.register.entries import VIEWERS, Kept, Table, Text, Topic, Viewer

__all__ = ["REGISTER", "VERSION", "VIEWERS", "Kept", "Table", "Text", "Topic", "Viewer", "left_after_closing", "topics"]

VERSION = "2026-11"
"""Of what the register promises; a change that people would want to know is a new one."""
REGISTER: tuple[Table, ...] = (
    *people.TABLES,
    *using.TABLES,
    *taking_part.TABLES,
    *telling.TABLES,
    *signing_in.TABLES,
    *system.TABLES,
)


_LEFT = ("members", "bonds", "redemptions", "inbox_messages", "audit_entries")
"""What of a member stays when the account is closed: the roster is the union's, receipts and the trail are kept by law.

"""


def left_after_closing() -> list[Table]:
    return [table for table in REGISTER if table.name in _LEFT]


def topics() -> list[tuple[Topic, list[Table]]]:
    """What is about people, as the privacy page tells it: each topic with its tables, in order."""
    found: dict[str, tuple[Topic, list[Table]]] = {}
    for table in REGISTER:
        if table.topic and table.personal:
            found.setdefault(table.topic.title.zh, (table.topic, []))[1].append(table)
    return list(found.values())
