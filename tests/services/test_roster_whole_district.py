"""72,000 people in one sheet, in a process of its own, so that its memory is that of the import."""

import re
import subprocess
import sys

import pytest

from tests.house.tree import ROOT

ROWS, SECONDS, MEBIBYTES = 72_000, 60, 512
STEP = re.compile(r"^(\w[\w ]*?) +([\d.]+) s +([\d.]+) s CPU +(\d+) MiB$", re.MULTILINE)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_whole_district_goes_in_within_a_minute_and_half_a_gigabyte() -> None:
    command = [sys.executable, "-m", "benchmarks.roster", "--rows", str(ROWS)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    steps = {name: (float(seconds), int(memory)) for name, seconds, _, memory in STEP.findall(said)}
    assert f"'applied'>: {ROWS}" in said and f"'same'>: {ROWS}" in said and f"'undone'>: {ROWS}" in said, said
    assert steps["check"][0] + steps["apply"][0] <= SECONDS, said
    assert max(memory for _, memory in steps.values()) <= MEBIBYTES, said
