"""`flask unions`: found the federation, bring in the tree from a sheet, list it."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import click
from flask.cli import AppGroup

from services.core import clock
from services.core.errors import DomainError
from services.core.transaction import in_transaction
from services.unions import queries, service
from services.unions.types import Contact, Level, UnionView

group = AppGroup("unions", help="The tree of unions.")

NAME, ABOVE, PHONE, ADDRESS = "工会名称", "上级工会", "电话", "地址"


@group.command()
@click.argument("name")
def found(name: str) -> None:
    """Found the federation NAME (雍河区总工会)."""
    union = in_transaction(lambda: service.found(name={"zh": name}, level=Level.FEDERATION))
    click.echo(f"{union.path}  {name}")


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """Add the unions of FILE, a CSV with the columns 工会名称, 上级工会, 电话, 地址: all of them or none.

    上级工会 names the federation or a town union of this file or of the database. Unions that are there are left alone.
    """
    rows = _read(file)
    try:
        added, there = in_transaction(lambda: _add(rows))
    except DomainError as error:
        raise click.ClickException(f"Nothing was added: {error.code} {dict(error.facts)}") from None
    click.echo(f"{added} unions added, {there} were there.")


@group.command("list")
def list_() -> None:
    """Print path and name of every open union."""
    for root in queries.roots():
        for union in queries.subtree(scope=root.path):
            click.echo(f"{union.path}  {union.name['zh']}")


def _read(file: Path) -> list[dict[str, str]]:
    data = file.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise click.ClickException("The file is neither UTF-8 nor GB18030. Save it as CSV (UTF-8).")
    reader = csv.DictReader(io.StringIO(text))
    if not {NAME, ABOVE} <= set(reader.fieldnames or ()):
        raise click.ClickException(f"The first line must name the columns {NAME}, {ABOVE}, {PHONE}, {ADDRESS}.")
    return [{key: (value or "").strip() for key, value in row.items() if key} for row in reader if row.get(NAME)]


def _add(rows: list[dict[str, str]]) -> tuple[int, int]:
    """Town unions first, so that the order of the lines does not matter."""
    tree = dict(_tree())
    roots = {name for name, union in tree.items() if union.level is Level.FEDERATION}
    wanted = sorted(rows, key=lambda row: row[ABOVE] not in roots or not row[NAME].endswith("总工会"))
    added = 0
    for row in wanted:
        if row[NAME] in tree:
            continue
        above = tree.get(row[ABOVE])
        if above is None:
            raise click.ClickException(
                f"Nothing was added: {row[NAME]} stands under {row[ABOVE] or '—'}, which is not there."
            )
        town = above.level is Level.FEDERATION and row[NAME].endswith("总工会")
        address = {"zh": row[ADDRESS]} if row.get(ADDRESS) else None
        tree[row[NAME]] = service.add(
            name={"zh": row[NAME]},
            level=Level.TOWN if town else Level.GRASSROOTS,
            parent_id=above.id,
            actor="command",
            now=clock.now(),
            contact=Contact(row.get(PHONE) or None, address),
        )
        added += 1
    return added, len(wanted) - added


def _tree() -> Iterator[tuple[str, UnionView]]:
    for root in queries.roots():
        for union in queries.subtree(scope=root.path):
            yield union.name["zh"], union
