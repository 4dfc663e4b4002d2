"""`flask officers invite`: the first officer, by a one-time link. There is no default account."""

import click
from flask import current_app
from flask.cli import AppGroup

from services.accounts import service
from services.accounts.rules import LEVEL
from services.accounts.types import Role
from services.core import clock
from services.core.transaction import in_transaction
from services.unions import queries as unions
from services.unions.types import UnionPath, UnionView

group = AppGroup("officers", help="Officers of the unions.")


@group.command()
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.SYSTEM.value, show_default=True)
@click.option("--name", required=True, help="Who is meant, as colleagues call them.")
@click.option("--union", "path", help="Path of the union, as `flask unions list` shows it; default: the federation.")
def invite(role: str, name: str, path: str | None) -> None:
    """Print a link that makes whoever opens it an officer, once, within seven days."""
    union = _union(path)
    if LEVEL[Role(role)] is not union.level:
        raise click.UsageError(f"The role {role} is held at the level {LEVEL[Role(role)]}, not at {union.level}.")
    token = in_transaction(
        lambda: service.invite(by=None, name=name, role=Role(role), union=union, actor="command", now=clock.now())
    )
    click.echo(f"{name}, {role}, {union.name['zh']}. Good once, for seven days; it is not shown again:")
    click.echo(f"{current_app.config['SETTINGS'].public_url}/o/{token}")


def _union(path: str | None) -> UnionView:
    if path:
        return unions.at(UnionPath(path))
    roots = unions.roots()
    if not roots:
        raise click.UsageError("There is no federation yet. Found it: flask --app wsgi unions found NAME")
    if len(roots) > 1:
        raise click.UsageError("There are several federations: name one with --union.")
    return roots[0]
