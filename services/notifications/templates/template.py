"""A message in words on every channel, before its facts are filled in, and the rules of its way."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.accounts.types import Capability
from services.notifications.types import Act, Group, Place


class Sms(StrEnum):
    """When a message may cost money."""

    NEVER = "never"
    URGENT = "urgent"  # at once, when no WeChat channel can be taken
    UNREAD = "unread"  # when nobody has read it after `Template.unread_after`


@dataclass(frozen=True)
class Card:
    """A WeChat message: a layout (templates/layouts.py) and a text for each of its fields, in both languages.

    `{at}` and the like are filled from the facts; each value is cut to what its type takes.
    """

    layout: str
    fields: Mapping[str, Mapping[str, str]]


def card(layout: str, *, when: str = "{told}", **texts: tuple[str, str]) -> Card:
    """Each text Chinese and English; `when` is the instant that it shows, by default that of telling."""
    fields = {name: {"zh": zh, "en": en} for name, (zh, en) in texts.items()}
    return Card(layout, {**fields, "when": {"zh": when, "en": when}})


@dataclass(frozen=True)
class Template:
    """`title` is fit for a lock screen: no name, no sum, no reason. `body` stands in the inbox only.

    Without `answers` it may go by no service message of WeChat, so it has no `card`. Without `card` and `sms_text` it
    stays in the inbox.
    """

    title: Mapping[str, str]
    body: Mapping[str, str]
    #: of these words: a message is read in the words it was told in; former ones stand in PAST
    version: int = 1
    opens: Place = Place.INBOX
    group: Group = Group.DUTY
    answers: Act | None = None
    card: Card | None = None
    #: a union's message goes to the officers there who may do this
    capability: Capability | None = None
    #: what an SMS says after the 【sign】, with no link: providers refuse them
    sms_text: Mapping[str, str] | None = None
    sms: Sms = Sms.NEVER
    unread_after: datetime.timedelta = datetime.timedelta(hours=4)
    #: goes out at night too
    at_once: bool = False
    #: useless so long after it was told
    useful_for: datetime.timedelta = datetime.timedelta(days=3)
    #: facts for the preview
    sample: Mapping[str, object] = field(default_factory=dict)

    @property
    def leaves_the_house(self) -> bool:
        """Is there any channel beside the inbox that it may take?"""
        return bool(self.card or (self.sms_text and self.sms is not Sms.NEVER))
