"""The draw: anybody gets the same from the published files, and whatever was changed is found out."""

import ast
import datetime
import hashlib
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.ids import CROCKFORD
from services.events import draw
from services.events.draw import Entry, Malformed

SOURCE = Path(draw.__file__)
SEED = bytes(range(32))
NOTED = "233ecedb4c1d429930fb494804f4b62fbead9653d53b647d5a6e4e40ddf0f098"
EVENT = "01980c4e-7b1a-7c3d-8e5f-0123456789ab"
ENTRIES = """\
number,tickets,Q0,Q1,Q2
0A1B-2C3D,2,2,2,0
1111-2222,1,1,0,0
5RST-VWXY,1,1,0,1
7K3M-9QXZ,1,1,0,0
HJKM-NPQR,3,2,1,1
ZZZZ-0000,4,1,1,0
"""
RECORD = f"""\
{{
 "scheme": "gonghui-draw",
 "version": 1,
 "event": "{EVENT}",
 "title": "周末观影",
 "commitment": "{NOTED}",
 "seed": "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
 "entries_sha256": "072b40d5bb8e9c2b43b452f1aeba074b9c37f01ea6addeba141e7fda03fe05fd",
 "quotas": [
  {{
   "label": "Q0",
   "capacity": 4
  }},
  {{
   "label": "Q1",
   "capacity": 2
  }},
  {{
   "label": "Q2",
   "capacity": 1
  }}
 ],
 "winners": [
  "ZZZZ-0000",
  "1111-2222",
  "HJKM-NPQR"
 ],
 "waiting": [
  "0A1B-2C3D",
  "5RST-VWXY",
  "7K3M-9QXZ"
 ],
 "drawn_at": "2026-07-21T07:00:00Z"
}}
"""
HELD = {
    "event": EVENT,
    "title": "周末观影",
    "seed": SEED,
    "entries": draw.read_entries(ENTRIES.encode(), 3),
    "capacities": [4, 2, 1],
    "drawn_at": datetime.datetime(2026, 7, 21, 15, 0, 0, 999, datetime.timezone(datetime.timedelta(hours=8))),
}


def ran(folder: Path, *options: str, record: str = RECORD, entries: str = ENTRIES) -> int:
    (folder / "draw.json").write_text(record, encoding="utf-8", newline="")
    (folder / "entries.csv").write_text(entries, encoding="utf-8", newline="")
    return draw.main([str(folder / "draw.json"), str(folder / "entries.csv"), *options])


def findings(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith("[不符 NO]")]


# --- the same for everybody ---


def test_the_golden_files_come_out_byte_by_byte() -> None:
    assert draw.write_record(draw.hold(**HELD)).decode() == RECORD
    assert draw.write_entries(reversed(HELD["entries"]), 3).decode() == ENTRIES
    assert draw.read_record(RECORD.encode())["winners"] == ["ZZZZ-0000", "1111-2222", "HJKM-NPQR"]


def test_the_order_is_what_the_scheme_says_and_sha256sum_can_follow() -> None:
    seed, digest = SEED.hex(), hashlib.sha256(ENTRIES.encode()).hexdigest()
    keys = [
        (hashlib.sha256(f"gonghui-draw/1|ticket|{seed}|{digest}|{number}|{nth + 1}".encode()).hexdigest(), number)
        for number, tickets in (line.split(",")[:2] for line in ENTRIES.splitlines()[1:])
        for nth in range(int(tickets))
    ]
    by_hand = list(dict.fromkeys(number for _, number in sorted(keys)))
    assert [entry.number for entry in draw.order(SEED, digest, HELD["entries"])] == by_hand
    assert draw.commitment(EVENT, SEED) == NOTED
    assert hashlib.sha256(f"gonghui-draw/1|commitment|{EVENT}|{seed}".encode()).hexdigest() == NOTED


def test_the_published_files_give_the_same_draw_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(tmp_path, "--commitment", f" {NOTED.upper()} ") == 0
    output = capsys.readouterr().out
    assert output.count("[相符 OK]") == 5 and "结果：全部相符。 The same draw." in output
    assert "Q0 4, Q1 2, Q2 1" in output


