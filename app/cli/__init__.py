"""Commands: `flask --app wsgi NAME`. Thin as routes: parse, call, say what was done."""

import functools

import click
import flask_migrate
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from app import demo_data
from app.cli import backup, days, keys, officers, retention, roster, unions, wechat
from app.demo_data.progress import progress
from app.settings import Settings
from services.core import audit, clock
from services.core.db import db
from services.core.errors import Conflict, Unavailable
from services.core.transaction import in_transaction
from services.unions.errors import UNION_EXISTS

audits = AppGroup("audit", help="The audit trail.")


def register(app: Flask) -> None:
    for command in (
        prepare,
        demo,
        audits,
        days.group,
        officers.group,
        roster.group,
        unions.group,
        backup.backup,
        backup.restore,
        backup.outboxes,
        keys.group,
        retention.retention,
        wechat.group,
    ):
        app.cli.add_command(command)


@click.command()
@with_appcontext
def prepare() -> None:
    """Bring the database to the newest schema; with DEMO=1 load the demo data once."""
    settings: Settings = current_app.config["SETTINGS"]
    _migrate()
    if settings.demo:
        _load_demo(settings.demo_members)


@click.command()
@click.option("--members", type=click.IntRange(100, 100_000), help="How many people; default: DEMO_MEMBERS.")
@with_appcontext
def demo(members: int | None) -> None:
    """Load the demo data into an empty database. Needs DEMO=1, which production refuses."""
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.demo:
        raise click.UsageError("DEMO=1 is not set.")
    _load_demo(members or settings.demo_members)


@audits.command()
@click.pass_context
def verify(context: click.Context) -> None:
    """Walk the chain of seals. Exit code 1, and the first seal that does not hold, when an entry was tampered with."""
    broken = in_transaction(audit.verify)
    if broken:
        click.echo(f"The audit trail is broken: seal {broken} does not hold.", err=True)
        context.exit(1)
    click.echo("Every seal of the audit trail holds.")


def _migrate() -> None:
    """Runs what is missing and says so; takes no lock and says nothing when the schema is the newest."""
    migrations = current_app.extensions["migrate"].migrate.get_config()
    newest = ScriptDirectory.from_config(migrations).get_current_head()
    with db.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current != newest:
        flask_migrate.upgrade()
        click.echo(f"The database is at schema {newest}.")


def _load_demo(members: int) -> None:
    now = clock.now()
    if in_transaction(demo_data.loaded):
        click.echo("The demo data is there.")
        return
    with progress("Loading the demo data", demo_data.size(members)) as advance:
        work = functools.partial(demo_data.load, members=members, now=now, advance=advance)
        try:
            done = in_transaction(work)
        except Conflict as conflict:
            if conflict.code != UNION_EXISTS:
                raise
            click.echo("The demo data has just been loaded by somebody else.")
            return
        except Unavailable:
            raise click.ClickException("the database is away, or somebody else is loading the demo data") from None
    click.echo(
        f"Demo data: {done.unions} unions, {done.members} members, {done.redemptions} redemptions, "
        f"{done.events} events with {done.entries} entries."
    )
