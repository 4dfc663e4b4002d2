"""What a clerk does after a no, by the kind of reason."""

from enum import StrEnum

from services.cards import errors as cards
from services.offers import errors as offers
from services.redemptions import errors as redemptions


class NextStep(StrEnum):
    FRESH_CODE = "fresh_code"  # the customer's next code will do
    OTHER_OFFER = "other_offer"  # this scan is still good for another offer
    CUSTOMER = "customer"  # the customer can mend it on his own phone
    UNION = "union"  # somebody must call the union


_NEXT = {
    NextStep.FRESH_CODE: {
        cards.CODE_MALFORMED, cards.CODE_FORGED, cards.CODE_KEY_UNKNOWN, cards.CODE_EXPIRED, cards.CODE_USED,
        cards.CARD_REPLACED, cards.TYPED_CODE_WRONG, redemptions.SCAN_EXPIRED, redemptions.SCAN_USED,
        redemptions.SCAN_OF_ANOTHER_CLERK, redemptions.TYPING_STOPPED_BRANCH, redemptions.TYPING_STOPPED_CLERK,
    },
    NextStep.OTHER_OFFER: {
        redemptions.OFFER_OF_ANOTHER_SHOP, offers.OFFER_WITHDRAWN, offers.OFFER_NOT_STARTED, offers.OFFER_ENDED,
        offers.NOT_FOR_YOUR_UNION, offers.DAILY_LIMIT, offers.TOTAL_LIMIT, offers.SOLD_OUT,
    },
    NextStep.CUSTOMER: {cards.CARD_FROZEN},
}  # fmt: skip

ABOUT_THE_AMOUNT = {offers.AMOUNT_MISSING, offers.BELOW_THRESHOLD}
"""Refusals that another amount mends: the clerk stays on the page and what he typed stays in it."""


def next_step(code: str) -> NextStep:
    return next((step for step, codes in _NEXT.items() if code in codes), NextStep.UNION)
