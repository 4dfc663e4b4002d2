"""What an officer writes to members about an entry, a miss or a cancellation."""

from services.core.crypto import vault
from services.core.errors import Invalid
from services.core.forms.errors import SIGNS_UNSEEN
from services.core.forms.reading import unseen
from services.events import errors

_LENGTH = range(2, 201)


def written(note: str) -> str:
    """The note in lines. Raises Invalid(note_length, form_signs_unseen) at "note"."""
    note = note.strip().replace("\r\n", "\n").replace("\t", " ")
    if len(note) not in _LENGTH:
        raise Invalid(errors.NOTE_LENGTH, field="note")
    if any(unseen(sign) and sign != "\n" for sign in note):
        raise Invalid(SIGNS_UNSEEN, field="note")
    return note


def sealed(note: str) -> bytes:
    """As `written`, for the entry that it is about: signups.note."""
    return vault.seal("signups.note", written(note))
