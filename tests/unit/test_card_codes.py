"""The rotating code: nothing but what we signed, in the half minute it is for and the next, is good."""

import datetime
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cards import errors
from services.cards.rules import Digits, QrText, may_present, parse, sign, step_begin, verify
from services.cards.types import CardStatus, Serial
from services.core.errors import Refusal
from services.core.ids import CROCKFORD
from services.core.signing import Signer

NOW = datetime.datetime(2026, 3, 1, 4, 5, 10, tzinfo=datetime.UTC)
STEP = datetime.timedelta(seconds=30)
SERIAL = Serial(0x5_1234_5678)


def ring(*ids: str) -> Signer:
    signer = Signer()
    signer.open(tuple((key_id, key_id.encode() * 32) for key_id in ids))
    return signer


SIGNER = ring("1")


def code_at(instant: datetime.datetime, *, signer: Signer = SIGNER, serial: Serial = SERIAL) -> QrText:
    code = parse(sign(signer, serial, now=instant).text)
    assert isinstance(code, QrText)
    return code


def verdict(code: QrText, *, now: datetime.datetime = NOW, signer: Signer = SIGNER) -> str:
    step = verify(signer, code, now=now)
    return step.code if isinstance(step, Refusal) else "good"


def test_a_code_is_23_capitals_and_names_its_card_and_step() -> None:
    text = sign(SIGNER, SERIAL, now=NOW).text
    assert len(text) == 23
    assert set(text) <= set(CROCKFORD)
    code = code_at(NOW)
    assert (code.key_id, code.serial) == ("1", SERIAL)
    assert verify(SIGNER, code, now=NOW) == int(NOW.timestamp()) // 30


def test_a_code_lives_through_its_own_step_and_the_next() -> None:
    shown = sign(SIGNER, SERIAL, now=NOW)
    begin = step_begin(int(NOW.timestamp()) // 30)
    assert (shown.renew_at, shown.expires_at) == (begin + STEP, begin + 2 * STEP)


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (datetime.timedelta(0), "good"),
        (datetime.timedelta(seconds=59), "good"),
        (datetime.timedelta(seconds=60), errors.CODE_EXPIRED),
        (datetime.timedelta(days=11), errors.CODE_EXPIRED),
        (datetime.timedelta(days=12), errors.CODE_FORGED),  # beyond 2**15 steps nobody can tell its age
        (-datetime.timedelta(seconds=30), "good"),  # signed by a machine whose clock is ahead of ours
        (-datetime.timedelta(seconds=31), errors.CODE_FORGED),
        (-datetime.timedelta(days=1), errors.CODE_FORGED),
    ],
)
def test_an_old_code_is_expired_and_one_of_the_future_is_none(age: datetime.timedelta, said: str) -> None:
    begin = step_begin(int(NOW.timestamp()) // 30)
    assert verdict(code_at(begin), now=begin + age) == said


def test_an_expired_code_says_for_how_long() -> None:
    begin = step_begin(int(NOW.timestamp()) // 30)
    refusal = verify(SIGNER, code_at(begin), now=begin + datetime.timedelta(seconds=95))
    assert refusal == Refusal(errors.CODE_EXPIRED, {"seconds": 35})


def test_every_flipped_bit_is_refused() -> None:
    text = sign(SIGNER, SERIAL, now=NOW).text
    bits = [(at, 1 << bit) for at in range(len(text)) for bit in range(5)]
    for at, bit in bits:
        flipped = text[:at] + CROCKFORD[CROCKFORD.index(text[at]) ^ bit] + text[at + 1 :]
        code = parse(flipped)
        assert isinstance(code, QrText)
        assert verdict(code) in (errors.CODE_FORGED, errors.CODE_KEY_UNKNOWN), (at, bit)


def test_a_forged_old_code_is_told_to_be_forged_not_old() -> None:
    old = code_at(NOW - datetime.timedelta(hours=1))
    assert verdict(QrText(old.key_id, old.serial, old.low_step, old.mac ^ 1)) == errors.CODE_FORGED


def test_an_old_key_still_verifies_until_it_leaves_the_ring() -> None:
    code = code_at(NOW)
    assert verdict(code, signer=ring("2", "1")) == "good"
    assert code_at(NOW, signer=ring("2", "1")).key_id == "2"
    assert verdict(code, signer=ring("2")) == errors.CODE_KEY_UNKNOWN


def test_the_same_key_under_another_id_makes_another_code() -> None:
    other = Signer()
    other.open((("2", b"1" * 32),))
    code = code_at(NOW)
    assert verdict(QrText("2", code.serial, code.low_step, code.mac), signer=other) == "good"
    assert verdict(code, signer=other) == errors.CODE_KEY_UNKNOWN


@given(st.integers(0, 2**35 - 1), st.integers(1_700_000_000, 4_800_000_000))
def test_what_is_signed_is_read_back(serial: int, second: int) -> None:
    now = datetime.datetime.fromtimestamp(second, datetime.UTC)
    code = code_at(now, serial=Serial(serial))
    assert code.serial == serial
    assert verdict(code, now=now) == verdict(code, now=now + STEP) == "good"
    assert verdict(code, now=now + 2 * STEP) == errors.CODE_EXPIRED


TEXT = sign(SIGNER, SERIAL, now=NOW).text


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.lower(),
        f"  {TEXT[:4]} {TEXT[4:10]}\t{TEXT[10:]}\r\n",
        f"{TEXT[:11]}-{TEXT[11:]}",
        f"HTTPS://GH.EXAMPLE.CN/C/{TEXT}",
        f"https://gh.example.cn/c/{TEXT.lower()}",
        f"http://127.0.0.1:8000/c/{TEXT}",
        f"https://my-shop.example.cn/c/{TEXT}",  # whose address it is the signature decides
    ],
)
def test_our_code_is_read_however_it_comes(text: str) -> None:
    assert parse(text) == code_at(NOW)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "0", TEXT[:-1], TEXT + "0", "U" * 23, "I" * 23,
        f"https://gh.example.cn/{TEXT}", f"https://gh.example.cn/c/{TEXT}/", f"https://gh.example.cn/c/{TEXT}?a=1",
        f"https://gh.example.cn/a/c/{TEXT}", f"ftp://gh.example.cn/c/{TEXT}", f"//gh.example.cn/c/{TEXT}",
        f"https:///c/{TEXT}", "https://u.wechat.com/abcdef", "weixin://wxpay/bizpayurl?pr=abc",
        "123", "1234567890123", "١٢٣٤٥٦٧٨", "1234567a", "\0" * 8,
        TEXT.replace(TEXT[5], "\u212a", 1), "\u017f" * 23, "\u212a" * 23, "k" * 22 + "\u212a",
    ],
)  # fmt: skip
def test_what_is_no_code_of_ours_is_refused(text: str) -> None:
    assert parse(text) == Refusal(errors.CODE_MALFORMED)


