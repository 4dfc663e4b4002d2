"""A form as an officer puts it together on a phone: add, order and remove questions by buttons, without scripts.

A view that takes one:

    editor = sent(before)                   # `before`: the form as it is kept, Form() where there is none
    if editor.form is None: the page again; 200 where `editor.acted` (a button of the editor), else 422
    … forms.dumped(editor.form) …

and draws it with `{{ editor(form_editor, action) }}` of asked_editor.html inside its own form; `action` is where that
form goes. Keys of questions are random and stay; the key of a new option is its Chinese text.
"""

from dataclasses import dataclass, field

from flask import request
from flask_babel import gettext as _

from app.language import language, text
from app.wording import clerk_words
from services.core import forms
from services.core.errors import Invalid
from services.core.forms import Form, Kind, OnlyIf, Question
from services.core.forms.errors import BOUND_MALFORMED
from services.core.forms.reading import day_of, number_of, plain
from services.core.forms.types import (
    CHOOSING,
    QUESTIONS_MOST,
    TEXT_MOST,
    YES,
    Bound,
    Words,
)
from services.core.ids import random_base32
from services.core.keyboard import half_width, one_line

PREFIX, DO = "ask", "ask-do"
PARTS = (
    "key", "kind", "label", "label_en", "hint", "required", "options", "least", "most", "only_if", "for_managers",
)  # fmt: skip
READ_MOST = 4000
AS_IT_WAS = "*"
"""Stands for a condition that names several answers: the fields offer one."""

Row = dict[str, str]


@dataclass
class Editor:
    """`rows`: what the fields of each question show. `form` is None until what was sent makes sense; `wrong` has the
    sentences by the names of the fields. `acted`: a button of the editor was pressed, nothing is to be saved yet."""

    rows: list[Row]
    keep_days: str
    before: Form
    wrong: dict[str, str] = field(default_factory=dict)
    form: Form | None = None
    acted: bool = False

    def conditions(self, at: int) -> list[tuple[str, str]]:
        """What the question at this place may hang on: value and words of each earlier answer."""
        earlier = [self._question(row, {}) for row in self.rows[:at]]
        found = [
            (f"{one.key}:{key}", _("“%(question)s”选“%(option)s”", question=text(one.label), option=text(words)))
            for one in earlier
            if one.kind in CHOOSING and one.label
            for key, words in one.options
        ]
        found += [
            (f"{one.key}:{YES}", _("勾选了“%(question)s”", question=text(one.label)))
            for one in earlier
            if one.kind is Kind.CONSENT and one.label
        ]
        chosen = self.rows[at]["only_if"]
        if chosen == AS_IT_WAS:
            found.append((AS_IT_WAS, _("和原来一样（几个选项之一）")))
        elif chosen and chosen not in dict(found):
            found.append((chosen, _("原来选的已经不在前面了")))
        return found

    def more(self, at: int) -> bool:
        """Does the fold of this question hold something?"""
        folded = ("label_en", "hint", "least", "most", "only_if", "for_managers")
        return any(self.rows[at][part] or self.wrong.get(f"{PREFIX}-{at}-{part}") for part in folded)

    def _question(self, row: Row, faults: dict[str, Invalid], at: str = "") -> Question:
        """What the fields say; bounds that cannot be read are kept in `faults`."""
        kind = Kind(row["kind"]) if row["kind"] in set(Kind) else Kind.TEXT
        was = next((one for one in self.before.questions if one.key == row["key"]), None)
        bounds: dict[str, Bound | None] = {}
        for part in ("least", "most"):
            try:
                bounds[part] = _bound(kind, row[part], f"{at}.{part}")
            except Invalid as fault:
                faults[f"{at}.{part}"], bounds[part] = fault, None
        hint: Words | None = _words(row["hint"], "")
        if was and was.hint and hint and was.hint.get("zh") == hint["zh"]:
            hint = was.hint
        return Question(
            key=row["key"],
            kind=kind,
            label=_words(row["label"], row["label_en"]) or {},
            hint=hint,
            required=bool(row["required"]),
            options=_options(row["options"], was) if kind in CHOOSING else (),
            only_if=_only_if(row["only_if"], was),
            for_managers=bool(row["for_managers"]),
            **bounds,
        )

    def read(self) -> None:
        """Makes the form of the fields, or says at each what is wrong. A question left blank is none."""
        self.rows = [row for row in self.rows if any(row[part] for part in ("label", "label_en", "hint", "options"))]
        faults: dict[str, Invalid] = {}
        questions = tuple(self._question(row, faults, f"questions.{at}") for at, row in enumerate(self.rows))
        days = number_of(self.keep_days)
        form = Form(questions, int(days) if days is not None and days == int(days) else -1)
        found = forms.faults_of(form)
        for where, fault in ({**found.at, **faults} if found else faults).items():
            name = where.replace("questions.", f"{PREFIX}-").replace(".key", ".label").replace(".", "-")
            name = name if where.startswith("questions.") else f"{PREFIX}-{where}"
            self.wrong.setdefault(name, clerk_words(fault.code, fault.facts, language=language()))
        if not self.wrong:
            self.form = form

    def act(self, pressed: str) -> None:
        """ "add", "up-3", "down-3", "drop-3"; anything else does nothing."""
        verb, _dash, number = pressed.partition("-")
        at = int(number) if number.isascii() and number.isdigit() and len(number) < 3 else -1
        if verb == "add" and len(self.rows) < QUESTIONS_MOST:
            self.rows.append(dict.fromkeys(PARTS, "") | {"key": _fresh_key(), "kind": Kind.TEXT.value})
        elif not 0 <= at < len(self.rows):
            return
        elif verb == "drop":
            del self.rows[at]
        elif verb in ("up", "down"):
            row = self.rows.pop(at)
            self.rows.insert(max(0, at + (1 if verb == "down" else -1)), row)


