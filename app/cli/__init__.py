"""Commands: `flask --app wsgi NAME`. Thin as routes: parse, call, say what was done."""

import click
import flask_migrate
from flask import Flask, current_app

from app.settings import Settings


def register(app: Flask) -> None:
    app.cli.add_command(prepare)


@click.command()
def prepare() -> None:
    """Bring the database to the newest schema; with DEMO=1 load the demo data once."""
    settings: Settings = current_app.config["SETTINGS"]
    flask_migrate.upgrade()
    if settings.demo:
        pass
