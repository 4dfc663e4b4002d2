"""Refusals of this package, and what its unique constraints mean."""

from services.core import constraints

CORRECTION_OPEN = "correction_open"
CORRECTION_EMPTY = "correction_empty"
CORRECTION_PHONE = "correction_phone"
CORRECTION_UNKNOWN = "correction_unknown"
CORRECTION_DECIDED = "correction_decided"
CORRECTION_OWN = "correction_own"
CORRECTION_CALL_FIRST = "correction_call_first"
CORRECTION_NOTE_MISSING = "correction_note_missing"
CLOSE_DISPUTE_OPEN = "close_dispute_open"
CLOSE_CORRECTION_OPEN = "close_correction_open"
CLOSE_BINDING_OPEN = "close_binding_open"
CLOSE_HOLDS_ROLE = "close_holds_role"
CLOSE_IS_CLERK = "close_is_clerk"

constraints.register({"uq_correction_requests_member_id_open": CORRECTION_OPEN})
