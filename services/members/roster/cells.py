"""Single cells as unions fill them: phones, days, sexes, printed numbers. Pure; what cannot be read is a verdict."""

import datetime
import re
import unicodedata
from decimal import Decimal, InvalidOperation

from services.core import phones
from services.members.documents import Sex
from services.members.roster.types import Verdict

_SEXES = {
    "男": Sex.MALE, "男性": Sex.MALE, "m": Sex.MALE, "male": Sex.MALE, "1": Sex.MALE,
    "女": Sex.FEMALE, "女性": Sex.FEMALE, "f": Sex.FEMALE, "female": Sex.FEMALE, "2": Sex.FEMALE,
}  # fmt: skip
_POWER = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]{1,2}")
_DAY = re.compile(r"([12][0-9]{3})[-/.年]?([01]?[0-9])(?:[-/.月]?([0-3]?[0-9])日?|月?)(?:[T ].*)?")
_EARLIEST = datetime.date(1900, 1, 1)
#: 2 January 1954 to 13 October 2064 as Excel counts days: a date whose format was lost
_EXCEL_DAYS = range(19_726, 60_188)
_EPOCH = datetime.date(1899, 12, 30)


def half_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def expanded(text: str) -> str | Verdict:
    """A number that a spreadsheet wrote as 1.2E+17, in full; its verdict if digits were lost on the way."""
    tight = half_width(text).replace(" ", "").upper()
    if not _POWER.fullmatch(tight):
        return text
    try:
        number = Decimal(tight)
    except InvalidOperation:
        return Verdict.DOCUMENT_DIGITS_LOST
    written = len(tight.partition("E")[0].replace(".", ""))
    whole = str(int(number))
    return whole if number == number.to_integral_value() and written >= len(whole) else Verdict.DOCUMENT_DIGITS_LOST


def phone(text: str) -> str | Verdict | None:
    """Eleven digits; None for an empty cell, for a dash and for words that say there is none."""
    said = half_width(text)
    if said in ("", "-", "--", "/", "无", "暂无", "没有", "未填", "0"):
        return None
    full = expanded(said)
    if isinstance(full, Verdict):
        return Verdict.PHONE_DIGITS_LOST
    full = full.removesuffix(".0")
    if found := phones.phone(full):
        return found
    return _phone_wrong(full)


def _phone_wrong(text: str) -> Verdict:
    if len(re.findall(r"(?<![0-9])1[0-9]{10}(?![0-9])", text)) > 1:
        return Verdict.PHONE_OF_TWO
    digits = re.sub(r"[\s()\-‐‑–—]", "", text)
    if re.fullmatch(r"0[0-9]{9,12}|[2-8][0-9]{6,7}", digits):
        return Verdict.PHONE_LANDLINE
    if not re.fullmatch(r"\+?[0-9]+", digits):
        return Verdict.PHONE_SIGNS
    return Verdict.PHONE_TOO_SHORT if len(digits) < 11 else Verdict.PHONE_TOO_LONG


def sex(text: str) -> Sex | Verdict | None:
    said = half_width(text).casefold()
    return _SEXES.get(said, Verdict.SEX_UNREADABLE) if said else None


def day(text: str, wrong: Verdict) -> datetime.date | Verdict:
    """2020-01-05, 2020/1/5, 2020.1, 20200105, 2020年1月5日, and 43835 as Excel counts."""
    said = half_width(text)
    if said.isascii() and said.isdigit() and int(said[:9]) in _EXCEL_DAYS:
        return _EPOCH + datetime.timedelta(days=int(said))
    found = _DAY.fullmatch(said) if not re.fullmatch(r"[0-9]{8}", said) else re.fullmatch(r"(....)(..)(..)", said)
    if not found:
        return wrong
    year, month, of_month = found.groups()
    try:
        value = datetime.date(int(year), int(month), int(of_month or 1))
    except ValueError:
        return wrong
    return value if value >= _EARLIEST else wrong


def born(text: str) -> datetime.date | Verdict | None:
    return day(text, Verdict.BORN_UNREADABLE) if half_width(text) else None


def joined(text: str, on: datetime.date) -> datetime.date | Verdict | None:
    if not half_width(text):
        return None
    value = day(text, Verdict.JOINED_UNREADABLE)
    return Verdict.JOINED_IN_FUTURE if isinstance(value, datetime.date) and value > on else value


def card(text: str) -> str | Verdict | None:
    """The number printed on an old card: letters, digits, dashes."""
    said = re.sub(r"[\s'’‘]+", "", half_width(text)).upper()
    if said in ("", "-", "/", "无"):
        return None
    return said if re.fullmatch(r"[0-9A-Z\-]{3,32}", said) else Verdict.CARD_SIGNS


def like_bank_card(number: str | None) -> bool:
    """16 to 19 digits whose last one is the check digit of bank cards (Luhn): such a number is not kept."""
    if not number or not re.fullmatch(r"[0-9]{16,19}", number):
        return False
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
