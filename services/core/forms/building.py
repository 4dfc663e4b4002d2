"""What is wrong with a form that somebody has built."""

import datetime
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from services.core.errors import Invalid
from services.core.forms import errors
from services.core.forms.reading import unseen
from services.core.forms.types import (
    CHOOSING,
    DECIDING,
    FILES_MOST,
    HINT_MOST,
    KEEP_DAYS_MOST,
    LABEL_MOST,
    OPTION_MOST,
    OPTIONS_MOST,
    QUESTIONS_MOST,
    TEXT_MOST,
    YES,
    Faults,
    Form,
    Kind,
    Question,
    Words,
)

_KEY = re.compile(r"[a-z][a-z0-9_]{0,29}", re.ASCII)


def faults_of(form: Form) -> Faults | None:
    """Every place with the first fault there, as `at` of Faults; None when the form may be used.

    Places: "keep_days", "questions", "questions.0.label" and so on with kind, key, hint, options, least, most, only_if.
    Signs that no table would hold come first: a draft is let through with any other fault.
    """
    found: dict[str, Invalid] = {}
    for fault in _faults(form):
        found.setdefault(str(fault.facts["field"]), fault)
    return Faults(found) if found else None


def _faults(form: Form) -> Iterator[Invalid]:
    for at, one in enumerate(form.questions):
        yield from _of_signs(one, f"questions.{at}")
    if not 0 <= form.keep_days <= KEEP_DAYS_MOST:
        yield Invalid(errors.KEEP_DAYS_RANGE, field="keep_days", most=KEEP_DAYS_MOST)
    if len(form.questions) > QUESTIONS_MOST:
        yield Invalid(errors.QUESTIONS_MANY, field="questions", most=QUESTIONS_MOST)
    if sum(one.kind is Kind.FILE for one in form.questions) > FILES_MOST:
        yield Invalid(errors.FILES_MANY, field="questions", most=FILES_MOST)
    for at, one in enumerate(form.questions[: QUESTIONS_MOST + 1]):
        yield from _of_question(one, form.questions[:at], f"questions.{at}")


def _of_signs(question: Question, at: str) -> Iterator[Invalid]:
    condition = question.only_if
    written = {
        "key": [question.key],
        "label": question.label.values(),
        "hint": (question.hint or {}).values(),
        "options": [text for key, label in question.options for text in (key, *label.values())],
        "only_if": [condition.key, *condition.answers] if condition else [],
    }
    for name, texts in written.items():
        if any(unseen(sign) for text in texts for sign in text):
            yield Invalid(errors.SIGNS_UNSEEN, field=f"{at}.{name}")


def _of_question(question: Question, earlier: Sequence[Question], at: str) -> Iterator[Invalid]:
    if not _KEY.fullmatch(question.key):
        yield Invalid(errors.KEY_MALFORMED, field=f"{at}.key")
    if any(one.key == question.key for one in earlier):
        yield Invalid(errors.KEY_TWICE, field=f"{at}.key")
    yield from _of_words(question.label, LABEL_MOST, f"{at}.label")
    if question.hint is not None:
        yield from _of_words(question.hint, HINT_MOST, f"{at}.hint")
    if question.kind in CHOOSING:
        yield from _of_options(question, f"{at}.options")
    yield from _of_bounds(question, at)
    yield from _of_condition(question, earlier, f"{at}.only_if")


def _of_words(words: Words, most: int, at: str) -> Iterator[Invalid]:
    if not words.get("zh", "").strip():
        yield Invalid(errors.LABEL_MISSING, field=at)
    if any(len(text) > most * (1 + (language != "zh")) for language, text in words.items()):
        yield Invalid(errors.LABEL_LONG, field=at, most=most)


def _of_options(question: Question, at: str) -> Iterator[Invalid]:
    if not question.options:
        yield Invalid(errors.OPTIONS_MISSING, field=at)
    if len(question.options) > OPTIONS_MOST:
        yield Invalid(errors.OPTIONS_MANY, field=at, most=OPTIONS_MOST)
        return
    keys, labels = zip(*question.options, strict=True) if question.options else ((), ())
    said = [label.get("zh", "").strip() for label in labels]
    if len(set(keys)) < len(keys) or len(set(said)) < len(said):
        yield Invalid(errors.OPTION_TWICE, field=at)
    for key, label in question.options:
        yield from _of_words(label, OPTION_MOST, at)
        # What is sent for an option comes back trimmed: a key with space around it would never be found.
        if not key or key != key.strip() or len(key) > OPTION_MOST:
            yield Invalid(errors.KEY_MALFORMED, field=at)


def _of_bounds(question: Question, at: str) -> Iterator[Invalid]:
    most_possible = len(question.options) if question.kind in CHOOSING else TEXT_MOST
    for name, bound in (("least", question.least), ("most", question.most)):
        if bound is None:
            continue
        if question.kind is Kind.DATE:
            fits = isinstance(bound, datetime.date)
        elif question.kind is Kind.NUMBER:
            fits = isinstance(bound, Decimal) and bound.is_finite()
        elif question.kind in (Kind.TEXT, Kind.CHOICES):
            fits = isinstance(bound, int) and 1 <= bound <= most_possible
        else:
            fits = True  # nobody reads it
        if not fits:
            yield Invalid(errors.BOUND_MALFORMED, field=f"{at}.{name}", most=most_possible)
            return
    low, high = question.least, question.most
    if question.kind is Kind.TEXT:
        high = question.text_most
    if low is not None and high is not None and low > high:  # type: ignore[operator]
        yield Invalid(errors.BOUNDS_ORDER, field=f"{at}.most")


def _of_condition(question: Question, earlier: Sequence[Question], at: str) -> Iterator[Invalid]:
    if question.only_if is None:
        return
    other = next((one for one in earlier if one.key == question.only_if.key), None)
    if other is None:
        yield Invalid(errors.CONDITION_UNKNOWN, field=at)
    elif other.kind not in DECIDING:
        yield Invalid(errors.CONDITION_KIND, field=at)
    elif other.for_managers and not question.for_managers:
        yield Invalid(errors.CONDITION_HIDDEN, field=at)
    else:
        possible = {YES} if other.kind is Kind.CONSENT else {key for key, _ in other.options}
        if not question.only_if.answers or not set(question.only_if.answers) <= possible:
            yield Invalid(errors.CONDITION_ANSWER, field=at)
