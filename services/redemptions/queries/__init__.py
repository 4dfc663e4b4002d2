"""Reads. What a clerk, a member or an officer may see is a required argument of each."""

from services.redemptions.queries.at_till import (
    Till,
    answer,
    been_to,
    scan_of_code,
    scan_view,
    shops_used,
    till,
    visits_of,
    with_visits,
    wrong_typed,
)
from services.redemptions.queries.officers import Case, case, disputed, found, last_branch
from services.redemptions.queries.receipts import (
    count_at_branch,
    day_at_branch,
    disputed_since,
    history,
    latest_of_member,
    receipt,
    receipt_of,
    receipt_of_branch,
    receipt_of_member,
    redemptions,
    saved_since,
    settlement,
    undoing,
    voids,
)

__all__ = [
    "Case", "Till", "answer", "been_to", "case", "count_at_branch", "day_at_branch", "disputed", "disputed_since",
    "found", "history", "last_branch", "latest_of_member", "receipt", "receipt_of", "receipt_of_branch",
    "receipt_of_member", "redemptions", "saved_since", "scan_of_code", "scan_view", "settlement", "shops_used", "till",
    "undoing", "visits_of", "voids", "with_visits", "wrong_typed",
]  # fmt: skip
