"""What the rows of one sheet say together. The database judges: the rows hold blind indexes of what they say.

`only` are indexes of documents and phones whose rows are judged again after one was corrected; None judges all.
"""

from collections.abc import Collection

from sqlalchemy import LargeBinary, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from services.core.db import run
from services.members.roster.types import ImportId

_AMONG = "import_id = :import_id AND (:every OR id_index = ANY(:only) OR phone_index = ANY(:only))"
_BACK = f"""
    UPDATE roster_rows SET verdict = own_verdict, notes = notes - 'phone_shared',
        chosen = own_verdict IN ('new', 'changes', 'moved', 'returns') AND action <> 'nothing'
    WHERE {_AMONG} AND (verdict IN ('twice', 'document_shared', 'person_twice') OR notes ? 'phone_shared')
"""  # noqa: S608 - constants of this module
_TWICE = f"""
    UPDATE roster_rows AS row SET verdict = 'twice', chosen = false
    FROM (SELECT id_index, min(line) AS first FROM roster_rows WHERE {_AMONG} AND id_index IS NOT NULL
        GROUP BY id_index HAVING count(*) > 1 AND count(DISTINCT name_index) = 1) AS again
    WHERE row.import_id = :import_id AND row.id_index = again.id_index AND row.line > again.first
"""  # noqa: S608
_SHARED = f"""
    UPDATE roster_rows AS row SET verdict = 'document_shared', chosen = false
    FROM (SELECT id_index FROM roster_rows WHERE {_AMONG} AND id_index IS NOT NULL
        GROUP BY id_index HAVING count(DISTINCT name_index) > 1) AS clash
    WHERE row.import_id = :import_id AND row.id_index = clash.id_index
"""  # noqa: S608
_PERSON = f"""
    UPDATE roster_rows AS row SET verdict = 'person_twice', chosen = false
    FROM (SELECT name_index, phone_index FROM roster_rows WHERE {_AMONG} AND phone_index IS NOT NULL
        GROUP BY name_index, phone_index HAVING count(DISTINCT id_index) > 1) AS clash
    WHERE row.import_id = :import_id AND row.phone_index = clash.phone_index AND row.name_index = clash.name_index
        AND row.verdict NOT IN ('twice', 'document_shared')
"""  # noqa: S608
_PHONE = f"""
    UPDATE roster_rows AS row SET notes = notes || '["phone_shared"]'::jsonb
    FROM (SELECT phone_index FROM roster_rows WHERE {_AMONG} AND phone_index IS NOT NULL
        GROUP BY phone_index HAVING count(DISTINCT id_index) > 1) AS many
    WHERE row.import_id = :import_id AND row.phone_index = many.phone_index AND NOT row.notes ? 'phone_shared'
"""  # noqa: S608
_STATEMENTS = [
    text(statement).bindparams(bindparam("only", type_=ARRAY(LargeBinary)))
    for statement in (_BACK, _TWICE, _SHARED, _PERSON, _PHONE)
]
# Statistics of a former, small import make the planner expect a few rows and join the whole sheet with itself row by
# row: 2,000 rows took more than 5 s, and take 1 s like this.
_BY_HASH, _AS_BEFORE = text("SET LOCAL enable_nestloop = off"), text("SET LOCAL enable_nestloop TO DEFAULT")


def judge(import_id: ImportId, only: Collection[bytes] | None = None) -> None:
    """Sets `verdict` and the note of shared phones. A row that is judged anew loses an officer's tick."""
    values = {"import_id": import_id, "every": only is None, "only": list(only or [])}
    if only is None:
        run(_BY_HASH, {})
    for statement in _STATEMENTS:
        run(statement, values)
    if only is None:
        run(_AS_BEFORE, {})
