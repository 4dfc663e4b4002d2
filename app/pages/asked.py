"""The questions of a form on a page: what its fields show, what was sent, and the files that came along.

A view that takes one:

    asked = sent(form, before)                     # what was answered, every fault in words at its field
    if asked.answers is None: the page again, 422
    answers = asked.keep()                         # files are kept before the commit of the row that names them
    try: in_transaction(… forms.dumped_answers(answers) …)
    except DomainError: drop(answers, but=before); raise
    drop(before, but=answers)

and draws it with `{{ questions(asked) }}` of asked.html, in a form with `enctype="multipart/form-data"` where
`asked.multipart`. An endpoint whose form may ask for files allows BODY_MOST before its guard reads the token.
"""

import io
import json
from dataclasses import dataclass, field, replace
from functools import cached_property

from flask import Response, request, send_file
from flask_babel import gettext as _

from app.language import language, text
from app.wording import member_words
from services.core import forms
from services.core.errors import Invalid
from services.core.files import files
from services.core.forms import Answer, Answers, Faults, Form, Handed, Kind, OnlyIf, Question
from services.core.forms.handed import LARGEST, tidied
from services.core.forms.saying import PDF
from services.core.forms.types import CHOOSING, FILES_MOST, TEXT_MOST

FORM_ROOM = 64 * 1024
BODY_MOST = FILES_MOST * LARGEST + FORM_ROOM
"""Bytes that a body with answers and files may have."""
RADIOS_MOST = 8
"""Options that are shown at once; more of them fold into a list."""
GONE = ".gone"
"""Ends the name of the box by which somebody takes a file back."""
READ_MOST = 2 * TEXT_MOST
"""Characters of an answer that are read: more than any may have."""

Given = dict[str, str | list[str]]


@dataclass(frozen=True)
class Field:
    """One question as the page shows it. `note` says when it is asked, for whoever has no scripts."""

    question: Question
    name: str
    given: str | list[str]
    wrong: str
    note: str
    depends: str
    answers: str
    kept: Handed | None
    again: bool

    @property
    def radios(self) -> bool:
        return len(self.question.options) <= RADIOS_MOST

    @property
    def described(self) -> str:
        """The ids of all that is said about it."""
        said = {"err": self.wrong, "note": self.note, "hint": self.question.hint or self.question.kind is Kind.FILE}
        return " ".join(f"{self.name}-{part}" for part, there in said.items() if there)


@dataclass
class Asked:
    """A form on a page. `answers` is None where nothing was sent or something is wrong; `wrong` has the sentences."""

    form: Form
    prefix: str
    as_manager: bool
    given: Given = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    before: Answers = field(default_factory=dict)
    answers: Answers | None = None
    uploads: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    picked: bool = False

    @cached_property
    def fields(self) -> list[Field]:
        """Of every question that this reader may be asked: which of them hold, a script or the note says."""
        asked = {one.key: one for one in self.form.questions if self.as_manager or not one.for_managers}
        return [self._field(one, asked) for one in asked.values()]

    @property
    def multipart(self) -> bool:
        return any(one.question.kind is Kind.FILE for one in self.fields)

    def keep(self) -> Answers:
        """The answers, with the files that came along sealed in core/files. Only once nothing is wrong."""
        if self.answers is None:
            raise ValueError("there are no answers")
        return {key: self._kept(key, answer) for key, answer in self.answers.items()}

    def _kept(self, key: str, answer: Answer) -> Answer:
        if isinstance(answer, Handed) and not answer.key:
            return replace(answer, key=files.put(self.uploads[key][1]))
        return answer

    def _field(self, question: Question, asked: dict[str, Question]) -> Field:
        only, kept = question.only_if, self.before.get(question.key)
        other = asked.get(only.key) if only else None
        return Field(
            question=question,
            name=f"{self.prefix}-{question.key}",
            given=self.given.get(question.key, ""),
            wrong=self.wrong.get(question.key, ""),
            note=when(only, other) if only and other else "",
            depends=f"{self.prefix}-{only.key}" if only else "",
            answers=json.dumps(only.answers) if only else "",
            kept=kept if isinstance(kept, Handed) else None,
            again=self.picked and bool(self.wrong),
        )


