"""Answers to an event's questions as JSON, files among them in base64: one request hands in everything or nothing."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Response

from app.errors import problem, problem_response
from app.language import language
from app.wording import clerk_words
from services.core import forms
from services.core.errors import Invalid
from services.core.files import files
from services.core.forms import Answer, Answers, Faults, Form, Handed
from services.core.forms.errors import ANSWER_MALFORMED
from services.core.forms.handed import LARGEST, tidied
from services.core.forms.types import FILES_MOST

BODY_MOST = FILES_MOST * (LARGEST // 3 * 4 + 4) + 64 * 1024
"""Bytes of a body with answers and files."""


@dataclass
class Given:
    """Answers as they were sent. `files`: tidied, by the question's key, those that are not kept yet."""

    answers: Answers = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Kept:
    """Answers whose files are on the disk. They go again unless `stay` is set: the row that names them is committed."""

    answers: Answers
    stay: bool = False


def given(
    form: Form, sent: Mapping[str, Any], before: Answers | None = None, *, as_manager: bool = False
) -> Given | Faults:
    """What was answered, or every fault at its question. A file of `before` stays where it is sent as `shown` says."""
    found, amiss, handed = Given(), dict[str, Invalid](), dict[str, Handed]()
    old = forms.files_of(before or {})
    for key, value in sent.items():
        if not isinstance(value, dict):
            continue
        if key in old and value == _said(old[key]):
            handed[key] = old[key]
            continue
        try:
            media, found.files[key] = tidied(_decoded(key, value), field=key)
        except Invalid as fault:
            amiss[key] = fault
        else:
            handed[key] = Handed(media, len(found.files[key]))
    texts = {key: value for key, value in sent.items() if not isinstance(value, dict)}
    answers = forms.read(form, texts, handed, as_manager=as_manager)
    if isinstance(answers, Faults) or amiss:
        return Faults({**(answers.at if isinstance(answers, Faults) else {}), **amiss})
    found.answers = answers
    return found


@contextmanager
def keeping(given: Given) -> Iterator[Kept]:
    """Keeps the files before the commit that names them."""
    kept = Kept({key: _put(key, answer, given) for key, answer in given.answers.items()})
    try:
        yield kept
    finally:
        if not kept.stay:
            for key in given.files.keys() & kept.answers.keys():
                files.delete(forms.files_of(kept.answers)[key].key)


def shown(answers: Answers) -> dict[str, Any]:
    """Files by what they are: their keys are nobody's."""
    return {key: _said(one) if isinstance(one, Handed) else one for key, one in answers.items()}


def wrong_answers(faults: Faults) -> Response:
    """A problem with every fault at "answers." and the question's key."""
    said = {f"answers.{key}": [_words(fault)] for key, fault in faults.at.items()}
    return problem_response(problem("validation_failed", 422, errors=said))


def _put(key: str, answer: Answer, given: Given) -> Answer:
    if isinstance(answer, Handed) and key in given.files:
        return replace(answer, key=files.put(given.files[key]))
    return answer


def _said(one: Handed) -> dict[str, Any]:
    return {"media": one.media, "size": one.size}


def _decoded(key: str, value: Mapping[str, Any]) -> bytes:
    data = value.get("data")
    if set(value) != {"data"} or not isinstance(data, str) or not data:
        raise Invalid(ANSWER_MALFORMED, field=key)
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid(ANSWER_MALFORMED, field=key) from None


def _words(fault: Invalid) -> str:
    facts = {name: fact for name, fact in fault.facts.items() if name != "field"}
    return clerk_words(fault.code, facts, language=language())
