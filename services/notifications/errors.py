"""What the unique constraints of this package mean."""

from services.core import constraints

TOLD_ALREADY = "told_already"

constraints.register(
    {
        "uq_inbox_messages_told": TOLD_ALREADY,
        "uq_deliveries_inbox_id_channel": TOLD_ALREADY,
    }
)
