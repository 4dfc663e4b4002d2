"""What a backup brought back waits until somebody says that it may go out: messages, their deliveries, notices that
were scheduled, and what outsiders had told us. A thousand years later than it would have."""

from sqlalchemy import TextClause, text

from services.core.db import run

HOLD = (
    # It may have been sent after the backup was taken, or while: nobody knows, so it is not sent again.
    """WITH lost AS (
        UPDATE deliveries SET status = 'unknown', reason = 'restored', finished_at = now(), leased_until = NULL
        WHERE status = 'sending' RETURNING credit_id),
    used AS (SELECT credit_id, count(*) AS number FROM lost WHERE credit_id IS NOT NULL GROUP BY credit_id)
    UPDATE credits SET reserved = reserved - number, spent = spent + number FROM used
    WHERE credits.id = used.credit_id AND NOT standing""",
    """UPDATE mass_sends SET status = 'unknown', reason = 'restored', sent_at = now(), leased_until = NULL
    WHERE status = 'sending'""",
    """UPDATE mass_sends SET leased_until = coalesce(leased_until, now()) + interval '1000 years'
    WHERE status = 'created'""",
    "UPDATE deliveries SET next_try_at = next_try_at + interval '1000 years' WHERE status = 'created'",
    "UPDATE inbox_messages SET next_step_at = next_step_at + interval '1000 years' WHERE next_step_at IS NOT NULL",
    "UPDATE officer_notices SET send_at = send_at + interval '1000 years' WHERE status = 'scheduled'",
    "UPDATE callbacks SET next_try_at = next_try_at + interval '1000 years' WHERE handled_at IS NULL",
)
"""Statements for a database that comes out of a backup; beside outbox.HOLD."""


def _let_go(table: str, column: str, which: str) -> TextClause:
    return text(
        f"UPDATE {table} SET {column} = {column} - interval '1000 years' "  # noqa: S608 - names of ours
        f"WHERE {which} AND {column} > '2900-01-01'"
    )


_RELEASE = _let_go("deliveries", "next_try_at", "status = 'created'")
_BESIDE = (
    _let_go("inbox_messages", "next_step_at", "next_step_at IS NOT NULL"),
    _let_go("mass_sends", "leased_until", "status = 'created'"),
    _let_go("officer_notices", "send_at", "status = 'scheduled'"),
    _let_go("callbacks", "next_try_at", "handled_at IS NULL"),
)


def release() -> int:
    """Lets go of what HOLD kept back; returns how many deliveries. What is useless by now is not sent any more."""
    for statement in _BESIDE:
        run(statement, {})
    return run(_RELEASE, {}).rowcount
