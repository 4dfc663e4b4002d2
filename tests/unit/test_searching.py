"""What somebody typed, as words to look for."""

import pytest

from services.core.searching import TYPED_MOST, words


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("牛肉面", ["牛肉面"]),
        ("  牛肉面　高营 ", ["牛肉面", "高营"]),
        ("ＫＦＣ", ["kfc"]),
        ("９折，满３０", ["9折", "满30"]),
        ("9.5 折", ["9.5", "折"]),
        ("100%", ["100%"]),
        ("a_b\\c", ["a_b\\c"]),
        ("'; DROP TABLE offers --", ["'", "drop", "table", "offers", "--"]),
        ("a\x00b", ["a", "b"]),
        ("，。、 ", []),
        ("", []),
        ("一 二 三 四 五 六", ["一", "二", "三", "四", "五"]),
    ],
)
def test_words_of_what_was_typed(typed: str, asked: list[str]) -> None:
    assert words(typed) == asked


def test_what_is_far_too_long_is_cut() -> None:
    assert words("面" * 1000) == ["面" * TYPED_MOST]
