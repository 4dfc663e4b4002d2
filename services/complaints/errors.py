"""Refusals of this package, and what its unique constraints mean."""

from services.core import constraints

COMPLAINT_UNKNOWN = "complaint_unknown"
COMPLAINT_MADE = "complaint_made"
COMPLAINT_ANSWERED = "complaint_answered"
COMPLAINTS_TOO_OFTEN = "complaints_too_often"
COMPLAINT_BRANCH_MISSING = "complaint_branch_missing"
COMPLAINT_NOTE_LENGTH = "complaint_note_length"
COMPLAINT_ANSWER_LENGTH = "complaint_answer_length"
SHOP_TAKES_NO_CARDS = "shop_takes_no_cards"

constraints.register({"uq_complaints_member_id_offer_id_happened_on": COMPLAINT_MADE})
