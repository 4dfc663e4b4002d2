"""One row of a sheet, judged: what it says, whether that can be, and what it would change. Pure.

`understood` reads the cells; `judged` compares what they say with the member they are about. What several rows of a
sheet say together (one document twice) is judged in staging, in the database.
"""

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.members import documents, rules
from services.members.documents import Document, DocumentType, Fault, Sex
from services.members.roster import cells as read
from services.members.roster.headers import is_name_header
from services.members.roster.types import (
    Action,
    Cells,
    Field,
    Judgement,
    Known,
    Note,
    Odd,
    Oddity,
    Person,
    Verdict,
)
from services.members.types import Standing
from services.unions.rules import within
from services.unions.types import UnionId, UnionPath

YOUNGEST, OLDEST = 16, 100
LONGEST_NAME = 60
_TWO = re.compile(r"[、,，;；/]")
_NAME_SIGNS = re.compile(r"[0-9?？!！@#$%^&*+=<>|\\()（）\[\]{}\"“”:：_]")
_BROKEN = re.compile("[\ufffd\ue000-\uf8ff]|锟斤拷|烫烫烫")
_LOST = {
    Field.NUMBER: Verdict.DOCUMENT_DIGITS_LOST,
    Field.PHONE: Verdict.PHONE_DIGITS_LOST,
    Field.CARD: Verdict.CARD_SIGNS,
}
_EXAMPLE = re.compile(r"示例|样例|^例[:：]?|举例")


@dataclass(frozen=True)
class Directory:
    """The unions that a row may name, by rules.plain_union_name: inside the import's union, and all there are."""

    inside: Mapping[str, Sequence[tuple[UnionId, UnionPath]]]
    everywhere: frozenset[str]
    #: where a row without a union goes: the import's own union, if it has no unions below it
    default: tuple[UnionId, UnionPath] | None
    #: existing members may be moved out of unions in here only
    reach: UnionPath

    def find(self, name: str) -> tuple[UnionId, UnionPath] | Verdict:
        if not name:
            return self.default or Verdict.UNION_MISSING
        plain = plain_union_name(name)
        found = self.inside.get(plain, ())
        if len(found) == 1:
            return found[0]
        if found:
            return Verdict.UNION_AMBIGUOUS
        return Verdict.UNION_OUTSIDE if plain in self.everywhere else Verdict.UNION_UNKNOWN


@lru_cache(maxsize=4096)
def plain_union_name(name: str) -> str:
    """One form for names that differ in spaces, width of signs and case only."""
    return re.sub(r"\s+", "", read.half_width(name)).casefold()


@dataclass(frozen=True)
class Understood:
    """What a row says, and what an officer should look at before it is believed."""

    person: Person
    doubt: Verdict | None
    notes: tuple[Note, ...]


def understood(cells: Cells, directory: Directory, *, on: datetime.date) -> Understood | Verdict:
    """Reads a row as of that day; the first thing that is wrong, in the order in which an officer would mend it."""
    if wrong := _not_a_person(cells) or _odd(cells):
        return wrong
    text = {field: str(cell) for field, cell in cells.items()}
    name = rules.tidy_name(text.get(Field.NAME, ""))
    if wrong := _name_wrong(name):
        return wrong
    document = _document(text, on)
    if isinstance(document, Verdict):
        return document
    if isinstance(phone := read.phone(text.get(Field.PHONE, "")), Verdict):
        return phone
    if isinstance(union := directory.find(text.get(Field.UNION, "")), Verdict):
        return union
    facts = _facts(text, on)
    if isinstance(facts, Verdict):
        return facts
    person = Person(
        name, document, union[0], phone, document.sex or facts.sex, document.born_on or facts.born_on,
        None if read.like_bank_card(facts.card) else facts.card, facts.joined_on,
    )  # fmt: skip
    notes = (Note.FROM_FIFTEEN,) * document.from_fifteen + (Note.CARD_LIKE_BANK,) * read.like_bank_card(facts.card)
    return Understood(person, _doubt(person, facts, on), notes)


def document_of(cells: Cells, on: datetime.date) -> Document | None:
    """The document that a row names, whatever else is wrong with it."""
    text = {field: cell for field, cell in cells.items() if isinstance(cell, str)}
    found = _document(text, on)
    return found if isinstance(found, Document) else None


def judged(
    seen: Understood | Verdict, known: Known | None, directory: Directory, phone_index: Callable[[str], bytes]
) -> Judgement:
    """What applying the row would do to the member it is about: the one with its document, or who looks the same."""
    if isinstance(seen, Verdict):
        return Judgement(seen)
    person = seen.person
    if known is None:
        return Judgement(seen.doubt or Verdict.NEW, Action.ENROL, seen.notes, (), person)
    if known.standing is not Standing.LEFT and not within(known.union_path, directory.reach):
        return Judgement(Verdict.BELONGS_ELSEWHERE, notes=seen.notes)
    changes = _changes(person, known)
    notes = seen.notes + _notes(person, known, phone_index)
    action = Action.CHANGE if changes else Action.NOTHING
    return Judgement(seen.doubt or _verdict(person, known, changes, notes), action, notes, changes, person, known)