@pytest.mark.parametrize("command", [["-m", "services.events.draw"], ["-I", "draw.py"]], ids=["ours", "downloaded"])
def test_the_command_runs_here_and_as_one_downloaded_file(tmp_path: Path, command: list[str]) -> None:
    ran(tmp_path)
    (tmp_path / "draw.py").write_bytes(SOURCE.read_bytes())
    files = [str(tmp_path / "draw.json"), str(tmp_path / "entries.csv")]
    where = SOURCE.parents[2] if "-m" in command else tmp_path
    run = subprocess.run(
        [sys.executable, "-X", "utf8", *command, *files], cwd=where, capture_output=True, encoding="utf-8", check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert "The same draw." in run.stdout


def test_a_console_without_chinese_still_shows_the_english(tmp_path: Path) -> None:
    ran(tmp_path)
    (tmp_path / "draw.py").write_bytes(SOURCE.read_bytes())
    command = [sys.executable, "draw.py", "draw.json", "entries.csv"]
    run = subprocess.run(command, cwd=tmp_path, env={"PYTHONIOENCODING": "ascii"}, capture_output=True, check=False)
    assert (run.returncode, run.stderr) == (0, b"")
    assert b"The list does fit its digest." in run.stdout


def test_the_file_needs_python_3_9_and_its_standard_library_only() -> None:
    module = ast.parse(SOURCE.read_text(encoding="utf-8"), feature_version=(3, 9))
    imported = [one for node in ast.walk(module) if isinstance(node, ast.Import) for one in node.names]
    names = {one.name for one in imported} | {
        str(node.module) for node in ast.walk(module) if isinstance(node, ast.ImportFrom)
    }
    assert names and {name.split(".")[0] for name in names} <= sys.stdlib_module_names


# --- whatever was changed is found out ---


@pytest.mark.parametrize(
    ("old", "new", "sentences"),
    [
        ('"000102', '"ff0202', ["种子与承诺值不相符", "中签与重算不同", "候补与重算不同"]),
        ('"233ece', '"233ecf', ["种子与承诺值不相符"]),
        (EVENT, EVENT.replace("8e5f", "8e5e"), ["种子与承诺值不相符"]),
        ('"072b40', '"072b41', ["名单与校验值不相符"]),
        ('"capacity": 4', '"capacity": 3', ["中签与重算不同", "候补与重算不同"]),
        (
            ' "ZZZZ-0000",\n  "1111-2222",',
            ' "1111-2222",\n  "ZZZZ-0000",',
            ["中签次序不同，从第 1 个起。 Winners: another order, from no. 1 on"],
        ),
        (
            '"5RST-VWXY",\n  "7K3M-9QXZ"',
            '"7K3M-9QXZ",\n  "5RST-VWXY"',
            ["候补次序不同，从第 2 个起。 Waiting order: another order, from no. 2 on"],
        ),
        (
            '"HJKM-NPQR"',
            '"0000-0000"',
            ["Winners: not those drawn again: too many 1 0000-0000; missing 1 HJKM-NPQR"],
        ),
        (',\n  "7K3M-9QXZ"', "", ["Waiting order: not those drawn again: too many 0; missing 1 7K3M-9QXZ"]),
        (
            '"7K3M-9QXZ"\n',
            '"7K3M-9QXZ",\n  "7K3M-9QXZ"\n',
            ["Waiting order: not those drawn again: too many 1 7K3M-9QXZ; missing 0"],
        ),
    ],
)
def test_a_changed_record_is_found_out(
    old: str, new: str, sentences: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(tmp_path, record=RECORD.replace(old, new, 1)) == 1
    found = findings(capsys.readouterr().out)
    assert len(found) == len(sentences)
    assert all(sentence in line for sentence, line in zip(sentences, found, strict=True)), found


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("7K3M-9QXZ,1,1,0,0\n", ""),
        ("7K3M-9QXZ,1,1,0,0\n", "7K3M-9QXZ,1,1,0,0\n7K3M-9QY0,1,1,0,0\n"),
        ("7K3M-9QXZ,1", "7K3M-9QXZ,4"),
        ("5RST-VWXY,1,1,0,1", "5RST-VWXY,1,1,0,0"),
    ],
    ids=["one less", "one more", "tickets", "needs"],
)
def test_a_changed_list_is_found_out_and_is_another_draw(
    old: str, new: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = ENTRIES.replace(old, new)
    assert ran(tmp_path, entries=changed) == 1
    assert any("The list does NOT fit its digest" in line for line in findings(capsys.readouterr().out))
    digest = hashlib.sha256(changed.encode()).hexdigest()
    again = {**json.loads(RECORD), "entries_sha256": digest}
    assert ran(tmp_path, record=draw.write_record(again).decode(), entries=changed) == 1


@pytest.mark.parametrize("noted", [NOTED[:-1] + "9", "", " "])
def test_another_commitment_than_the_noted_one_is_found_out(
    noted: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(tmp_path, "--commitment", noted) == 1
    (line,) = findings(capsys.readouterr().out)
    assert "承诺值与您事先记下的不一致。 The commitment is NOT the one you noted." in line


def test_whoever_draws_again_with_a_seed_of_their_own_is_found_out_by_the_noted_commitment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = draw.write_record(draw.hold(**{**HELD, "seed": SEED[::-1]})).decode()
    assert ran(tmp_path, record=forged) == 0
    assert ran(tmp_path, "--commitment", NOTED, record=forged) == 1
    assert len(findings(capsys.readouterr().out)) == 1


# --- one entry ---


@pytest.mark.parametrize("typed", ["ZZZZ-0000", "zzzzoooo", " zzzz 0000"])
def test_an_entry_is_told_where_it_stands_and_its_keys(
    typed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(tmp_path, "--entry", typed) == 0
    output = capsys.readouterr().out
    assert "ZZZZ-0000：6 份中排第 1。" in output and "中签，第 1 个。" in output
    assert output.count("签 ticket ") == 4
    assert "签 ticket 3: 191f6a14235f7f32d19bb1b1cec22e31da041bbbbd9f65509c680a4413c0fedd" in output


def test_an_entry_that_waits_is_told_behind_how_many_and_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(tmp_path, "--entry", "5RST-VWXY") == 0
    assert "Waits as no. 2: not enough room left in Q0, Q2." in capsys.readouterr().out


def test_an_entry_that_is_not_on_the_list_is_a_discrepancy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(tmp_path, "--entry", "0000-0001") == 1
    assert "0000-0001 is not on the list." in capsys.readouterr().out


# --- what cannot be read ---


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "number,tickets,Q0,Q1,Q2",
            "number,tickets,Q0,Q1",
            "Line 1, column 1: the first line must be number,tickets,Q0",
        ),
        ("number,", "\ufeffnumber,", "Line 1, column 1: another program has saved this file"),
        ("0,1\n7K3M", "0,1\r\n7K3M", "Line 4, column 18: another program has saved"),
        ("1111-2222,1", "1111-2222,5", "Line 3, column 11: tickets cannot be '5'"),
        ("1111-2222,1", "1111-2222, 1", "Line 3, column 11: tickets cannot be ' 1'"),
        ("1111-2222", "1111-222U", "Line 3, column 1: number cannot be '1111-222U'"),
        ("5RST-VWXY,1,1,0,1", "5RST-VWXY,1,1,0,=1", "Line 4, column 17: Q2 cannot be '=1'"),
        ("5RST-VWXY,1,1", "5RST-VWXY,1,0", "Line 4, column 13: Q0 cannot be '0'"),
        ("7K3M-9QXZ,1,1,0,0", "7K3M-9QXZ,1,1,0", "Line 5, column 16: 5 columns wanted, not 4"),
        ("7K3M-9QXZ,1,1,0,0", "7K3M-9QXZ,1,1,0,0,", "Line 5, column 19: 5 columns wanted, not 6"),
        ("7K3M-9QXZ", "1111-2222", "Line 5, column 1: number twice, or not in the order"),
        ("HJKM-NPQR,3,2,1,1\n", "\n", "Line 6, column 1: number cannot be ''"),
        ("4,1,1,0\n", "4,1,1,0", "Line 7, column 1: this line has no end"),
        ("4,1,1,0\n", "4,1,1,٣\n", "Line 7, column 17: Q2 cannot be"),
    ],
)
def test_a_malformed_list_is_named_by_line_and_column(
    old: str, new: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = ENTRIES.replace(old, new, 1)
    assert changed != ENTRIES
    assert ran(tmp_path, entries=changed) == 2
    output = capsys.readouterr().out
    assert output.startswith("entries.csv: 第 ") and sentence in output


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("{\n", "[\n", "no valid JSON"),
        (RECORD, "[" * 100_000, "no valid JSON"),
        (RECORD, "[]\n", "Line 1, column 1: from here on not as draw.json is written"),
        (' "seed": ', ' "sead": ', "Line 7, column 5: from here on"),
        (' "version": 1,\n', "", "Line 3, column 3: from here on"),
        (' "version": 1,\n', ' "version": 1,\n "version": 1,\n', "Line 4, column 3: from here on"),
        (' "version": 1,', ' "version":  1,', "Line 3, column 13: from here on"),
        (' "version": 1,', ' "version": 2,', "Line 3, column 13: version must look like 1"),
        (' "version": 1,', ' "version": true,', "Line 3, column 13: version must look like 1"),
        ("周末观影", "\\u0007", "Line 5, column 11: title must"),
        ("周末观影", "\u202e", "Line 5, column 11: title must"),
        ("0e0f10", "0E0F10", "Line 7, column 10: seed must look like 64"),
        ('"capacity": 2', '"capacity": -2', "Line 14, column 3: quotas must look like"),
        ('"capacity": 2', '"capacity": 2.0', "Line 14, column 3: quotas must look like"),
        ('"label": "Q1"', '"label": "Q2"', "Line 14, column 3: quotas must look like"),
        ('"1111-2222"', "11112222", "Line 25, column 3: winners must look like 7K3M-9QXZ"),
        ('"7K3M-9QXZ"', '"7K3M-9QXZ\\n"', "Line 31, column 3: waiting must look like 7K3M-9QXZ"),
        ("2026-07-21T", "2026-07-21 ", "column 14: drawn_at must look like 2026-07-21T07:00:00Z"),
    ],
)
def test_a_malformed_record_is_named_by_line_and_column(
    old: str, new: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = RECORD.replace(old, new, 1)
    assert changed != RECORD
    assert ran(tmp_path, record=changed) == 2
    output = capsys.readouterr().out
    assert output.startswith("draw.json: 第 ") and sentence in output


def test_a_file_that_is_no_text_or_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Malformed, match="Line 2, column 2: another program"):
        draw.read_entries("number\n工会".encode()[:-1] + b"\xff", 1)
    assert draw.main([str(tmp_path / "draw.json"), str(tmp_path / "entries.csv")]) == 2
    assert "draw.json: 打不开这个文件。 Cannot be opened." in capsys.readouterr().out


