"""What comes with a form or in an address."""


def whole_number(text: str | None) -> int | None:
    """A number of at most six digits; None for whatever else was sent."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= len("100000") else None
