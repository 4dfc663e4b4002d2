"""Messages: inboxes, their ways to people, what those consented to, notices of officers."""

from services.notifications import forgetting as told
from services.rights.register.entries import Kept, Table, Text, Topic, Viewer, expiring, forgotten, nothing

MESSAGES = Topic(
    Text("发给您的消息", "Messages to you"),
    Text("把和您有关的事告诉您。", "To tell you what concerns you."),
    (Viewer.SELF,),
)
WAYS = Topic(
    Text("怎么通知到您", "How messages reach you"),
    Text(
        "您关注了没有、同意收哪种微信消息、不想收哪些，我们照着办。",
        "Whether you follow us, which WeChat messages you agreed to, and what you switched off: we keep to it.",
    ),
    (Viewer.SELF,),
)
NOTICES = Topic(
    Text("工会通知", "Notices of the union"),
    Text("谁写的、谁放行的，出了问题能查清。", "Who wrote and who released a notice, so that it can be traced."),
    (Viewer.UNION,),
    Text("工会干部", "officers"),
)
SENT = Text("发出后", "after it was sent")
HELD = Kept(Text("用工惠期间保存", "as long as you use Gonghui"))
AS_NOTICE = Kept(Text("长期保存", "for good"))

TABLES = (
    Table(
        "inbox_messages",
        MESSAGES,
        forgotten(told.INBOX_KEPT, SENT, by="inbox"),
        {
            "facts": Text("消息内容", "what you were told"),
            "read_at": Text("什么时候读的", "when you read it"),
            "archived_at": Text("什么时候收起的", "when you put it away"),
        },
        "id message_id recipient_kind recipient_id template version created_at next_step_at",
    ),
    Table(
        "deliveries",
        MESSAGES,
        forgotten(told.DELIVERIES_KEPT, SENT, by="deliveries"),
        {
            "channel": Text("用微信还是短信发的", "whether it went by WeChat or SMS"),
            "status": Text("消息有没有送到", "whether it reached you"),
        },
        "id inbox_id account_id reason attempts at_once deadline_at leased_until created_at next_try_at finished_at "
        "address_index template_id credit_id provider_id notice_id",
    ),
    Table(
        "followers",
        WAYS,
        HELD,
        {
            "following": Text("有没有关注服务号", "whether you follow the official account"),
            "openid": Text("接收通知的微信（加密保存）", "the WeChat that receives notices, sealed"),
        },
        "appid openid_index changed_at account_id",
    ),
    Table(
        "credits",
        WAYS,
        HELD,
        {
            "granted": Text("您同意过收几次微信消息", "how many WeChat messages you agreed to"),
            "spent": Text("已经发了几次", "how many of them were sent"),
            "standing": Text("是不是一直同意", "whether you agreed for good"),
        },
        "id appid openid_index template_id reserved lost provisional changed_at",
    ),
    Table(
        "message_wishes",
        WAYS,
        HELD,
        {
            "wechat": Text("哪些消息不要发微信", "which messages you do not want by WeChat"),
            "sms": Text("哪些消息不要发短信", "which messages you do not want by SMS"),
        },
        "account_id group",
    ),
    Table(
        "message_languages",
        WAYS,
        HELD,
        {"language": Text("微信和短信用中文还是英文", "whether WeChat and SMS write to you in Chinese or English")},
        "account_id",
    ),
    Table(
        "follow_scenes",
        WAYS,
        expiring(by="scenes"),
        {"used_at": Text("什么时候扫码关注的", "when you followed by the code")},
        "digest account_id expires_at",
    ),
    Table(
        "callbacks",
        WAYS,
        forgotten(told.CALLBACKS_KEPT, Text("收到后", "after it came"), by="callbacks"),
        {"body": Text("微信或短信平台的回执（加密保存）", "what WeChat or the SMS provider reported, sealed")},
        "id source event_digest event happened_at received_at next_try_at tries handled_at",
    ),
    Table(
        "blocks",
        WAYS,
        Kept(
            Text("用工惠期间保存；短信的 90 天后自动删除", "as long as you use Gonghui; of SMS 90 days, then deleted"),
            told.BLOCKS_KEPT,
            purge="blocks",
        ),
        {"reason": Text("为什么这个渠道发不到", "why a channel does not reach you")},
        "channel address_index since",
    ),
    Table(
        "officer_notices",
        NOTICES,
        AS_NOTICE,
        {
            "author": Text("谁写的", "who wrote it"),
            "released_by": Text("谁放行的", "who released it"),
        },
        "id union_id title body audience sms mass status revision second_needed people created_at send_at released_at "
        "started_at finished_at stopped_at withdrawn_at",
    ),
    nothing(
        "mass_sends",
        "calls of the official account's mass message",
        "id notice_id chunk people status reason attempts created_at leased_until sent_at provider_id",
    ),
    nothing(
        "channel_templates",
        "which template of the platform carries which message",
        "id channel provider layout language version platform_id keys long_term set_by set_at ended_at",
    ),
    nothing("callback_nonces", "signed requests that were taken, by digests; an hour", "digest seen_at"),
    nothing("pauses", "channels that are left alone for a while", "channel subject until reason since times"),
    nothing(
        "sending_hours",
        "what each channel did in an hour",
        "hour channel outcome reason count took_ms under_100 under_300 under_1000 under_3000",
    ),
    nothing("told_days", "how many were told something on a day", "day template told read"),
    Table(
        "local_messages",
        MESSAGES,
        forgotten(told.LOCAL_KEPT, SENT, by="local"),
        {"shown": Text("试用时本来要发出的消息", "on trial: what would have been sent")},
        "id channel account_id created_at",
    ),
)
