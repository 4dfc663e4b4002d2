"""docs/settings.md lists every setting that is read, with the default and the range that the code has."""

import ast
import re
from pathlib import Path

from tests.house.tree import ROOT, plant

READERS = frozenset({"get", "choice", "number", "key_ring", "key"})
WHERE = ("app/settings.py", "app/environment.py")
Rows = dict[str, list[str]]


def settings(tree: Path) -> dict[str, list[str]]:
    """Every name that is read from the environment, with what its page must mention: default, limits, choices."""
    modules = [ast.parse((tree / path).read_text(encoding="utf-8")) for path in WHERE if (tree / path).exists()]
    found: dict[str, list[str]] = {}
    for call in (node for module in modules for node in ast.walk(module) if isinstance(node, ast.Call)):
        reader = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        values = [node.value for node in call.args if isinstance(node, ast.Constant)]
        if reader in READERS and values and re.fullmatch("[A-Z_]+", str(values[0])):
            choices = [ast.literal_eval(node) for node in call.args if isinstance(node, ast.Tuple)]
            told = [*values[1:], *(choice for group in choices for choice in group)]
            found.setdefault(str(values[0]), []).extend(str(value) for value in told)
    return found


def rows(tree: Path) -> Rows:
    """Name -> the other cells of its row."""
    text = (tree / "docs/settings.md").read_text(encoding="utf-8")
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return {cells[0].strip("`"): cells[1:] for cells in lines}


def page_amiss(tree: Path) -> dict[str, list[str]]:
    code, page = settings(tree), rows(tree)
    return {
        "without a row": sorted(set(code) - set(page)),
        "without a setting": sorted(set(page) - set(code)),
        "half a row": [name for name, cells in page.items() if len(cells) != 3 or not all(map(str.strip, cells))],
        "says something else": [
            f"{name}: {value}"
            for name, told in code.items()
            for value in told
            if not re.search(rf"\b{re.escape(value)}\b", " ".join(page.get(name, [])[:2]))
        ],
    }


GOOD: dict[str, list[str]] = {"without a row": [], "without a setting": [], "half a row": [], "says something else": []}


def test_every_setting_is_on_the_page_and_everything_on_the_page_is_a_setting() -> None:
    assert page_amiss(ROOT) == GOOD


def test_a_setting_that_the_page_has_wrong_is_found(tmp_path: Path) -> None:
    plant(tmp_path, "app/settings.py", 'number(e, "PORT", 8000, 1, 65535)\nenviron.get("NEW") or "x"\n')
    page = "| `PORT` | `8080` | 1 to 65535 | Where. |\n| `OLD` | `1` |  | Gone. |\n"
    assert page_amiss(plant(tmp_path, "docs/settings.md", page)) == {
        "without a row": ["NEW"],
        "without a setting": ["OLD"],
        "half a row": ["OLD"],
        "says something else": ["PORT: 8000"],
    }
