"""Refusals of this package, and what its unique constraints mean."""

from services.core import constraints

UNION_EXISTS = "union_exists"
UNION_UNKNOWN = "union_unknown"
UNION_CLOSED = "union_closed"
UNION_HAS_BRANCHES = "union_has_branches"
UNION_IS_ROOT = "union_is_root"
UNION_NOT_CHOSEN = "union_not_chosen"
UNION_NOT_CLEAR = "union_not_clear"
UNION_LEVEL = "union_level"
UNION_NAME_MISSING = "union_name_missing"
UNION_PHONE_MALFORMED = "union_phone_malformed"
UNION_PLACE_MALFORMED = "union_place_malformed"
UNION_TEXT_TOO_LONG = "union_text_too_long"
NOT_CONFIRMED = "not_confirmed"
JOIN_TOKEN_TAKEN = "join_token_taken"  # noqa: S105

constraints.register({"uq_unions_path": UNION_EXISTS, "uq_unions_join_token": JOIN_TOKEN_TAKEN})
