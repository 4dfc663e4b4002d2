"""Card, shops, offers, redemptions."""

import datetime

from services.complaints import forgetting as complaints
from services.redemptions import forgetting as redemptions
from services.rights.register.entries import Kept, Table, Text, Topic, Viewer, expiring, forgotten, nothing
from services.signals import forgetting as signals

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
COMPLAINTS = Topic(
    Text("您反馈商户没给优惠", "Your reports that a shop said no"),
    Text(
        "让商户和工会弄清情况、给您答复。商户看不到您是谁。",
        "So that shop and union can look into it and answer you. The shop does not see who you are.",
    ),
    (Viewer.SELF, Viewer.FEDERATION),
)
SIGNALS = Topic(
    Text("值得看一眼的用法", "Uses worth a look"),
    Text(
        "防止有人和商户合伙套用优惠。只提醒工会的人去看，不会自动停用任何人。工会看过以后，您下载的资料里也有。",
        "To notice when discounts are claimed together with a shop. It asks a person to look and blocks nobody. "
        "Once somebody has looked, it is in the copy of your data.",
    ),
    (Viewer.FEDERATION,),
    Text("会员和店员", "members and clerks"),
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
            "settled_at": Text("工会核实后认为这笔有效", "that the union looked into it and let it stand"),
            "voided_at": Text("这笔撤销了", "that it was undone"),
        },
        "id scan_id offer_id version_id member_id merchant_id branch_id clerk_id offer_title gift pay_fen",
    ),
    Table(
        "voids",
        USES,
        forgotten(redemptions.REDEMPTIONS_KEPT, Text("核销后", "after the purchase"), by="redemptions"),
        {"reason": Text("为什么撤销", "why a use was undone"), "note": Text("撤销的说明", "a word about it")},
        "redemption_id voided_at actor capacity",
    ),
    Table(
        "settlements",
        USES,
        forgotten(redemptions.REDEMPTIONS_KEPT, Text("核销后", "after the purchase"), by="redemptions"),
        {"note": Text("您提出异议后工会的答复", "the union's answer to your “not me”")},
        "redemption_id settled_at actor",
    ),
    Table(
        "complaints",
        COMPLAINTS,
        forgotten(complaints.COMPLAINTS_KEPT, Text("您反馈后", "after you told us"), by="complaints"),
        {
            "happened_at": Text("什么时候在哪家店没用成", "when and where an offer was not given"),
            "note": Text("您写的情况", "what you wrote"),
            "answer": Text("商户或工会的答复", "the answer of the shop or the union"),
        },
        "id member_id merchant_id branch_id offer_id offer_title happened_on told_at due_at raised_at answered_at "
        "answered_by answered_as",
    ),
    Table(
        "signals",
        SIGNALS,
        forgotten(signals.SIGNALS_KEPT, Text("发现后", "after it was seen"), by="signals"),
        {
            "facts": Text("在一家店用得特别勤、特别快之类的次数", "how often or how fast something was used at a shop"),
            "note": Text("工会看过后的说明", "what the union found when it looked"),
        },
        "id kind day subject merchant_id branch_id clerk_id member_id redemptions found_at looked_by looked_at",
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
    nothing("trades", "a trade of shops", "code name icon position"),
    nothing(
        "merchants",
        "a partner shop",
        "id union_id name trade about agreement_from agreement_until suspended_on suspension_reason plaque_number "
        "plaque_hung_on door_sign_on ended_at ended_reason",
    ),
    Table(
        "agreements",
        SHOPS,
        AS_SHOP,
        {"signed_by": Text("谁代表商户签的协议", "who signed for the shop")},
        "id merchant_id starts_on ends_on signed_on paper_key recorded_by recorded_at told_at",
    ),
    nothing("branches", "an address of a shop", "id merchant_id name address phone latitude longitude hours closed_at"),
    nothing(
        "offers",
        "what a shop gives",
        "id merchant_id version_id stock_total stock_taken budget_fen budget_spent_fen drafts_written paused_at "
        "paused_by_shop proposed withdrawn_at",
    ),
    nothing(
        "offer_versions",
        "the terms of an offer",
        "id offer_id number revision title kind amount_policy starts_on ends_on percent_off most_off_fen threshold_fen "
        "off_fen price_fen list_fen gift note weekdays hours holidays per_member_daily per_member_weekly "
        "per_member_monthly per_member_total stock_total branches budget_fen audience_union_id audience_groups "
        "audience_standings first_use stacks drafted_by drafted_at published_by published_at",
    ),
    nothing("branch_stocks", "what a branch has left of an offer", "offer_id branch_id total taken"),
)
