"""What is installed is what was reviewed: every requirement is pinned with hashes and comes from the index."""

import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT

PAIRS = ("requirements", "requirements-dev")


def pins_amiss(wanted: str, pinned: str) -> list[str]:
    """Requirements without a pin, pins without a hash, and anything that is no plain pin: an address, an option."""
    pins: dict[str, str] = {}
    found = []
    for line in re.sub(r"\\\n\s*", "", pinned).splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        pin = re.match(
            r"([A-Za-z0-9._-]+)(?:\[[a-z,_-]+\])?==[^\s;]+(?: ;[^#]*?)?((?: *--hash=sha256:[0-9a-f]{64})*)\s*(?:#.*)?$",
            line,
        )
        if not pin:
            found.append(line.split(" --hash")[0])
        else:
            pins[_name(pin.group(1))] = pin.group(2)
    for line in wanted.splitlines():
        name = re.match(r"[A-Za-z0-9._-]+", line)
        if name and not line.startswith("-c") and _name(name.group()) not in pins:
            found.append(f"{name.group()} is not pinned")
    return found + [f"{name} has no hash" for name, hashes in pins.items() if not hashes]


def _name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


@pytest.mark.parametrize("pair", PAIRS)
def test_every_requirement_is_pinned_with_hashes(pair: str) -> None:
    wanted, pinned = ((ROOT / f"{pair}{end}").read_text(encoding="utf-8") for end in (".in", ".txt"))
    assert pins_amiss(wanted, pinned) == [], "renew with: make pins"


def test_both_lists_pin_the_same_versions() -> None:
    run, test = (
        set(re.findall(r"^([a-z0-9._-]+==\S+)", Path(ROOT / f"{pair}.txt").read_text(encoding="utf-8"), re.MULTILINE))
        for pair in PAIRS
    )
    names = {pin.partition("==")[0] for pin in run}
    assert {pin for pin in test if pin.partition("==")[0] in names} <= run


def test_a_pin_that_is_none_is_found() -> None:
    hashed = f"--hash=sha256:{'0' * 64}"
    pinned = (
        f"flask==3.1.3 \\\n    {hashed}\n    # via -r requirements.in\nredis==5.0\n"
        f"wheel @ https://example.cn/wheel.whl \\\n    {hashed}\n--extra-index-url https://example.cn\n"
    )
    assert pins_amiss("Flask>=3.1  # why\nredis\npillow\n", pinned) == [
        "wheel @ https://example.cn/wheel.whl",
        "--extra-index-url https://example.cn",
        "pillow is not pinned",
        "redis has no hash",
    ]
