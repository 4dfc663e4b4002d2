"""Every message on every channel, as a phone would show it; which of the platform's templates it goes out by; tests."""

import datetime
import uuid
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.channels import channels
from app.language import language
from app.pages.paths import see_other
from app.pages.staff import desk, messages_words
from app.settings import Settings
from app.throttle import WRITE, limiter
from app.wording import clerk_words
from services.accounts import queries as accounts
from services.accounts import staff
from services.accounts.staff import Officer
from services.accounts.types import AccountId, Capability
from services.core import clock
from services.core.errors import Conflict, DomainError, Invalid, NotFound, TooOften
from services.core.transaction import in_transaction
from services.notifications import errors, mapping, trial
from services.notifications.fields import cut
from services.notifications.mapping import Mapped
from services.notifications.reach import LOCAL
from services.notifications.sms.texts import segments, signed
from services.notifications.templates import SUBJECTS, TEMPLATES, Words, texts, words
from services.notifications.templates.layouts import LAYOUTS
from services.notifications.types import Channel

blueprint = Blueprint("staff_messages", __name__, template_folder="..")

LANGUAGES = ("zh", "en")
KEY_MOST, ID_MOST = 20, 64


@dataclass(frozen=True)
class Shown:
    """One message in one language. `card`: our field, and what the channel is given for it; None where it has none."""

    language: str
    words: Words
    card: list[tuple[str, str]] | None
    sms: str | None
    length: int
    pieces: int


def may() -> None:
    permissions.scopes(Capability.MANAGE_CHANNELS)


@blueprint.get("")
def messages() -> ResponseReturnValue:
    """All of them by subject: what each answers, and its way."""
    may()
    return desk.page("staff/messages.html", subjects=SUBJECTS, language=language(), words=messages_words)


@blueprint.get("/one/<name>")
def one(name: str) -> ResponseReturnValue:
    """One message on each channel, filled with its sample."""
    return _one(name)


@blueprint.post("/one/<name>/test")
@limiter.limit(WRITE)
def test(name: str) -> ResponseReturnValue:
    """Sends it to a colleague. The same form twice is one message."""
    may()
    try:
        to = _colleague(request.form.get("to", ""))
        in_transaction(
            lambda: trial.send_test(
                by=desk.officer(), to=to.account_id, union_id=to.union_id, template=name, channels=_chosen(),
                key=_key(), providers=channels().providers, now=clock.now(),
            )
        )  # fmt: skip
    except (Invalid, TooOften) as error:
        return _one(name, error), 422 if isinstance(error, Invalid) else 429
    return see_other("staff_messages.one", name=name, sent=1)


@blueprint.get("/layouts")
def layouts() -> ResponseReturnValue:
    """What is mapped on each channel of this installation, and what is not yet."""
    may()
    here = channels().providers
    return desk.page(
        "staff/messages_layouts.html",
        providers=here,
        local={channel for channel, provider in here.items() if provider.startswith(LOCAL)},
        layouts={channel: mapping.layouts(channel) for channel in here},
        in_force=mapping.in_force(here),
        users=_users(),
        language=language(),
        words=messages_words,
    )


@blueprint.get("/layouts/<channel>/<layout>")
def layout(channel: str, layout: str) -> ResponseReturnValue:
    """One mapping: what holds, a form for a new version, and the former ones."""
    return _layout(*_mappable(channel, layout))


@blueprint.post("/layouts/<channel>/<layout>")
@limiter.limit(WRITE)
def set_layout(channel: str, layout: str) -> ResponseReturnValue:
    """Sets a new version. What does not fit comes back as it was typed, with a sentence at its field."""
    where, provider, name = _mappable(channel, layout)
    typed = _typed(where, name)
    try:
        in_transaction(
            lambda: mapping.set_mapping(
                actor=desk.officer().label, channel=where, provider=provider, layout=name,
                platform_id=typed["platform_id"], keys=typed["keys"], long_term=typed["long_term"],
                seen=_number(request.form.get("seen", "")), now=clock.now(),
            )
        )  # fmt: skip
    except (Invalid, Conflict) as error:
        return _layout(where, provider, name, error, typed), 422 if isinstance(error, Invalid) else 409
    return see_other("staff_messages.layout", channel=channel, layout=layout, saved=1)


def preview(name: str, language: str, *, now: datetime.datetime, sign: str) -> Shown:
    """What happened "at" a time in the sample happened now."""
    template = TEMPLATES[name]
    facts: dict[str, Any] = {**template.sample, **({"at": now.isoformat()} if "at" in template.sample else {})}
    card, text = None, None
    if template.card:
        written = texts(name, Channel.TEMPLATE, facts, told_at=now, language=language)
        types = LAYOUTS[template.card.layout].fields
        card = [(field, cut(types[field], written[field])) for field in types]
    if template.sms_text:
        text = texts(name, Channel.SMS, facts, told_at=now, language=language)["text"]
    whole = signed(text, sign) if text else ""
    said = words(name, facts, language=language)
    return Shown(language, said, card, text, len(whole), segments(text, sign) if text else 0)


