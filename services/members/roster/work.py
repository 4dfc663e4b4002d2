"""What the worker does for an import: posted as a job, run by app/jobs.py. Nobody is told of it."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Check:
    """Read the file and judge every row."""

    topic: ClassVar[str] = "roster.check"
    import_id: uuid.UUID


@dataclass(frozen=True)
class Apply:
    """Write the rows that were chosen."""

    topic: ClassVar[str] = "roster.apply"
    import_id: uuid.UUID


@dataclass(frozen=True)
class Undo:
    """Restore what applying changed."""

    topic: ClassVar[str] = "roster.undo"
    import_id: uuid.UUID
