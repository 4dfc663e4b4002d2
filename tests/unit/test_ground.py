"""The ground, as far as it needs no database: money, ids, days, keys, cursors."""

import datetime
import secrets
import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Uuid, column, select
from sqlalchemy.dialects import postgresql

from services.core import calendar, clock
from services.core.crypto import SealBroken, Vault
from services.core.errors import Invalid
from services.core.ids import CROCKFORD, from_base32, random_base32, to_base32, uuid7
from services.core.money import MAX_FEN, parse_yuan, share, yuan
from services.core.paging import MOST, PageRequest
from services.core.signing import Signer, token_digest

UTC = datetime.UTC


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("46", 4600), ("46.5", 4650), ("46.50", 4650), ("0.01", 1), ("0", 0), ("007", 700), ("9999999.99", 999_999_999),
        (" 46.50 ", 4650), ("¥46.50", 4650), ("￥46.50", 4650), ("¥ 46", 4600), ("46。5", 4650), ("46．50", 4650),
        ("４６．５０", 4650),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_it_is_typed(typed: str, fen: int) -> None:
    assert parse_yuan(typed) == fen


@pytest.mark.parametrize(
    "typed",
    ["", " ", "¥", "-1", "+1", "46.", ".5", "46.505", "4,650", "46,5", "1e3", "0x10", "46.5.0", "四十六",
     "10000000", "46 50", "NaN", "inf", "46元", "٤٦", "1" * 10_000],
)  # fmt: skip
def test_what_is_no_amount_is_not_guessed(typed: str) -> None:
    with pytest.raises(Invalid) as raised:
        parse_yuan(typed)
    assert (raised.value.code, raised.value.facts) == ("amount_malformed", {"field": "amount"})


@given(st.integers(0, 999_999_999))
def test_yuan_on_the_screen_are_read_back_as_the_same_fen(fen: int) -> None:
    assert parse_yuan(yuan(fen)) == fen


@pytest.mark.parametrize(
    ("fen", "shown"), [(0, "0.00"), (1, "0.01"), (4650, "46.50"), (-5, "-0.05"), (-4650, "-46.50")]
)
def test_fen_are_shown_as_yuan(fen: int, shown: str) -> None:
    assert yuan(fen) == shown


@given(st.integers(0, MAX_FEN), st.integers(0, 100))
def test_a_share_is_off_by_half_a_fen_at_most(fen: int, percent: int) -> None:
    assert abs(share(fen, percent) * 100 - fen * percent) <= 50
    assert 0 <= share(fen, percent) <= fen


def test_ids_sort_by_the_time_they_were_made() -> None:
    ids = []
    for _ in range(200):
        ids.append(uuid7())
        time.sleep(0.000_01)
    assert ids == sorted(ids)
    assert len(set(ids)) == 200


def test_an_id_says_its_version_and_its_millisecond() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid7()
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_ids_of_one_instant_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_772_339_106_999_999_999)
    assert len({uuid7() for _ in range(1000)}) == 1000
    assert uuid7().version == 7


@given(st.integers(1, 26), st.data())
def test_base32_is_read_back(length: int, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, 32**length - 1))
    text = to_base32(number, length)
    assert (len(text), from_base32(text)) == (length, number)


@pytest.mark.parametrize(("number", "length"), [(-1, 4), (32, 1), (1 << 20, 4)])
def test_a_number_that_does_not_fit_is_refused(number: int, length: int) -> None:
    with pytest.raises(ValueError, match="fit"):
        to_base32(number, length)


@pytest.mark.parametrize("text", ["I", "L", "O", "U", "a", "-", "Ａ", "\u212a"])
def test_a_character_of_another_alphabet_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Crockford"):
        from_base32(text)


def test_a_random_token_uses_the_whole_alphabet() -> None:
    drawn = "".join(random_base32(26) for _ in range(200))
    assert len(drawn) == 5200
    assert set(drawn) == set(CROCKFORD)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime.datetime(2026, 2, 28, 15, 59, 59, 999_999, tzinfo=UTC), datetime.date(2026, 2, 28)),
        (datetime.datetime(2026, 2, 28, 16, 0, tzinfo=UTC), datetime.date(2026, 3, 1)),
        (datetime.datetime(2025, 12, 31, 16, 0, tzinfo=UTC), datetime.date(2026, 1, 1)),
    ],
)
def test_a_day_in_china_begins_at_sixteen_utc(instant: datetime.datetime, day: datetime.date) -> None:
    assert calendar.local_date(instant) == day
    assert calendar.local(instant) == instant


@given(st.dates(datetime.date(1992, 1, 2), datetime.date(2200, 1, 1)))
def test_days_follow_each_other_without_gap_or_overlap(day: datetime.date) -> None:
    begin, end = calendar.day_bounds(day)
    tick = datetime.timedelta(microseconds=1)
    assert end - begin == datetime.timedelta(hours=24)
    assert (calendar.local_date(begin), calendar.local_date(end - tick)) == (day, day)
    assert calendar.day_bounds(day + datetime.timedelta(days=1))[0] == end


