"""How a message about an entry is made: one shape with a card, one without."""

import dataclasses
import datetime

from services.notifications.templates.events.facts import SAMPLE
from services.notifications.templates.template import Sms, Template, card
from services.notifications.types import Act, Group, Place

Words = tuple[str, str]
"""Chinese and English."""


def told(
    title: Words,
    body: Words,
    state: Words,
    do: Words = ("点开看详情", "Open for details"),
    *,
    when: str = "{told}",
    sms: Words | None = None,
    rule: Sms = Sms.UNREAD,
    group: Group = Group.ANSWERS,
    opens: Place = Place.EVENT,
) -> Template:
    """With a card: whoever reads it has signed up."""
    its = card("answer", what=("{lock}", "{lock}"), state=state, next=do, when=when)
    plain = quiet(title, body, sms=sms, rule=rule, opens=opens)
    return dataclasses.replace(plain, card=its, answers=Act.SIGNED_UP, group=group)


def quiet(
    title: Words, body: Words, *, sms: Words | None = None, rule: Sms = Sms.UNREAD, opens: Place = Place.EVENT
) -> Template:
    """Without one: it answers nothing that the reader did, or says what he has just done."""
    return Template(
        _both(title), _both(body), opens=opens, group=Group.ANSWERS, sms_text=_both(sms) if sms else None,
        sms=rule if sms else Sms.NEVER, unread_after=datetime.timedelta(hours=3),
        useful_for=datetime.timedelta(days=2), sample=SAMPLE,
    )  # fmt: skip


def _both(words: Words) -> dict[str, str]:
    return {"zh": words[0], "en": words[1]}


def urgent(template: Template) -> Template:
    """The same words when there is no time to see whether they are read."""
    return dataclasses.replace(template, sms=Sms.URGENT)
