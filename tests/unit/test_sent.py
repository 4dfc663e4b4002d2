"""What comes with a form or in an address."""

import pytest

from app.pages.sent import whole_number


@pytest.mark.parametrize(("text", "found"), [("0", 0), ("007", 7), ("999999", 999_999)])
def test_a_number_is_read(text: str, found: int) -> None:
    assert whole_number(text) == found


@pytest.mark.parametrize("text", [None, "", " 1", "-1", "1.0", "1000000", "9" * 5000, "²", "１", "一"])
def test_whatever_else_is_sent_is_none(text: str | None) -> None:
    assert whole_number(text) is None
