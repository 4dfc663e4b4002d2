"""`flask backup`, `flask restore`, `flask outbox release`: docs/operations.md."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from app.backup import restore as restoring
from app.backup import take as taking
from app.backup.archive import BackupError
from app.backup.manifest import Manifest
from app.demo_data.progress import progress
from app.sealed import SEALED
from app.settings import Settings
from services.core import audit, clock, outbox, rotation
from services.core.db import db
from services.core.ids import uuid7
from services.core.transaction import in_transaction
from services.notifications import holding

SAMPLE = 20
HOLD = (*outbox.HOLD, *holding.HOLD)
outboxes = AppGroup("outbox", help="Messages that wait.")


@click.command()
@click.option("--check", is_flag=True, help="Read FILE from end to end and write nothing.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(file: Path, *, check: bool) -> None:
    """Write database and files to FILE, encrypted with BACKUP_KEY. Web and worker may go on."""
    settings: Settings = current_app.config["SETTINGS"]
    with _in_one_line():
        if check:
            with progress("Reading", _size(file)) as told:
                manifest = restoring.check(settings, file, told=told)
            click.echo(f"The backup can be restored: {_words(manifest)}.")
            return
        with contextlib.ExitStack() as stack:

            def begin(pieces: int) -> Callable[[int], object]:
                return stack.enter_context(progress("Backing up", pieces))

            manifest = taking.take(settings, file, now=clock.now(), begin=begin)
        click.echo(f"Backed up: {_words(manifest)}. {_size(file)} bytes in {file}.")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def restore(file: Path) -> None:
    """Restore FILE into an empty database and an empty folder of files, compare all sums, and hold the outbox."""
    settings: Settings = current_app.config["SETTINGS"]
    scripts = ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config())
    newest = scripts.get_current_head() or ""
    with _in_one_line(), progress("Restoring", _size(file)) as told:
        manifest = restoring.restore(settings, file, newest=newest, hold=HOLD, told=told)
    click.echo(f"Restored: {_words(manifest)}. Every count and every sum is right.")
    if manifest.schema != newest:
        click.echo(f"The backup has schema {manifest.schema}: run `flask --app wsgi prepare` now.")
    click.echo("Old messages are held. When all is well, let them go: flask --app wsgi outbox release")
    unreadable = _unreadable()
    for column, count in unreadable.items():
        click.echo(f"{column}: {count} of {SAMPLE} values do not open, as they did not when backed up.", err=True)
    if unreadable:
        raise click.exceptions.Exit(1)


@outboxes.command()
def release() -> None:
    """Send what a restore held back."""
    messages, deliveries = in_transaction(_release)
    click.echo(f"{messages} messages and {deliveries} deliveries go out now.")


def _release() -> tuple[int, int]:
    freed = outbox.release(), holding.release()
    detail = {"messages": freed[0], "deliveries": freed[1]}
    audit.record("outbox.released", actor="command", subject_id=uuid7(), now=clock.now(), detail=detail)
    return freed


def _unreadable() -> dict[str, int]:
    """Sealed columns of which a sample does not open; those that a backup of an older schema lacks are left out."""
    with db.engine.connect() as connection:
        query = "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'"
        there = {name for (name,) in connection.exec_driver_sql(query)}
    bad = {
        column: in_transaction(functools.partial(rotation.unreadable, column, sample=SAMPLE))
        for column in SEALED
        if column in there
    }
    return {column: count for column, count in bad.items() if count}


def _words(manifest: Manifest) -> str:
    made = f"{manifest.made_at[:19].replace('T', ' ')} UTC"
    return f"{manifest.rows} rows of {len(manifest.tables)} tables and {manifest.files} files, as of {made}"


def _size(file: Path) -> int:
    return max(1, file.stat().st_size) if file.exists() else 1


@contextlib.contextmanager
def _in_one_line() -> Iterator[None]:
    try:
        yield
    except BackupError as error:
        raise click.ClickException(str(error)) from None
