"""What somebody answered, question by question: tidy, or with every fault at once."""

import datetime
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal

from services.core.errors import Invalid
from services.core.forms import errors
from services.core.forms.types import CHOOSING, YES, Answer, Answers, Faults, Form, Handed, Kind, Question
from services.core.keyboard import half_width
from services.core.phones import phone

YEARS = range(1900, 2101)
KEY_SHOWN, PHONE_READ = 30, 40
_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,2})?", re.ASCII)
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?", re.ASCII)
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Signs that turn the direction of what stands around them: nobody types them, and a list reads wrong with them."""
_MISSING = {
    Kind.CHOICE: errors.CHOICE_LEFT_OPEN,
    Kind.CHOICES: errors.CHOICE_LEFT_OPEN,
    Kind.FILE: errors.FILE_MISSING,
    Kind.CONSENT: errors.CONSENT_NEEDED,
}


def read(
    form: Form, given: Mapping[str, object], files: Mapping[str, Handed] | None = None, *, as_manager: bool = False
) -> Answers | Faults:
    """The answers, in the form's order, or every fault by its question's key. Never raises.

    `given` is a text or a list of texts a question; anything else is a fault. `files` is what was handed in, checked
    already (`handed.tidied`). A question whose condition does not hold is not asked: what was given for it is dropped.
    For a member, a question for managers is as unknown as one that the form does not have.
    """
    files = files or {}
    asked = [one for one in form.questions if as_manager or not one.for_managers]
    known = {one.key for one in asked}
    faults = {
        key[:KEY_SHOWN]: Invalid(errors.QUESTION_UNKNOWN, field=key[:KEY_SHOWN])
        for key in (*given, *files)
        if key not in known
    }
    answers: dict[str, Answer] = {}
    for one in asked:
        if not _holds(one, answers):
            continue
        try:
            handed = files.get(one.key)
            answer = handed if one.kind is Kind.FILE else _answer(one, given.get(one.key))
            if answer is None and one.required:
                raise Invalid(_MISSING.get(one.kind, errors.ANSWER_MISSING), field=one.key)  # noqa: TRY301
        except Invalid as fault:
            faults[one.key] = fault
        else:
            if answer is not None:
                answers[one.key] = answer
    return Faults(faults) if faults else answers


def visible(form: Form, answers: Answers, *, as_manager: bool = False) -> list[Question]:
    """The questions that are asked of whoever answered so far as `answers` says."""
    held: dict[str, Answer] = {}
    seen = []
    for one in form.questions:
        if (as_manager or not one.for_managers) and _holds(one, held):
            seen.append(one)
            if one.key in answers:
                held[one.key] = answers[one.key]
    return seen


def merged(form: Form, answers: Answers, before: Answers) -> Answers:
    """A member's new answers with what managers had answered `before`, where their questions are still asked."""
    own = {one.key for one in form.questions if one.for_managers}
    both = {**{key: answer for key, answer in before.items() if key in own}, **answers}
    return {one.key: both[one.key] for one in visible(form, both, as_manager=True) if one.key in both}


def _holds(question: Question, answers: Answers) -> bool:
    if question.only_if is None:
        return True
    answer = answers.get(question.only_if.key, ())
    given = answer if isinstance(answer, tuple) else (answer,)
    return any(one in given for one in question.only_if.answers)


def _answer(question: Question, given: object) -> Answer | None:
    """None where nothing is answered. Raises Invalid."""
    texts = [given] if isinstance(given, str) else [] if given is None else given
    if not isinstance(texts, list | tuple) or not all(isinstance(one, str) for one in texts):
        raise Invalid(errors.ANSWER_MALFORMED, field=question.key)
    said = [text for text in (one.strip() for one in texts) if text]
    if not said:
        return None
    if question.kind is Kind.CHOICES:
        return _choices(question, said)
    if len(said) > 1:
        raise Invalid(errors.ANSWER_MALFORMED, field=question.key)
    return _PARSE[question.kind](question, said[0])


def _text(question: Question, text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\t", " ")
    if any(unseen(sign) and not (sign == "\n" and question.in_lines) for sign in text):
        raise Invalid(errors.SIGNS_UNSEEN, field=question.key)
    if len(text) > question.text_most:
        raise Invalid(errors.TEXT_LONG, field=question.key, most=question.text_most)
    if isinstance(question.least, int) and len(text) < question.least:
        raise Invalid(errors.TEXT_SHORT, field=question.key, least=question.least)
    return text


def unseen(sign: str) -> bool:
    """Is it a control sign, or half of a pair? The database and sheets refuse them, and no reader sees them."""
    return sign in _TURNS or unicodedata.category(sign) in ("Cc", "Cs")


def _number(question: Question, text: str) -> str:
    number = number_of(text)
    if number is None:
        raise Invalid(errors.NUMBER_MALFORMED, field=question.key)
    if isinstance(question.least, int | Decimal) and number < question.least:
        raise Invalid(errors.NUMBER_LOW, field=question.key, least=plain(Decimal(question.least)))
    if isinstance(question.most, int | Decimal) and number > question.most:
        raise Invalid(errors.NUMBER_HIGH, field=question.key, most=plain(Decimal(question.most)))
    return plain(number)


def number_of(text: str) -> Decimal | None:
    """At most 12 digits and 2 places; None when it is no such number."""
    text = half_width(text).strip()
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def plain(number: Decimal) -> str:
    """ "3.5" for 3.50, "0" for -0."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _date(question: Question, text: str) -> str:
    day = day_of(text)
    if day is None:
        raise Invalid(errors.DATE_MALFORMED, field=question.key)
    if isinstance(question.least, datetime.date) and day < question.least:
        raise Invalid(errors.DATE_EARLY, field=question.key, date=question.least.isoformat())
    if isinstance(question.most, datetime.date) and day > question.most:
        raise Invalid(errors.DATE_LATE, field=question.key, date=question.most.isoformat())
    return day.isoformat()


def day_of(text: str) -> datetime.date | None:
    """ "2026-05-01", "2026/5/1" or "2026年5月1日"; None when there is no such day in 1900 to 2100."""
    found = _DAY.fullmatch(half_width(text).strip())
    if not found:
        return None
    try:
        day = datetime.date(*map(int, found.groups()))
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _phone(question: Question, text: str) -> str:
    digits = phone(text) if len(text) <= PHONE_READ else None
    if digits is None:
        raise Invalid(errors.PHONE_WRONG, field=question.key)
    return digits


def _choice(question: Question, text: str) -> str:
    return _choices(question, [text])[0]


def _choices(question: Question, texts: list[str]) -> tuple[str, ...]:
    keys = [key for key, _ in question.options]
    if not set(texts) <= set(keys):
        raise Invalid(errors.CHOICE_UNKNOWN, field=question.key)
    chosen = tuple(key for key in keys if key in texts)
    if question.kind in CHOOSING - {Kind.CHOICE}:
        if isinstance(question.least, int) and len(chosen) < question.least:
            raise Invalid(errors.CHOICES_FEW, field=question.key, least=question.least)
        if isinstance(question.most, int) and len(chosen) > question.most:
            raise Invalid(errors.CHOICES_MANY, field=question.key, most=question.most)
    return chosen


def _consent(question: Question, text: str) -> str:
    if text != YES:
        raise Invalid(errors.ANSWER_MALFORMED, field=question.key)
    return YES


_PARSE = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.CHOICE: _choice,
    Kind.DATE: _date,
    Kind.PHONE: _phone,
    Kind.CONSENT: _consent,
}
