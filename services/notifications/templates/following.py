"""Of following the official account."""

from services.notifications.templates.template import Template
from services.notifications.types import Group

TEMPLATES: dict[str, Template] = {
    "follow.linked": Template(
        {"zh": "有微信扫了您页面上的关注码", "en": "A WeChat scanned the follow code of your page"},
        {
            "zh": "以后您的提醒也会发到那个微信，它不能登录您的账号。不是您本人扫的，请在“消息提醒”里取消。",
            "en": "Your notices go to that WeChat as well from now on; it cannot sign in to your account. If it was "
            "not you, take it back under “How messages reach me”.",
        },
        group=Group.SAFETY,
    ),
}
