"""The gateway's desk: messages as a phone shows them, tests to colleagues, the platform's templates, pauses."""

import uuid
from typing import Any

from flask import Response

from app import message_desk
from app.api.message_shapes import (
    GatewayColleaguesOut,
    GatewayLanguageIn,
    GatewayLayoutPastOut,
    GatewayLayoutsOut,
    GatewayMappingIn,
    GatewayMessagesOut,
    GatewayMessageWholeOut,
    GatewayPausesOut,
    GatewayReleaseIn,
    GatewayTestIn,
    GatewayTestOut,
)
from app.api.staff import act, desk, once
from app.channels import channels
from services.accounts.types import Capability
from services.core import clock
from services.notifications import backlog, mapping
from services.notifications.mapping import Mapped
from services.notifications.templates import SUBJECTS, Template
from services.notifications.types import Channel, Language

messages = desk("api_staff_messages", "The messaging gateway: messages, templates, pauses", Capability.MANAGE_CHANNELS)

UNKNOWN = "no such message"
NO_LAYOUT = "no such channel here, or it has no such layout"


@messages.route("/staff/messages")
@messages.response(200, GatewayMessagesOut)
def listed() -> dict[str, Any]:
    """Every message that the system may send, by subject."""
    return {"items": [_message(name, one) for part in SUBJECTS.values() for name, one in part.items()]}


@messages.route("/staff/messages/<string:name>")
@messages.response(200, GatewayMessageWholeOut)
@messages.refusal(404, UNKNOWN)
def one(name: str) -> dict[str, Any]:
    """One message on each channel, in each language."""
    found = message_desk.template(name)
    previews = [
        {
            "language": shown.language,
            "title": shown.words.title,
            "body": shown.words.body,
            "card": [{"field": field, "text": text} for field, text in shown.card] if shown.card else None,
            "sms": {"text": shown.sms, "length": shown.length, "pieces": shown.pieces} if shown.sms else None,
        }
        for shown in message_desk.previews(name, now=clock.now())
    ]
    return {**_message(name, found), "previews": previews}


@messages.route("/staff/message-colleagues")
@messages.response(200, GatewayColleaguesOut)
def colleagues() -> dict[str, Any]:
    """Who may be sent a test: the officers of the federation itself."""
    return {"items": message_desk.colleagues()}


@act(
    messages, "/staff/messages/<string:name>/test", GatewayTestOut, given=GatewayTestIn, status=201, unknown=UNKNOWN,
)  # fmt: skip
def test(body: dict[str, Any], name: str) -> Response:
    """Sends it to a colleague, marked as a test, by each of these channels; the worker does. Twenty a day."""
    message_desk.template(name)
    key, now = uuid.uuid4(), clock.now()

    def work() -> dict[str, Any]:
        sent = message_desk.send_test(
            name, to=str(body["to"]), by=body["channels"], language=body["language"], key=key, now=now
        )
        return {"message_id": sent}

    return once(work, GatewayTestOut(), f"message test {name}")


@messages.route("/staff/message-layouts")
@messages.response(200, GatewayLayoutsOut)
def layouts() -> dict[str, Any]:
    """What is mapped on each channel of this installation, in each language, and what is not yet."""
    here = message_desk.mappable()
    held = mapping.in_force(channels().providers)
    return {
        "items": [
            _layout(channel, layout, language, held.get((channel, layout, language)))
            for channel in here
            for layout in mapping.layouts(channel)
            for language in Language
        ]
    }


@messages.route("/staff/message-layouts/<string:channel>/<string:layout>")
@messages.arguments(GatewayLanguageIn, location="query")
@messages.response(200, GatewayLayoutPastOut)
@messages.refusal(404, NO_LAYOUT)
def layout(query: dict[str, Any], channel: str, layout: str) -> dict[str, Any]:
    """One mapping with its former versions."""
    return _whole(channel, layout, query["language"])


@act(
    messages, "/staff/message-layouts/<string:channel>/<string:layout>", GatewayLayoutPastOut, given=GatewayMappingIn,
    method="PUT", unknown=NO_LAYOUT, refused="template_set_meanwhile: a colleague was faster",
)  # fmt: skip
def set_layout(body: dict[str, Any], channel: str, layout: str) -> Response:
    """Another version: from now on these messages go out by this template of the platform. What is on its way keeps
    the one it was planned with."""
    message_desk.one_mappable(channel, layout)
    now = clock.now()

    def work() -> dict[str, Any]:
        message_desk.set_layout(channel, layout, **body, now=now)
        return _whole(channel, layout, body["language"])

    return once(work, GatewayLayoutPastOut(), f"map {channel} {layout}", status=200)


@messages.route("/staff/message-pauses")
@messages.response(200, GatewayPausesOut)
def pauses() -> dict[str, Any]:
    """What stands still now, and why."""
    return {"items": backlog.pauses(now=clock.now())}


@act(messages, "/staff/message-pauses/release", GatewayPausesOut, given=GatewayReleaseIn, unknown="no such channel")
def release(body: dict[str, str]) -> Response:
    """The cause is mended: what waits goes out again. Answers what still stands; nothing was paused: the same."""
    now = clock.now()

    def work() -> dict[str, Any]:
        message_desk.resume(body["channel"], body["subject"], now=now)
        return {"items": backlog.pauses(now=now)}

    return once(work, GatewayPausesOut(), "release", status=200)


def _message(name: str, found: Template) -> dict[str, Any]:
    return {
        "name": name,
        "subject": next(subject for subject, part in SUBJECTS.items() if name in part),
        "title": found.title,
        "version": found.version,
        "group": found.group.value,
        "answers": found.answers.value if found.answers else None,
        "layout": found.card.layout if found.card else None,
        "channels": [channel.value for channel in message_desk.offered(found)],
        "sms": found.sms.value,
        "at_once": found.at_once,
        "useful_minutes": int(found.useful_for.total_seconds() // 60),
    }


def _layout(channel: Channel, layout: str, language: Language, held: Mapped | None) -> dict[str, Any]:
    types = mapping.fields(channel, layout, language)
    return {
        "channel": channel.value,
        "layout": layout,
        "language": language.value,
        "name": message_desk.layout_name(layout),
        "fields_": {field: kind.value if kind else None for field, kind in types.items()},
        "used_by": message_desk.users().get(layout, []) if channel.of_wechat else [layout],
        "mapped": held,
    }


def _whole(channel: str, layout: str, language: Language) -> dict[str, Any]:
    where, provider = message_desk.one_mappable(channel, layout)
    past = mapping.history(where, provider, layout, language)
    held = past[0] if past and past[0].ended_at is None else None
    return {**_layout(where, layout, language, held), "past": past}
