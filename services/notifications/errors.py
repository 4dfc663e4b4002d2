"""What the unique constraints of this package mean."""

from services.core import constraints

TOLD_ALREADY = "told_already"
TEMPLATE_SET_MEANWHILE = "template_set_meanwhile"

constraints.register(
    {
        "uq_inbox_messages_told": TOLD_ALREADY,
        "uq_deliveries_inbox_id_account_id_channel": TOLD_ALREADY,
        "uq_callbacks_source_event_digest": TOLD_ALREADY,
        "uq_credits_appid_openid_index_template_id": TOLD_ALREADY,
        "uq_mass_sends_notice_id_chunk": TOLD_ALREADY,
        "uq_channel_templates_channel_layout_language": TEMPLATE_SET_MEANWHILE,
        "uq_channel_templates_channel_provider_layout_language_version": TEMPLATE_SET_MEANWHILE,
    }
)