@pytest.mark.parametrize("text", ["1234567", "123456789", "1234 567", "１２３４５６７"])
def test_seven_or_nine_digits_are_counted(text: str) -> None:
    refusal = parse(text)
    assert isinstance(refusal, Refusal) and refusal.code == errors.DIGITS_INCOMPLETE
    assert refusal.facts["count"] in (7, 9)


@pytest.mark.parametrize("text", ["12345678", "1234 5678", " 12-34-56-78 ", "1234–5678", "1234\u30005678"])
def test_eight_digits_are_read_with_gaps(text: str) -> None:
    assert parse(text) == Digits("12345678")


@pytest.mark.parametrize("text", ["A" * 10_000, " " * 10_000, "https://" + "a" * 10_000 + "/c/" + TEXT, "/c/" * 3_400])
def test_a_long_text_is_refused_fast(text: str) -> None:
    begin = time.thread_time()  # what the machine does beside it is not counted
    for _ in range(100):
        assert parse(text) == Refusal(errors.CODE_MALFORMED)
    assert time.thread_time() - begin < 1.0


@given(st.one_of(st.text(max_size=300), st.text(alphabet=CROCKFORD + "kKſ\u212aıİ/:hctps-. ", min_size=8, max_size=60)))
def test_reading_never_raises(text: str) -> None:
    assert isinstance(parse(text), QrText | Digits | Refusal)


def test_only_an_active_card_may_be_used() -> None:
    said = {status: may_present(status) for status in CardStatus}
    assert said == {
        CardStatus.ACTIVE: None,
        CardStatus.FROZEN: Refusal(errors.CARD_FROZEN),
        CardStatus.REPLACED: Refusal(errors.CARD_REPLACED),
    }
