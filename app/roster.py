"""Long work on an import, step by step: each step a transaction, so that it may be killed and started again."""

import functools
import uuid
from collections.abc import Callable
from typing import Any

from services.accounts import above
from services.core import clock
from services.core.errors import Conflict, DomainError, Invalid
from services.core.files import files
from services.core.transaction import in_transaction
from services.members.roster import service
from services.members.roster.errors import IMPORT_MOVED_ON
from services.members.roster.reading import read
from services.members.roster.service import applying
from services.members.roster.service.staging import Run
from services.members.roster.types import ImportId
from services.members.roster.work import Apply, Check, Undo

Advance = Callable[[int], object]
NOBODY: uuid.UUID = uuid.UUID(int=0)


def check(import_id: ImportId, advance: Advance = bool) -> None:
    """Reads the file and judges every row. A start that was taken over by another, or came too late, ends quietly."""
    try:
        run = in_transaction(lambda: service.begin_check(import_id=import_id))
        try:
            _stage(run, advance)
        except Invalid as fault:
            while in_transaction(lambda: service.clear(run)):
                pass
            in_transaction(functools.partial(service.refuse, run, fault, now=clock.now()))
    except Conflict as conflict:
        _unless_moved_on(conflict)


def apply(import_id: ImportId, advance: Advance = bool) -> None:
    """Writes what was chosen, to the end."""
    try:
        directory = in_transaction(lambda: service.unions_of(import_id=import_id))
        step = functools.partial(
            service.apply_chunk, import_id=import_id, directory=directory, untouchable=above.untouchable
        )
        _to_the_end(lambda: step(now=clock.now()), advance)
    except Conflict as conflict:
        _unless_moved_on(conflict)


def undo(import_id: ImportId, advance: Advance = bool) -> None:
    """Takes it back, to the end."""
    try:
        _to_the_end(lambda: service.undo_chunk(import_id=import_id, now=clock.now()), advance)
    except Conflict as conflict:
        _unless_moved_on(conflict)


def job(work: Callable[[ImportId], None]) -> Callable[..., None]:
    """The work as a job of the outbox. It may run twice: then there is nothing left to do."""

    def run(*, message_id: str, payload: dict[str, Any]) -> None:
        work(ImportId(uuid.UUID(payload["import_id"])))

    return run


def _stage(run: Run, advance: Advance) -> None:
    while in_transaction(lambda: service.clear(run)):
        pass
    for chunk in read(files.get(run.file_key)):
        advance(in_transaction(functools.partial(service.stage, run, chunk)))
    in_transaction(lambda: service.compare(run))
    last: uuid.UUID | None = NOBODY
    while last is not None:
        last = in_transaction(functools.partial(service.propose_leavers, run, after=last))
    in_transaction(lambda: service.finish(run, now=clock.now()))


def _to_the_end(step: Callable[[], applying.Progress], advance: Advance) -> None:
    while not (progress := in_transaction(step)).finished:
        advance(progress.moved)


def _unless_moved_on(conflict: DomainError) -> None:
    """Somebody else has done it, or an officer has put the import away: then there is nothing left to do."""
    if conflict.code != IMPORT_MOVED_ON:
        raise conflict


JOBS: dict[str, Callable[..., None]] = {Check.topic: job(check), Apply.topic: job(apply), Undo.topic: job(undo)}
"""What the worker runs for an import, by topic."""
