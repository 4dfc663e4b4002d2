"""Refusals of this package, and what its unique constraints mean."""

from services.core import constraints

CODE_MALFORMED = "code_malformed"
DIGITS_INCOMPLETE = "digits_incomplete"
CODE_FORGED = "code_forged"
CODE_KEY_UNKNOWN = "code_key_unknown"
CODE_EXPIRED = "code_expired"
CODE_USED = "code_used"
CARD_UNKNOWN = "card_unknown"
CARD_FROZEN = "card_frozen"
CARD_REPLACED = "card_replaced"
TYPED_CODE_WRONG = "typed_code_wrong"
CARD_EXISTS = "card_exists"
DIGITS_TAKEN = "digits_taken"

constraints.register(
    {
        "uq_cards_member_id_live": CARD_EXISTS,
        "uq_cards_number": CARD_EXISTS,
        "uq_cards_serial": CARD_EXISTS,
        "uq_typed_codes_digest": DIGITS_TAKEN,
    }
)
