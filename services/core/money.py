"""Money is a whole number of fen. Yuan exist on paper and on screens only."""

import re

from services.core.errors import Invalid
from services.core.keyboard import half_width

MAX_FEN = 100_000_000
"""1,000,000.00 yuan: above any bill of a partner shop, well inside a 32-bit column."""

_YUAN = re.compile(r"[0-9]{1,7}(\.[0-9]{1,2})?")


def parse_yuan(text: str) -> int:
    """Fen out of what a clerk typed: "46", "46.5", "46.50", also in full width or with a yuan sign.

    Raises Invalid("amount_malformed") for anything else; never rounds.
    """
    plain = half_width(text).strip().lstrip("¥￥").strip()
    if not _YUAN.fullmatch(plain):
        raise Invalid("amount_malformed", field="amount")
    whole, _, cents = plain.partition(".")
    return int(whole) * 100 + int(cents.ljust(2, "0") or 0)


def yuan(fen: int, *, grouped: bool = False) -> str:
    """ "46.50" for 4650, `grouped` "27,811.78". Negative sums keep their sign."""
    sign = "-" if fen < 0 else ""
    whole, cents = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{cents:02d}" if grouped else f"{sign}{whole}.{cents:02d}"


def share(fen: int, percent: int) -> int:
    """`percent` hundredths of `fen`, half a fen rounded up: the member's favour is at most half a fen."""
    return (fen * percent + 50) // 100
