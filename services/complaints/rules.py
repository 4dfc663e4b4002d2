"""Pure decisions about a complaint."""

import datetime

from services.complaints import errors
from services.core.errors import Invalid

ANSWERED_IN = datetime.timedelta(hours=24)
"""After that the union looks into it."""
A_DAY = 5
"""How many a member makes in a day: more than that is no dinner that went wrong."""
SHORTEST_ANSWER, LONGEST = 2, 200


def answer(typed: str) -> str:
    """The words of an answer. Raises Invalid(complaint_answer_length) below 2 and above 200 characters."""
    text = _tidy(typed)
    if not SHORTEST_ANSWER <= len(text) <= LONGEST:
        raise Invalid(errors.COMPLAINT_ANSWER_LENGTH, field="answer", least=SHORTEST_ANSWER, most=LONGEST)
    return text


def note(typed: str) -> str | None:
    """What the member adds, None where it is nothing. Raises Invalid(complaint_note_length) above 200 characters."""
    text = _tidy(typed)
    if len(text) > LONGEST:
        raise Invalid(errors.COMPLAINT_NOTE_LENGTH, field="note", most=LONGEST)
    return text or None


def _tidy(typed: str) -> str:
    """In one line, without what nobody can see."""
    return "".join(one for one in " ".join(typed.split()) if one.isprintable())
