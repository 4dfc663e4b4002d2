"""Rotating codes of two kinds: each is good for its own purpose and on its own address only."""

import datetime

import pytest

from services.core import rotating
from services.core.rotating import Bad, Read, Why, read, sign, verify
from services.core.signing import Signer

NOW = datetime.datetime(2026, 3, 1, 4, 5, 10, tzinfo=datetime.UTC)
SIGNER = Signer()
SIGNER.open((("1", b"1" * 32),))
SERIAL = 0x5_1234_5678


def shown(purpose: str, *, at: datetime.datetime = NOW) -> str:
    return sign(SIGNER, purpose, SERIAL, now=at).text


def code(purpose: str, *, at: datetime.datetime = NOW) -> Read:
    found = read(shown(purpose, at=at), letter="v")
    assert found is not None
    return found


def test_a_code_is_good_for_its_purpose_alone() -> None:
    assert verify(SIGNER, "doors", code("doors"), now=NOW) == rotating.step_at(NOW)
    assert verify(SIGNER, "cards", code("doors"), now=NOW) == Bad(Why.FORGED)


def test_a_code_is_read_off_its_own_address_alone() -> None:
    text = shown("doors")
    assert read(f"https://gh.example.cn/v/{text.lower()}", letter="v") == code("doors")
    assert read(f" {text[:6]}-{text[6:]}\n", letter="v") == code("doors")
    assert read(f"https://gh.example.cn/c/{text}", letter="v") is None
    assert read(f"https://gh.example.cn/v/{text}", letter="c") is None
    assert read(text[:-1], letter="v") is None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, None), (59, None), (60, Bad(Why.EXPIRED, 0)), (95, Bad(Why.EXPIRED, 35)), (-31, Bad(Why.FORGED))],
)
def test_a_code_lives_through_its_step_and_the_next(seconds: int, said: Bad | None) -> None:
    begin = rotating.step_begin(rotating.step_at(NOW))
    verdict = verify(SIGNER, "doors", code("doors", at=begin), now=begin + datetime.timedelta(seconds=seconds))
    assert verdict == (said or rotating.step_at(begin))


def test_a_key_that_left_the_ring_says_so() -> None:
    other = Signer()
    other.open((("2", b"1" * 32),))
    assert verify(other, "doors", code("doors"), now=NOW) == Bad(Why.KEY_UNKNOWN)
