"""What was typed into the form of an event, field by field; each fault in words at its field."""

import datetime
from collections.abc import Callable, Sequence
from typing import TypeVar

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.language import language
from app.wording import clerk_words
from services.core.calendar import SHANGHAI, YEARS
from services.core.errors import DomainError, Invalid
from services.core.keyboard import half_width, one_line
from services.core.paging import PageRequest
from services.unions import queries as unions
from services.unions.errors import UNION_NOT_CLEAR
from services.unions.types import Office, UnionPath

T = TypeVar("T")
LINE_MOST, TEXT_MOST, ROWS_MOST = 400, 12_000, 120
"""Characters of a field, and rows, that are read: more than any fault allows."""
"""A year outside is a slip of the finger."""
Row = dict[str, str]


class Typed:
    """The fields of a form. `wrong`: the sentence at each; `unread`: something could not be read at all."""

    def __init__(self, typed: MultiDict[str, str]) -> None:
        self.typed, self.wrong, self.unread = typed, dict[str, str](), False

    def fault(self, field: str, said: DomainError | str) -> None:
        """Keeps the first sentence about a field: what cannot be read goes before what makes no sense."""
        words = said if isinstance(said, str) else clerk_words(said.code, said.facts, language=language())
        self.wrong.setdefault(field, words)

    def cannot_read(self, field: str, said: DomainError | str) -> None:
        self.fault(field, said)
        self.unread = True

    def line(self, field: str) -> str:
        return one_line(self.typed.get(field, "")[:LINE_MOST])

    def lines(self, field: str) -> str:
        """A text of several lines, without what nobody can see."""
        text = self.typed.get(field, "")[:TEXT_MOST].replace("\r\n", "\n")
        return "\n".join(one_line(part) for part in text.strip().split("\n"))

    def both(self, field: str, *, several: bool = False) -> dict[str, str]:
        read = self.lines if several else self.line
        zh, en = read(field), read(f"{field}_en")
        return {"zh": zh, "en": en} if en else {"zh": zh}

    def number(self, field: str) -> int | None:
        text = half_width(self.line(field))
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= len("1000000")):
            self.cannot_read(field, _("请填整数，比如 1。"))
            return None
        return int(text)

    def count(self, field: str, usual: int) -> int:
        """As `number`; `usual` where nothing was typed."""
        found = self.number(field)
        return usual if found is None else found

    def one_of(self, kind: Callable[[str], T], field: str, usual: T) -> T:
        try:
            return kind(self.typed.get(field, ""))
        except ValueError:
            return usual

    def chosen(self, kind: Callable[[str], T], field: str) -> frozenset[T]:
        """Those that were ticked; what is no choice is none."""
        found = set()
        for one in self.typed.getlist(field)[:ROWS_MOST]:
            try:
                found.add(kind(one))
            except ValueError:
                continue
        return frozenset(found)

    def day(self, field: str) -> datetime.date | None:
        """None where nothing was typed."""
        text = half_width(self.line(field)).replace("/", "-")
        if not text:
            return None
        try:
            day = datetime.date.fromisoformat(text)
        except ValueError:
            day = None
        if day is None or day.year not in YEARS:
            self.cannot_read(field, _("请选一个日期。"))
            return None
        return day

    def clock(self, field: str) -> datetime.time | None:
        """None where nothing was typed."""
        text = half_width(self.line(field))
        if not text:
            return None
        try:
            return datetime.time.fromisoformat(text.zfill(len("09:00"))).replace(second=0, microsecond=0, tzinfo=None)
        except ValueError:
            self.cannot_read(field, _("请填时间，比如 14:00。"))
            return None

    def minute(self, field: str) -> datetime.datetime | None:
        """A minute in China; None where nothing was typed."""
        text = half_width(self.line(field)).replace("/", "-")
        if not text:
            return None
        try:
            at = datetime.datetime.fromisoformat(text).replace(second=0, microsecond=0)
        except ValueError:
            at = None
        if at is None or at.tzinfo is not None or at.year not in YEARS:
            self.cannot_read(field, _("请填日期和时间，比如 2026-05-01 12:00。"))
            return None
        return at.replace(tzinfo=SHANGHAI).astimezone(datetime.UTC)

    def union(self, field: str, scopes: Sequence[UnionPath], *, known: Sequence[Office]) -> Office | None:
        """The open union whose name was typed: one of those `known`, or the only one in these subtrees that fits."""
        name = self.line(field)
        if not name:
            return None
        same = [one for one in known if name in one.name.values()]
        if same:
            return same[0]
        fits = [one for scope in scopes for one in unions.search(name, PageRequest(), scope=scope).items]
        exact = [one for one in fits if name in one.name.values()] or fits
        if len(exact) == 1:
            return exact[0]
        self.cannot_read(field, Invalid(UNION_NOT_CLEAR))
        return None

    def rows(self, name: str) -> list[Row]:
        """The fields of each row of a list, as long as rows follow each other."""
        found: dict[int, Row] = {}
        for field, word in self.typed.items():
            head, _dash, rest = field.partition("-")
            at, _dash, part = rest.partition("-")
            if head == name and part and at.isascii() and at.isdigit() and len(at) <= len(str(ROWS_MOST)):
                found.setdefault(int(at), {})[part] = one_line(word[:LINE_MOST])
        return [found[at] for at in sorted(found)][:ROWS_MOST]

    def put_rows(self, name: str, rows: Sequence[Row]) -> None:
        """Writes the rows of a list anew."""
        for field in [one for one in self.typed if one.startswith(f"{name}-")]:
            del self.typed[field]
        for at, row in enumerate(rows):
            for part, word in row.items():
                self.typed[f"{name}-{at}-{part}"] = word
