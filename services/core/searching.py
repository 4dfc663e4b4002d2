"""What somebody typed, found in texts that officers wrote: without indexes, for tables of some thousand rows."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, literal_column

TYPED_MOST = 60
"""Characters of a search that are read."""
WORDS_MOST = 5

_BETWEEN = re.compile(r"[\s\x00-\x1f\x7f,，、。；;|]+")


def words(typed: str) -> list[str]:
    """The words to look for: half-width, in small letters. "９折　KFC" is ["9折", "kfc"]."""
    plain = unicodedata.normalize("NFKC", " ".join(_BETWEEN.split(typed[:TYPED_MOST]))).lower()
    return plain.split()[:WORDS_MOST]


def searchable(*texts: Any) -> ColumnElement[str]:
    """Bilingual columns as one text that `holds` reads: half-width, in small letters, without spaces.

    A line for each text and language, so that no word is found across two of them.
    """
    lines = func.concat_ws("\n", *(text[language].astext for text in texts for language in ("zh", "en")))
    return func.translate(func.lower(func.normalize(lines, literal_column("NFKC"))), " \t", "")


def joined(*searched: Any) -> ColumnElement[str]:
    return func.concat_ws("\n", *searched)


def holds(searched: Any, asked: Sequence[str]) -> ColumnElement[bool]:
    """Every word stands somewhere in it. No pattern is made of what was typed: % and _ are signs like others."""
    return and_(*(func.strpos(searched, literal(word)) > 0 for word in asked), literal(True))