def _verdict(person: Person, known: Known, changes: tuple[str, ...], notes: tuple[Note, ...]) -> Verdict:
    """The most important thing first."""
    if known.id_type is None:
        return Verdict.LOOKS_KNOWN
    if not rules.same_name(person.name, known.name):
        return Verdict.NAME_DIFFERS
    if known.standing is Standing.LEFT:
        return Verdict.RETURNS
    if "union_id" in changes:
        return Verdict.MOVED
    if changes:
        return Verdict.CHANGES
    return Verdict.PHONE_PROPOSED if Note.PHONE_PROPOSED in notes else Verdict.SAME


def _changes(person: Person, known: Known) -> tuple[str, ...]:
    """The columns of members that would be written. A phone is proposed, never written."""
    pairs = {
        "sex": (person.sex, known.sex),
        "born_on": (person.born_on, known.born_on),
        "joined_on": (person.joined_on, known.joined_on),
        "printed_card": (person.printed_card, known.printed_card),
    }
    changes = [column for column, (said, kept) in pairs.items() if said is not None and said != kept]
    if not rules.same_name(person.name, known.name):
        changes.append("name")
    if person.union_id != known.union_id:
        changes.append("union_id")
    if known.standing is Standing.LEFT:
        changes += ["standing", "left_on"]
    if known.id_type is None:
        changes += ["id_type", "id_number", "id_index"]
    return tuple(sorted(changes))


def _notes(person: Person, known: Known, phone_index: Callable[[str], bytes]) -> tuple[Note, ...]:
    other_phone = person.phone is not None and phone_index(person.phone) != known.phone_index
    suspended = known.standing is Standing.SUSPENDED
    return (Note.PHONE_PROPOSED,) * other_phone + (Note.SUSPENDED,) * suspended


def _not_a_person(cells: Cells) -> Verdict | None:
    """Sums, signatures, repeated headers and examples, which sheets carry between and below their people."""
    name = cells.get(Field.NAME, "")
    if isinstance(name, str) and is_name_header(name):
        return Verdict.HEADER_AGAIN
    if not name and not cells.get(Field.NUMBER):
        return Verdict.NOT_A_PERSON
    if isinstance(name, str) and _EXAMPLE.search(name):
        return Verdict.EXAMPLE
    return None


def _odd(cells: Cells) -> Verdict | None:
    """Cells whose content nobody can trust: formulas, errors, lost digits, signs of a wrong encoding."""
    odd = {field: cell.oddity for field, cell in cells.items() if type(cell) is Odd}
    if Oddity.FORMULA in odd.values():
        return Verdict.FORMULA
    if Oddity.ERROR in odd.values():
        return Verdict.CELL_ERROR
    if odd:
        return _LOST.get(next(iter(odd)), Verdict.CELL_ERROR)
    return Verdict.SIGNS_BROKEN if _BROKEN.search("\n".join(map(str, cells.values()))) else None


def _name_wrong(name: str) -> Verdict | None:
    if not name:
        return Verdict.NAME_MISSING
    if len(name) > LONGEST_NAME:
        return Verdict.NAME_TOO_LONG
    if _TWO.search(name):
        return Verdict.NAME_OF_TWO
    return Verdict.NAME_SIGNS if _NAME_SIGNS.search(name) or len(name) < 2 else None


@dataclass(frozen=True)
class _Facts:
    """What a row says beside name, document, phone and union; nothing of it must be there."""

    sex: Sex | None
    born_on: datetime.date | None
    joined_on: datetime.date | None
    card: str | None


def _facts(text: Mapping[Field, str], on: datetime.date) -> _Facts | Verdict:
    if isinstance(sex := read.sex(text.get(Field.SEX, "")), Verdict):
        return sex
    if isinstance(born_on := read.born(text.get(Field.BORN, "")), Verdict):
        return born_on
    if isinstance(joined_on := read.joined(text.get(Field.JOINED, ""), on), Verdict):
        return joined_on
    if isinstance(card := read.card(text.get(Field.CARD, "")), Verdict):
        return card
    return _Facts(sex, born_on, joined_on, card)


def _document(text: Mapping[Field, str], on: datetime.date) -> Document | Verdict:
    said, number = text.get(Field.KIND, ""), read.expanded(text.get(Field.NUMBER, ""))
    if isinstance(number, Verdict):
        return number
    kind: DocumentType | None = documents.kind_named(said) if said else None
    if said and kind is None:
        return Verdict.DOCUMENT_KIND_UNKNOWN
    found = documents.document(kind, number, on=on)
    return Verdict(found.code) if isinstance(found, Fault) else found


def _doubt(person: Person, facts: _Facts, on: datetime.date) -> Verdict | None:
    """What can be, and still is more often a mistake."""
    document = person.document
    if facts.sex and document.sex and facts.sex is not document.sex:
        return Verdict.SEX_DIFFERS
    if facts.born_on and document.born_on and facts.born_on != document.born_on:
        return Verdict.BORN_DIFFERS
    if person.born_on is None:
        return None
    age = on.year - person.born_on.year - ((on.month, on.day) < (person.born_on.month, person.born_on.day))
    if age < YOUNGEST:
        return Verdict.TOO_YOUNG
    return Verdict.TOO_OLD if age > OLDEST else None
