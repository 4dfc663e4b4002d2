"""Whatever text comes in, the platform takes the field that goes out; what fits already is not touched."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.notifications.fields import cut, key_fits
from services.notifications.types import FieldType
from tests.partners.platform.fields import TYPES, complaint

HAN, EMOJI = "一二三李春梅工会鿿", "👩‍👩‍👧😀"
KEY = {kind: f"{kind.value}1" for kind in FieldType}
pieces = st.one_of(
    st.characters(),  # lone surrogates too
    st.sampled_from(list(HAN + EMOJI + string.printable + "…—～~￥年月日:：１２\u202e\u2028\u200b\x00\x85")),
    st.sampled_from(
        ["2026-11-20", "2026年11月20日", "12:05", "9:05", " ", "~", "99999999999", "¥1,234.50元", "2026-02-30"]
    ),
)
texts = st.lists(pieces, max_size=45).map("".join)
valid = st.one_of(
    texts,
    st.text(alphabet=HAN, max_size=21),
    st.text(alphabet=string.ascii_letters, max_size=33),
    st.text(alphabet=string.digits + ".", max_size=33),
    st.text(alphabet=string.punctuation, max_size=6),
    st.from_regex(r"20[0-9]{2}-[01]?[0-9]-[0-3]?[0-9]( [0-2][0-9]:[0-5][0-9]){0,1}(~20[0-9]{2}-1-1)?", fullmatch=True),
    st.from_regex(r"(20[0-9]{2}年[01]?[0-9]月[0-3]?[0-9]日 )?[0-2][0-9]:[0-5][0-9](~23:59(:59)?)?", fullmatch=True),
    st.from_regex(r"[¥￥$]?[0-9]{1,11}([.][0-9]{1,3})?元?", fullmatch=True),
    st.from_regex(r"[京沪A-Z][A-Z0-9]{0,6}[学警A-Z]?", fullmatch=True),
)


def test_both_sides_know_the_same_types() -> None:
    assert {kind.value for kind in FieldType} == set(TYPES)


@given(st.sampled_from(FieldType), texts)
@example(FieldType.THING, "\ud800")
@example(FieldType.NAME, "a" * 25)
@example(FieldType.NAME, " " * 25 + "a")
@example(FieldType.DATE, "2026-11-20 12:05～2026-11-21")
def test_whatever_comes_in_the_platform_takes_what_goes_out(kind: FieldType, text: str) -> None:
    assert complaint(KEY[kind], cut(kind, text)) is None


@given(st.sampled_from(FieldType), valid)
@example(FieldType.DATE, "2026年11月20日 12:05~2026年11月21日")
@example(FieldType.TIME, "2026-11-20 12:05~13:05")
@example(FieldType.CAR_NUMBER, "京A12345警")
def test_what_fits_is_not_touched(kind: FieldType, text: str) -> None:
    if complaint(KEY[kind], text) is None:
        assert cut(kind, text) == text


@pytest.mark.parametrize(
    ("kind", "text", "out"),
    [
        (FieldType.THING, "您的会员卡刚用过一次，不是您用的请马上点开处理", "您的会员卡刚用过一次，不是您用的请马上…"),
        (FieldType.THING, "一\r\n二\x00", "一  二"),
        (FieldType.THING, "", "—"),
        (FieldType.THING, "\u200b \n", "—"),
        (FieldType.THING, "去\u202e看看", "去看看"),
        (FieldType.SHORT_THING, "正在办理之中", "正在办理…"),
        (FieldType.PHRASE, "已处理(done)", "已处理"),
        (FieldType.PHRASE, "Settled", "见详情"),
        (FieldType.CHARACTER_STRING, "７K3 M9Q 号", "7K3-M9Q-"),
        (FieldType.CHARACTER_STRING, "0" * 40, "0" * 29 + "..."),
        (FieldType.NAME, "欧阳2号", "欧阳号"),
        (FieldType.NAME, "Abdurrahman Muhammadjan", "Abdurrahman Muhammad"),
        (FieldType.DATE, "2026-11-20T04:05:00+00:00", "2026-11-20 04:05:00"),
        (FieldType.DATE, "将在2026年11月20日开始", "2026年11月20日"),
        (FieldType.TIME, "2026-11-20 9:05～10:30", "2026-11-20 09:05~10:30"),
        (FieldType.TIME, "12:05 ~ 13:05", "12:05~13:05"),
        (FieldType.TIME, "明天", "00:00"),
        (FieldType.AMOUNT, "¥1,234.50元", "¥1234.50元"),
        (FieldType.AMOUNT, "免费", "0"),
        (FieldType.NUMBER, "约 12 人", "12"),
        (FieldType.PHONE_NUMBER, "电话 100-1234 5678", "100-12345678"),
        (FieldType.CAR_NUMBER, "京A·12345", "京A12345"),
    ],
)
def test_a_text_is_made_to_fit(kind: FieldType, text: str, out: str) -> None:
    assert cut(kind, text) == out


@pytest.mark.parametrize(
    ("key", "kind", "fits"),
    [
        ("thing1", FieldType.THING, True),
        ("character_string12", FieldType.CHARACTER_STRING, True),
        ("short_thing1", FieldType.THING, False),
        ("thing", FieldType.THING, False),
        ("thing1x", FieldType.THING, False),
        ("time2", FieldType.DATE, False),
        ("thing１", FieldType.THING, False),
    ],
)
def test_a_key_fits_by_its_prefix(key: str, kind: FieldType, fits: bool) -> None:
    assert key_fits(key, kind) is fits
