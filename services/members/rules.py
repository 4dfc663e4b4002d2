"""Pure decisions about a person."""

import re
import unicodedata

from services.core.errors import Refusal
from services.members.errors import MEMBER_LEFT, MEMBER_SUSPENDED
from services.members.types import Standing

COMPOUND_SURNAMES = frozenset(
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 司徒 夏侯 端木 百里 南宫 轩辕 闻人 独孤".split()  # noqa: SIM905
)
#: what stands for the dot in minority names
_DOTS = re.compile("[・･•‧⋅∙·.]")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")
_CJK = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003ffff·]+")


def may_use_benefits(standing: Standing) -> Refusal | None:
    """All standings but "suspended" and "left" keep their benefits: grace, moving and retired are still members."""
    if standing is Standing.LEFT:
        return Refusal(MEMBER_LEFT)
    return Refusal(MEMBER_SUSPENDED) if standing is Standing.SUSPENDED else None


def tidy_name(name: str) -> str:
    """A name as it is kept: half-width, one kind of dot, no spaces between Chinese signs, one elsewhere."""
    name = _DOTS.sub("·", " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFKC", name)).split()))
    closed = name.replace(" ", "")
    return closed if _CJK.fullmatch(closed) else name


def same_name(one: str, other: str) -> bool:
    """Are these one name, written by two people? Spaces, width, case and the kind of dot do not count."""
    return tidy_name(one).replace(" ", "").casefold() == tidy_name(other).replace(" ", "").casefold()


def masked_name(name: str) -> str:
    """Enough for a clerk to compare with a person, too little to look somebody up: 李*梅, 王*, 欧阳*, M*** L***."""
    parts = name.split()
    name = "".join(parts)  # rosters pad short names with a space: 王 伟
    if not _CJK.fullmatch(name):
        return " ".join(f"{part[0]}***" for part in parts) or "*"
    if "·" in name:
        return name.split("·")[0][:1] + "*" + name[-1]
    surname = name[:2] if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else name[:1]
    given = name[len(surname) :]
    return surname + "*" * max(1, len(given) - 1) + (given[-1] if len(given) > 1 else "")


def masked_phone(phone: str) -> str:
    """138****1234."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "****"
