"""Rights over one's own data."""

from app.wording.wording import Wording

CODES: dict[str, Wording] = {
    "correction_open": Wording(
        "已经有一个更正申请在办。要改内容，请先撤回它，再重新提。",
        "A correction is being looked at. To change it, take it back first and ask again.",
    ),
    "correction_empty": Wording("请至少填一项要改的内容。", "Say at least one thing that is to change."),
    "correction_phone": Wording(
        "手机号要 11 位数字，以 1 开头。请核对。", "A mobile number has 11 digits and begins with 1. Please check it."
    ),
    "correction_unknown": Wording("没有这个申请，或者不归您办。", "There is no such request, or it is not yours."),
    "correction_decided": Wording(
        "这个申请已经办过了。刷新页面可以看到结果。", "This request has been decided. Refresh to see the result."
    ),
    "correction_own": Wording(
        "自己的申请不能自己办，请让同事或上级工会办。",
        "You cannot decide your own request. A colleague or the union above can.",
    ),
    "correction_call_first": Wording(
        "提交时没有验证手机。请先打名册里的电话，或当面看证件，问过本人再勾上。",
        "It was asked for without a proof. Call the number in the roster, or see the document, and tick the box.",
    ),
    "correction_note_missing": Wording(
        "不同意时，请写一句原因，会员看得到。", "When you say no, write why; the member reads it."
    ),
    "close_dispute_open": Wording(
        "您反映的“不是我用的”还在核实，查清后才能注销。急的话请打电话问工会。",
        "A use that you reported is still being looked into. You can close the account when that is done.",
    ),
    "close_correction_open": Wording(
        "您有一个更正申请在办。请等它办完，或先撤回。",
        "A correction of yours is being looked at. Wait for it, or take it back first.",
    ),
    "close_binding_open": Wording(
        "您有一个绑定申请在办。请等它办完，或先撤回。",
        "A binding request of yours is being looked at. Wait for it, or take it back first.",
    ),
    "close_holds_role": Wording(
        "您还是工会经办人。请先请上级工会把您的工作交接出去。",
        "You are a union officer. Ask the union above to hand over your work first.",
    ),
    "close_is_clerk": Wording(
        "您还是店员。请先请店主停用您的店员身份。", "You are a clerk at a shop. Ask its owner to end that first."
    ),
}
