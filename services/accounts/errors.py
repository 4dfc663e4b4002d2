"""Refusals of this package, and what its unique constraints mean."""

from services.core import constraints

NOT_SIGNED_IN = "not_signed_in"
SESSION_ENDED = "session_ended"
NOT_ALLOWED = "not_allowed"
ACCOUNT_EXISTS = "account_exists"
ROLE_GRANTED_ALREADY = "role_granted_already"

constraints.register(
    {
        "uq_accounts_member_id": ACCOUNT_EXISTS,
        "uq_role_grants_account_id_role": ROLE_GRANTED_ALREADY,
    }
)
