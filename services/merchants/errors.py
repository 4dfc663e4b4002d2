"""Refusals of this package, and what its unique constraints mean."""

from services.core import constraints

AGREEMENT_NOT_STARTED = "agreement_not_started"
AGREEMENT_ENDED = "agreement_ended"
MERCHANT_SUSPENDED = "merchant_suspended"
BRANCH_CLOSED = "branch_closed"
CLERK_LEFT = "clerk_left"
CLERK_UNKNOWN = "clerk_unknown"
OWNER_ONLY = "owner_only"
JOIN_CODE_WRONG = "join_code_wrong"
JOIN_TOO_OFTEN = "join_too_often"
JOIN_CODES_BUSY = "join_codes_busy"
MERCHANT_UNKNOWN = "merchant_unknown"
BRANCH_UNKNOWN = "branch_unknown"
TRADE_UNKNOWN = "trade_unknown"
PLAQUE_TAKEN = "plaque_taken"

constraints.register({"pk_clerk_invites": JOIN_CODES_BUSY, "uq_merchants_plaque_number": PLAQUE_TAKEN})
