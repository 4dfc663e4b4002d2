"""Refusals of this package."""

AGREEMENT_NOT_STARTED = "agreement_not_started"
AGREEMENT_ENDED = "agreement_ended"
MERCHANT_SUSPENDED = "merchant_suspended"
BRANCH_CLOSED = "branch_closed"
CLERK_LEFT = "clerk_left"
CLERK_UNKNOWN = "clerk_unknown"
