"""`flask keys status`, `flask keys rotate`: which keys seal what, and sealing anew with the newest."""

import functools
from collections import Counter

import click
from flask import current_app
from flask.cli import AppGroup

from app.demo_data.progress import Advance, progress
from app.sealed import SEALED
from app.settings import Settings
from services.core import audit, clock, rotation
from services.core.crypto import SealBroken, vault
from services.core.errors import NotFound
from services.core.files import files
from services.core.ids import uuid7
from services.core.transaction import in_transaction

ROUNDS = 3
"""How often a column is gone through: rows that somebody held in the first round are free in the next."""
group = AppGroup("keys", help="The keys that seal personal data.")


@group.command()
def status() -> None:
    """How many values and files each key has sealed. A key without any may go."""
    counts = _counts()
    newest = vault.current
    for key_id in sorted({newest, *_known(), *(key_id for of in counts.values() for key_id in of)}):
        total = sum(of.get(key_id, 0) for of in counts.values())
        word = "the newest" if key_id == newest else "old" if key_id in _known() else "NOT AMONG FIELD_KEYS"
        click.echo(f"Key {key_id} ({word}): {total}")
        for place, of in counts.items():
            if of.get(key_id):
                click.echo(f"  {place}: {of[key_id]}")


@group.command()
@click.pass_context
def rotate(context: click.Context) -> None:
    """Seal with the newest key what older ones sealed. Everything goes on meanwhile; a run that was cut off goes on."""
    counts = _counts()
    newest = vault.current
    waiting = sum(count for of in counts.values() for key_id, count in of.items() if key_id != newest)
    if not waiting:
        click.echo(f"Everything is sealed with key {newest}.")
        return
    done, broken = 0, Counter[str]()
    with progress(f"Sealing with key {newest}", waiting) as told:
        for column in SEALED:
            sealed, bad = _column(column, told)
            done, broken[column] = done + sealed, bad
        sealed, broken["files"] = _files(told)
    detail = {"key": newest, "values": done, "files": sealed}
    in_transaction(
        lambda: audit.record("keys.rotated", actor="command", subject_id=uuid7(), now=clock.now(), detail=detail)
    )
    click.echo(f"{done} values and {sealed} files are now sealed with key {newest}.")
    for place, count in (+broken).items():
        click.echo(f"{place}: {count} do not open with any key that is set.", err=True)
    left = sum(count for of in _counts().values() for key_id, count in of.items() if key_id != newest)
    if left:
        click.echo(f"{left} are still sealed with an old key. Keep the old keys, and run this again.", err=True)
        context.exit(1)
    click.echo("The old keys may go, once no backup is kept that needs them.")


def _column(column: str, told: Advance) -> tuple[int, int]:
    """How many were sealed anew, and how many of the last round do not open."""
    done = bad = 0
    for _ in range(ROUNDS):
        after, bad, round_done = None, 0, 0
        while True:
            batch = in_transaction(functools.partial(rotation.reseal, column, after=after))
            told(batch.done)
            round_done, bad, after = round_done + batch.done, bad + batch.broken, batch.last
            if after is None:
                break
        done += round_done
        if not round_done:
            break
    return done, bad


def _files(told: Advance) -> tuple[int, int]:
    done = bad = 0
    for key in files.walk():
        try:
            if files.reseal(key):
                done += 1
                told(1)
        except SealBroken:
            bad += 1
    return done, bad


def _counts() -> dict[str, dict[str, int]]:
    """Place -> key id -> how many."""
    counts = {column: in_transaction(functools.partial(rotation.key_ids, column)) for column in SEALED}
    of_files = Counter[str]()
    for key in files.walk():
        try:
            of_files[files.key_id(key)] += 1
        except NotFound:  # deleted since
            continue
    return {**counts, "files": dict(of_files)}


def _known() -> list[str]:
    settings: Settings = current_app.config["SETTINGS"]
    return [key_id for key_id, _ in settings.field_keys]
