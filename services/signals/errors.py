"""Refusals of this package, and what its unique constraints mean."""

from services.core import constraints

SIGNAL_UNKNOWN = "signal_unknown"
SIGNAL_LOOKED = "signal_looked"
SIGNAL_NOTE_LENGTH = "signal_note_length"
SIGNAL_MADE = "signal_made"

constraints.register({"uq_signals_kind_day_subject": SIGNAL_MADE})