def fill(form: Form) -> Editor:
    """A form to be changed; Form() to begin one."""
    return Editor([_row(one) for one in form.questions], str(form.keep_days), form)


def sent(before: Form) -> Editor:
    """What was sent: the form, or the sentences about it, or the fields after one of the editor's buttons."""
    rows = [_sent_row(at) for at in range(QUESTIONS_MOST + 1) if f"{PREFIX}-{at}-key" in request.form]
    editor = Editor(rows, request.form.get(f"{PREFIX}-keep_days", "")[:20], before)
    if DO in request.form:
        editor.acted = True
        editor.act(request.form[DO])
    else:
        editor.read()
    return editor


def _sent_row(at: int) -> Row:
    row = {part: request.form.get(f"{PREFIX}-{at}-{part}", "")[:READ_MOST] for part in PARTS}
    return row | {part: row[part].strip() for part in PARTS if part != "options"}


def _row(question: Question) -> Row:
    """The fields of a question that is there."""
    only = question.only_if
    return {
        "key": question.key,
        "kind": question.kind.value,
        "label": question.label.get("zh", ""),
        "label_en": question.label.get("en", ""),
        "hint": (question.hint or {}).get("zh", ""),
        "required": "1" if question.required else "",
        "options": "\n".join(" | ".join(filter(None, (words["zh"], words.get("en")))) for _, words in question.options),
        "least": _said(question.least),
        "most": _said(question.most),
        "only_if": "" if only is None else f"{only.key}:{only.answers[0]}" if len(only.answers) == 1 else AS_IT_WAS,
        "for_managers": "1" if question.for_managers else "",
    }


def _said(bound: Bound | None) -> str:
    if bound is None:
        return ""
    return plain(number) if (number := number_of(str(bound))) is not None else str(bound)


def _bound(kind: Kind, typed: str, at: str) -> Bound | None:
    if not typed or kind not in (Kind.TEXT, Kind.NUMBER, Kind.CHOICES, Kind.DATE):
        return None
    if kind is Kind.DATE:
        found: Bound | None = day_of(typed)
    elif kind is Kind.NUMBER:
        found = number_of(typed)
    else:
        whole = half_width(typed)
        found = int(whole) if whole.isascii() and whole.isdigit() and len(whole) < 6 else None
    if found is None:
        raise Invalid(BOUND_MALFORMED, field=at, most=TEXT_MOST)
    return found


def _words(zh: str, en: str) -> dict[str, str] | None:
    zh, en = one_line(zh), one_line(en)
    if not zh and not en:
        return None
    return {"zh": zh, "en": en} if en else {"zh": zh}


def _options(typed: str, was: Question | None) -> tuple[tuple[str, Words], ...]:
    """One a line, English behind a bar: "小号 | Small". What keeps its Chinese keeps its key."""
    known = {words.get("zh"): key for key, words in was.options} if was else {}
    found = []
    for line in typed.splitlines():
        zh, _bar, en = line.replace("｜", "|").partition("|")
        words = _words(zh, en)
        if words:
            found.append((known.get(words["zh"], words["zh"]), words))
    return tuple(found)


def _only_if(chosen: str, was: Question | None) -> OnlyIf | None:
    if chosen == AS_IT_WAS and was:
        return was.only_if
    key, colon, answer = chosen.partition(":")
    return OnlyIf(key, (answer,)) if colon else None


def _fresh_key() -> str:
    """Never one that was there before: old answers would stand under a new question."""
    return f"q{random_base32(8).lower()}"
