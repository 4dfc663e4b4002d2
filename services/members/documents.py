"""Identity documents: what a union or a person wrote, as kind and number in one form. Pure: no database, no clock.

The check digit is that of GB 11643 (ISO 7064 MOD 11-2); residence permits of people from Hong Kong, Macao (81, 82) and
Taiwan (83) and the newer permit of foreigners (9) are built the same way.
"""

import datetime
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from services.members.errors import (
    DOCUMENT_BIRTH_DATE,
    DOCUMENT_CHECK_DIGIT,
    DOCUMENT_FOREIGN_FORM,
    DOCUMENT_MISSING,
    DOCUMENT_NOT_BORN_YET,
    DOCUMENT_PASSPORT_FORM,
    DOCUMENT_PERMIT_FORM,
    DOCUMENT_REGION,
    DOCUMENT_ROUNDED,
    DOCUMENT_SIGNS,
    DOCUMENT_TAIWAN_FORM,
    DOCUMENT_TOO_LONG,
    DOCUMENT_TOO_SHORT,
)


class DocumentType(StrEnum):
    MAINLAND = "mainland"  # 居民身份证
    HK_MACAO = "hk_macao"  # 港澳居民来往内地通行证、港澳居民居住证
    TAIWAN = "taiwan"  # 台湾居民来往大陆通行证、台湾居民居住证
    PASSPORT = "passport"  # 护照
    FOREIGN_PERMIT = "foreign_permit"  # 外国人永久居留身份证


class Sex(StrEnum):
    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True)
class Document:
    """A document in one form: digits and capitals, no signs. Equal documents are equal here."""

    kind: DocumentType
    number: str
    born_on: datetime.date | None = None
    sex: Sex | None = None
    #: it was written with 15 digits, as before 1999, and has been mapped to 18
    from_fifteen: bool = False

    @property
    def index_text(self) -> str:
        """What the blind index is made of."""
        return f"{self.kind}:{self.number}"


@dataclass(frozen=True)
class Fault:
    """Why a text is no document: a stable code, with words in app/wording.py."""

    code: str


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_REGIONS = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71".split()  # noqa: SIM905
)
_EARLIEST = datetime.date(1900, 1, 1)
_DROPPED = re.compile(r"[\s'\"`’‘“”´.,、，。:：\-‐‑–—_*#()（）\u200b\u200e\u200f\ufeff]+")
_KINDS: tuple[tuple[DocumentType, tuple[str, ...]], ...] = (
    (DocumentType.FOREIGN_PERMIT, ("外国人", "永久居留", "foreign")),
    (DocumentType.TAIWAN, ("台胞", "台湾", "臺灣", "台湾居民", "台居住证", "taiwan")),
    (DocumentType.HK_MACAO, ("港澳", "香港", "澳门", "澳門", "回乡证", "回鄉證", "hongkong", "macao", "macau")),
    (DocumentType.PASSPORT, ("护照", "護照", "passport")),
    (DocumentType.MAINLAND, ("身份证", "身份證", "居民证", "二代证", "一代证", "户口", "idcard", "identitycard")),
)


@lru_cache(maxsize=256)
def kind_named(text: str) -> DocumentType | None:
    """The kind that a union means by these words; None when they say nothing known."""
    words = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()
    for kind in DocumentType:
        if words == kind:
            return kind
    return next((kind for kind, names in _KINDS if any(name in words for name in names)), None)


