"""Every column of bytes is in app/sealed.py, and every value is sealed under the name of its column."""

import ast
from pathlib import Path

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table

from app.sealed import DIGESTS, SEALED
from services.core.db import Base
from tests.house.tree import ROOT, plant, sources

SEALERS = frozenset({"seal", "unseal", "seal_bytes", "unseal_bytes"})


def columns_amiss(metadata: MetaData, sealed: set[str], digests: set[str]) -> dict[str, set[str]]:
    found = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    return {
        "on neither list": found - sealed - digests,
        "on both": sealed & digests,
        "no such column": (sealed | digests) - found,
    }


def fields_amiss(tree: Path, sealed: set[str]) -> list[str]:
    """Places where a value is sealed or opened under another name than that of a sealed column."""
    modules = [(path, module) for path, module in sources(tree, "app", "services")]
    everywhere: dict[str, set[str]] = {}
    for _, module in modules:
        for name, value in _texts(module).items():
            everywhere.setdefault(name, set()).add(value)
    return [
        f"{path}:{call.lineno}"
        for path, module in modules
        if not path.startswith("services/core/")
        for call in ast.walk(module)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in SEALERS
        if isinstance(call.func.value, ast.Name) and call.func.value.id == "vault"
        if not _named(call.args[0], everywhere | {name: {value} for name, value in _texts(module).items()}, sealed)
    ]


def _named(field: ast.expr, names: dict[str, set[str]], sealed: set[str]) -> bool:
    if isinstance(field, ast.JoinedStr):
        begin = field.values[0].value if isinstance(field.values[0], ast.Constant) else ""
        return bool(begin) and any(name.startswith(str(begin)) for name in sealed)
    values = (
        {field.value}
        if isinstance(field, ast.Constant)
        else names.get(field.attr if isinstance(field, ast.Attribute) else getattr(field, "id", ""), {""})
    )
    return values <= sealed


def _texts(module: ast.Module) -> dict[str, str]:
    """NAME = "text" and NAME, NAME = "text", "text" of a module."""
    found = {}
    for node in module.body:
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            pairs = (
                zip(target.elts, value.elts, strict=False)
                if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
                else [(target, value)]
            )
            found |= {
                name.id: text.value
                for name, text in pairs
                if isinstance(name, ast.Name) and isinstance(text, ast.Constant) and isinstance(text.value, str)
            }
    return found


def test_every_column_of_bytes_is_on_one_of_the_lists() -> None:
    nothing: set[str] = set()
    assert columns_amiss(Base.metadata, set(SEALED), set(DIGESTS)) == {
        "on neither list": nothing, "on both": nothing, "no such column": nothing
    }  # fmt: skip


def test_a_column_that_is_on_no_list_is_found() -> None:
    metadata = MetaData()
    Table("planted", metadata, Column("id", Integer), Column("phone", LargeBinary), Column("known", LargeBinary))
    assert columns_amiss(metadata, {"planted.known", "planted.gone"}, {"planted.known"}) == {
        "on neither list": {"planted.phone"}, "on both": {"planted.known"}, "no such column": {"planted.gone"}
    }  # fmt: skip


def test_every_value_is_sealed_under_the_name_of_its_column() -> None:
    assert fields_amiss(ROOT, set(SEALED)) == []


def test_another_field_is_found(tmp_path: Path) -> None:
    lines = (
        'F, G = "members.phone", "members.fone"', 'vault.seal(F, "1")', 'vault.seal(G, "1")', 'vault.unseal("x", b"")',
        'vault.seal(f"members.{x}", "1")', 'vault.seal(f"{x}", "1")',
    )  # fmt: skip
    source = "\n".join(lines)
    plant(tmp_path, "services/members/service.py", source)
    assert fields_amiss(tmp_path, {"members.phone"}) == [f"services/members/service.py:{line}" for line in (3, 4, 6)]
