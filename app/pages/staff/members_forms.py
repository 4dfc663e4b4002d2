"""What an officer typed about a member, read and refused in words."""

import datetime
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from flask import request

from app import permissions
from services.accounts.errors import PHONE_MALFORMED
from services.accounts.types import Capability
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Invalid
from services.core.paging import PageRequest
from services.core.phones import phone
from services.members.corrections import NAME_MOST
from services.members.documents import Document, DocumentType, Fault, Sex, document
from services.members.errors import CHOICE_MISSING, DOCUMENT_MISSING
from services.members.types import Correction, NewMember
from services.unions import queries as unions
from services.unions.errors import UNION_NOT_CHOSEN, UNION_NOT_CLEAR
from services.unions.types import Office, UnionId

T = TypeVar("T")


class UnionNotClear(Invalid):
    """What was typed fits no union of the officer's, or several: `choices`."""

    def __init__(self, choices: list[Office]) -> None:
        super().__init__(UNION_NOT_CLEAR, field="union")
        self.choices = choices


def union_chosen() -> UnionId | None:
    """The union that was picked, or else the one whose name was typed; None when neither was done.

    Raises UnionNotClear. Whether the officer may put somebody there is the verb's to say.
    """
    picked, typed = request.form.get("union_id", ""), request.form.get("union_name", "").strip()[:NAME_MOST]
    if picked:
        try:
            return UnionId(UUID(hex=picked))
        except ValueError:
            raise Invalid(UNION_NOT_CHOSEN, field="union") from None
    if not typed:
        return None
    scopes = permissions.scopes(Capability.EDIT_MEMBERS)
    found = [one for scope in scopes for one in unions.search(typed, PageRequest(), scope=scope).items]
    exact = [one for one in found if one.name["zh"] == typed]
    if len(exact or found) != 1:
        raise UnionNotClear(found)
    return (exact or found)[0].id


def correction() -> Correction:
    form = request.form
    return Correction(
        name=form.get("name", "").strip() or None,
        union_id=union_chosen(),
        sex=Sex(form["sex"]) if form.get("sex") in set(Sex) else None,
        document=_document(local_date(clock.now())),
        phone=_phone(),
        no_phone=bool(form.get("no_phone")),
    )


def person(today: datetime.date) -> NewMember:
    union_id = union_chosen()
    if union_id is None:
        raise Invalid(UNION_NOT_CHOSEN, field="union")
    name = request.form.get("name", "")
    paper = _document(today)
    if paper is None:
        raise Invalid(DOCUMENT_MISSING, field="number")
    return NewMember(name, union_id, today, _phone(), document=paper)


def _document(today: datetime.date) -> Document | None:
    """None where no number was typed. Raises Invalid with the fault."""
    number, kind = request.form.get("number", "").strip(), request.form.get("kind", "")
    if not number:
        return None
    found = document(DocumentType(kind) if kind in set(DocumentType) else None, number[:NAME_MOST], on=today)
    if isinstance(found, Fault):
        raise Invalid(found.code, field="number")
    return found


def _phone() -> str | None:
    text = request.form.get("phone", "").strip()
    if not text:
        return None
    digits = phone(text[:NAME_MOST])
    if digits is None:
        raise Invalid(PHONE_MALFORMED, field="phone")
    return digits


def one_of(kind: Callable[[str], T], field: str) -> T:
    """A choice of a closed list. Raises Invalid(choice_missing) for none and for one that is not in it."""
    try:
        return kind(request.form.get(field, ""))
    except ValueError:
        raise Invalid(CHOICE_MISSING, field=field) from None
