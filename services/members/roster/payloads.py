"""What is kept of a row, sealed: the cells that were taken, and what a record held before it was changed."""

import base64
import datetime
import json
import uuid
from collections.abc import Mapping
from typing import Any

from services.core.crypto import vault
from services.members.roster.types import Cell, Cells, Field, Odd, Oddity
from services.members.rules import tidy_name

PAYLOAD_FIELD = "roster_rows.payload"
BEFORE_FIELD = "roster_rows.before"
FILE_NAME_FIELD = "roster_imports.file_name"
NAME_FIELD = "roster_rows.name_index"
#: sealed columns of members that an import may write over
SEALED = frozenset({"id_number", "printed_card"})


def seal_cells(cells: Cells) -> bytes:
    plain = {field.value: [cell.oddity, cell.text] if isinstance(cell, Odd) else cell for field, cell in cells.items()}
    return vault.seal(PAYLOAD_FIELD, json.dumps(plain, ensure_ascii=False, separators=(",", ":")))


def unseal_cells(sealed: bytes) -> dict[Field, Cell]:
    plain: dict[str, Any] = json.loads(vault.unseal(PAYLOAD_FIELD, sealed))
    return {
        Field(name): Odd(Oddity(cell[0]), cell[1]) if isinstance(cell, list) else cell for name, cell in plain.items()
    }


def name_index(name: str) -> bytes:
    """Equal for names that rules.same_name calls the same."""
    return vault.blind_index(NAME_FIELD, tidy_name(name).replace(" ", "").casefold())


def seal_before(values: Mapping[str, Any]) -> bytes:
    """Columns of members as they were. Sealed ones are opened and sealed again here: keys may change before an undo."""
    return vault.seal(BEFORE_FIELD, json.dumps({name: _packed(name, value) for name, value in values.items()}))


def unseal_before(sealed: bytes) -> dict[str, Any]:
    packed: dict[str, list[str] | None] = json.loads(vault.unseal(BEFORE_FIELD, sealed))
    return {
        name: vault.seal(f"members.{name}", value[1]) if value and name in SEALED else _unpacked(value)
        for name, value in packed.items()
    }


def _packed(name: str, value: Any) -> list[str] | None:
    if name in SEALED and value is not None:
        return ["text", vault.unseal(f"members.{name}", value)]
    match value:
        case None:
            return None
        case bytes():
            return ["bytes", base64.b64encode(value).decode()]
        case uuid.UUID():
            return ["uuid", str(value)]
        case datetime.datetime():
            return ["time", value.isoformat()]
        case datetime.date():
            return ["day", value.isoformat()]
        case _:
            return ["text", str(value)]


def _unpacked(packed: list[str] | None) -> Any:
    if packed is None:
        return None
    kind, text = packed
    read: dict[str, Any] = {
        "bytes": base64.b64decode,
        "uuid": uuid.UUID,
        "time": datetime.datetime.fromisoformat,
        "day": datetime.date.fromisoformat,
        "text": str,
    }
    return read[kind](text)
