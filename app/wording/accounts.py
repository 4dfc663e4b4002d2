"""Codes of signing in, of officers and their links."""

from app.wording.wording import Wording

CODES: dict[str, Wording] = {
    "session_bond_moved": Wording(
        "您的工惠已在另一个微信上绑定，这个微信已退出。不是您本人操作？请马上打电话给单位工会。",
        "Your account was bound to another WeChat, so this one was signed out. Was it not you? Call your union now.",
    ),
    "session_unbound": Wording(
        "这个微信已解除绑定。要继续用，请重新绑定。", "This WeChat was unbound. To go on, bind it again."
    ),
    "session_account_closed": Wording(
        "这个账号已注销。想再用时，重新绑定就行。", "This account was closed. You can bind again whenever you like."
    ),
    "session_signed_out_elsewhere": Wording(
        "您在另一台设备上让这里退出了。请重新登录。",
        "You signed this device out from another one. Please sign in again.",
    ),
    "session_role_ended": Wording(
        "您在工会的职责有变动，请重新登录。有疑问请联系上级工会。",
        "Your role in the union has changed. Please sign in again, or ask the union above.",
    ),
    "session_left_shop": Wording(
        "您已不在这家店的店员名单里。有疑问请问店主。", "You are no longer a clerk of this shop. Please ask its owner."
    ),
    "not_bound": Wording(
        "还没有绑定会员身份。绑定一次，就能用会员码。",
        "You are not bound to your membership yet. Bind once, then use your card.",
    ),
    "fresh_check_needed": Wording(
        "这一步要再确认一次是您本人。请先输一次验证码。", "Please prove once more that it is you, with a code."
    ),
    "role_unknown": Wording("没有这项职责，或已经收回。", "There is no such role, or it has ended."),
    "roles_apart": Wording(
        "系统管理、安全审计和业务经办要由不同的人担任，不能同时授予一个人。",
        "System administration, audit and daily business are held by different people.",
    ),
    "device_unknown": Wording("这台设备已经退出了。", "This device is signed out already."),
    "login_taken": Wording("这个登录名有人用了，请换一个。", "This login name is taken. Please choose another."),
    "credential_exists": Wording(
        "您已有登录名和密码，直接登录后再点这个链接。",
        "You have a password already. Sign in, then open this link again.",
    ),
    "login_malformed": Wording(
        "登录名用 3 到 40 个小写字母、数字、点或横线，以字母开头。",
        "A login name has 3 to 40 lower-case letters, digits, dots or dashes and begins with a letter.",
    ),
    "sign_in_wrong": Wording(
        "登录名、密码或动态码不对。请核对后再试。",
        "Login name, password or code is not right. Please check and try again.",
    ),
    "sign_in_locked": Wording(
        "试错太多次，请等 {minutes} 分钟再试。忘了密码或丢了手机，请联系另一位管理员。",
        "Too many wrong tries. Wait {minutes} minutes. Lost your password or phone? Ask another administrator.",
    ),
    "no_role_left": Wording(
        "您在工会的职责已到期、收回，或三个月没有登录。请联系上级工会重新邀请。",
        "Your role has ended, or you have not signed in for three months. Ask the union above to invite you again.",
    ),
    "password_too_short": Wording(
        "密码至少 12 个字符。用几个不相干的词连起来，好记又安全。",
        "A password has at least 12 characters. Several unrelated words are easy to keep in mind.",
    ),
    "password_too_common": Wording(
        "这个密码太常见，容易被猜到。请换一个。",
        "This password is too common and easily guessed. Please choose another.",
    ),
    "factor_wrong": Wording(
        "动态码不对或已用过。请等验证器换下一个码再输。",
        "The code is wrong or was used. Wait for the next one in your authenticator.",
    ),
    "link_over": Wording(
        "这个链接已用过或已过期。请让发给您的人再发一个。",
        "This link was used or has expired. Ask whoever sent it for a new one.",
    ),
    "invitation_not_yours": Wording(
        "您不能发出或处理这份邀请：只能邀请自己下级工会的干部。",
        "This invitation is not yours to give: officers are invited by the union above.",
    ),
    "reset_open_already": Wording(
        "这位同事的重置已经有人提出，等另一位管理员同意就行。",
        "Somebody has asked for this reset already; another administrator has to agree.",
    ),
    "reset_needs_another": Wording(
        "重置动态码要两个人：一人提出，另一人同意，都不能是本人。",
        "A reset takes two people, one to ask and one to agree, and neither is the owner.",
    ),
    "desk_code_over": Wording(
        "电脑上的登录码已过期或用过。请在电脑上刷新，再扫一次。",
        "The code on the computer has expired or was used. Refresh it there and scan again.",
    ),
    "desk_digits_wrong": Wording(
        "和电脑上的两位数不一样，这次登录已取消。电脑不在您面前？那是别人在登录，别理它。",
        "Not the digits on the computer; the sign-in is off. No computer before you? Then it is somebody else’s.",
    ),
    "desk_not_by_desk": Wording(
        "请用手机确认。用扫码登录的电脑，不能再给别的电脑登录。",
        "Please confirm on your phone. A computer that was let in by a phone lets no other in.",
    ),
    "invited_name_missing": Wording("请写姓名。", "Please give a name."),
    "day_malformed": Wording("日期不对，请选今天或以后的一天。", "Please choose a day from today on."),
    "no_phone_on_record": Wording(
        "没有登记手机号，收不到验证码。请让单位工会先把手机号登记好。",
        "There is no phone on record to send a code to. Please ask your union to record it first.",
    ),
    "phone_not_on_record": Wording(
        "微信里的手机号和登记的不一样。请改用短信验证码，或让单位工会更新手机号。",
        "WeChat’s phone is another than the one on record. Use a code by text message, or have the record updated.",
    ),
    "no_role_here": Wording(
        "您现在没有工会职责，或要用登录名和密码登录。有疑问请联系上级工会。",
        "You hold no role in a union now, or sign in by login name and password. Ask the union above.",
    ),
    "busy_signing_in": Wording("系统正忙，请再试一次。", "Busy. Please try once more."),
}
