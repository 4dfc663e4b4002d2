"""`flask roster`: check a sheet and bring it in; write a sheet of people who do not exist.

Exit codes of `import`: 0 done, 1 the file cannot be used or the import may not be applied, 3 some rows are faulty.
"""

import functools
import hashlib
from pathlib import Path

import click
from flask.cli import AppGroup

from app import roster
from app.demo_data import sheet
from app.demo_data.progress import progress
from app.wording import clerk_words
from app.wording.roster_rows import VERDICTS
from services.core import clock
from services.core.errors import DomainError
from services.core.files import files
from services.core.transaction import in_transaction
from services.members.roster import queries, service
from services.members.roster.reading import check
from services.members.roster.types import ImportId, ImportView, Kind, State, Verdict, Weight
from services.members.roster.verdicts import plain_union_name
from services.unions import queries as unions
from services.unions.types import UnionPath, UnionView

group = AppGroup("roster", help="The roster of members.")

ACTOR = "operator:cli"
FAULTY = 3
SHOWN = 5
"""Lines that are named for each kind of fault."""


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--union", "named", help="Path or name of the union whose list it is; default: the federation.")
@click.option("--whole", is_flag=True, help="The list is whole: members of that union who are not in it are missing.")
@click.option("--apply", "write", is_flag=True, help="Write it. Without this nothing is changed.")
@click.option("--leave", is_flag=True, help="With --whole --apply: those who are missing leave.")
@click.option("--second", help="Who else has looked, when more than a tenth is missing: name or number of the account.")
@click.pass_context
def import_(
    context: click.Context, file: Path, named: str | None, whole: bool, write: bool, leave: bool, second: str | None
) -> None:
    """Check FILE (.xlsx, .csv) and say what is in it; with --apply write the good rows.

    Started again after it was cut off, it goes on where it was.
    """
    data = file.read_bytes()
    try:
        check(data)
        digest = hashlib.sha256(data).digest()
        import_id = in_transaction(lambda: queries.unfinished(digest)) if write else None
        if import_id is None:
            import_id = _checked(file.name, data, _union(named), Kind.WHOLE if whole else Kind.ADDITIONS)
            seen = _see(import_id)
            _say(seen)
            if seen.state is State.REFUSED:
                context.exit(1)
            if write:
                _agree(seen, leave=leave, second=second)
        if write:
            _apply(import_id)
        else:
            in_transaction(lambda: service.drop(import_id=import_id, scopes=_all(), actor=ACTOR, now=clock.now()))
    except DomainError as error:
        raise click.ClickException(clerk_words(error.code, error.facts, language="zh")) from None
    context.exit(FAULTY if _see(import_id).count(Weight.BAD) else 0)


@group.command()
@click.option("--rows", type=click.IntRange(1, 100_000), default=200, show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--seed", type=click.IntRange(0, 999), default=1, show_default=True)
def sample(rows: int, output: Path, seed: int) -> None:
    """Write an .xlsx of people who do not exist, for the grass-roots unions of the database."""
    # Unions that share a name with another are left out: a sheet cannot name them.
    names = [union.name["zh"] for union in _every()]
    single = [name for name in dict.fromkeys(names) if names.count(name) == 1]
    if not single:
        raise click.ClickException("there are no unions yet: flask unions import, or flask demo")
    with progress("Writing the sheet", rows) as advance:
        sheet.write(output, rows=rows, unions=single[1:] or single, seed=seed, advance=advance)
    click.echo(f"{output}: {rows} people of {min(rows, len(single[1:]) or 1)} unions. None of them exists.")


def _checked(name: str, data: bytes, union: UnionView, kind: Kind) -> ImportId:
    key = files.put(data)
    import_id = in_transaction(
        lambda: service.hand_in(
            union_id=union.id, kind=kind, file_name=name, file_key=key, data=data, scopes=_all(), actor=ACTOR,
            now=clock.now(), post=False,
        )
    )  # fmt: skip
    with progress("Checking", max(1, len(data) // 75)) as advance:
        roster.check(import_id, advance)
    return import_id


def _agree(seen: ImportView, *, leave: bool, second: str | None) -> None:
    """Ticks the leavers and records who else has looked, as asked, and says yes."""
    scopes, now = _all(), clock.now()
    if leave:
        choose = functools.partial(service.choose_all, verdict=Verdict.MISSING, chosen=True)
        in_transaction(lambda: choose(import_id=seen.id, scopes=scopes, actor=ACTOR, now=now))
    if seen.needs_second and second:
        by = f"officer:{second}"
        in_transaction(lambda: service.approve(import_id=seen.id, scopes=scopes, actor=by, now=now))
    in_transaction(lambda: service.begin_apply(import_id=seen.id, scopes=scopes, actor=ACTOR, now=now, post=False))


def _apply(import_id: ImportId) -> None:
    with progress("Writing", max(1, _see(import_id).total)) as advance:
        roster.apply(import_id, advance)
    seen = _see(import_id)
    click.echo("Written: " + ", ".join(f"{count} {outcome}" for outcome, count in sorted(seen.outcomes.items())))
    click.echo(f"Can be undone until {seen.undo_until:%Y-%m-%d %H:%M} UTC. Import {import_id}.")


def _say(seen: ImportView) -> None:
    """Figures by verdict, and the first lines of what is wrong. Masked: a terminal is not a private place."""
    if seen.fault:
        click.echo(clerk_words(seen.fault, seen.fault_facts, language="zh"), err=True)
        return
    for verdict, count in sorted(seen.counts.items(), key=lambda pair: (list(Weight).index(pair[0].weight), -pair[1])):
        lines = "" if verdict.weight is Weight.GOOD else f"  ({_lines(seen.id, verdict)})"
        click.echo(f"{count:>8}  {VERDICTS[verdict].title_zh}{lines}")
    for title, headers in (
        ("Columns that were dropped unread (bank)", seen.report.bank),
        ("Columns that are not needed and were not taken", seen.report.not_taken),
        ("Columns that were ignored", seen.report.ignored),
    ):
        if headers:
            click.echo(f"{title}: {', '.join(headers)}")
    if seen.report.stopped_after:
        click.echo(f"After line {seen.report.stopped_after} came more than 1,000 empty rows; nothing below was read.")
    if seen.needs_second:
        click.echo(f"{seen.missing} of {seen.members_before} members are missing: a second officer must agree.")


def _lines(import_id: ImportId, verdict: Verdict) -> str:
    rows = in_transaction(lambda: queries.rows(import_id, verdict=verdict, limit=SHOWN + 1))
    return "line " + ", ".join(str(row.line) for row in rows[:SHOWN]) + (" …" if len(rows) > SHOWN else "")


def _see(import_id: ImportId) -> ImportView:
    return in_transaction(lambda: queries.one(import_id, scopes=_all()))


def _all() -> tuple[UnionPath, ...]:
    """Whoever has this terminal has the database."""
    return tuple(root.path for root in in_transaction(unions.roots))


def _union(named: str | None) -> UnionView:
    found = [union for union in _every() if not named or named in (union.path, *union.name.values())]
    if not found and named:
        found = [union for union in _every() if plain_union_name(named) in map(plain_union_name, union.name.values())]
    if not found:
        raise click.ClickException(f"no union is called {named}" if named else "there is no federation yet")
    if named and len(found) > 1:
        raise click.ClickException(f"{len(found)} unions are called {named}; give a path (flask unions list)")
    return found[0]


def _every() -> list[UnionView]:
    """All open unions. In a transaction that ends: what follows takes longer than one may idle."""
    return [union for scope in _all() for union in in_transaction(functools.partial(unions.subtree, scope=scope))]