def test_the_clock_knows_its_zone() -> None:
    assert clock.now().tzinfo is UTC


def vault(*ids: str, index: bytes = b"i" * 32) -> Vault:
    made = Vault()
    made.open_with(tuple((key_id, key_id.encode() * 32) for key_id in ids), index)
    return made


@given(st.text())
def test_a_sealed_text_opens_again(text: str) -> None:
    assert vault("1").unseal("members.phone", vault("1").seal("members.phone", text)) == text


def test_a_text_is_sealed_differently_each_time() -> None:
    assert len({vault("1").seal("members.phone", "10012345678") for _ in range(100)}) == 100


def test_every_changed_byte_breaks_the_seal() -> None:
    one = vault("1")
    sealed = one.seal("members.phone", "10012345678")
    for at in range(len(sealed)):
        for bit in (1, 128):
            changed = sealed[:at] + bytes([sealed[at] ^ bit]) + sealed[at + 1 :]
            with pytest.raises(SealBroken):
                one.unseal("members.phone", changed)


@given(st.binary(max_size=60))
def test_nothing_else_opens(sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        vault("1").unseal("members.phone", sealed)


def test_a_value_moved_to_another_field_does_not_open() -> None:
    sealed = vault("1").seal("members.phone", "10012345678")
    with pytest.raises(SealBroken) as raised:
        vault("1").unseal("members.name", sealed)
    assert raised.value.code == "seal_broken"
    assert "10012345678" not in str(raised.value)


def test_an_old_key_opens_until_it_leaves_the_ring() -> None:
    sealed = vault("1").seal("members.phone", "10012345678")
    assert vault("2", "1").unseal("members.phone", sealed) == "10012345678"
    assert vault("2", "1").needs_rotation(sealed)
    assert not vault("2", "1").needs_rotation(vault("2", "1").seal("members.phone", "x"))
    with pytest.raises(SealBroken):
        vault("2").unseal("members.phone", sealed)


def test_the_blind_index_finds_equal_texts_of_one_field_only() -> None:
    one = vault("1")
    index = one.blind_index("members.phone", "10012345678")
    assert len(index) == 16
    assert index == vault("9").blind_index("members.phone", "10012345678")
    assert index != one.blind_index("members.phone", "10012345679")
    assert index != one.blind_index("members.id_number", "10012345678")
    assert index != vault("1", index=b"j" * 32).blind_index("members.phone", "10012345678")


def test_purposes_of_one_key_are_kept_apart() -> None:
    signer = Signer()
    signer.open((("2", b"2" * 32), ("1", b"1" * 32)))
    assert signer.current == "2"
    assert signer.mac("a", b"b") == signer.mac("a", b"b", key_id="2") != signer.mac("a", b"b", key_id="1")
    assert signer.mac("a", b"b") != signer.mac("b", b"a")
    with pytest.raises(KeyError):
        signer.mac("a", b"b", key_id="3")


def test_a_token_is_kept_as_its_digest() -> None:
    token = secrets.token_urlsafe(32)
    assert len(token_digest(token)) == 32
    assert token_digest(token) == token_digest(token)
    assert token.encode() not in token_digest(token)


IDS = [uuid.UUID(int=number) for number in range(200, 0, -1)]


@pytest.mark.parametrize(
    ("limit", "rows", "shown", "more"),
    [(20, 21, 20, True), (20, 20, 20, False), (20, 0, 0, False), (500, 101, MOST, True)],
)
def test_a_page_has_a_cursor_while_there_is_more(limit: int, rows: int, shown: int, more: bool) -> None:
    page = PageRequest(limit=limit).page(list(range(rows)), IDS[:rows])
    assert page.items == list(range(shown))
    assert page.next == (IDS[shown - 1].hex if more else None)


def test_a_page_asks_for_one_row_more_than_it_shows() -> None:
    key: Column[uuid.UUID] = column("id", Uuid)  # type: ignore[assignment]
    query = PageRequest(cursor=IDS[0].hex, limit=7).apply(select(key), key)
    compiled = query.compile(dialect=postgresql.dialect())
    assert "WHERE id < " in str(compiled)
    assert "ORDER BY id DESC" in str(compiled)
    assert set(compiled.params.values()) == {IDS[0], 8}


@pytest.mark.parametrize("cursor", ["x", "0" * 31, "0" * 33, "-" * 32, "' OR 1=1", "0" * 10_000])
def test_a_cursor_that_is_none_of_ours_is_invalid(cursor: str) -> None:
    key: Column[uuid.UUID] = column("id", Uuid)  # type: ignore[assignment]
    with pytest.raises(Invalid) as raised:
        PageRequest(cursor=cursor).apply(select(key), key)
    assert (raised.value.code, raised.value.facts) == ("cursor_malformed", {"field": "cursor"})
