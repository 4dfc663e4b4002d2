"""Pure decisions about the tree and the directory."""

import math
import re

from services.core.errors import Invalid
from services.core.ids import to_base32
from services.core.keyboard import half_width
from services.unions.errors import (
    UNION_NAME_MISSING,
    UNION_PHONE_MALFORMED,
    UNION_PLACE_MALFORMED,
    UNION_TEXT_TOO_LONG,
)
from services.unions.types import Level, Place, UnionPath

CODE_LENGTH = 4
TOKEN_LENGTH = 16
NAME_MOST, ADDRESS_MOST = 60, 120
SEARCH_MOST = 60
"""Characters of a search that are read; employers' names are shorter."""
WORDS_MOST = 5
BELOW = {Level.FEDERATION: (Level.TOWN, Level.GRASSROOTS), Level.TOWN: (Level.GRASSROOTS,), Level.GRASSROOTS: ()}
"""Which levels may stand directly below one."""
UNION_ENDINGS = "(总工会|工会联合会|工会委员会|联合工会|工会)$"
"""What the name of a union ends in beside the employer's or the place's own name. Read by PostgreSQL too."""

_FIRM_ENDINGS = re.compile(
    r"(集团)?((股份)?有限(责任)?公司|总公司|分公司|公司|集团|厂)?(总工会|工会联合会|工会委员会|联合工会|工会)?$"
)
_PHONE = re.compile(r"\+?\d[\d -]{1,27}\d")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f]")
_SIGNS = re.compile(r"[\s\x00-\x1f,.;:、，。；：·()（）《》“”\"'%_\\/-]+")


def within(path: str, scope: str) -> bool:
    """Is the union at `path` the one at `scope` or below it?"""
    return path == scope or path.startswith(scope + ".")


def child_path(parent: UnionPath | None, ordinal: int) -> UnionPath:
    """The path of the `ordinal`-th child. ValueError above 1,048,575 children."""
    code = to_base32(ordinal, CODE_LENGTH)
    return UnionPath(f"{parent}.{code}" if parent else code)


def parts(path: UnionPath) -> list[UnionPath]:
    """The paths from the root down to this one, itself included."""
    codes = path.split(".")
    return [UnionPath(".".join(codes[: count + 1])) for count in range(len(codes))]


def asked_words(text: str) -> list[str]:
    """What somebody typed to find a union, as words to look for: no signs, and no 有限公司 or 工会 at the end.

    An employer is rarely written as its union is: "恒沛精密制造有限公司" is to find 恒沛精密工会.
    """
    words = [word for word in _SIGNS.split(half_width(text).lower()) if word]
    bare = [_FIRM_ENDINGS.sub("", word) for word in words]
    return ([word for word in bare if word] or words)[:WORDS_MOST]


def name_of(zh: str, en: str = "") -> dict[str, str]:
    """A union's name as it is stored. Raises Invalid(union_name_missing, union_text_too_long)."""
    written = _bilingual(zh, en, NAME_MOST)
    if written is None:
        raise Invalid(UNION_NAME_MISSING, field="name")
    return written


def address_of(zh: str, en: str = "") -> dict[str, str] | None:
    """None where nothing is written. Raises Invalid(union_text_too_long)."""
    return _bilingual(zh, en, ADDRESS_MOST)


def phone_of(text: str) -> str | None:
    """Digits with dashes as somebody wrote them; None where nothing is written. Raises Invalid."""
    phone = half_width(text).strip().replace("—", "-").replace("(", "").replace(")", "-")
    if not phone:
        return None
    if not _PHONE.fullmatch(phone):
        raise Invalid(UNION_PHONE_MALFORMED, field="phone")
    return phone


def place_of(text: str) -> Place | None:
    """ "121.473, 31.230" as maps copy it: longitude, then latitude; None where nothing is written. Raises Invalid.

    In China the longitude is above 73 and the latitude below 54, so the other order is understood too.
    """
    numbers = [piece for piece in re.split(r"[\s,，、;；]+", half_width(text).strip()) if piece]
    if not numbers:
        return None
    try:
        first, second = (float(number) for number in numbers)
    except ValueError:
        raise Invalid(UNION_PLACE_MALFORMED, field="place") from None
    longitude, latitude = max(first, second), min(first, second)
    if not (math.isfinite(first) and math.isfinite(second) and 73 <= longitude <= 136 and 3 <= latitude <= 54):
        raise Invalid(UNION_PLACE_MALFORMED, field="place")
    return Place(round(latitude, 6), round(longitude, 6))


def _bilingual(zh: str, en: str, most: int) -> dict[str, str] | None:
    zh, en = (" ".join(_UNSEEN.sub(" ", written).split()) for written in (zh, en))
    if len(zh) > most or len(en) > most:
        raise Invalid(UNION_TEXT_TOO_LONG, most=most)
    return None if not zh else {"zh": zh, "en": en} if en else {"zh": zh}
