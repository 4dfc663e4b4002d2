"""How far a long load is: a bar on a terminal, a line for each tenth elsewhere, nothing for what is over at once."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

import click
from tqdm import tqdm

Advance = Callable[[int], object]
QUIET_SECONDS = 2.0


@contextlib.contextmanager
def progress(label: str, total: int) -> Iterator[Advance]:
    """Yields what to call with the number of pieces that are done."""
    if sys.stderr.isatty():
        with tqdm(total=total, desc=label, unit_scale=True, leave=False) as bar:
            yield bar.update
    else:
        yield _Lines(label, total).advance


class _Lines:
    def __init__(self, label: str, total: int) -> None:
        self._label, self._total = label, total
        self._done = self._told = 0
        self._begun = time.monotonic()

    def advance(self, pieces: int) -> None:
        self._done += pieces
        tenth = min(10, 10 * self._done // self._total)
        if tenth > self._told and time.monotonic() - self._begun > QUIET_SECONDS:
            self._told = tenth
            click.echo(f"{self._label}: {10 * tenth}%", err=True)
