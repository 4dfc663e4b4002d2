"""Deliveries that a backup brought back: they wait until somebody says that they may go out."""

from sqlalchemy import text

from services.core.db import run

HOLD = (
    # It may have been sent after the backup was taken, or while: nobody knows, so it is not sent again.
    "UPDATE deliveries SET status = 'unknown', finished_at = now(), leased_until = NULL WHERE status = 'sending'",
    "UPDATE deliveries SET next_try_at = next_try_at + interval '1000 years' WHERE status = 'created'",
)
"""Statements for a database that comes out of a backup; beside outbox.HOLD."""
_RELEASE = text(
    "UPDATE deliveries SET next_try_at = next_try_at - interval '1000 years' WHERE status = 'created' "
    "AND next_try_at > '2900-01-01'"
)


def release() -> int:
    """Lets go of what HOLD kept back; returns how many deliveries."""
    return run(_RELEASE, {}).rowcount
