"""Messages that must not be lost: posted as Procrastinate jobs inside the caller's own transaction.

A rollback drops the job with everything else. What is called is Procrastinate's own function in the database, on the
session's connection: its Python side would cost as much as three statements, and its errors would not be known to
core.transaction. Jobs are named, not imported, so packages below the worker know no task. app/worker.py runs them.
"""

import uuid
from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

from sqlalchemy import Integer, String, bindparam, column, text
from sqlalchemy.dialects.postgresql import JSONB

from services.core.db import run
from services.core.ids import uuid7

QUEUE = "messages"
HELD = "held"
URGENT = 5
HOLD = (
    """UPDATE procrastinate_jobs SET worker_id = NULL, status = 'todo'
    WHERE queue_name = 'messages' AND status = 'doing'""",
    """UPDATE procrastinate_jobs SET queue_name = 'held', status = 'failed'
    WHERE queue_name = 'messages' AND status = 'todo'""",
)
"""Statements that keep every waiting message back, for a database that comes out of a backup: none is sent twice.

A held job is in a queue of its own and in no state that a worker takes, whatever queues it serves."""
_RELEASE = text("UPDATE procrastinate_jobs SET status = 'todo', queue_name = :queue WHERE queue_name = :held")

DEFER = (
    text(
        "SELECT procrastinate_defer_jobs_v1(ARRAY["
        "ROW(:queue, :task, :priority, NULL, NULL, :args, NULL)::procrastinate_job_to_defer_v1]) AS ids"
    )
    .bindparams(
        bindparam("queue", type_=String),
        bindparam("task", type_=String),
        bindparam("args", type_=JSONB),
        bindparam("priority", type_=Integer),
    )
    .columns(column("ids"))
)
"""Takes the values of `posted`; another statement may ride on it (add_cte)."""

_DEFER_MANY = text(
    "SELECT procrastinate_defer_jobs_v1(array_agg("
    "ROW(:queue, :task, 0, NULL, NULL, one.args, NULL)::procrastinate_job_to_defer_v1 ORDER BY one.nth))"
    " FROM jsonb_array_elements(:args) WITH ORDINALITY AS one (args, nth)"
).bindparams(
    bindparam("queue", type_=String),
    bindparam("task", type_=String),
    bindparam("args", type_=JSONB),
)
AT_ONCE = 1000
"""Messages of one statement."""


class Message(Protocol):
    """A frozen dataclass of plain values with the topic it is posted under: "redemptions.recorded"."""

    topic: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


def post(message: Message, *, priority: int = 0) -> uuid.UUID:
    """One job, true together with the caller's rows or not at all. Returns the message's id.

    Of jobs that wait, the highest `priority` goes first: URGENT for what somebody stands waiting for.

    The id travels with the job: a job that runs twice writes under the same id and so is told once.
    """
    message_id = uuid7()
    run(DEFER, posted(message, message_id, priority=priority))
    return message_id


def posted(message: Message, message_id: uuid.UUID, *, priority: int = 0) -> dict[str, Any]:
    """The values of DEFER."""
    return {"queue": QUEUE, "task": message.topic, "args": _args(message_id, message), "priority": priority}


def post_many(messages: Sequence[Message]) -> None:
    """As `post`, for masses of one topic: a job for each, in this order, a thousand with one statement."""
    for first in range(0, len(messages), AT_ONCE):
        several = messages[first : first + AT_ONCE]
        args = [_args(uuid7(), message) for message in several]
        run(_DEFER_MANY, {"queue": QUEUE, "task": several[0].topic, "args": args})


def release() -> int:
    """Lets go of what HOLD kept back; returns how many messages."""
    return run(_RELEASE, {"queue": QUEUE, "held": HELD}).rowcount


def _args(message_id: uuid.UUID, message: Message) -> dict[str, Any]:
    payload = {name: _plain(value) for name, value in vars(message).items()}
    return {"message_id": str(message_id), "payload": payload}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, uuid.UUID) else value
