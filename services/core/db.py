"""The one SQLAlchemy object, the naming convention of constraints, and the column types that repeat."""

import datetime
import uuid
from collections.abc import Collection, Mapping
from typing import Annotated, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ARRAY, ColumnElement, CursorResult, DateTime, Executable, MetaData, Select, String, any_, literal
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

Bilingual = Annotated[dict[str, str], mapped_column(JSONB)]
"""A text that an officer writes: {"zh": "…", "en": "…"}; zh is always there, en may be missing."""
Code = Annotated[str, mapped_column(String(40))]
"""A short word of our own out of a closed list: a state, a kind, a refusal code."""
Key = Annotated[uuid.UUID, mapped_column(primary_key=True)]
"""A UUIDv7 primary key made by core.ids."""
Rows = Select[*tuple[Any, ...]]
"""A query that has not run: a higher package may join it, so that its tables stay private."""


class Base(DeclarativeBase):
    """Every table. All constraints get a name, so that a clash can be told apart: core/constraints.py."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime.datetime: DateTime(timezone=True)}


db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False, "autoflush": False})


def among(column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """`column` is one of `values`, sent as one array: many values cost no more than one, where IN grows with each."""
    found: ColumnElement[bool] = column == any_(literal(list(values), ARRAY(column.type)))
    return found


def run(statement: Executable, values: Mapping[str, Any]) -> CursorResult[Any]:
    """Runs a statement of the hot path, built once with `bindparam`, in the transaction of the session.

    Building a select takes several times as long as sending it, and `session.execute` doubles the rest for entities
    that these statements do not have: benchmarks/README.md.
    """
    return db.session.connection().execute(statement, values)


def engine_options(*, pool_size: int, statement_seconds: int = 5) -> dict[str, Any]:
    """Options of every engine: UTC, and time limits, so that one slow statement cannot hold up all others.

    A thread waits at most 3 s for a connection of the pool; then core.transaction reports Unavailable.
    """
    milliseconds = statement_seconds * 1000
    return {
        "pool_size": pool_size,
        "max_overflow": 2,
        "pool_timeout": 3,
        "pool_use_lifo": True,
        # An error that is logged must not carry what was written: phones, digests, facts of people.
        "hide_parameters": True,
        "connect_args": {
            "connect_timeout": 3,
            "options": f"-c timezone=UTC -c statement_timeout={milliseconds} -c lock_timeout={milliseconds} "
            f"-c idle_in_transaction_session_timeout=15000",
        },
    }
