"""Card, shops, offers, redemptions, messages."""

import datetime

from services.notifications import forgetting as told
from services.redemptions import forgetting as redemptions
from services.rights.register.entries import Kept, Table, Text, Topic, Viewer, expiring, forgotten, nothing

CARD = Topic(
    Text("会员卡", "Your card"),
    Text("在合作商户证明您是会员。", "It shows partner shops that you are a member."),
    (Viewer.SELF, Viewer.SHOP, Viewer.UNION),
)
USES = Topic(
    Text("用过的优惠", "Discounts you used"),
    Text(
        "给您和店里一个凭证，防止盗用和重复，工会凭它和商户核对。",
        "A receipt for you and the shop; it stops misuse, and the union checks its shops by it.",
    ),
    (Viewer.SELF, Viewer.SHOP, Viewer.FEDERATION),
)
MESSAGES = Topic(
    Text("发给您的消息", "Messages to you"),
    Text("把和您有关的事告诉您。", "To tell you what concerns you."),
    (Viewer.SELF,),
)
SHOPS = Topic(
    Text("店主和店员", "Shop owners and clerks"),
    Text("谁在哪家店可以核销。", "Who may record discounts at which shop."),
    (Viewer.SELF, Viewer.SHOP, Viewer.FEDERATION),
    Text("店主和店员", "shop owners and clerks"),
)
AS_SHOP = Kept(
    Text("合作期间保存，离店后留着核销记录的经手人", "during the agreement; later as the hand behind past records")
)
AS_CARD = Kept(Text("随会员资料保存", "as long as the member record"))

TABLES = (
    Table(
        "cards",
        CARD,
        AS_CARD,
        {
            "number": Text("会员卡号", "card number"),
            "status": Text("卡的状态和发卡、停用时间", "its state, and since when"),
        },
        "id member_id serial issued_at ended_at",
    ),
    Table(
        "card_burns",
        CARD,
        forgotten(datetime.timedelta(days=1), Text("扫码后", "after the scan"), by="codes"),
        {"burnt_at": Text("用过的会员码", "codes that were scanned")},
        "card_id ref",
    ),
    Table(
        "typed_codes",
        CARD,
        forgotten(datetime.timedelta(minutes=10), Text("过期后", "after they expire"), by="codes"),
        {"digest": Text("报给店员的 8 位数字（只存摘要）", "the 8 digits you read out (a digest only)")},
        "card_id id expires_at",
    ),
    Table(
        "scans",
        USES,
        forgotten(redemptions.SCANS_KEPT, Text("扫码后", "after the scan"), by="scans"),
        {"scanned_at": Text("在哪家店、什么时候扫过码", "at which shop and when your code was scanned")},
        "id card_id ref source clerk_id branch_id merchant_id expires_at",
    ),
    Table(
        "redemptions",
        USES,
        forgotten(redemptions.REDEMPTIONS_KEPT, Text("核销后", "after the purchase"), by="redemptions"),
        {
            "redeemed_at": Text("什么时候在哪家店用了哪项优惠", "when and where you used which offer"),
            "amount_fen": Text("消费金额", "the bill"),
            "saved_fen": Text("省了多少", "what you saved"),
            "disputed_at": Text("您说过不是您用的", "that you said it was not you"),
        },
        "id scan_id offer_id member_id merchant_id branch_id clerk_id offer_title gift pay_fen",
    ),
    Table(
        "attempts",
        USES,
        forgotten(redemptions.ATTEMPTS_KEPT, Text("当时起", "after it happened"), by="attempts"),
        {"code": Text("没用成的原因", "why a discount was refused")},
        "id at stage facts clerk_id branch_id merchant_id member_id offer_id",
    ),
    Table(
        "allowances",
        USES,
        AS_CARD,
        {"used": Text("每项优惠用了几次", "how often you used an offer")},
        "member_id offer_id window",
    ),
    Table(
        "inbox_messages",
        MESSAGES,
        forgotten(told.INBOX_KEPT, Text("发出后", "after it was sent"), by="inbox"),
        {"facts": Text("消息内容", "what you were told"), "read_at": Text("什么时候读的", "when you read it")},
        "id message_id recipient_kind recipient_id template created_at",
    ),
    Table(
        "deliveries",
        MESSAGES,
        forgotten(told.DELIVERIES_KEPT, Text("发出后", "after it was sent"), by="deliveries"),
        {"status": Text("消息有没有送到", "whether it reached you")},
        "id inbox_id channel attempts leased_until created_at next_try_at finished_at",
    ),
    Table(
        "clerks",
        SHOPS,
        AS_SHOP,
        {
            "name": Text("店员怎么称呼", "what a clerk is called"),
            "owner": Text("是不是店主", "whether it is the owner"),
        },
        "id branch_id account_id left_at",
    ),
    Table(
        "clerk_invites",
        SHOPS,
        expiring(by="invites"),
        {"name": Text("受邀的店员怎么称呼", "what an invited clerk is called")},
        "code_index branch_id owner expires_at",
    ),
    nothing(
        "merchants", "a partner shop and its agreement", "id name trade agreement_from agreement_until suspended_at"
    ),
    nothing("branches", "an address of a shop", "id merchant_id name address closed_at"),
    nothing(
        "offers",
        "what a shop gives",
        "id merchant_id title kind percent_off threshold_fen off_fen gift amount_policy starts_on ends_on "
        "per_member_daily per_member_total stock_total stock_taken audience_union_id withdrawn_at",
    ),
)
