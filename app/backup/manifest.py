"""What a backup says of itself: when, of which schema, how many rows with which sums, under which keys."""

import json
from dataclasses import asdict, dataclass

import psycopg

from app.backup.archive import BackupError, Damaged, fingerprint
from app.settings import Settings

FORMAT = 1
# Of every row the text as these settings write it; 56 bits of its digest; their sum does not ask for an order.
_SESSION = "SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; \
SET bytea_output = 'hex'; SET extra_float_digits = 1; SET search_path = public"
_DIGEST = (
    "coalesce(sum(('x' || encode(substring(sha256(convert_to(t::text, 'UTF8')) from 1 for 7), 'hex'))"
    "::bit(56)::bigint::numeric), 0)::text"
)
_TABLES = (
    "SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
)

Sums = dict[str, tuple[int, str]]


@dataclass(frozen=True)
class Manifest:
    format: int
    #: UTC, ISO 8601
    made_at: str
    #: the newest migration that had run
    schema: str
    #: major versions of the server, and of the pg_dump that read it
    server: int
    tools: int
    #: table -> rows and sum
    tables: Sums
    files: int
    files_bytes: int
    #: setting and id -> fingerprint
    keys: dict[str, str]

    def write(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def read(cls, data: bytes) -> "Manifest":
        """Raises BackupError for a backup of a version that is not ours."""
        try:
            facts = json.loads(data)
            if facts["format"] != FORMAT:
                raise BackupError("the backup was made by a newer version of Gonghui")
            facts["tables"] = {name: (rows, total) for name, (rows, total) in facts["tables"].items()}
            return cls(**facts)
        except (ValueError, KeyError, TypeError):
            raise Damaged("the backup's first section makes no sense") from None

    @property
    def rows(self) -> int:
        return sum(rows for rows, _ in self.tables.values())


def sums(connection: psycopg.Connection) -> Sums:
    """Rows and sum of every table, as the connection's transaction sees them."""
    connection.execute(_SESSION)
    tables = [name for (name,) in connection.execute(_TABLES).fetchall()]
    found: Sums = {}
    for table in tables:
        row = connection.execute(f"SELECT count(*), {_DIGEST} FROM public.{table} t".encode()).fetchone()  # noqa: S608
        found[table] = (row[0], row[1]) if row else (0, "0")
    return found


def check_sql(tables: Sums) -> str:
    """Statements that fail, and so undo their transaction, unless every table has these rows and this sum."""
    checks = (
        f"DO $check$ BEGIN IF (SELECT (count(*), {_DIGEST}) = ({rows}, '{total}') FROM public.{table} t) IS NOT TRUE "  # noqa: S608
        f"THEN RAISE EXCEPTION 'table {table} is not what was backed up'; END IF; END $check$;\n"
        for table, (rows, total) in tables.items()
    )
    return f"{_SESSION};\n{''.join(checks)}"


def key_marks(settings: Settings) -> dict[str, str]:
    """Each key's fingerprint; never a key."""
    rings = {"SIGNING_KEYS": settings.signing_keys, "FIELD_KEYS": settings.field_keys}
    marks = {f"{name} {key_id}": fingerprint(key) for name, ring in rings.items() for key_id, key in ring}
    return {**marks, "INDEX_KEY": fingerprint(settings.index_key)}


def missing_keys(manifest: Manifest, settings: Settings) -> list[str]:
    """Keys of the backup without which its data cannot be read. Signing keys may have changed: they keep no data."""
    ours = key_marks(settings)
    needed = {name: mark for name, mark in manifest.keys.items() if not name.startswith("SIGNING_KEYS")}
    return sorted(name for name, mark in needed.items() if ours.get(name) != mark)
