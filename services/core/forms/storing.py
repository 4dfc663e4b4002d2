"""Forms and answers as plain JSON, and back: what is malformed is refused, whoever sends it."""

import datetime
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from services.core.errors import Invalid
from services.core.forms.errors import FORM_MALFORMED
from services.core.forms.reading import day_of, number_of, plain
from services.core.forms.types import KEEP_DAYS, Answer, Answers, Bound, Form, Handed, Kind, OnlyIf, Question, Words

T = TypeVar("T")
_OF_FORM = {"questions", "keep_days"}
_OF_QUESTION = {
    "key", "kind", "label", "hint", "required", "options", "least", "most", "only_if", "for_managers",
}  # fmt: skip


def dumped(form: Form) -> dict[str, Any]:
    """{"questions": […], "keep_days": 90}. What a question leaves open is not written."""
    return {"questions": [_dumped(one) for one in form.questions], "keep_days": form.keep_days}


def loaded(value: object) -> Form:
    """The form; an empty object is one without questions. Raises Invalid(form_malformed) with the `field`.

    Looks at the shape only: whether the form makes sense is `faults_of`'s to say.
    """
    one = _object(value, "form", _OF_FORM)
    questions = _list(one.get("questions", []), "questions")
    return Form(
        tuple(_loaded(question, f"questions.{at}") for at, question in enumerate(questions)),
        _of(int, one.get("keep_days", KEEP_DAYS), "keep_days"),
    )


def dumped_answers(answers: Answers) -> dict[str, Any]:
    """{"size": "L", "days": ["sat"], "photo": {"media": …, "size": …, "key": …}}"""
    return {key: _dumped_answer(answer) for key, answer in answers.items()}


def loaded_answers(value: object) -> Answers:
    """As they were dumped, whatever has become of the form since. Raises Invalid(form_malformed)."""
    given = _of(dict, value, "answers")
    return {_of(str, key, "answers"): _loaded_answer(answer, f"answers.{key}") for key, answer in given.items()}


def _dumped(question: Question) -> dict[str, Any]:
    written = {
        "key": question.key,
        "kind": question.kind.value,
        "label": dict(question.label),
        "hint": dict(question.hint) if question.hint is not None else None,
        "required": question.required or None,
        "options": [{"key": key, "label": dict(label)} for key, label in question.options] or None,
        "least": _dumped_bound(question.least),
        "most": _dumped_bound(question.most),
        "only_if": {"key": question.only_if.key, "answers": list(question.only_if.answers)}
        if question.only_if
        else None,
        "for_managers": question.for_managers or None,
    }
    return {name: part for name, part in written.items() if part is not None}


def _dumped_bound(bound: Bound | None) -> int | str | None:
    if isinstance(bound, Decimal):
        return plain(bound)
    return bound.isoformat() if isinstance(bound, datetime.date) else bound


def _loaded(value: object, at: str) -> Question:
    one = _object(value, at, _OF_QUESTION)
    name = _of(str, one.get("kind"), f"{at}.kind")
    if name not in set(Kind):
        raise Invalid(FORM_MALFORMED, field=f"{at}.kind")
    kind, hint = Kind(name), one.get("hint")
    return Question(
        key=_of(str, one.get("key"), f"{at}.key"),
        kind=kind,
        label=_words(one.get("label"), f"{at}.label"),
        hint=_words(hint, f"{at}.hint") if hint is not None else None,
        required=_of(bool, one.get("required", False), f"{at}.required"),
        options=tuple(_option(option, f"{at}.options") for option in _list(one.get("options", []), f"{at}.options")),
        least=_bound(kind, one.get("least"), f"{at}.least"),
        most=_bound(kind, one.get("most"), f"{at}.most"),
        only_if=_only_if(one.get("only_if"), f"{at}.only_if"),
        for_managers=_of(bool, one.get("for_managers", False), f"{at}.for_managers"),
    )


def _option(value: object, at: str) -> tuple[str, Words]:
    one = _object(value, at, {"key", "label"})
    return _of(str, one.get("key"), at), _words(one.get("label"), at)


def _only_if(value: object, at: str) -> OnlyIf | None:
    if value is None:
        return None
    one = _object(value, at, {"key", "answers"})
    answers = tuple(_of(str, answer, at) for answer in _list(one.get("answers"), at))
    return OnlyIf(_of(str, one.get("key"), at), answers)


def _bound(kind: Kind, value: object, at: str) -> Bound | None:
    """As the kind has it: a day and a number are texts in JSON, a number may be a whole one too."""
    if value is None:
        return None
    if kind in (Kind.NUMBER, Kind.DATE):
        parse: Callable[[str], Bound | None] = number_of if kind is Kind.NUMBER else day_of
        whole = kind is Kind.NUMBER and isinstance(value, int) and not isinstance(value, bool)
        found = parse(str(value) if whole else _of(str, value, at))
        if found is None:
            raise Invalid(FORM_MALFORMED, field=at)
        return found
    return _of(int, value, at)


def _words(value: object, at: str) -> Words:
    one = _object(value, at, {"zh", "en"})
    return {language: _of(str, text, at) for language, text in one.items()}


def _dumped_answer(answer: Answer) -> Any:
    if isinstance(answer, Handed):
        return {"media": answer.media, "size": answer.size, "key": answer.key}
    return list(answer) if isinstance(answer, tuple) else answer


def _loaded_answer(value: object, at: str) -> Answer:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return tuple(_of(str, one, at) for one in value)
    one = _object(value, at, {"media", "size", "key"})
    return Handed(_of(str, one.get("media"), at), _of(int, one.get("size"), at), _of(str, one.get("key"), at))


def _object(value: object, at: str, names: set[str]) -> Mapping[str, object]:
    one = _of(dict, value, at)
    if not one.keys() <= names:
        raise Invalid(FORM_MALFORMED, field=at)
    return one


def _list(value: object, at: str) -> list[object]:
    return _of(list, value, at)


def _of(kind: type[T], value: object, at: str) -> T:
    """JSON's true is no number, though Python's is."""
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Invalid(FORM_MALFORMED, field=at)
    return value
