"""Messages that must not be lost: posted as Procrastinate jobs inside the caller's own transaction.

A rollback drops the job with everything else. The App here is never opened, so the web process holds no second
pool; jobs are named, not imported, so packages below the worker know no task. app/worker.py runs them.
"""

import dataclasses
import uuid
from typing import Any, ClassVar, Protocol

import procrastinate

from services.core.db import db
from services.core.ids import uuid7

QUEUE = "messages"

_app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


class Message(Protocol):
    """A frozen dataclass of plain values with the topic it is posted under: "redemptions.recorded"."""

    topic: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


def post(message: Message) -> uuid.UUID:
    """One job, true together with the caller's rows or not at all. Returns the message's id.

    The id travels with the job: a job that runs twice writes under the same id and so is told once.
    """
    message_id = uuid7()
    connection = db.session.connection().connection.driver_connection
    payload = {name: _plain(value) for name, value in dataclasses.asdict(message).items()}
    _app.configure_task(message.topic, queue=QUEUE, connection=connection).defer(
        message_id=str(message_id), payload=payload
    )
    return message_id


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, uuid.UUID) else value
