"""Refusals of this package, and what its unique constraints mean."""

from services.core import constraints

MEMBER_SUSPENDED = "member_suspended"
MEMBER_LEFT = "member_left"
MEMBER_UNKNOWN = "member_unknown"
OWN_RECORD = "own_record"
NAME_MISSING = "name_missing"
NOTE_MISSING = "note_missing"
NOTE_WITH_NUMBERS = "note_with_numbers"
NOTE_WITH_NAME = "note_with_name"
DOCUMENT_TAKEN = "document_taken"
DOCUMENT_MISSING = "document_missing"
DOCUMENT_KIND_UNKNOWN = "document_kind_unknown"
DOCUMENT_SIGNS = "document_signs"
DOCUMENT_TOO_SHORT = "document_too_short"
DOCUMENT_TOO_LONG = "document_too_long"
DOCUMENT_REGION = "document_region"
DOCUMENT_BIRTH_DATE = "document_birth_date"
DOCUMENT_NOT_BORN_YET = "document_not_born_yet"
DOCUMENT_CHECK_DIGIT = "document_check_digit"
DOCUMENT_ROUNDED = "document_rounded"
DOCUMENT_PERMIT_FORM = "document_permit_form"
DOCUMENT_TAIWAN_FORM = "document_taiwan_form"
DOCUMENT_PASSPORT_FORM = "document_passport_form"
DOCUMENT_FOREIGN_FORM = "document_foreign_form"

constraints.register({"uq_members_id_index": DOCUMENT_TAKEN})
