"""Refusals of this package, and what its unique constraints mean."""

from services.core import constraints

CONSENT_MISSING = "consent_missing"
CONSENT_OUTDATED = "consent_outdated"
BINDING_NAME_MISSING = "binding_name_missing"
PHONE_NOT_PROVEN = "phone_not_proven"
BOUND_ALREADY = "bound_already"
BINDING_OPEN_ALREADY = "binding_open_already"
BINDING_UNKNOWN = "binding_unknown"
BINDING_DECIDED = "binding_decided"
BINDING_OWN = "binding_own"
BINDING_NOBODY = "binding_nobody"
BINDING_TOO_OFTEN = "binding_too_often"
BINDING_REASON_MISSING = "binding_reason_missing"
BINDING_NOTE_MISSING = "binding_note_missing"
BINDING_HOLDS_ROLE = "binding_holds_role"
BINDING_ELSEWHERE = "binding_elsewhere"
BINDING_ACCOUNT_HAS_ROLE = "binding_account_has_role"
UNBIND_HOLDS_ROLE = "unbind_holds_role"
MEMBER_NOT_BOUND = "member_not_bound"

constraints.register(
    {
        "uq_bonds_member_id_open": BOUND_ALREADY,
        "uq_bonds_account_id_open": BOUND_ALREADY,
        "uq_binding_requests_account_id_open": BINDING_OPEN_ALREADY,
    }
)
