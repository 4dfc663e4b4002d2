"""Refusals of this package, and what its unique constraints mean."""

from services.core import constraints

SCAN_UNKNOWN = "scan_unknown"
SCAN_OF_ANOTHER_CLERK = "scan_of_another_clerk"
SCAN_EXPIRED = "scan_expired"
SCAN_USED = "scan_used"
OFFER_OF_ANOTHER_SHOP = "offer_of_another_shop"
REDEMPTION_UNKNOWN = "redemption_unknown"
REDEMPTION_VOIDED = "redemption_voided"
REDEMPTION_DISPUTED = "redemption_disputed"
VOID_TOO_LATE_CLERK = "void_too_late_clerk"
VOID_TOO_LATE_OWNER = "void_too_late_owner"
VOID_REASON_MISSING = "void_reason_missing"
VOID_NOTE_MISSING = "void_note_missing"
NOT_DISPUTED = "not_disputed"
SETTLE_NOTE_LENGTH = "settle_note_length"
TYPING_STOPPED_CLERK = "typing_stopped_clerk"
TYPING_STOPPED_BRANCH = "typing_stopped_branch"
RECEIPT_NUMBER_WRONG = "receipt_number_wrong"
RECEIPT_DAYS_WRONG = "receipt_days_wrong"

constraints.register(
    {"uq_scans_card_id_ref": "code_used", "uq_redemptions_scan_id": SCAN_USED, "pk_voids": REDEMPTION_VOIDED}
)
