"""Codes of “the shop said no”, and of looking a receipt up."""

from app.wording.wording import Wording

CODES: dict[str, Wording] = {
    "complaints_too_often": Wording(
        "一天最多反馈 {limit} 次，请明天再来。急事请打电话给工会。",
        "No more than {limit} reports a day. Come back tomorrow, or call the union if it cannot wait.",
    ),
    "complaint_branch_missing": Wording("请选一下是哪家门店。", "Please choose the branch."),
    "complaint_note_length": Wording("最多写 {most} 个字，请短一些。", "Please use no more than {most} characters."),
    "complaint_answer_length": Wording(
        "请选一句，或自己写 {least} 到 {most} 个字。", "Choose a sentence, or write {least} to {most} characters."
    ),
    "shop_takes_no_cards": Wording(
        "这家店现在不收会员卡（合作到期或暂停），所以没有优惠。别的合作商户在“商户”里。",
        "This shop takes no member cards now: its agreement has ended or is suspended. See “Shops” for others.",
    ),
    "receipt_number_wrong": Wording(
        "流水号是 8 个字母和数字，印在凭据上，比如 7K3M-9QP0。请再核对。",
        "A receipt number is 8 letters and digits, such as 7K3M-9QP0. Please check it.",
    ),
    "receipt_days_wrong": Wording(
        "一次最多查 {most} 天，后一天不能早于前一天。",
        "A search covers {most} days at most, and the last day is not before the first.",
    ),
    "signal_unknown": Wording("没有这条提醒，它可能是别的工会的。", "There is no such line, or it is another union’s."),
    "signal_looked": Wording(
        "刚才已经有同事看过这条了，下面是他写的。", "A colleague has looked at this one just now: see below."
    ),
    "signal_note_length": Wording(
        "请写一句看到了什么，{least} 到 {most} 个字。", "Write what you found, {least} to {most} characters."
    ),
    "signal_made": Wording("这条提醒已经有了。", "This line is there already."),
}
