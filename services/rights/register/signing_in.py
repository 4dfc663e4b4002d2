"""Accounts, sign-in, officers."""

import datetime

from services.rights.register.entries import Kept, Table, Text, Topic, Viewer, expiring, forgotten, nothing

ACCOUNT = Topic(
    Text("登录", "Signing in"),
    Text(
        "让您用微信或手机号登录，认得您的手机，有事能通知到您，挡住冒用的人。",
        "So that you can sign in with WeChat or your phone, can be told, and others are kept out.",
    ),
    (Viewer.SELF,),
    Text("会员、店员、工会干部", "members, clerks, officers"),
)
OFFICERS = Topic(
    Text("工会经办人", "Union officers"),
    Text("谁能看、能改哪个工会的资料；出了事查得到。", "Who may see and change whose records."),
    (Viewer.SELF, Viewer.UNION, Viewer.FEDERATION),
    Text("工会干部", "officers"),
)
AS_ACCOUNT = Kept(Text("随账号保存；注销账号时删除", "as long as the account; deleted when you close it"))
AS_ROLE = Kept(Text("任职期间和之后作为审计记录保存", "while in office, and later as part of the audit trail"))
DAY = datetime.timedelta(days=1)

TABLES = (
    Table(
        "accounts",
        ACCOUNT,
        AS_ACCOUNT,
        {
            "display_name": Text("怎么称呼您", "what you are called"),
            "officer_seen_at": Text("干部上次登录的时间", "when an officer last signed in"),
        },
        "id member_id created_at",
    ),
    Table(
        "wechat_identities",
        ACCOUNT,
        AS_ACCOUNT,
        {
            "openid": Text("微信编号（加密）", "your WeChat id (encrypted)"),
            "unionid": Text("微信开放平台编号（加密）", "your id on WeChat’s open platform (encrypted)"),
        },
        "id appid openid_index unionid_index account_id created_at",
    ),
    Table(
        "proven_phones",
        ACCOUNT,
        AS_ACCOUNT,
        {"phone": Text("验证过的手机号（加密）", "the phone you proved (encrypted)")},
        "account_id phone_index proven_at",
    ),
    Table(
        "phone_codes",
        ACCOUNT,
        forgotten(datetime.timedelta(hours=1), Text("过期后", "after it expires"), by="phone codes"),
        {
            "phone": Text("收验证码的手机号（加密）", "the phone a code was sent to (encrypted)"),
            "code": Text("验证码（加密，发出时删除）", "the code (encrypted, deleted as it is sent)"),
        },
        "id request_digest purpose code_mac attempts created_at expires_at used_at",
    ),
    Table(
        "sessions",
        ACCOUNT,
        expiring(by="sessions"),
        {
            "device": Text("在什么手机或电脑上登录", "on which kind of phone or computer you are signed in"),
            "created_at": Text("什么时候登录、退出", "when you signed in and out"),
        },
        "digest id account_id persona member_id clerk_id branch_id merchant_id via expires_at seen_at proved_at "
        "ended_at ended_because",
    ),
    Table(
        "desk_sign_ins",
        ACCOUNT,
        expiring(by="desks"),
        {"device": Text("扫码登录的电脑", "the computer you sign in to with your phone")},
        "code_digest browser_digest digits created_at expires_at confirmed_by used_at",
    ),
    Table(
        "failed_sign_ins",
        ACCOUNT,
        forgotten(DAY, Text("最后一次后", "after the last one"), by="failures"),
        {"failures": Text("输错密码的次数（只存摘要）", "how often a password was wrong (a digest only)")},
        "pair locked_until last_at",
    ),
    Table(
        "role_grants",
        OFFICERS,
        AS_ROLE,
        {"role": Text("经办人的职责、管哪些工会、到哪天", "an officer’s role, over which unions, until when")},
        "id account_id union_id granted_at ends_on ended_at",
    ),
    Table(
        "credentials",
        OFFICERS,
        Kept(Text("任职期间", "while in office")),
        {
            "login": Text("登录名", "login name"),
            "password_hash": Text("密码（只存摘要）", "password (a digest only)"),
            "totp_secret": Text("验证器密钥（加密）", "authenticator secret (encrypted)"),
        },
        "account_id totp_step changed_at",
        viewers=(Viewer.NOBODY,),
    ),
    Table(
        "invitations",
        OFFICERS,
        AS_ROLE,
        {"name": Text("受邀人怎么称呼", "what an invited officer is called")},
        "id token_digest role union_id ends_on invited_by takes_over_from created_at expires_at "
        "withdrawn_at accepted_at account_id",
    ),
    Table(
        "factor_resets",
        OFFICERS,
        AS_ROLE,
        {"asked_by": Text("谁申请、谁同意重设验证器", "who asked for and agreed to a new authenticator")},
        "id account_id asked_at agreed_by agreed_at token_digest closed_at",
    ),
    nothing("sign_in_states", "the way to WeChat and back; ten minutes", "digest browser_digest expires_at used_at"),
    nothing(
        "platform_values", "what the WeChat platform lends us", "appid kind value expires_at leased_until lease_holder"
    ),
)
