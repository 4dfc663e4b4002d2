"""Imports go down only. Import-linter judges; here it is seen to say no."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.tree import ROOT, functions, plant, sources

RUN = "from importlinter.cli import lint_imports_command as run; run(['--no-cache'])"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
CONTRACTS = {contract["name"]: contract for contract in PROJECT["contracts"]}
ROOMS = sorted({path.parent.name for name in ("models.py", "models") for path in (ROOT / "services").glob(f"*/{name}")})

#: For each contract a file and an import in it that breaks it.
FAULTS = {
    "Imports go down only": ("services/core/planted.py", "import services.unions.types"),
    "Services know no HTTP": ("services/offers/planted_http.py", "import flask"),
    "Flask-SQLAlchemy in core.db only": ("services/offers/planted_sql.py", "import flask_sqlalchemy"),
    "One picture maker": ("app/planted_picture.py", "import qrcode"),
    "One client of the WeChat platform": ("app/planted_wechat.py", "import wechatpy"),
    "services.tables is for create_app and migrations": (
        "services/reports/planted_tables.py",
        "import services.tables",
    ),
    **{
        f"The tables of {room} are its own": ("app/planted_models.py", f"import services.{room}.models")
        for room in ROOMS
    },
}


def verdicts(tree: Path) -> tuple[dict[str, bool], str]:
    """Each contract of the tree's pyproject.toml with whether it is kept, and the whole report."""
    run = subprocess.run(
        [sys.executable, "-c", RUN], cwd=tree, capture_output=True, text=True, check=False, env={"COLUMNS": "500"}
    )
    found = re.findall(r"^(.+?) (KEPT|BROKEN)(?: .*)?$", run.stdout, re.MULTILINE)
    return {name: word == "KEPT" for name, word in found}, run.stdout + run.stderr


def section(report: str, contract: str) -> str:
    """What the report says about one broken contract."""
    headings = re.compile("^(" + "|".join(re.escape(name) for name in CONTRACTS) + ")\n-+\n", re.MULTILINE)
    parts = headings.split(report)
    return parts[parts.index(contract) + 1] if contract in parts else ""


def imports_inside_functions(tree: Path) -> list[str]:
    return [
        f"{path}:{node.lineno}"
        for path, module in sources(tree, "app", "services")
        for function in functions(module)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def test_every_import_contract_is_kept() -> None:
    kept, report = verdicts(ROOT)
    assert set(kept) == set(CONTRACTS), report
    assert all(kept.values()), report


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bool], str]:
    """The verdicts on a copy of the tree that has every fault of FAULTS."""
    copy = tmp_path_factory.mktemp("faulty")
    for folder in ("app", "services"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    planted: dict[str, list[str]] = {}
    for path, statement in FAULTS.values():
        planted.setdefault(path, []).append(statement)
    for path, statements in planted.items():
        plant(copy, path, "\n".join(statements) + "\n")
    return verdicts(copy)


@pytest.mark.parametrize("contract", sorted(CONTRACTS))
def test_a_forbidden_import_breaks_its_contract(contract: str, faulty: tuple[dict[str, bool], str]) -> None:
    path, _ = FAULTS[contract]
    kept, report = faulty
    assert kept[contract] is False, report
    assert path.removesuffix(".py").replace("/", ".") in section(report, contract)


def test_every_package_has_its_place_in_the_layers_and_every_table_its_owner() -> None:
    layers = {part.strip() for layer in CONTRACTS["Imports go down only"]["layers"] for part in layer.split("|")}
    packages = {f"services.{path.parent.name}" for path in (ROOT / "services").glob("*/__init__.py")}
    assert layers == packages | {"app", "services.tables"}
    assert set(CONTRACTS) == set(FAULTS)


def test_no_import_stands_inside_a_function() -> None:
    assert imports_inside_functions(ROOT) == []


def test_an_import_inside_a_function_is_found(tmp_path: Path) -> None:
    tree = plant(tmp_path, "services/offers/service.py", "def publish():\n    from app import errors\n")
    assert imports_inside_functions(tree) == ["services/offers/service.py:2"]