@pytest.mark.parametrize(
    "fault",
    [
        {"entries": [Entry("7K3M-9QXZ", 0, {0: 1})]},
        {"entries": [Entry("7K3M-9QXZ", 5, {0: 1})]},
        {"entries": [Entry("7K3M9QXZ", 1, {0: 1})]},
        {"entries": [Entry("7K3M-9QXZ", 1, {1: 1})]},
        {"entries": [Entry("7K3M-9QXZ", 1, {0: 1, 1: -1})]},
        {"entries": [Entry("7K3M-9QXZ", 1, {0: 1, 3: 1})]},
        {"entries": [Entry("7K3M-9QXZ", 1, {0: 1}), Entry("7K3M-9QXZ", 2, {0: 1})]},
        {"capacities": [4, 2, -1]},
        {"seed": SEED[1:]},
        {"event": "a|b"},
    ],
)
def test_what_the_files_cannot_say_is_not_drawn(fault: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        draw.hold(**{**HELD, **fault})


def test_a_draw_that_nobody_entered_and_an_odd_title_can_be_published() -> None:
    record = draw.hold(**{**HELD, "entries": [], "title": "周末\n“观影”\u202e\\"})
    assert (record["winners"], record["waiting"], record["title"]) == ([], [], "周末 “观影” \\")
    assert draw.read_record(draw.write_record(record)) == record
    assert draw.read_entries(draw.write_entries([], 3), 3) == []


# --- any list ---

NUMBERS = st.text(CROCKFORD, min_size=8, max_size=8).map(draw.spelled)
CAPACITIES = st.lists(st.integers(0, 12), min_size=3, max_size=3)
LISTS = st.lists(
    st.builds(
        Entry,
        NUMBERS,
        st.integers(1, 4),
        st.fixed_dictionaries({0: st.integers(1, 4)}, optional={1: st.integers(1, 3), 2: st.integers(1, 3)}),
    ),
    unique_by=lambda entry: entry.number,
    max_size=25,
)


def drawn(seed: bytes, entries: Sequence[Entry]) -> list[Entry]:
    return draw.order(seed, draw.list_digest(entries, 3), entries)


@given(LISTS, CAPACITIES, st.binary(min_size=32, max_size=32), st.randoms(use_true_random=False))
def test_in_what_order_entries_came_changes_nothing(
    entries: list[Entry], capacities: list[int], seed: bytes, chance: random.Random
) -> None:
    shuffled = chance.sample(entries, len(entries))
    assert draw.write_entries(shuffled, 3) == draw.write_entries(entries, 3)
    same = {**HELD, "seed": seed, "capacities": capacities}
    assert draw.hold(**{**same, "entries": shuffled}) == draw.hold(**{**same, "entries": entries})


@given(LISTS, CAPACITIES, st.binary(min_size=32, max_size=32))
def test_no_quota_is_exceeded_each_entry_is_in_one_list_and_both_are_in_the_order_of_the_draw(
    entries: list[Entry], capacities: list[int], seed: bytes
) -> None:
    ordered = drawn(seed, entries)
    outcome = draw.allot(ordered, capacities)
    needs = {entry.number: entry.needs for entry in entries}
    taken = Counter[int]()
    for number in outcome.winners:
        taken.update(needs[number])
    assert all(taken[quota] <= capacity for quota, capacity in enumerate(capacities))
    assert sorted(outcome.winners + outcome.waiting) == sorted(needs)
    place = {entry.number: nth for nth, entry in enumerate(ordered)}
    for numbers in outcome:
        assert [place[number] for number in numbers] == sorted(place[number] for number in numbers)


@given(LISTS, CAPACITIES, st.binary(min_size=32, max_size=32))
def test_whoever_waits_found_some_quota_too_full_when_it_was_their_turn(
    entries: list[Entry], capacities: list[int], seed: bytes
) -> None:
    ordered = drawn(seed, entries)
    won = set(draw.allot(ordered, capacities).winners)
    for nth, entry in enumerate(ordered):
        taken = Counter[int]()
        for before in ordered[:nth]:
            if before.number in won:
                taken.update(before.needs)
        fits = all(taken[quota] + places <= capacities[quota] for quota, places in entry.needs.items())
        assert fits == (entry.number in won)


@given(LISTS, CAPACITIES, st.binary(min_size=32, max_size=32))
def test_what_is_written_reads_back(entries: list[Entry], capacities: list[int], seed: bytes) -> None:
    written = draw.write_entries(entries, 3)
    assert draw.read_entries(written, 3) == sorted(entries, key=lambda entry: entry.number)
    record = draw.hold(**{**HELD, "seed": seed, "entries": entries, "capacities": capacities})
    assert draw.read_record(draw.write_record(record)) == record
    assert all(fits for fits, _, _ in draw.check(record, entries, hashlib.sha256(written).hexdigest()))


# --- the rest of the command ---


def test_the_command_tells_the_odds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(tmp_path, "--odds", "50") == 0
    rows = capsys.readouterr().out.splitlines()[-4:]
    assert [row.split()[:2] for row in rows] == [["1", "3"], ["2", "1"], ["3", "1"], ["4", "1"]]
    assert rows[0].endswith("1.000 ± 0.000")
    for refused in ("1", "0", "-5", "many"):
        with pytest.raises(SystemExit, match="2"):
            ran(tmp_path, "--odds", refused)


def test_the_command_says_what_may_be_asked(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        draw.main(["--help"])
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("draw.json", "entries.csv", "--commitment", "--odds"))


def test_fifty_thousand_entries_are_drawn_in_moments() -> None:
    chance = random.Random(1)
    entries = [Entry(draw.spelled(f"{nth:08d}"), chance.randint(1, 4), {0: 1, nth % 3 + 1: 1}) for nth in range(50_000)]
    began = time.process_time()
    record = draw.hold(**{**HELD, "entries": entries, "capacities": [5_000, 2_000, 2_000, 2_000]})
    assert time.process_time() - began < 6  # 0.7 s by itself
    assert len(record["winners"]) == 5_000
