"""Answers in words, for pages, lists and exports."""

from collections.abc import Mapping

from services.core.forms.reading import visible
from services.core.forms.types import Answer, Answers, Form, Handed, Kind, Question

_CONSENT = {"zh": "同意", "en": "Agreed"}
_PDF, _PICTURE = {"zh": "PDF 文件", "en": "PDF file"}, {"zh": "图片", "en": "Picture"}
PDF = "application/pdf"


def shown(
    form: Form, answers: Answers, language: str, *, as_manager: bool = False, blanks: bool = False
) -> list[tuple[str, str]]:
    """Label and answer of each question that was answered, in the form's order; `language` is "zh" or "en".

    `blanks`: of every question, "" where it was not answered: the columns of an export are then always the same.
    An option that the form no longer has is shown by its key.
    """
    seen = form.questions if blanks else visible(form, answers, as_manager=as_manager)
    return [
        (said(one.label, language), _answer(one, answers[one.key], language) if one.key in answers else "")
        for one in seen
        if (as_manager or not one.for_managers) and (blanks or one.key in answers)
    ]


def said(words: Mapping[str, str], language: str) -> str:
    """English where there is one and it is asked for."""
    return words.get(language) or words.get("zh", "")


def _answer(question: Question, answer: Answer, language: str) -> str:
    if isinstance(answer, Handed):
        return said(_PDF if answer.media == PDF else _PICTURE, language)
    if question.kind is Kind.CONSENT:
        return said(_CONSENT, language)
    words = dict(question.options)
    keys = answer if isinstance(answer, tuple) else (answer,)
    if not words:
        return "".join(keys)
    return ("、" if language == "zh" else ", ").join(
        said(words[key], language) if key in words else key for key in keys
    )
