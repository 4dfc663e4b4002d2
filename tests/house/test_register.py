"""The register of services/rights knows every column of every table, and what it promises is done."""

import datetime

from sqlalchemy import Column, Integer, MetaData, String, Table

from app.retention import PURGES
from app.sealed import SEALED
from services.core.db import Base
from services.rights import register
from services.rights.register import REGISTER, Text
from services.rights.register.entries import Table as Entry
from services.rights.register.entries import Topic, Viewer, forgotten, nothing

ABOUT_NOBODY = Topic(Text("题", "Topic"), Text("用处", "use"), (Viewer.NOBODY,))
#: purges of tables that hold nothing about anybody
PLAIN_PURGES = {"answers", "budgets", "nonces", "states"}


def register_amiss(metadata: MetaData, entries: tuple[Entry, ...]) -> dict[str, set[str]]:
    """Columns without an entry, entries without a column, tables and columns that are entered twice."""
    there = {f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.columns}
    entered = {f"{entry.name}.{column}" for entry in entries for column in entry.columns}
    names = [entry.name for entry in entries]
    return {
        "not in the register": there - entered,
        "not in the database": entered - there,
        "entered twice": {name for name in names if names.count(name) > 1}
        | {f"{entry.name}.{column}" for entry in entries for column in set(entry.personal) & set(entry.plain.split())},
    }


def promises_amiss(entries: tuple[Entry, ...], purges: set[str]) -> dict[str, set[str]]:
    """Entries about people that do not say how long, and promises of forgetting that nothing keeps."""
    named = {entry.kept.purge for entry in entries if entry.kept and entry.kept.purge}
    return {
        "no time": {entry.name for entry in entries if entry.topic and entry.kept is None},
        "no reason": {entry.name for entry in entries if entry.topic is None and not entry.why},
        "personal without a topic": {entry.name for entry in entries if entry.personal and entry.topic is None},
        "kept by nothing": named - purges,
        "promised nowhere": purges - named,
    }


def test_every_column_is_in_the_register() -> None:
    nothing_amiss: dict[str, set[str]] = {
        "not in the register": set(), "not in the database": set(), "entered twice": set()
    }  # fmt: skip
    assert register_amiss(Base.metadata, REGISTER) == nothing_amiss


def test_a_column_that_nobody_entered_is_found() -> None:
    metadata = MetaData()
    Table("planted", metadata, Column("id", Integer), Column("name", String), Column("health", String))
    entries = (
        nothing("planted", "why", "id gone"),
        Entry("planted", ABOUT_NOBODY, None, {"name": Text("", "")}, "name"),
    )
    assert register_amiss(metadata, entries) == {
        "not in the register": {"planted.health"},
        "not in the database": {"planted.gone"},
        "entered twice": {"planted", "planted.name"},
    }


def test_every_promise_of_forgetting_is_kept_by_a_purge() -> None:
    nothing_amiss: dict[str, set[str]] = {
        "no time": set(), "no reason": set(), "personal without a topic": set(), "kept by nothing": set(),
        "promised nowhere": set(),
    }  # fmt: skip
    assert promises_amiss(REGISTER, set(PURGES) - PLAIN_PURGES) == nothing_amiss


def test_an_empty_promise_is_found() -> None:
    empty = forgotten(datetime.timedelta(days=3), Text("后", "after"), by="nobody")
    entries = (
        Entry("one", ABOUT_NOBODY, None), Entry("two", None, empty, {"name": Text("", "")}, why=""),
    )  # fmt: skip
    assert promises_amiss(entries, {"somebody"}) == {
        "no time": {"one"}, "no reason": {"two"}, "personal without a topic": {"two"},
        "kept by nothing": {"nobody"}, "promised nowhere": {"somebody"},
    }  # fmt: skip


def test_whatever_is_sealed_is_called_personal() -> None:
    personal = {f"{entry.name}.{column}" for entry in REGISTER for column in entry.personal}
    assert set(SEALED) - personal == {"platform_values.value", "draws.seed"}


def test_the_words_say_how_long_in_both_languages() -> None:
    for days, zh, en in (
        (1, "1 天", "1 day"),
        (183, "183 天", "183 days"),
        (730, "2 年", "2 years"),
        (1096, "3 年", "3 years"),
    ):
        kept = forgotten(datetime.timedelta(days=days), Text("之后", "later"), by="x")
        assert kept.words == Text(f"之后 {zh}，自动删除", f"{en} later, then deleted")
    assert all(table.kept and table.kept.words.en for _, tables in register.topics() for table in tables)
