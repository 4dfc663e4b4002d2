"""What was typed into the form to sign up: kept as it is, and read, with every fault at its field."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.language import language
from app.pages.sent import whole_number
from app.wording import member_words
from services.core import forms
from services.core.errors import DomainError, Refusal
from services.core.forms import errors as form_errors
from services.core.forms.reading import day_of
from services.core.phones import phone
from services.events import errors
from services.events.types import Category, Companion, Entry, Event, Named, Role

NAME_MOST, PHONE_MOST, DAY_MOST = 30, 40, 20
OF_MATES = frozenset(
    {
        errors.MATE_UNKNOWN, errors.MATE_NOT_POSSIBLE, errors.MATE_TWICE, errors.MATES_TOO_OFTEN, errors.TOO_FEW_MATES,
        errors.TOO_MANY_MATES, errors.MEN_MISSING, errors.WOMEN_MISSING,
    }
)  # fmt: skip
OF_CHILDREN = frozenset({errors.TOO_MANY_CHILDREN, errors.CHILD_BIRTH_MISSING, errors.CHILD_AGE})
OF_CATEGORY = frozenset(
    {
        errors.CATEGORY_UNKNOWN, errors.EVENT_NOT_FOR_SEX, errors.TOO_YOUNG, errors.TOO_OLD, errors.SEX_UNKNOWN,
        errors.BIRTH_UNKNOWN, errors.QUOTA_FULL,
    }
)  # fmt: skip
OF_SLOT = frozenset({errors.SLOT_MISSING, errors.SLOT_UNKNOWN, errors.SLOT_OVER})


@dataclass
class Typed:
    """Rows of the form; empty ones count for nothing. `wrong`: sentences by field, "" is the whole form."""

    category: str
    slot: str
    mates: list[tuple[str, str]]
    guests: list[str]
    children: list[tuple[str, str]]
    wait: bool
    guardian: bool
    wrong: dict[str, str] = field(default_factory=dict)

    def entry(self, event: Event, answers: forms.Answers) -> Entry:
        """As the service takes it. Only once nothing is wrong."""
        companions = [Companion(Role.GUEST, name) for name in self.guests if name]
        companions += [Companion(Role.CHILD, name, day_of(born)) for name, born in self.children if name]
        return Entry(
            category=whole_number(self.category) or 0,
            slot=whole_number(self.slot),
            mates=tuple(Named(name, phone(number) or "") for name, number in self.mates if name),
            companions=tuple(companions),
            answers=answers,
            wait=self.wait,
            guardian=self.guardian,
        )

    def say(self, refusal: Refusal | DomainError) -> None:
        """Puts a refusal of the service at its field."""
        facts = {name: fact for name, fact in refusal.facts.items() if name != "field"}
        self.wrong[self._field(refusal)] = member_words(refusal.code, facts, language=language())

    def _field(self, refusal: Refusal | DomainError) -> str:
        line = refusal.facts.get("line")
        if refusal.code in OF_MATES:
            rows = [at for at, (name, number) in enumerate(self.mates, start=1) if name or number]
            return f"mate-{rows[line - 1]}" if isinstance(line, int) and 0 < line <= len(rows) else "mates"
        if refusal.code in OF_CHILDREN:
            return "children"
        if refusal.code in (errors.TOO_MANY_GUESTS, errors.COMPANION_NAME):
            return "guests" if self.guests else "children"
        if refusal.code in OF_CATEGORY:
            return "category"
        if refusal.code in OF_SLOT:
            return "slot"
        return ""


def rows(categories: list[Category]) -> tuple[int, int, int]:
    """How many lines for mates, guests and children the form has for these categories."""
    most = max((one.most for one in categories), default=1) - 1
    return (
        most,
        max((one.guests for one in categories), default=0),
        max((one.children for one in categories), default=0),
    )


def blank(event: Event, categories: list[Category]) -> Typed:
    """The form as it is first shown. What there is only one of is chosen."""
    mates, guests, children = rows(categories)
    category = str(categories[0].key) if len(categories) == 1 else ""
    return Typed(category, "", [("", "")] * mates, [""] * guests, [("", "")] * children, wait=True, guardian=False)


def read(event: Event, categories: list[Category], given: MultiDict[str, str], today: datetime.date) -> Typed:
    """What was sent, with what can be seen to be wrong without asking the database."""
    mates, guests, children = rows(categories)
    typed = Typed(
        given.get("category", "")[:10],
        given.get("slot", "")[:10],
        [
            (_name(given, f"mate-{at}-name"), given.get(f"mate-{at}-phone", "").strip()[:PHONE_MOST])
            for at in range(1, mates + 1)
        ],
        [_name(given, f"guest-{at}") for at in range(1, guests + 1)],
        [
            (_name(given, f"child-{at}-name"), given.get(f"child-{at}-born", "").strip()[:DAY_MOST])
            for at in range(1, children + 1)
        ],
        wait=given.get("wait") == "1",
        guardian=given.get("guardian") == "1",
    )
    typed.wrong.update(_faults(event, typed, today))
    return typed


def _faults(event: Event, typed: Typed, today: datetime.date) -> Mapping[str, str]:
    wrong = {}
    if whole_number(typed.category) is None:
        wrong["category"] = _said(errors.CATEGORY_UNKNOWN)
    if event.terms.slots and whole_number(typed.slot) is None:
        wrong["slot"] = _said(errors.SLOT_MISSING)
    for at, (name, number) in enumerate(typed.mates, start=1):
        if (name or number) and not name:
            wrong[f"mate-{at}"] = _("请写这位队友的姓名。")
        elif name and phone(number) is None:
            wrong[f"mate-{at}"] = _said(form_errors.PHONE_WRONG)
    for at, (name, born) in enumerate(typed.children, start=1):
        day = day_of(born)
        if (name or born) and not name:
            wrong[f"child-{at}"] = _("请写孩子的姓名。")
        elif name and (day is None or day > today):
            wrong[f"child-{at}"] = _said(errors.CHILD_BIRTH_MISSING)
    if any(name or born for name, born in typed.children) and not typed.guardian:
        wrong["guardian"] = _said(errors.GUARDIAN_MISSING)
    return wrong


def _name(given: MultiDict[str, str], field_: str) -> str:
    return given.get(field_, "").strip()[:NAME_MOST]


def _said(code: str) -> str:
    return member_words(code, {}, language=language())
