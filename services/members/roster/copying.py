"""Many rows into one table by COPY: some ten times as fast as INSERT."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psycopg import sql
from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb

from services.core.db import db
from services.core.errors import LostRace


def copy_in(table: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Writes rows in the caller's transaction. Lists and mappings become JSON; a missing column is NULL.

    Raises LostRace when somebody else's row has the same key: the transaction runs again and sees it.
    """
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    driver: Any = db.session.connection().connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row([_plain(row.get(name)) for name in columns])
    except UniqueViolation as clash:
        raise LostRace from clash


def _plain(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, list | dict) else value