def document(kind: DocumentType | None, text: str, *, on: datetime.date | None = None) -> Document | Fault:
    """Reads a number of that kind, or guesses the kind from the number when it is None.

    `on` is the day on which the owner must have been born; without it birth dates of the future are let through.
    """
    number = tidied(text)
    if not number:
        return Fault(DOCUMENT_MISSING)
    if not re.fullmatch(r"[0-9A-Z]+", number):
        return Fault(DOCUMENT_SIGNS)
    kind = kind or guessed(number)
    if kind is DocumentType.PASSPORT:
        passport = re.fullmatch(r"(?=.*[0-9])[0-9A-Z]{5,17}", number)
        return Document(kind, number) if passport else Fault(DOCUMENT_PASSPORT_FORM)
    if kind is DocumentType.HK_MACAO:
        return _permit(kind, number, r"[HM]([0-9]{8}|[0-9]{10})", ("81", "82"), DOCUMENT_PERMIT_FORM, on)
    if kind is DocumentType.TAIWAN:
        return _permit(kind, number, r"[0-9]{8}|[0-9]{10}[A-Z0-9]?", ("83",), DOCUMENT_TAIWAN_FORM, on)
    if kind is DocumentType.FOREIGN_PERMIT:
        return _permit(kind, number, r"[A-Z]{3}[0-9]{12}", ("9",), DOCUMENT_FOREIGN_FORM, on)
    return _mainland(number, on)


def tidied(text: str) -> str:
    """Half-width capitals without spaces, quotes and dashes."""
    return _DROPPED.sub("", unicodedata.normalize("NFKC", text)).upper()


def guessed(number: str) -> DocumentType:
    """The kind that a tidied number looks like."""
    if re.fullmatch(r"[HM]([0-9]{8}|[0-9]{10})", number) or re.match(r"8[12][0-9]{16}", number):
        return DocumentType.HK_MACAO
    if re.fullmatch(r"[0-9]{8}", number) or re.match(r"83[0-9]{16}", number):
        return DocumentType.TAIWAN
    if re.fullmatch(r"[A-Z]{3}[0-9]{12}", number) or re.fullmatch(r"9[0-9]{16}[0-9X]", number):
        return DocumentType.FOREIGN_PERMIT
    if re.fullmatch(r"[A-Z]{1,2}[0-9]{6,9}", number):
        return DocumentType.PASSPORT
    return DocumentType.MAINLAND


def check_digit(seventeen: str) -> str:
    """The 18th sign of a number."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(seventeen, _WEIGHTS, strict=True)) % 11]


def masked(number: str) -> str:
    """1201**********31: enough to compare with a paper in the hand."""
    return f"{number[:4]}{'*' * (len(number) - 6)}{number[-2:]}" if len(number) > 9 else "*" * len(number)


def _permit(
    kind: DocumentType, number: str, form: str, heads: tuple[str, ...], fault: str, on: datetime.date | None
) -> Document | Fault:
    """A travel permit of that form, or the 18 digits of a residence permit."""
    if len(number) == 18 and number.startswith(heads):
        return _eighteen(kind, number, on)
    return Document(kind, number) if re.fullmatch(form, number) else Fault(fault)


def _mainland(number: str, on: datetime.date | None) -> Document | Fault:
    from_fifteen = len(number) == 15
    if from_fifteen and number.isdigit():
        number = f"{number[:6]}19{number[6:]}"
        number += check_digit(number)
    if not re.fullmatch(r"[0-9]+X?", number):
        return Fault(DOCUMENT_SIGNS)
    if len(number) != 18:
        return Fault(DOCUMENT_TOO_SHORT if len(number) < 18 else DOCUMENT_TOO_LONG)
    if number[:2] not in _REGIONS:
        return Fault(DOCUMENT_REGION)
    return _eighteen(DocumentType.MAINLAND, number, on, from_fifteen=from_fifteen)


def _eighteen(
    kind: DocumentType, number: str, on: datetime.date | None, *, from_fifteen: bool = False
) -> Document | Fault:
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return Fault(DOCUMENT_SIGNS)
    if check_digit(number[:17]) != number[17]:
        # A spreadsheet keeps 15 digits of a number and writes noughts for the rest.
        return Fault(DOCUMENT_ROUNDED if number.endswith("000") else DOCUMENT_CHECK_DIGIT)
    try:
        born_on = datetime.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return Fault(DOCUMENT_BIRTH_DATE)
    if born_on < _EARLIEST:
        return Fault(DOCUMENT_BIRTH_DATE)
    if on and born_on > on:
        return Fault(DOCUMENT_NOT_BORN_YET)
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    return Document(kind, number, born_on, sex, from_fifteen)
