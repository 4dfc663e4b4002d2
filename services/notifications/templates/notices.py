"""Of officers' notices: title and text are the officer's own, read where they stand (notices/words.py)."""

import datetime

from services.notifications.templates.template import Sms, Template, card
from services.notifications.types import Act, Group

SAMPLE: dict[str, object] = {
    "notice_title": {"zh": "周六文化宫放电影", "en": "A film at the culture palace on Saturday"},
    "notice_text": {"zh": "周六 14:00 开始，带会员码入场。", "en": "From 14:00; bring your member code."},
}
TITLE = {"zh": "工会有一条通知", "en": "A notice from your union"}
BODY = {"zh": "{notice_text}", "en": "{notice_text}"}

TEMPLATES: dict[str, Template] = {
    "notice.member": Template(TITLE, BODY, group=Group.NOTICES, sample=SAMPLE),
    "notice.texted": Template(
        TITLE,
        BODY,
        group=Group.NOTICES,
        sms_text={
            "zh": "{notice_title}。全文在工惠的“消息”里。",
            "en": "{notice_title}. The whole text is in Gonghui, under Messages.",
        },
        sms=Sms.URGENT,
        useful_for=datetime.timedelta(days=2),
        sample=SAMPLE,
    ),
    "notice.used": Template(
        TITLE,
        BODY,
        group=Group.NOTICES,
        answers=Act.REDEEMED,
        card=card(
            "change",
            what=("{notice_title}", "{notice_title}"),
            next=("点开看全文", "Open for full text"),
        ),
        sample=SAMPLE,
    ),
    "notice.signed_up": Template(
        TITLE,
        BODY,
        group=Group.NOTICES,
        answers=Act.SIGNED_UP,
        card=card(
            "change",
            what=("{notice_title}", "{notice_title}"),
            next=("点开看全文", "Open for full text"),
        ),
        sample=SAMPLE,
    ),
    # Of socials, clinics and check-ups: what the officer wrote is for the inbox alone.
    "notice.signed_up_quiet": Template(
        TITLE,
        BODY,
        group=Group.NOTICES,
        answers=Act.SIGNED_UP,
        card=card(
            "change",
            what=("您报名的活动有通知", "News of your event"),
            next=("点开看全文", "Open for full text"),
        ),
        sample=SAMPLE,
    ),
}
