"""Texts cut to what the platform's fields take: one function for each type, whatever comes in."""

import datetime
import re
import unicodedata
from collections.abc import Callable

from services.notifications.types import FieldType

THING, SHORT_THING, PHRASE, STRING, NAME, NAME_ASCII, DIGITS, SYMBOLS, PHONE, CAR = 20, 5, 5, 32, 10, 20, 10, 5, 17, 8
NOTHING = "—"
SEE_DETAILS = "见详情"
"""For a phrase of which nothing is Chinese."""
NO_DAY, NO_TIME = "2000-01-01", "00:00"
"""For a text that holds no day or time: the types take no dash. Whoever fills a template never lets it come to that."""
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_DATE = r"(?:\d{4}年\d{1,2}月\d{1,2}日|\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}|\d{4}\.\d{1,2}\.\d{1,2})"
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
_DAY_FORM = re.compile(rf"{_DATE}(?: {_CLOCK})?", re.ASCII)
_TIME_FORM = re.compile(rf"(?:{_DATE} )?{_CLOCK}", re.ASCII)
_LOOSE_CLOCK = re.compile(r"(?<![\d:])(\d):(?=[0-5]\d)", re.ASCII)
_AMOUNT = re.compile(r"[¥￥$€£]?(?<!\d)\d{1,10}(?!\d)(?:\.\d{1,2}(?!\d))?元?", re.ASCII)
_NUMBER = re.compile(r"\d+(?:\.\d+)?", re.ASCII)


def cut(kind: FieldType, text: str) -> str:
    """What a field of this type takes of `text`: never empty, never refused for its form. What fits stays as it is."""
    return _CUTS[kind](text)


def key_fits(key: str, kind: FieldType) -> bool:
    """Whether the platform's key, thing1 or character_string12, is of this type."""
    return re.fullmatch(rf"{kind.value}[0-9]{{1,3}}", key) is not None


def _plain(text: str) -> str:
    """Without line breaks, control characters, and what turns the direction of writing. A dash if nothing is seen."""
    kept = "".join(
        " " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char
        for char in text
        if unicodedata.category(char) != "Cs" and char not in _DIRECTIONS
    )
    kept = kept if kept == text else kept.strip()
    return kept if any(unicodedata.category(char)[0] not in "ZC" for char in kept) else NOTHING


def _shorter(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _thing(text: str) -> str:
    return _shorter(_plain(text).strip() if len(text) > THING else _plain(text), THING)


def _short_thing(text: str) -> str:
    return _shorter(_plain(text).strip() if len(text) > SHORT_THING else _plain(text), SHORT_THING)


def _phrase(text: str) -> str:
    return "".join(_HAN.findall(text))[:PHRASE] or SEE_DETAILS


def _character_string(text: str) -> str:
    half = "-".join(unicodedata.normalize("NFKC", text).split())
    kept = "".join(char for char in half if "!" <= char <= "~")
    return kept if 0 < len(kept) <= STRING else kept[: STRING - 3] + "..." if kept else "-"


def _letter(text: str) -> str:
    return "".join(char for char in text if char.isascii() and char.isalpha())[:STRING] or "NA"


def _symbol(text: str) -> str:
    return "".join(char for char in text if unicodedata.category(char)[0] in "PS")[:SYMBOLS] or "-"


def _name(text: str) -> str:
    """Letters alone may be twice as long; a … among them would count as Chinese, so they end without one."""
    without = "".join(char for char in text if unicodedata.category(char)[0] != "N")
    kept = _plain(without)
    return kept[:NAME_ASCII] if kept.isascii() and kept[:NAME_ASCII].strip() else _shorter(kept.strip(), NAME)


def _date(text: str) -> str:
    return _moments(_DAY_FORM, text) or NO_DAY


def _time(text: str) -> str:
    return _moments(_TIME_FORM, text) or NO_TIME


def _moments(form: re.Pattern[str], text: str) -> str:
    """The first day or time in the text, or the range that begins with it; "" if there is none."""
    tidy = " ".join(unicodedata.normalize("NFKC", text).replace("T", " ").split())
    tidy = re.sub(r" ?[~〜∼] ?", "~", _LOOSE_CLOCK.sub(r"0\1:", tidy))
    found = [moment for moment in form.finditer(tidy) if _alone(tidy, moment) and _real(moment.group())]
    if not found:
        return ""
    first = found[0]
    second = next((one for one in found if one.start() == first.end() + 1 and tidy[first.end()] == "~"), None)
    return f"{first.group()}~{second.group()}" if second else first.group()


def _alone(text: str, moment: re.Match[str]) -> bool:
    """Not a piece of a longer number."""
    around = text[max(moment.start() - 1, 0) : moment.start()] + text[moment.end() : moment.end() + 1]
    return not any(char.isdecimal() for char in around)


def _real(moment: str) -> bool:
    """Whether its day, if it has one, is in the calendar."""
    numbers = re.match(r"(\d{4})\D(\d{1,2})\D(\d{1,2})", moment, re.ASCII)
    if numbers is None:
        return True
    try:
        datetime.date(*(int(number) for number in numbers.groups()))
    except ValueError:
        return False
    return True


def _amount(text: str) -> str:
    if _AMOUNT.fullmatch(text):
        return text
    found = _AMOUNT.search(re.sub(r"(?<=\d)[,， '](?=\d{3})", "", unicodedata.normalize("NFKC", text)))
    return found.group() if found else "0"


def _number(text: str) -> str:
    found = _NUMBER.search(unicodedata.normalize("NFKC", text))
    return found.group()[:STRING].rstrip(".") if found else "0"


def _phone_number(text: str) -> str:
    half = unicodedata.normalize("NFKC", text)
    return "".join(char for char in half if "!" <= char <= "~" and not char.isalpha())[:PHONE] or "-"


def _car_number(text: str) -> str:
    """Letters and digits; the first and the last may be Chinese."""
    kept = "".join(char for char in text if (char.isascii() and char.isalnum()) or _HAN.match(char))
    if len(kept) < 2:
        return kept or "0"
    middle = "".join(char for char in kept[1:-1] if char.isascii())
    return kept[0] + middle[: CAR - 2] + kept[-1]


_CUTS: dict[FieldType, Callable[[str], str]] = {
    FieldType.THING: _thing,
    FieldType.SHORT_THING: _short_thing,
    FieldType.PHRASE: _phrase,
    FieldType.CHARACTER_STRING: _character_string,
    FieldType.LETTER: _letter,
    FieldType.SYMBOL: _symbol,
    FieldType.NAME: _name,
    FieldType.DATE: _date,
    FieldType.TIME: _time,
    FieldType.AMOUNT: _amount,
    FieldType.NUMBER: _number,
    FieldType.PHONE_NUMBER: _phone_number,
    FieldType.CAR_NUMBER: _car_number,
    FieldType.CONST: _thing,
}
