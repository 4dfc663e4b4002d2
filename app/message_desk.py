"""What the page and the API of the gateway's desk share: messages as they are read, colleagues, what may be mapped."""

import datetime
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app

from app import permissions
from app.channels import channels
from app.settings import Settings
from services.accounts import staff
from services.accounts.staff import Officer
from services.accounts.types import Capability, OfficerActor
from services.core import clock
from services.core.errors import Invalid, NotFound
from services.notifications import errors, mapping, trial
from services.notifications.fields import cut
from services.notifications.notices import mass
from services.notifications.reach import LOCAL
from services.notifications.sms.texts import segments, signed
from services.notifications.templates import TEMPLATES, Template, Words, texts, words
from services.notifications.templates.layouts import LAYOUTS
from services.notifications.types import Channel, InboxId, Language

SIGN = "示例工会"
"""Stands between 【】 where no SMS provider is set up."""
PAUSABLE = (*(channel.value for channel in Channel), mass.CHANNEL)


@dataclass(frozen=True)
class Shown:
    """One message in one language. `card`: our field, and what the channel is given for it; None where it has none."""

    language: str
    words: Words
    card: list[tuple[str, str]] | None
    sms: str | None
    length: int
    pieces: int


def template(name: str) -> Template:
    """Raises NotFound(template_unknown)."""
    if name not in TEMPLATES:
        raise NotFound(errors.TEMPLATE_UNKNOWN)
    return TEMPLATES[name]


def previews(name: str, *, now: datetime.datetime) -> list[Shown]:
    """The message in each language, filled with its sample: what happened "at" a time in it happened now."""
    return [_preview(name, language.value, now) for language in Language]


def sign() -> str:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.sms.sign if settings.sms else SIGN


def offered(one: Template) -> list[Channel]:
    """By which channels of this installation it can go."""
    return [channel for channel in trial.channels_of(one) if channel in channels().providers]


def colleagues() -> list[Officer]:
    """Whoever holds an office at the federation itself, once each: nobody of the public."""
    scopes = permissions.scopes(Capability.MANAGE_CHANNELS)
    found = [one for one in staff.officers(scopes=scopes, now=clock.now()) if one.union_path in scopes]
    return list({one.account_id: one for one in found}.values())


def colleague(account_id: str) -> Officer:
    found = next((one for one in colleagues() if str(one.account_id) == account_id), None)
    if found is None:
        raise Invalid(errors.TEST_COLLEAGUE_MISSING, field="to")
    return found


def send_test(
    name: str, *, to: str, by: Collection[str], language: str, key: uuid.UUID, now: datetime.datetime
) -> InboxId | None:
    """trial.send_test with what somebody chose. Inside a transaction."""
    if not set(by) <= set(Channel):
        raise Invalid(errors.TEST_CHANNEL_WRONG, field="channels")
    one = colleague(to)
    return trial.send_test(
        by=permissions.caller(OfficerActor), to=one.account_id, union_id=one.union_id, template=name,
        channels=[Channel(channel) for channel in by], key=key, providers=channels().providers, now=now,
        language=Language.EN if language == Language.EN else Language.ZH,
    )  # fmt: skip


def mappable() -> dict[Channel, str]:
    """The channels of this installation that are mapped, with their providers."""
    return {one: provider for one, provider in channels().providers.items() if not provider.startswith(LOCAL)}


def one_mappable(channel: str, layout: str) -> tuple[Channel, str]:
    """A channel that has this layout, and its provider. Raises NotFound(layout_unknown)."""
    here = mappable()
    if channel not in here:
        raise NotFound(errors.LAYOUT_UNKNOWN)
    mapping.fields(Channel(channel), layout, Language.ZH)
    return Channel(channel), here[Channel(channel)]


def set_layout(
    channel: str, layout: str, *, language: Language, platform_id: str, keys: Mapping[str, str], long_term: bool,
    seen: int, now: datetime.datetime,
) -> uuid.UUID:  # fmt: skip
    """mapping.set_mapping by the calling officer. Inside a transaction."""
    where, provider = one_mappable(channel, layout)
    return mapping.set_mapping(
        actor=permissions.caller(OfficerActor).label, channel=where, provider=provider, layout=layout,
        language=language, platform_id=platform_id, keys=keys, long_term=long_term, seen=seen, now=now,
    )  # fmt: skip


def resume(channel: str, subject: str, *, now: datetime.datetime) -> bool:
    """mapping.resume by the calling officer. Inside a transaction. Raises NotFound for what is no channel."""
    if channel not in PAUSABLE:
        raise NotFound(errors.LAYOUT_UNKNOWN)
    return mapping.resume(actor=permissions.caller(OfficerActor).label, channel=channel, subject=subject, now=now)


def users() -> dict[str, list[str]]:
    """Which messages use a layout of WeChat; of SMS a message is its own."""
    found: dict[str, list[str]] = {}
    for name, one in TEMPLATES.items():
        if one.card:
            found.setdefault(one.card.layout, []).append(name)
    return found


def layout_name(name: str) -> Mapping[str, str]:
    """A layout of WeChat by its name; of SMS a message by its title."""
    return LAYOUTS[name].name if name in LAYOUTS else TEMPLATES[name].title


def _preview(name: str, language: str, now: datetime.datetime) -> Shown:
    one = template(name)
    facts: dict[str, Any] = {**one.sample, **({"at": now.isoformat()} if "at" in one.sample else {})}
    card, text = None, None
    if one.card:
        written = texts(name, Channel.TEMPLATE, facts, told_at=now, language=language)
        types = LAYOUTS[one.card.layout].types(language)
        card = [(field, cut(types[field], written[field])) for field in types]
    if one.sms_text:
        text = texts(name, Channel.SMS, facts, told_at=now, language=language)["text"]
    whole = signed(text, sign()) if text else ""
    said = words(name, facts, language=language)
    return Shown(language, said, card, text, len(whole), segments(text, sign()) if text else 0)
