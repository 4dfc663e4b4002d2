"""From when on something is worth a look. The numbers are guesses of what no honest day brings; they block nobody."""

import datetime

from services.core.errors import Invalid
from services.signals import errors

FAST_WITHIN = datetime.timedelta(minutes=5)
FAST_COUNT = 30
"""One every ten seconds for five minutes: to compare the name and take the money takes longer."""

RESET_WITHIN = datetime.timedelta(minutes=1)
"""After midnight in China, when the counts of a day, a week (Monday) and a month (the 1st) begin anew."""
RESET_DAYS = 3
"""Once is a night out; on so many days of a month it is looked at."""

OFTEN_COUNT = 40
"""By one member at one branch in thirty days. Lunch on every working day is 22."""

AGAIN_COUNT = 3
"""Uses of one member undone by one branch in thirty days. Each gives the member's limit back: whoever takes the
discount, undoes it and takes it again is held by no limit."""

LATE_COUNT = 5
"""Undone on a later day than they happened, of one shop in one week. A slip is seen the same day."""

LOOK_BACK = datetime.timedelta(days=30)
RECEIPTS = 20
"""How many redemptions a line leads to."""

NOTE_LEAST, NOTE_MOST = 2, 200


def note(text: str) -> str:
    """What an officer wrote about a line, without space around. Raises Invalid(signal_note_length)."""
    plain = text.strip()
    if not NOTE_LEAST <= len(plain) <= NOTE_MOST or any(ord(sign) < 32 and sign not in "\r\n" for sign in plain):
        raise Invalid(errors.SIGNAL_NOTE_LENGTH, field="note", least=NOTE_LEAST, most=NOTE_MOST)
    return plain
