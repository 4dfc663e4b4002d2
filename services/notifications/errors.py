"""What the unique constraints of this package mean."""

from services.core import constraints
from services.notifications.types import Hindrance

TOLD_ALREADY = "told_already"
TEMPLATE_SET_MEANWHILE = "template_set_meanwhile"
MESSAGE_UNKNOWN = "message_unknown"
GROUP_ALWAYS_ON = "group_always_on"
TEMPLATE_UNKNOWN = "template_unknown"
LAYOUT_UNKNOWN = "layout_unknown"
WECHAT_TEMPLATE_ID_WRONG = "wechat_template_id_wrong"
SMS_TEMPLATE_ID_WRONG = "sms_template_id_wrong"
FIELD_KEY_MISSING = "field_key_missing"
FIELD_KEY_WRONG = "field_key_wrong"
FIELD_KEY_TWICE = "field_key_twice"
SMS_VARIABLE_WRONG = "sms_variable_wrong"
TEST_CHANNEL_WRONG = "test_channel_wrong"
TEST_COLLEAGUE_MISSING = "test_colleague_missing"
TESTS_USED_UP = "tests_used_up"
TEST_NOT_SET_UP = "test_not_set_up"
TEST_NOT_MAPPED = "test_not_mapped"
TEST_NO_WECHAT = "test_no_wechat"
TEST_NOT_FOLLOWING = "test_not_following"
TEST_NO_CREDIT = "test_no_credit"
TEST_NO_PHONE = "test_no_phone"
TEST_REFUSED = "test_refused"
TEST_UNWANTED = "test_unwanted"

HINDERED = {
    Hindrance.NOT_SET_UP: TEST_NOT_SET_UP, Hindrance.NOT_MAPPED: TEST_NOT_MAPPED, Hindrance.NO_WECHAT: TEST_NO_WECHAT,
    Hindrance.NOT_FOLLOWING: TEST_NOT_FOLLOWING, Hindrance.NO_CREDIT: TEST_NO_CREDIT, Hindrance.NO_PHONE: TEST_NO_PHONE,
    Hindrance.REFUSED: TEST_REFUSED, Hindrance.UNWANTED: TEST_UNWANTED,
}  # fmt: skip
"""Why a test message does not reach a colleague by a channel."""

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
