"""Budgets of files and functions, names that say nothing, traces of where the code was written."""

import re
import subprocess
import tomllib
from collections.abc import Iterable
from pathlib import Path

from tests.house.tree import CODE, ROOT, files, functions, plant, sources

FILE, TEST_FILE, FUNCTION = 400, 500, 50
#: Files that may be longer, and why.
LONG = {
    "migrations/versions/0002_people_cards_offers_redemptions.py": "written by Alembic: one table after the other",
    "migrations/versions/0004_accounts.py": "written as Alembic would: one table after the other",
}
#: Where a test may be long: one walk through many pages is one story.
WALKS = ("tests/browser/", "tests/stories/")
EMPTY_NAMES = frozenset({"utils", "helpers", "common", "misc"})
#: A folder of somebody's machine. The code runs anywhere.
SOMEWHERE = re.compile(r"(?<![\w.])/(?:home|Users|mnt|work|workspace)/[\w.-]+")


def too_long(tree: Path) -> list[str]:
    """Files above their budget (300 wanted, 400 refused), and functions above 50 lines."""
    found = []
    for folders, budget in ((CODE, FILE), (("tests", "benchmarks"), TEST_FILE)):
        for path, module in sources(tree, *folders):
            lines = len((tree / path).read_text(encoding="utf-8").splitlines())
            if lines > budget and path not in LONG:
                found.append(f"{path}: {lines} lines")
            found += [
                f"{path}:{one.lineno} {one.name}: {one.end_lineno - one.lineno + 1} lines"
                for one in functions(module)
                if one.end_lineno and one.end_lineno - one.lineno >= FUNCTION and path not in LONG
                if not (path.startswith(WALKS) and one.name.startswith("test_"))
            ]
    return found


def empty_names(tree: Path) -> list[str]:
    return [path for path in files(tree, *CODE, "tests") if EMPTY_NAMES & set(re.split(r"[/._]", path))]


def traces(texts: Iterable[tuple[str, str]]) -> list[str]:
    """Texts that name a folder of one machine."""
    return [f"{path}: {hit}" for path, text in texts for hit in SOMEWHERE.findall(text)]


def _texts_in_git() -> Iterable[tuple[str, str]]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for path in filter(None, listed.split("\0")):
        try:
            yield path, (ROOT / path).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue


def test_every_file_and_function_keeps_its_budget() -> None:
    assert too_long(ROOT) == []


def test_lint_refuses_naive_times_imports_in_functions_and_prints() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    assert {"DTZ", "PLC", "T20", "S"} <= set(lint["select"])
    assert not [rule for rule in lint["ignore"] if rule.startswith(("DTZ", "PLC0415"))]
    silenced = [path for path, text in _texts_in_git() if path.endswith(".py") and re.search(r"noqa:.*\bDTZ", text)]
    assert silenced == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert empty_names(ROOT) == []


def test_nothing_in_git_names_a_folder_of_somebodys_machine() -> None:
    texts = [(path, text) for path, text in _texts_in_git() if path != "tests/house/test_tree.py"]
    assert traces(texts) == []


def test_a_file_and_a_function_that_grew_are_found(tmp_path: Path) -> None:
    plant(tmp_path, "services/offers/service.py", "def publish():\n" + "    x = 1\n" * 50)
    plant(tmp_path, "services/offers/rules.py", "def fits():\n" + "    x = 1\n" * 49 + "\n" * 351)
    tree = plant(tmp_path, "tests/unit/test_long.py", "\n" * 501)
    assert too_long(tree) == [
        "services/offers/rules.py: 401 lines",
        "services/offers/service.py:1 publish: 51 lines",
        "tests/unit/test_long.py: 501 lines",
    ]


def test_a_name_that_says_nothing_is_found(tmp_path: Path) -> None:
    plant(tmp_path, "app/offer_helpers.py", "")
    tree = plant(tmp_path, "services/common/types.py", "")
    assert empty_names(tree) == ["app/offer_helpers.py", "services/common/types.py"]


def test_a_folder_of_somebodys_machine_is_found() -> None:
    text = "open('/home/mei/notes')  # not https://example.cn/home/mei, not a/work/b"
    assert traces([("app/jobs.py", text)]) == ["app/jobs.py: /home/mei"]
