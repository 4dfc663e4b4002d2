"""Codes of an offer that cannot be used now, and of undoing."""

from app.wording.wording import Wording

CODES: dict[str, Wording] = {
    "offer_paused": Wording(
        "这项优惠暂停了。可以看看本店别的优惠。",
        "This offer is paused. Another one of this shop may do.",
        "这项优惠暂停了，恢复后照常能用。先看看这家店别的优惠。",
        "This offer is paused for now. The shop may have another one for you.",
    ),
    "not_for_your_trade": Wording(
        "这项优惠只给部分行业的会员，这位顾客不在其中。",
        "This offer is for members of certain trades; this customer is not among them.",
        "这项优惠只给部分行业的会员。您单位的行业登记错了？请告诉您单位的工会。",
        "This offer is for members of certain trades. If yours is registered wrongly, tell your union.",
    ),
    "not_for_your_standing": Wording(
        "这项优惠只给部分会员（比如退休会员），这位顾客不在其中。",
        "This offer is for some members only, such as the retired; this customer is not among them.",
        "这项优惠只给部分会员（比如退休会员）。会籍有疑问，请问您单位的工会。",
        "This offer is for some members only, such as the retired. Your union can tell you where you stand.",
    ),
    "first_use_only": Wording(
        "这项优惠只给第一次来本店的会员，这位顾客用过本店的优惠了。",
        "This offer is for a member’s first use at this shop; this customer has been here.",
        "这项优惠只给第一次到店的会员，您在这家店用过优惠了。",
        "This offer is for the first use at this shop, and you have been here before.",
    ),
    "not_at_this_branch": Wording(
        "这项优惠不在这家门店用，请看看本店别的优惠。",
        "This offer is not for this branch. Another one may do.",
        "这项优惠不在这家门店用，请看条款里写的门店。",
        "This offer is for other branches; the terms name them.",
    ),
    "sold_out_here": Wording(
        "这家门店的份数用完了，别的门店可能还有。", "This branch has none left; another branch may."
    ),
    "budget_spent": Wording(
        "这项优惠的补贴额度用完了，或不够这一笔。可以看看别的优惠。",
        "The budget of this offer is used up, or too small for this bill. Another offer may do.",
        "这项优惠的补贴额度用完了。可以看看别的优惠。",
        "The budget of this offer is used up. Another offer may do.",
    ),
    "weekly_limit": Wording(
        "这位顾客本周用满 {limit} 次了，{date}（周一）起又能用。",
        "This customer has used it {limit} times this week; it works again from Monday, {date}.",
        "您本周用满 {limit} 次了，{date}（周一）起又能用。",
        "You have used it {limit} times this week; it works again from Monday, {date}.",
    ),
    "monthly_limit": Wording(
        "这位顾客本月用满 {limit} 次了，{date}起又能用。",
        "This customer has used it {limit} times this month; it works again from {date}.",
        "您本月用满 {limit} 次了，{date}起又能用。",
        "You have used it {limit} times this month; it works again from {date}.",
    ),
    "not_this_weekday": Wording(
        "这项优惠今天不能用，只在{weekdays}用。",
        "This offer is for {weekdays} only.",
        "这项优惠只在{weekdays}用。",
        "This offer is for {weekdays} only.",
    ),
    "not_on_holidays": Wording(
        "法定节假日不能用这项优惠，假期过后照常。",
        "This offer is not for public holidays; it works again after them.",
    ),
    "holidays_only": Wording("这项优惠只在法定节假日用。", "This offer is for public holidays only."),
    "not_at_this_hour": Wording("现在不在使用时段，请在 {hours} 用。", "This offer is for these hours only: {hours}."),
    "not_with_another": Wording(
        "这位顾客刚用过本店另一项优惠，两项不能同享。如果是另一笔消费，请过 {minutes} 分钟再核销。",
        "This customer has just used another offer here, and the two do not add up. If this is another purchase, "
        "redeem it in {minutes} minutes.",
        "您刚用过这家店的另一项优惠，两项不能同享。另一笔消费请过 {minutes} 分钟再用。",
        "You have just used another offer here, and the two do not add up. For another purchase wait {minutes} "
        "minutes.",
    ),
    "below_price": Wording(
        "消费不到 {price} 元，按原价收更便宜，不用核销。",
        "The bill is below the price of {price}: charge the bill itself, without the offer.",
        "消费不到 {price} 元，按原价付更便宜。",
        "The bill is below the price of {price}: paying it without the offer is cheaper.",
    ),
    # undoing
    "redemption_voided": Wording("这笔已经撤销了。", "This one has been undone already."),
    "redemption_disputed": Wording(
        "顾客说这笔不是本人用的，工会正在核实，只有工会能撤销。请联系工会。",
        "The member says it was somebody else. The union is looking into it, and only the union can undo it.",
    ),
    "void_too_late_clerk": Wording(
        "超过 30 分钟，店员不能撤销了。请店主今天之内撤销，或联系工会。",
        "More than 30 minutes have passed. The owner can undo it today, or the union later.",
    ),
    "void_too_late_owner": Wording(
        "不是今天的核销，本店不能撤销了。请联系工会。", "Only the union can undo what is not of today. Please call it."
    ),
    "not_disputed": Wording(
        "会员没有对这笔提出异议，不用核实。", "No member has said that this one was somebody else: nothing to settle."
    ),
    "settle_note_length": Wording(
        "请写一句告诉会员的话，{least} 到 {most} 个字。",
        "Please write what the member is told, in {least} to {most} characters.",
    ),
    "void_reason_missing": Wording("请选一个撤销的原因。", "Please choose why it is undone."),
    "void_note_missing": Wording("选了“其他”，请写一句是什么原因。", "For “other”, please write in a few words why."),
}
