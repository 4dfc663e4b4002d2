"""Every code has words, for clerk and member, in Chinese and English; and no words stand without a code."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.errors import HTTP_CODES
from app.wording import CODES, Wording, clerk_words, member_words
from tests.house.codes import Modules, Said, constants, modules_of, said
from tests.house.tree import ROOT, plant

CHINESE = re.compile(r"[㐀-鿿]")
PLAUSIBLE: dict[str, Any] = {
    "date": "2026-03-01", "at": "2026-03-01T04:05:06+00:00", "request_id": "0190", "retry_after": 30, "limit": 2,
    "minutes": 7, "seconds": 12, "threshold_fen": 10000, "short_fen": 55, "field": "amount_fen",
}  # fmt: skip
#: What app/errors.py adds to the facts of every problem.
ADDED = frozenset({"request_id"})
DOORS_OWN = {*HTTP_CODES.values(), "unexpected", "not_acceptable"}


def codes_amiss(modules: Modules, words: Mapping[str, Wording]) -> dict[str, set[str]]:
    codes = {one.code for one in said(modules)} | set(constants(modules, where="/errors.py").values()) | DOORS_OWN
    return {"without words": codes - set(words), "without a code": set(words) - codes}


def unfit(sayings: Iterable[Said], words: Mapping[str, Wording]) -> list[str]:
    """Places whose facts do not fill the sentence. Facts that the source does not show are taken as none."""
    found = []
    for one in sayings:
        facts = {name: PLAUSIBLE.get(name, "7") for name in (one.facts or frozenset()) | ADDED}
        for speak in (clerk_words, member_words):
            for language in ("zh", "en"):
                try:
                    text = speak(one.code, facts, language=language)
                except KeyError as missing:
                    found.append(f"{one.place} {one.code}: {missing}")
                else:
                    if "{" in text or not text:
                        found.append(f"{one.place} {one.code}: {text!r}")
    return sorted(set(found))


def wrong_language(words: Mapping[str, Wording]) -> list[str]:
    """Codes whose Chinese is none, whose English is Chinese, or of whose member's words only one half is there."""
    return [
        code
        for code, one in words.items()
        if not CHINESE.search(one.zh)
        or not one.en
        or CHINESE.search(one.en + one.member_en)
        or bool(one.member_zh) != bool(one.member_en)
    ]


@pytest.fixture(scope="module")
def ours() -> Modules:
    return modules_of(ROOT)


def test_every_code_has_words_and_all_words_a_code(ours: Modules) -> None:
    assert codes_amiss(ours, CODES) == {"without words": set(), "without a code": set()}


def test_every_sentence_is_filled_by_the_facts_of_each_place_that_says_it(ours: Modules) -> None:
    assert (
        unfit([*said(ours), *(Said("app/errors.py", code, frozenset({"retry_after"})) for code in DOORS_OWN)], CODES)
        == []
    )


def test_chinese_is_chinese_and_english_is_english() -> None:
    assert wrong_language(CODES) == []


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    plant(tmp_path, "services/core/errors.py", "class DomainError(Exception): ...\nclass Full(DomainError): ...\n")
    plant(tmp_path, "services/events/errors.py", 'CLOSED = "closed"\n')
    text = 'def join():\n    Refusal(errors.CLOSED, {"date": 1})\n    raise Full("full", seats=3)\n'
    return plant(tmp_path, "services/events/service.py", text)


def test_a_code_without_words_is_found(faulty: Path) -> None:
    words = {code: Wording("字", "words") for code in {"closed", "left_over", *DOORS_OWN}}
    assert codes_amiss(modules_of(faulty), words) == {"without words": {"full"}, "without a code": {"left_over"}}


def test_a_sentence_that_its_facts_do_not_fill_is_found(faulty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CODES, "closed", Wording("{date} 已截止", "closed on {day}"))
    monkeypatch.setitem(CODES, "full", Wording("{seats} 人", "{seats} seats"))
    assert unfit(said(modules_of(faulty)), CODES) == ["services/events/service.py:2 closed: 'day'"]


def test_words_in_the_wrong_language_are_found() -> None:
    words = {
        "a": Wording("words", "words"),
        "b": Wording("字", "字"),
        "c": Wording("字", "w", "字"),
        "d": Wording("字", "w"),
    }
    assert wrong_language(words) == ["a", "b", "c"]
