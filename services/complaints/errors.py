"""Refusals of this package, and what its unique constraints mean."""

from services.core import constraints

COMPLAINT_UNKNOWN = "complaint_unknown"
COMPLAINT_MADE = "complaint_made"
COMPLAINT_ANSWERED = "complaint_answered"

constraints.register({"uq_complaints_member_id_offer_id_happened_on": COMPLAINT_MADE})