def fill(form: Form, answers: Answers | None = None, *, prefix: str = "q", as_manager: bool = False) -> Asked:
    """A form to fill in, or to go on with. `prefix` keeps the forms of several people on one page apart."""
    before = answers or {}
    return Asked(form, prefix, as_manager, forms.given_of(before), before=before)


def sent(form: Form, before: Answers | None = None, *, prefix: str = "q", as_manager: bool = False) -> Asked:
    """What was sent. A file of `before` stays unless another one came or it was taken back. Never raises Invalid."""
    asked = Asked(form, prefix, as_manager, _given(form, prefix), before=before or {})
    handed, amiss = _handed(asked)
    found = forms.read(form, asked.given, handed, as_manager=as_manager)
    faults = dict(found.at) if isinstance(found, Faults) else {}
    # What decides is trimmed when it is read: a file is looked at if and only if its question is asked.
    deciding = {
        key: tuple(map(str.strip, one)) if isinstance(one, list) else one.strip() for key, one in asked.given.items()
    }
    visible = {one.key for one in forms.visible(form, deciding, as_manager=as_manager)}
    faults |= {key: fault for key, fault in amiss.items() if key in visible}
    for key, fault in faults.items():
        asked.wrong[key] = member_words(fault.code, fault.facts, language=language())
    if not faults and not isinstance(found, Faults):
        asked.answers = found
    return asked


def drop(answers: Answers, *, but: Answers) -> None:
    """Deletes the files of `answers` that `but` does not name: after the commit that forgets them."""
    stay = {one.key for one in forms.files_of(but).values()}
    for one in forms.files_of(answers).values():
        if one.key not in stay:
            files.delete(one.key)


def served(handed: Handed, *, name: str) -> Response:
    """The file, for a view that has seen to it that its reader may have it. Raises NotFound(file_unknown).

    A picture, which we have drawn ourselves, opens; a PDF is kept by whoever asks for it and never opens in our house.
    """
    pdf = handed.media == PDF
    answer = send_file(
        io.BytesIO(files.get(handed.key)), mimetype=PDF if pdf else "image/jpeg", as_attachment=pdf,
        download_name=f"{name}.{'pdf' if pdf else 'jpg'}",
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer


def when(only: OnlyIf, other: Question) -> str:
    """ "仅在“衣服尺码”选“大号”或“特大号”时填写"."""
    words, question = dict(other.options), text(other.label)
    names = [_("“%(option)s”", option=text(words[key])) for key in only.answers if key in words]
    said: str = (
        _("仅在勾选“%(question)s”时填写", question=question)
        if other.kind is Kind.CONSENT
        else _("仅在“%(question)s”选%(options)s时填写", question=question, options=_("或").join(names))
    )
    return said


def _given(form: Form, prefix: str) -> Given:
    """Every field of this form that was sent, also those that it does not know: `read` refuses them."""
    kinds = {one.key: one.kind for one in form.questions}
    given: Given = {}
    for name in request.form:
        key = name.removeprefix(f"{prefix}-")
        if key == name or key.endswith(GONE):
            continue
        texts = [one[:READ_MOST] for one in request.form.getlist(name)]
        given[key] = texts if kinds.get(key) in CHOOSING - {Kind.CHOICE} or len(texts) > 1 else texts[0]
    return given


def _handed(asked: Asked) -> tuple[dict[str, Handed], dict[str, Invalid]]:
    """The files there are, those of before among them, and what is wrong with those that came."""
    handed, amiss = dict[str, Handed](), dict[str, Invalid]()
    for one in asked.form.questions:
        name = f"{asked.prefix}-{one.key}"
        before, upload = asked.before.get(one.key), request.files.get(name)
        if one.kind is not Kind.FILE or (one.for_managers and not asked.as_manager):
            continue
        data = upload.read(LARGEST + 1) if upload else b""
        if data:
            asked.picked = True
            try:
                media, tidy = tidied(data, field=one.key)
            except Invalid as fault:
                handed[one.key], amiss[one.key] = Handed("", 0), fault
            else:
                asked.uploads[one.key] = media, tidy
                handed[one.key] = Handed(media, len(tidy))
        elif isinstance(before, Handed) and name + GONE not in request.form:
            handed[one.key] = before
    return handed, amiss