def _one(name: str, error: DomainError | None = None) -> str:
    may()
    if name not in TEMPLATES:
        raise NotFound(errors.TEMPLATE_UNKNOWN)
    now, template = clock.now(), TEMPLATES[name]
    settings: Settings = current_app.config["SETTINGS"]
    sign = settings.sms.sign if settings.sms else messages_words.SIGN
    facts = {fact: value for fact, value in error.facts.items() if fact != "field"} if error else {}
    return desk.page(
        "staff/messages_one.html",
        name=name,
        message=template,
        shown=[preview(name, spoken, now=now, sign=sign) for spoken in LANGUAGES],
        sign=sign,
        layout=LAYOUTS[template.card.layout] if template.card else None,
        now=now,
        colleagues=_colleagues(),
        me=desk.officer().account_id,
        offered=[channel for channel in trial.channels_of(template) if channel in channels().providers],
        key=request.form.get("key") or uuid.uuid4(),
        to=request.form.get("to", ""),
        chosen=set(request.form.getlist("channels")),
        most=trial.TESTS_A_DAY,
        said=clerk_words(error.code, facts, language=language()) if error else "",
        at=error.facts.get("field") if error else None,
        language=language(),
        words=messages_words,
    )


def _colleagues() -> list[Officer]:
    """Whoever holds an office at the federation itself, once each: nobody of the public."""
    scopes = permissions.scopes(Capability.MANAGE_CHANNELS)
    found = [one for one in staff.officers(scopes=scopes, now=clock.now()) if one.union_path in scopes]
    return list({one.account_id: one for one in found}.values())


def _colleague(text: str) -> Officer:
    found = next((one for one in _colleagues() if str(one.account_id) == text), None)
    if found is None:
        raise Invalid(errors.TEST_COLLEAGUE_MISSING, field="to")
    return found


def _chosen() -> list[Channel]:
    asked = request.form.getlist("channels")
    if not set(asked) <= set(Channel):
        raise Invalid(errors.TEST_CHANNEL_WRONG, field="channels")
    return [Channel(one) for one in asked]


def _key() -> uuid.UUID:
    try:
        return uuid.UUID(request.form.get("key", ""))
    except ValueError:
        raise Invalid("page_out_of_date", field="key") from None


def _mappable(channel: str, layout: str) -> tuple[Channel, str, str]:
    """A channel of this installation that is mapped, its provider, and a layout that it has."""
    may()
    here = channels().providers
    if channel not in here or here[Channel(channel)].startswith(LOCAL):
        raise NotFound(errors.LAYOUT_UNKNOWN)
    mapping.fields(Channel(channel), layout)
    return Channel(channel), here[Channel(channel)], layout


def _typed(channel: Channel, layout: str) -> dict[str, Any]:
    keys = {
        field: request.form.get(f"keys.{field}", "").strip()[:KEY_MOST] for field in mapping.fields(channel, layout)
    }
    return {
        "platform_id": request.form.get("platform_id", "").strip()[:ID_MOST],
        "keys": keys,
        "long_term": request.form.get("long_term") == "1",
    }


def _layout(
    channel: Channel, provider: str, name: str, error: DomainError | None = None, typed: dict[str, Any] | None = None
) -> str:
    past = mapping.history(channel, provider, name)
    current = past[0] if past and past[0].ended_at is None else None
    facts = {fact: value for fact, value in error.facts.items() if fact != "field"} if error else {}
    moved = isinstance(error, Conflict)
    return desk.page(
        "staff/messages_layout.html",
        channel=channel,
        provider=provider,
        name=name,
        layout=LAYOUTS.get(name),
        fields=mapping.fields(channel, name),
        types=LAYOUTS[name].fields if channel.of_wechat else {},
        past=past,
        names=accounts.display_names({account for one in past if (account := _setter(one))}),
        # A colleague was faster: what holds now is shown, so that nothing is set over it unseen.
        given=typed if typed and not moved else _given(current),
        seen=past[0].version if past else 0,
        said=clerk_words(error.code, facts, language=language()) if error else "",
        at=error.facts.get("field") if error else None,
        users=_users().get(name, []),
        language=language(),
        words=messages_words,
    )


def _given(current: Mapped | None) -> dict[str, Any]:
    if current is None:
        return {"platform_id": "", "keys": {}, "long_term": False}
    return {"platform_id": current.platform_id, "keys": current.keys, "long_term": current.long_term}


def _setter(one: Mapped) -> AccountId | None:
    kind, _, identity = one.set_by.partition(":")
    return AccountId(uuid.UUID(identity)) if kind == "officer" else None


def _users() -> dict[str, list[str]]:
    """Which messages use a layout; of SMS a message is its own."""
    found: dict[str, list[str]] = {}
    for name, template in TEMPLATES.items():
        if template.card:
            found.setdefault(template.card.layout, []).append(name)
    return found


def _number(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 6 else 0
