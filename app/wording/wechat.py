"""Codes of signing in with WeChat or a phone, and of binding."""

from app.wording.wording import Wording

CODES: dict[str, Wording] = {
    # WeChat
    "wechat_busy": Wording(
        "微信那边暂时没有回应，请过几秒再试。", "WeChat does not answer just now. Try again in a few seconds."
    ),
    "wechat_too_often": Wording(
        "微信说操作太频繁，请等一分钟再试。", "WeChat says that this is too often. Wait a minute and try again."
    ),
    "wechat_code_refused": Wording(
        "微信的登录码已失效，请再点一次登录。",
        "WeChat’s sign-in code has expired or was used. Please tap sign in again.",
    ),
    "wechat_user_risky": Wording(
        "微信认为这个账号有风险，不能登录。请先在微信里解除限制，或打电话给单位工会。",
        "WeChat warns of this user, who cannot sign in. Lift the restriction in WeChat, or call your union.",
    ),
    "wechat_snapshot": Wording(
        "您现在只是在“快照”里看页面。请点右下角“使用完整服务”，再登录。",
        "You are looking at a snapshot of the page. Tap “Use full service” at the bottom, then sign in.",
    ),
    "wechat_misconfigured": Wording(
        "微信登录现在用不了，我们正在处理。可以先用手机号登录。",
        "Sign-in with WeChat does not work right now and we are on it. You can use your phone number meanwhile.",
    ),
    "wechat_not_set_up": Wording(
        "这里还没有开通微信登录，请用手机号登录。", "Sign-in with WeChat is not set up here. Use your phone number."
    ),
    "not_our_page": Wording("这不是工惠的页面，不能签名。", "This is not a page of ours; it cannot be signed."),
    "wechat_state_wrong": Wording(
        "这次登录已过期，或不是从这台手机发起的。请回到登录页重新点登录。",
        "This sign-in has expired or was not begun on this phone. Please begin again on the sign-in page.",
    ),
    "wechat_taken": Wording(
        "这个微信刚刚已登录，请再点一次。", "This WeChat was signed in a moment ago. Please tap once more."
    ),
    # codes to a phone
    "phone_malformed": Wording(
        "手机号不对：请输入 11 位、1 开头的手机号。", "This is no mobile number: it has 11 digits and begins with 1."
    ),
    "phone_codes_not_set_up": Wording(
        "这里还不能发短信验证码。请在微信里打开本页登录，或打电话给单位工会。",
        "Text messages cannot be sent here yet. Open this page in WeChat to sign in, or call your union.",
    ),
    "phone_code_too_often": Wording(
        "验证码发得太勤了，请等 {seconds} 秒再要。先看看刚才那条短信还在不在。",
        "Too many codes. Wait {seconds} seconds before asking again; the last text may still be good.",
    ),
    "phone_code_wrong": Wording(
        "验证码不对，还可以试 {left} 次。请对照最新的一条短信。",
        "This is not the code; {left} tries are left. Compare it with the newest text.",
    ),
    "phone_code_over": Wording(
        "这个验证码已用过、过期或试错太多次。请重新要一个。",
        "This code was used, has expired or was mistyped too often. Please ask for a new one.",
    ),
    # binding
    "consent_missing": Wording(
        "请先看完“个人信息怎么用”，勾选同意，再提交。",
        "Please read how your data is used and tick that you agree, then go on.",
    ),
    "consent_outdated": Wording(
        "“个人信息怎么用”刚更新过。请看一遍新的，再勾选同意。",
        "The text about your data has changed. Please read the new one and agree to it.",
    ),
    "binding_name_missing": Wording(
        "请填写姓名，和证件上一样。", "Please type your name as it stands on your document."
    ),
    "phone_not_proven": Wording("请先验证手机号，再绑定。", "Please prove your phone number first, then bind."),
    "bound_already": Wording("您已经绑定好了。", "You are bound already."),
    "binding_open_already": Wording(
        "您已有一份申请在核实。要改内容，请先撤回，再重新提交。",
        "Your request is being looked at. To change it, withdraw it and send it again.",
    ),
    "binding_unknown": Wording("没有这份申请，可能已经撤回。", "There is no such request; it may have been withdrawn."),
    "binding_decided": Wording(
        "这份申请 {at} 已经处理过了，处理人：{who}。请刷新列表。",
        "This request was closed at{at} by {who}. Please refresh the list.",
        "这份申请已经处理过了。请刷新页面看结果。",
        "This request has been decided. Refresh the page to see the result.",
    ),
    "binding_own": Wording(
        "这是您自己的申请，要由别的工会干部处理。", "This is your own request: another officer must decide it."
    ),
    "binding_nobody": Wording(
        "名册里没有这份证件的会员，不能通过。请先在名册里添加，再让职工重新申请。",
        "Nobody in the roster has this document. Add the member first; then the worker can ask again.",
    ),
    "binding_holds_role": Wording(
        "这位会员是工会干部，换绑要由任命他的上级工会核实。申请已转过去，您不用再处理。",
        "This member is an officer: the union above decides. The request went there; there is nothing left to do.",
    ),
    "binding_elsewhere": Wording(
        "这份证件属于别的工会的会员。申请已转给本人所在工会，您不用再处理。",
        "This document is a member’s of another union. The request went there; there is nothing left to do.",
    ),
    "binding_account_has_role": Wording(
        "申请人登录的账号是工会干部的，不能再绑定会员。请先由上级工会收回这个账号的职责。",
        "The account that asks is an officer’s and cannot be bound. The union above has to end its role first.",
        "这个登录是工会干部的，不能再绑定会员。请打电话给上级工会，先收回职责。",
        "This sign-in is an officer’s and cannot be bound. Call the union above, which has to end the role first.",
    ),
    "unbind_holds_role": Wording(
        "您还是工会干部。请先把工作交给接手的人，或请上级工会收回职责，再解除绑定。",
        "You are an officer still. Hand your role over, or ask the union above to end it, then unbind.",
    ),
    "binding_too_often": Wording(
        "试得太多次了，请等 {minutes} 分钟再试。急的话请打电话给单位工会。",
        "Too many tries. Wait {minutes} minutes, or call your union if it is urgent.",
    ),
    "binding_reason_missing": Wording("请选一个原因。", "Please choose a reason."),
    "binding_note_missing": Wording(
        "请写一句原因，职工会看到。", "Please write a sentence that says why; the worker will read it."
    ),
    "member_not_bound": Wording("这位会员还没有绑定微信。", "This member is not bound."),
}
