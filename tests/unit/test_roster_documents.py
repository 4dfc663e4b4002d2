"""Identity documents, names and phones however they are written; verdicts in both languages."""

import datetime
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wording.roster_rows import NOTES, VERDICTS
from services.core.phones import phone
from services.members.documents import Document, DocumentType, Fault, Sex, check_digit, document, kind_named, masked
from services.members.roster.types import Note, Verdict
from services.members.rules import same_name, tidy_name

TODAY = datetime.date(2026, 11, 22)
GOOD = "120199199003070035"
CHINESE = re.compile(r"[㐀-鿿]")


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        " 120199 19900307 0035 ",
        "'120199199003070035",
        "１２０１９９１９９００３０７００３５",
        "120199-19900307-0035",
        "\u200b" + GOOD,
    ],
)
def test_one_number_however_it_is_written(text: str) -> None:
    found = document(None, text, on=TODAY)
    assert found == Document(DocumentType.MAINLAND, GOOD, datetime.date(1990, 3, 7), Sex.MALE)


def test_a_small_x_is_a_large_one() -> None:
    head = next(head for n in range(1, 400) if check_digit(head := f"12019919900307{n:03d}") == "X")
    found = document(DocumentType.MAINLAND, head + "x", on=TODAY)
    assert isinstance(found, Document)
    assert found.number == head + "X"


def test_fifteen_digits_become_eighteen_and_are_flagged() -> None:
    found = document(None, "120199900307003", on=TODAY)
    assert found == Document(DocumentType.MAINLAND, GOOD, datetime.date(1990, 3, 7), Sex.MALE, from_fifteen=True)


@given(st.dates(datetime.date(1900, 1, 1), TODAY), st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_one_mistyped_digit_never_passes(born: datetime.date, ordinal: int, at: int, by: int) -> None:
    head = f"110101{born:%Y%m%d}{ordinal:03d}"
    number = head + check_digit(head)
    assert isinstance(document(None, number, on=TODAY), Document)
    wrong = number[:at] + str((int(number[at]) + by) % 10) + number[at + 1 :]
    assert isinstance(document(DocumentType.MAINLAND, wrong, on=TODAY), Fault)


@given(st.text(max_size=40), st.sampled_from([None, *DocumentType]))
def test_any_text_is_a_document_or_a_fault(text: str, kind: DocumentType | None) -> None:
    found = document(kind, text, on=TODAY)
    if isinstance(found, Document):
        assert document(found.kind, found.number, on=TODAY) == Document(
            found.kind, found.number, found.born_on, found.sex
        ), "a document that was read is read again as itself"
    else:
        assert found.code.startswith("document_")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("身份证", "mainland"), (" 居民 身份证 ", "mainland"), ("二代证", "mainland"), ("台胞证", "taiwan"),
        ("港澳居民来往内地通行证", "hk_macao"), ("台湾居民居住证", "taiwan"), ("护照", "passport"),
        ("Passport", "passport"), ("外国人永久居留身份证", "foreign_permit"), ("学生证", None), ("", None),
    ],
)  # fmt: skip
def test_kinds_are_known_by_the_words_of_unions(words: str, kind: str | None) -> None:
    assert kind_named(words) == kind


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("王 伟", "王伟"),
        ("阿依古丽・买买提", "阿依古丽·买买提"),
        ("MAX Li", "max li"),
        ("Ｍａｘ", "max"),
        ("古丽.买买提", "古丽·买买提"),
    ],
)
def test_one_name_in_two_writings(one: str, other: str) -> None:
    assert same_name(one, other)
    assert tidy_name(tidy_name(one)) == tidy_name(one)


def test_two_names_are_two() -> None:
    assert not same_name("王伟", "王玮")
    assert not same_name("王伟", "王伟伟")


@pytest.mark.parametrize(
    ("text", "digits"),
    [("10012345678", "10012345678"), ("+86 100-1234-5678", "10012345678"), ("86 10012345678", "10012345678"),
     ("１００１２３４５６７８", "10012345678"), ("'10012345678", "10012345678"), ("1001234567", None),
     ("02212345678", None), ("100123456789", None), ("", None), ("abc", None)],
)  # fmt: skip
def test_a_phone_is_eleven_digits_that_begin_with_one(text: str, digits: str | None) -> None:
    assert phone(text) == digits


def test_a_masked_number_keeps_its_ends() -> None:
    assert masked(GOOD) == "1201" + "*" * 12 + "35"
    assert masked("E12345678") == "*" * 9


def test_every_verdict_and_note_has_words_in_both_languages() -> None:
    assert (set(VERDICTS), set(NOTES)) == (set(Verdict), set(Note))
    for said in VERDICTS.values():
        assert CHINESE.search(said.title_zh) and CHINESE.search(said.zh) and said.zh.endswith(("。", "？")), said
        assert said.title_en and said.en.endswith((".", "?")) and not CHINESE.search(said.title_en + said.en), said
    for zh, en in NOTES.values():
        assert CHINESE.search(zh) and not CHINESE.search(en)
