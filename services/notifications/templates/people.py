"""Of signing in, of officers, of people's records."""

from services.accounts.types import Capability
from services.notifications.templates.template import Template, card
from services.notifications.types import Act, Group, Place

TEMPLATES: dict[str, Template] = {
    "record.member": Template(
        {"zh": "您的会员资料有更正", "en": "Your member record was changed"},
        {
            "zh": "工会更正了您的{fields}。不对的话，请打电话给您的工会，或在“我的”里提出更正。",
            "en": "Your union changed your {fields}. If that is wrong, call your union or ask for a correction "
            "under “Me”.",
        },
        opens=Place.DATA,
        group=Group.SAFETY,
        sample={"fields": {"zh": "手机号", "en": "phone"}},
    ),
    "correction.union": Template(
        {"zh": "有会员申请更正资料", "en": "A member asks for a correction"},
        {
            "zh": "请在 10 个工作日内核对、办理，在“更正申请”里。",
            "en": "Please check and decide it within 10 working days, under “Corrections”.",
        },
        opens=Place.TRAY,
        answers=Act.ON_DUTY,
        capability=Capability.EDIT_MEMBERS,
        card=card(
            "task",
            what=("有会员申请更正资料", "A correction request"),
            next=("请在 10 个工作日内办理", "Due in 10 workdays"),
        ),
    ),
    "correction.done": Template(
        {"zh": "您申请的更正办好了", "en": "Your correction has been made"},
        {"zh": "到“我的”里的“我的资料”看看对不对。", "en": "See under “My data” whether it is right now."},
        opens=Place.DATA,
        group=Group.ANSWERS,
        answers=Act.ASKED,
        card=card(
            "answer",
            what=("您申请的更正办好了", "Correction made"),
            state=("已办结", "Done"),
            next=("点开看对不对", "Open to check"),
        ),
    ),
    "correction.refused": Template(
        {"zh": "您申请的更正有了答复", "en": "There is an answer to your correction"},
        {
            "zh": "这次没有改。原因和工会的电话在“我的资料”里。",
            "en": "Nothing was changed this time. The reason, and whom to call, stands under “My data”.",
        },
        opens=Place.DATA,
        group=Group.ANSWERS,
        answers=Act.ASKED,
        card=card(
            "answer",
            what=("您申请的更正有了答复", "Correction answered"),
            state=("已答复", "Answered"),
            next=("点开看原因", "Open for the reason"),
        ),
    ),
    "unmasking.union": Template(
        {"zh": "有干部查看了很多会员的完整资料", "en": "An officer read many records in full"},
        {
            "zh": "到 {at}，{union}的一位经办人今天看了 {looks} 次会员的完整资料。每次的原因都在审计记录里，请核对。",
            "en": "By {at} an officer of {union} had read {looks} records in full today. The reason of each is in the "
            "audit trail; please check.",
        },
        opens=Place.DESK_INBOX,
        capability=Capability.SEE_AUDIT,
        sample={"at": "2026-11-20T04:05:00+00:00", "looks": 50, "union": {"zh": "示例工会", "en": "Example union"}},
    ),
    "guessing.union": Template(
        {"zh": "有人在猜工会干部的密码", "en": "Somebody guesses at an officer’s password"},
        {
            "zh": "{at} 有人用贵会一位干部的登录名连续输错密码，来源已停 15 分钟。请问问本人；不是本人的，请换密码。",
            "en": "At {at} somebody typed wrong passwords for an officer of your union; that source is stopped for 15 "
            "minutes. Please ask the officer, and change the password if it was somebody else.",
        },
        opens=Place.DESK_INBOX,
        answers=Act.ON_DUTY,
        capability=Capability.INVITE_OFFICERS,
        card=card(
            "task",
            what=("有人在猜工会干部的密码", "Password guessing"),
            when="{at}",
            next=("请尽快核对", "Please check soon"),
        ),
        at_once=True,
        sample={"at": "2026-11-20T04:05:00+00:00"},
    ),
    "reset.union": Template(
        {"zh": "有干部的密码正在重设", "en": "An officer’s password is being reset"},
        {
            "zh": "{at} 两位管理员在为贵会一位干部重设密码和动态码。不是本人要求的，请马上打电话给区总工会。",
            "en": "At {at} two administrators were setting the password and authenticator of an officer of your union "
            "anew. If the officer did not ask for it, call the federation at once.",
        },
        opens=Place.DESK_INBOX,
        answers=Act.ON_DUTY,
        capability=Capability.INVITE_OFFICERS,
        card=card(
            "task",
            what=("有干部的密码正在重设", "Password being reset"),
            when="{at}",
            next=("请尽快核对", "Please check soon"),
        ),
        at_once=True,
        sample={"at": "2026-11-20T04:05:00+00:00"},
    ),
    "role.union": Template(
        {"zh": "贵会有一位新的经办人", "en": "Your union has a new officer"},
        {
            "zh": "{at} 有人接受邀请，成为贵会的经办人。名单在“干部”里；不认识这个人，请马上联系上级工会。",
            "en": "At {at} somebody accepted an invitation and is now an officer of your union. See “Officers”; if you "
            "do not know them, call the union above at once.",
        },
        opens=Place.DESK_INBOX,
        answers=Act.ON_DUTY,
        capability=Capability.INVITE_OFFICERS,
        card=card(
            "task",
            what=("贵会有一位新的经办人", "A new officer"),
            when="{at}",
            next=("请尽快核对", "Please check soon"),
        ),
        at_once=True,
        sample={"at": "2026-11-20T04:05:00+00:00"},
    ),
}
