"""What a Chinese keyboard writes where a machine expects ASCII: full-width digits, letters and signs."""

_TO_HALF_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x3002: 0x2E}


def half_width(text: str) -> str:
    """ "４８２７．５０" as "4827.50"; also the full stop 。 as "."."""
    return text.translate(_TO_HALF_WIDTH)
