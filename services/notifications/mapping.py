"""Which of the provider's templates each layout goes out by: versions that officers set, each ending the former."""

import datetime
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, update

from services.core import audit
from services.core.db import db
from services.core.errors import Conflict, Invalid, NotFound
from services.core.ids import uuid7
from services.notifications import errors
from services.notifications.fields import key_fits
from services.notifications.models import ChannelTemplate, Pause
from services.notifications.reach import Providers
from services.notifications.service import effects
from services.notifications.templates import TEMPLATES, variables
from services.notifications.templates.layouts import LAYOUTS
from services.notifications.templates.template import Sms
from services.notifications.types import Channel, FieldType, Language

MOST_KEPT = 20
"""Versions shown of one mapping."""
_WECHAT_ID = re.compile(r"[A-Za-z0-9_-]{43}")
_SMS_IDS = {"aliyun": re.compile(r"SMS_[0-9]{1,20}"), "tencent": re.compile(r"[0-9]{1,12}")}
_SMS_ID = re.compile(r"(SMS_)?[0-9]{1,20}")
_SMS_NAME, _SMS_PLACE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}"), re.compile(r"[1-9][0-9]?")


@dataclass(frozen=True)
class Mapped:
    """One version, in force while `ended_at` is None."""

    id: uuid.UUID
    channel: Channel
    provider: str
    layout: str
    language: Language
    version: int
    platform_id: str
    keys: Mapping[str, str]
    long_term: bool
    set_by: str
    set_at: datetime.datetime
    ended_at: datetime.datetime | None


def layouts(channel: Channel) -> list[str]:
    """What may be mapped on a channel: WeChat's layouts; of SMS the messages that ever go by it."""
    if channel.of_wechat:
        return list(LAYOUTS)
    return [name for name, one in TEMPLATES.items() if one.sms_text and one.sms is not Sms.NEVER]


def fields(channel: Channel, layout: str, language: Language) -> dict[str, FieldType | None]:
    """Our fields, each of which needs one of the provider's keys, with the type that WeChat's key must have.

    Raises NotFound(layout_unknown).
    """
    if layout not in layouts(channel):
        raise NotFound(errors.LAYOUT_UNKNOWN)
    if channel.of_wechat:
        return dict(LAYOUTS[layout].types(language))
    return dict.fromkeys(variables(layout, language))


def set_mapping(
    *,
    actor: str,
    channel: Channel,
    provider: str,
    layout: str,
    language: Language,
    platform_id: str,
    keys: Mapping[str, str],
    long_term: bool,
    seen: int,
    now: datetime.datetime,
) -> uuid.UUID:
    """Sets a new version, which ends the one that the officer saw (`seen`; 0: there was none). An English one is for
    those who want English; without it they get the Chinese one.

    What is on its way already keeps the version that it was planned with. Raises Invalid with the field to mend
    (platform_id, keys.<field>), NotFound(layout_unknown), and Conflict(template_set_meanwhile) when another version
    holds by now: of two officers at once the second is told. Locks the row of the version seen. Audited.
    """
    types = fields(channel, layout, language)
    _check_id(channel, provider, platform_id)
    _check_keys(channel, provider, types, keys)
    ours = _of(channel, provider, layout, language)
    ended = update(ChannelTemplate).where(*ours, ChannelTemplate.version == seen, ChannelTemplate.ended_at.is_(None))
    gone = db.session.scalars(ended.values(ended_at=now).returning(ChannelTemplate.id)).first()
    if gone is None and seen:
        raise Conflict(errors.TEMPLATE_SET_MEANWHILE)
    row = ChannelTemplate(
        id=uuid7(), channel=channel, provider=provider, layout=layout, language=language, version=seen + 1,
        platform_id=platform_id, keys={name: keys[name] for name in types}, long_term=long_term and channel.of_consent,
        set_by=actor, set_at=now,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    detail = {
        "channel": channel.value, "layout": layout, "language": language.value, "version": row.version,
        "template": platform_id,
    }  # fmt: skip
    audit.record("channel.mapped", actor=actor, subject_id=row.id, now=now, detail=detail)
    return row.id


def resume(*, actor: str, channel: str, subject: str, now: datetime.datetime) -> bool:
    """Lets a paused channel (`subject` ""), mass messages included, or one template of it go on; False when nothing was
    paused. Audited."""
    here = select(Pause.reason).where(Pause.channel == channel, Pause.subject == subject).with_for_update()
    reason = db.session.scalar(here)
    if reason is None:
        return False
    effects.release(channel, subject)
    detail = {"channel": channel, "template": subject, "reason": reason}
    audit.record("channel.resumed", actor=actor, subject_id=uuid7(), now=now, detail=detail)
    return True


def in_force(providers: Providers) -> dict[tuple[Channel, str, Language], Mapped]:
    """What holds on the channels of this installation, by channel, layout and language. One statement."""
    query = select(ChannelTemplate).where(ChannelTemplate.ended_at.is_(None))
    found = (_mapped(row) for row in db.session.scalars(query))
    return {(one.channel, one.layout, one.language): one for one in found if providers.get(one.channel) == one.provider}


def history(channel: Channel, provider: str, layout: str, language: Language) -> list[Mapped]:
    """Its versions, the newest first, MOST_KEPT at most."""
    query = select(ChannelTemplate).where(*_of(channel, provider, layout, language))
    rows = db.session.scalars(query.order_by(ChannelTemplate.version.desc()).limit(MOST_KEPT))
    return [_mapped(row) for row in rows]


def _check_id(channel: Channel, provider: str, platform_id: str) -> None:
    form = _WECHAT_ID if channel.of_wechat else _SMS_IDS.get(provider, _SMS_ID)
    if not form.fullmatch(platform_id):
        code = errors.WECHAT_TEMPLATE_ID_WRONG if channel.of_wechat else errors.SMS_TEMPLATE_ID_WRONG
        raise Invalid(code, field="platform_id")


def _check_keys(
    channel: Channel, provider: str, types: Mapping[str, FieldType | None], keys: Mapping[str, str]
) -> None:
    """Each of our fields has one key, of its type, and no key holds two."""
    taken: set[str] = set()
    for name, kind in types.items():
        key = keys.get(name, "")
        if not key:
            raise Invalid(errors.FIELD_KEY_MISSING, field=f"keys.{name}")
        if kind and not key_fits(key, kind):
            raise Invalid(errors.FIELD_KEY_WRONG, field=f"keys.{name}", type=kind.value)
        if channel is Channel.SMS and not (_SMS_PLACE if provider == "tencent" else _SMS_NAME).fullmatch(key):
            raise Invalid(errors.SMS_VARIABLE_WRONG, field=f"keys.{name}")
        if key in taken:
            raise Invalid(errors.FIELD_KEY_TWICE, field=f"keys.{name}")
        taken.add(key)
    if channel is Channel.SMS and provider == "tencent" and taken != {str(n + 1) for n in range(len(types))}:
        raise Invalid(errors.SMS_VARIABLE_WRONG, field=f"keys.{list(types)[-1]}")


def _of(channel: Channel, provider: str, layout: str, language: Language) -> tuple[ColumnElement[bool], ...]:
    return (
        ChannelTemplate.channel == channel, ChannelTemplate.provider == provider, ChannelTemplate.layout == layout,
        ChannelTemplate.language == language,
    )  # fmt: skip


def _mapped(row: ChannelTemplate) -> Mapped:
    return Mapped(
        row.id, Channel(row.channel), row.provider, row.layout, Language(row.language), row.version, row.platform_id,
        row.keys, row.long_term, row.set_by, row.set_at, row.ended_at,
    )  # fmt: skip
