"""`flask retention`: forgets now what the worker forgets every hour, or says what that would be."""

import click
from flask.cli import with_appcontext

from app.retention import PURGES, forget, rehearse
from services.core import clock


@click.command()
@click.option("--dry-run", is_flag=True, help="Count only; nothing is changed.")
@with_appcontext
def retention(*, dry_run: bool) -> None:
    """Forget what has had its time: services/rights/register says what that is for each table."""
    now = clock.now()
    counts = rehearse(now) if dry_run else {name: forget(name, now) for name in PURGES}
    for name, count in counts.items():
        click.echo(f"{name}: {count}")
    total = sum(counts.values())
    click.echo(f"{total} would be forgotten; nothing was changed." if dry_run else f"{total} forgotten.")
