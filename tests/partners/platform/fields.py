"""What each type of field takes, written from the platform's table and from nothing of ours."""

import datetime
import re
import string
import unicodedata
from collections.abc import Callable

SYMBOLS = set(string.punctuation)


def complaint(key: str, value: object) -> str | None:
    """What 47003 says of this value, or None if it is taken."""
    kind = key.rstrip(string.digits)
    if not isinstance(value, str) or kind not in TYPES or kind == key:
        return f"argument invalid! data.{key}.value invalid"
    if not any(unicodedata.category(char)[0] not in "ZC" for char in value):
        return f"argument invalid! data.{key}.value is empty"
    clean = not any(unicodedata.category(char) in ("Cc", "Zl", "Zp", "Cs") or _turns(char) for char in value)
    return None if clean and TYPES[kind](value) else f"argument invalid! data.{key}.value invalid"


def _turns(char: str) -> bool:
    return 0x202A <= ord(char) <= 0x202E or 0x2066 <= ord(char) <= 0x2069


def _chinese(char: str) -> bool:
    return "一" <= char <= "鿿"


def _digits(text: str, most: int) -> bool:
    return 1 <= len(text) <= most and all(char in string.digits for char in text)


def _thing(text: str) -> bool:
    return len(text) <= 20


def _phrase(text: str) -> bool:
    return len(text) <= 5 and all(_chinese(char) for char in text)


def _character_string(text: str) -> bool:
    return len(text) <= 32 and all(char in string.ascii_letters + string.digits or char in SYMBOLS for char in text)


def _name(text: str) -> bool:
    if any(unicodedata.category(char)[0] == "N" for char in text):
        return False
    return len(text) <= (20 if all(ord(char) < 128 for char in text) else 10)


def _day(text: str) -> bool:
    parts = re.fullmatch(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})", text)
    chinese = re.fullmatch(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日", text)
    if parts:
        year, month, day = parts.group(1, 3, 4)
    elif chinese:
        year, month, day = chinese.groups()
    else:
        return False
    try:
        datetime.date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _clock(text: str) -> bool:
    parts = text.split(":")
    if len(parts) not in (2, 3) or not all(len(part) == 2 and _digits(part, 2) for part in parts):
        return False
    return int(parts[0]) < 24 and all(int(part) < 60 for part in parts[1:])


def _date(text: str) -> bool:
    def one(moment: str) -> bool:
        day, space, clock = moment.partition(" ")
        return _day(day) and (_clock(clock) if space else True)

    return text.count("~") <= 1 and all(one(moment) for moment in text.split("~"))


def _time(text: str) -> bool:
    def one(moment: str) -> bool:
        day, space, clock = moment.rpartition(" ")
        return _clock(clock) and (_day(day) if space else True)

    return text.count("~") <= 1 and all(one(moment) for moment in text.split("~"))


def _amount(text: str) -> bool:
    rest = text[1:] if text[0] in "¥￥$€£" else text
    whole, point, decimals = rest.removesuffix("元").partition(".")
    return _digits(whole, 10) and (_digits(decimals, 2) if point else True)


def _number(text: str) -> bool:
    whole, point, decimals = text.partition(".")
    return len(text) <= 32 and _digits(whole, 32) and (_digits(decimals, 32) if point else True)


def _car_number(text: str) -> bool:
    def plain(char: str) -> bool:
        return char in string.ascii_letters + string.digits

    ends = all(plain(char) or _chinese(char) for char in (text[0], text[-1]))
    return len(text) <= 8 and ends and all(plain(char) for char in text[1:-1])


TYPES: dict[str, Callable[[str], bool]] = {
    "thing": _thing,
    "short_thing": lambda text: len(text) <= 5,
    "phrase": _phrase,
    "character_string": _character_string,
    "letter": lambda text: len(text) <= 32 and all(char in string.ascii_letters for char in text),
    "symbol": lambda text: len(text) <= 5 and all(unicodedata.category(char)[0] in "PS" for char in text),
    "name": _name,
    "date": _date,
    "time": _time,
    "amount": _amount,
    "number": _number,
    "phone_number": lambda text: len(text) <= 17 and all(char in string.digits or char in SYMBOLS for char in text),
    "car_number": _car_number,
    "const": _thing,
}
