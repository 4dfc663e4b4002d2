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
        redemptions.OFFER_OF_ANOTHER_SHOP, offers.OFFER_WITHDRAWN, offers.OFFER_PAUSED, offers.OFFER_NOT_STARTED,
        offers.OFFER_ENDED, offers.NOT_FOR_YOUR_UNION, offers.NOT_FOR_YOUR_TRADE, offers.NOT_FOR_YOUR_STANDING,
        offers.FIRST_USE_ONLY, offers.NOT_AT_THIS_BRANCH, offers.SOLD_OUT, offers.SOLD_OUT_HERE, offers.BUDGET_SPENT,
        offers.TOTAL_LIMIT, offers.MONTHLY_LIMIT, offers.WEEKLY_LIMIT, offers.DAILY_LIMIT, offers.NOT_THIS_WEEKDAY,
        offers.NOT_ON_HOLIDAYS, offers.HOLIDAYS_ONLY, offers.NOT_AT_THIS_HOUR, offers.NOT_WITH_ANOTHER,
    },
    NextStep.CUSTOMER: {cards.CARD_FROZEN},
}  # fmt: skip

ABOUT_THE_AMOUNT = {offers.AMOUNT_MISSING, offers.BELOW_THRESHOLD, offers.BELOW_PRICE}
"""Refusals that another amount mends: the clerk stays on the page and what he typed stays in it."""


def next_step(code: str) -> NextStep:
    return next((step for step, codes in _NEXT.items() if code in codes), NextStep.UNION)
