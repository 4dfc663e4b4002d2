"""Every message on every channel, as a phone would show it; which of the platform's templates it goes out by; tests."""

import uuid
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app import message_desk, permissions
from app.channels import channels
from app.language import language
from app.pages.paths import see_other
from app.pages.sent import whole_number
from app.pages.staff import desk, messages_words
from app.throttle import WRITE, limiter
from app.wording import clerk_words
from services.accounts import queries as accounts
from services.accounts.types import AccountId, Capability
from services.core import clock
from services.core.errors import Conflict, DomainError, Invalid, TooOften
from services.core.transaction import in_transaction
from services.notifications import mapping, trial
from services.notifications.mapping import Mapped
from services.notifications.templates import SUBJECTS
from services.notifications.templates.layouts import LAYOUTS
from services.notifications.types import Channel, Language

blueprint = Blueprint("staff_messages", __name__, template_folder="..")

KEY_MOST, ID_MOST = 20, 64


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
    asked = request.form
    try:
        in_transaction(
            lambda: message_desk.send_test(
                name, to=asked.get("to", ""), by=asked.getlist("channels"), language=asked.get("language", ""),
                key=_key(), now=clock.now(),
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
        mappable=message_desk.mappable(),
        layouts={channel: mapping.layouts(channel) for channel in here},
        in_force=mapping.in_force(here),
        users=message_desk.users(),
        language=language(),
        words=messages_words,
    )


@blueprint.get("/layouts/<channel>/<layout>")
def layout(channel: str, layout: str) -> ResponseReturnValue:
    """One mapping: what holds, a form for a new version, and the former ones. `?in=en`: the English one."""
    may()
    return _layout(channel, layout)


@blueprint.post("/layouts/<channel>/<layout>")
@limiter.limit(WRITE)
def set_layout(channel: str, layout: str) -> ResponseReturnValue:
    """Sets a new version. What does not fit comes back as it was typed, with a sentence at its field."""
    may()
    where, _provider = message_desk.one_mappable(channel, layout)
    typed, seen = _typed(where, layout), whole_number(request.form.get("seen")) or 0
    try:
        in_transaction(
            lambda: message_desk.set_layout(
                channel, layout, language=_asked(), **typed, seen=seen, now=clock.now()
            )
        )  # fmt: skip
    except (Invalid, Conflict) as error:
        return _layout(channel, layout, error, typed), 422 if isinstance(error, Invalid) else 409
    shown = {"in": "en"} if _asked() is Language.EN else {}
    return see_other("staff_messages.layout", channel=channel, layout=layout, saved=1, **shown)


def _one(name: str, error: DomainError | None = None) -> str:
    may()
    message, now = message_desk.template(name), clock.now()
    facts = {fact: value for fact, value in error.facts.items() if fact != "field"} if error else {}
    return desk.page(
        "staff/messages_one.html",
        name=name,
        message=message,
        shown=message_desk.previews(name, now=now),
        sign=message_desk.sign(),
        layout=LAYOUTS[message.card.layout] if message.card else None,
        now=now,
        colleagues=message_desk.colleagues(),
        me=desk.officer().account_id,
        offered=message_desk.offered(message),
        key=request.form.get("key") or uuid.uuid4(),
        to=request.form.get("to", ""),
        chosen=set(request.form.getlist("channels")),
        written_in=request.form.get("language", "zh"),
        most=trial.TESTS_A_DAY,
        said=clerk_words(error.code, facts, language=language()) if error else "",
        at=error.facts.get("field") if error else None,
        language=language(),
        words=messages_words,
    )


def _key() -> uuid.UUID:
    try:
        return uuid.UUID(request.form.get("key", ""))
    except ValueError:
        raise Invalid("page_out_of_date", field="key") from None


def _asked() -> Language:
    return Language.EN if request.args.get("in") == "en" else Language.ZH


def _typed(channel: Channel, layout: str) -> dict[str, Any]:
    fields = mapping.fields(channel, layout, _asked())
    return {
        "platform_id": request.form.get("platform_id", "").strip()[:ID_MOST],
        "keys": {field: request.form.get(f"keys.{field}", "").strip()[:KEY_MOST] for field in fields},
        "long_term": request.form.get("long_term") == "1",
    }


def _layout(channel: str, name: str, error: DomainError | None = None, typed: dict[str, Any] | None = None) -> str:
    where, provider = message_desk.one_mappable(channel, name)
    past = mapping.history(where, provider, name, _asked())
    current = past[0] if past and past[0].ended_at is None else None
    facts = {fact: value for fact, value in error.facts.items() if fact != "field"} if error else {}
    moved = isinstance(error, Conflict)
    return desk.page(
        "staff/messages_layout.html",
        channel=where,
        provider=provider,
        name=name,
        written_in=_asked(),
        fields=mapping.fields(where, name, _asked()),
        past=past,
        names=accounts.display_names({account for one in past if (account := _setter(one))}),
        # A colleague was faster: what holds now is shown, so that nothing is set over it unseen.
        given=typed if typed and not moved else _given(current),
        seen=past[0].version if past else 0,
        said=clerk_words(error.code, facts, language=language()) if error else "",
        at=error.facts.get("field") if error else None,
        users=message_desk.users().get(name, []),
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
