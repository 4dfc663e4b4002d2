"""A form, its questions, and answers as they are kept."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from services.core.errors import Invalid

QUESTIONS_MOST, FILES_MOST, OPTIONS_MOST = 30, 3, 50
LABEL_MOST, HINT_MOST, OPTION_MOST = 80, 200, 40
"""Characters in Chinese; English may be twice as long."""
TEXT_USUAL, TEXT_MOST, LINE_MOST = 100, 2000, 100
"""Characters of a text where the question says nothing, that any may have, and up to which one line is enough."""
KEEP_DAYS, KEEP_DAYS_MOST = 90, 730
YES = "yes"
"""The answer to a consent that was given. One that was not given is no answer."""


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    CHOICES = "choices"
    DATE = "date"
    PHONE = "phone"
    FILE = "file"
    CONSENT = "consent"


CHOOSING = frozenset({Kind.CHOICE, Kind.CHOICES})
DECIDING = CHOOSING | {Kind.CONSENT}
"""Kinds whose answer another question may hang on."""

Words = Mapping[str, str]
"""{"zh": "…", "en": "…"}; English may be missing."""
Bound = int | Decimal | datetime.date


@dataclass(frozen=True)
class OnlyIf:
    """Asked only if the earlier question `key` has one of these answers: keys of its options, "yes" of a consent."""

    key: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """`least` and `most`: characters of a text and how many choices (int), value of a number (Decimal), a date's day.

    `for_managers`: organisers answer it and read it; the member never learns that it is there.
    """

    key: str
    kind: Kind
    label: Words
    hint: Words | None = None
    required: bool = False
    #: key and words of each
    options: tuple[tuple[str, Words], ...] = ()
    least: Bound | None = None
    most: Bound | None = None
    only_if: OnlyIf | None = None
    for_managers: bool = False

    @property
    def in_lines(self) -> bool:
        """May the text have several lines?"""
        return self.kind is Kind.TEXT and self.text_most > LINE_MOST

    @property
    def text_most(self) -> int:
        return self.most if isinstance(self.most, int) else TEXT_USUAL


@dataclass(frozen=True)
class Form:
    """`keep_days`: how many days after the end of what it is for the answers are kept."""

    questions: tuple[Question, ...] = ()
    keep_days: int = KEEP_DAYS


@dataclass(frozen=True)
class Handed:
    """A file that was handed in, as far as an answer knows it: `key` of core/files once it is kept there."""

    media: str
    size: int
    key: str = ""


Answer = str | tuple[str, ...] | Handed
"""Text as trimmed, number as "3.5", date as "2026-05-01", phone as 11 digits, choice as the key of its option, choices
as such keys in the form's order, consent as "yes". What was not answered is not there."""
Answers = Mapping[str, Answer]


@dataclass(frozen=True)
class Faults:
    """What is wrong, by the question's key; in a form that is being built, by "questions.0.label" and the like."""

    at: Mapping[str, Invalid]


def given_of(answers: Answers) -> dict[str, str | list[str]]:
    """Answers as a form sends them, without its files: `read` makes the same answers of them."""
    return {
        key: list(answer) if isinstance(answer, tuple) else answer
        for key, answer in answers.items()
        if not isinstance(answer, Handed)
    }


def files_of(answers: Answers) -> dict[str, Handed]:
    """The files among the answers. Who forgets the answers deletes what their keys name."""
    return {key: answer for key, answer in answers.items() if isinstance(answer, Handed)}
