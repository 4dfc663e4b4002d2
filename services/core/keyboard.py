"""What a Chinese keyboard writes where a machine expects ASCII: full-width digits, letters and signs; and what no
keyboard writes."""

import re

_TO_HALF_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x3002: 0x2E}

_UNSEEN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
"""The database keeps no NUL, and UTF-8 no half of a pair: either would be a fault of ours instead of a text."""


def half_width(text: str) -> str:
    """ "４８２７．５０" as "4827.50"; also the full stop 。 as "."."""
    return text.translate(_TO_HALF_WIDTH)


def one_line(text: str) -> str:
    """What was typed, in one line, without space around and without what nobody can see."""
    return " ".join(_UNSEEN.sub(" ", text).split())
