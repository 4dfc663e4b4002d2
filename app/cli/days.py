"""`flask calendar set DATE off|works`: what the State Council says of a year, day by day."""

import datetime
import uuid

import click
from flask.cli import AppGroup

from services.core import audit, clock, workdays
from services.core.transaction import in_transaction

group = AppGroup("calendar", help="Working days, for time limits.")


@group.command("set")
@click.argument("day", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]))
@click.argument("works", metavar="off|works", type=click.Choice(["off", "works"]))
def set_day(day: datetime.datetime, works: str) -> None:
    """Say that DATE (2027-01-04) is a day off, or is worked. What was said of it before is replaced."""
    date = day.date()
    in_transaction(lambda: _set(date, works=works == "works"))
    click.echo(f"{date} {'is worked' if works == 'works' else 'is a day off'}.")


def _set(date: datetime.date, *, works: bool) -> None:
    workdays.set_day(date, works=works)
    # A day has no id of its own: its number among all days stands for it.
    subject = uuid.UUID(int=date.toordinal())
    audit.record(
        "calendar.set", actor="command", subject_id=subject, now=clock.now(), detail={"day": str(date), "works": works}
    )
