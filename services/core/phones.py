"""A mobile number of mainland China, as people type it and sheets hold it."""

import re
import unicodedata

_SIGNS = re.compile(r"[\s'\"’‘“”()\-\u2010-\u2015\u200b-\u200f\ufeff]+")


def phone(text: str) -> str | None:
    """Eleven digits that begin with 1, without +86, spaces and dashes; None when it is no mobile number."""
    digits = _SIGNS.sub("", unicodedata.normalize("NFKC", text))
    digits = re.sub(r"^(\+?86|0086)(?=1[0-9]{10}$)", "", digits)
    return digits if re.fullmatch(r"1[0-9]{10}", digits) else None
