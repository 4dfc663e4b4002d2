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


def _answering(act: Act, *, what: tuple[str, str] = ("{notice_title}", "{notice_title}")) -> Template:
    """To those who did something: WeChat may carry it, and shows `what` before it is opened."""
    shown = card("change", what=what, next=("点开看全文", "Open for full text"))
    return Template(TITLE, BODY, group=Group.NOTICES, answers=act, card=shown, sample=SAMPLE)


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
    "notice.used": _answering(Act.REDEEMED),
    "notice.signed_up": _answering(Act.SIGNED_UP),
    # Of socials, clinics and check-ups: what the officer wrote is for the inbox alone.
    "notice.signed_up_quiet": _answering(Act.SIGNED_UP, what=("您报名的活动有通知", "News of your event")),
}
