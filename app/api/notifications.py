"""The member's inbox, what he wants to hear by which way, and consents to WeChat messages."""

from typing import Any
from uuid import UUID

from flask import g
from marshmallow import Schema, fields, validate

from app import permissions
from app.api import Blueprint
from app.api.schemas import KEY, Answer, OfficerText, PageIn, page_request
from app.channels import channels
from app.idempotency import idempotently
from app.language import language
from app.throttle import WRITE, limiter
from services.accounts import queries as accounts
from services.accounts.types import AccountId, MemberActor
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import NotFound
from services.core.transaction import in_transaction
from services.notifications import queries, service
from services.notifications.errors import MESSAGE_UNKNOWN
from services.notifications.service import asking
from services.notifications.service.asking import Tap
from services.notifications.templates import TEMPLATES, words
from services.notifications.types import Channel, Group, InboxItem, Language, Recipient, RecipientKind

inbox = Blueprint("api_inbox", __name__, description="The member's inbox")
consents = Blueprint("api_consents", __name__, description="Consents to WeChat messages")

MOST_RESULTS = 5
"""The platform asks for no more at once."""
SWITCHED = [group for group in Group if group is not Group.SAFETY]


class MessageOut(Answer):
    id = fields.UUID()
    title = fields.String(metadata={"description": "fit for a lock screen"})
    body = fields.String()
    created_at = fields.AwareDateTime()
    read = fields.Boolean()
    archived = fields.Boolean()
    group = fields.String(metadata={"description": "safety, card, answers, notices or duty"})
    opens = fields.String(
        metadata={"description": "what it is about: inbox (nothing beside it), history, card, data, complaints, …"}
    )


class MessagesOut(Answer):
    items = fields.List(fields.Nested(MessageOut))
    next = fields.String(allow_none=True)
    unread = fields.Integer(metadata={"description": "in the whole inbox, without the archive"})


class MessagesIn(PageIn):
    archived = fields.Boolean(load_default=False, metadata={"description": "what was put away instead"})


class ReadIn(Schema):
    newest = fields.UUID(required=True, metadata={"description": "the top of the list that was shown"})


class WishIn(Schema):
    group = fields.Enum(Group, by_value=True, required=True)
    wechat = fields.Boolean(required=True)
    sms = fields.Boolean(required=True)


class WishOut(Answer):
    group = fields.String(metadata={"description": "card, answers, notices or duty"})
    wechat = fields.Boolean()
    sms = fields.Boolean()


class WishesOut(Answer):
    items = fields.List(fields.Nested(WishOut))


class LanguageIn(Schema):
    language = fields.Enum(Language, by_value=True, required=True)


class LanguageOut(Answer):
    language = fields.String(metadata={"description": "zh or en: of WeChat and SMS; what has no English is Chinese"})


class TapIn(Schema):
    tap = fields.Enum(Tap, by_value=True, required=True)


class AskOut(Answer):
    template_id = fields.String()
    title = OfficerText()


class AsksOut(Answer):
    items = fields.List(
        fields.Nested(AskOut), metadata={"description": "for one wx.requestSubscribeMessage; empty: ask for nothing"}
    )


class ResultsIn(Schema):
    results = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 64)),
        values=fields.Enum(asking.Answer, by_value=True),
        required=True,
        validate=validate.Length(1, MOST_RESULTS),
        metadata={"description": "as the client got them: template id -> accept, reject, ban or filter"},
    )


class NotedOut(Answer):
    noted = fields.List(fields.String(), metadata={"description": "templates of which an accept was noted"})


@inbox.route("/me/messages")
@inbox.arguments(MessagesIn, location="query")
@inbox.response(200, MessagesOut)
def my_messages(query: dict[str, Any]) -> dict[str, Any]:
    """Newest first."""
    page = queries.inbox(_own(), page_request(query), archived=query["archived"])
    return {"items": [message_body(item) for item in page.items], "next": page.next, "unread": queries.unread(_own())}


@inbox.route("/me/messages/read", methods=["POST"])
@limiter.limit(WRITE)
@inbox.arguments(ReadIn)
@inbox.response(204)
def read_all(data: dict[str, Any]) -> None:
    """Everything up to the newest that was shown is read. Again changes nothing."""
    recipient = _own()
    in_transaction(lambda: service.mark_read(recipient, now=clock.now(), newest=data["newest"]))


@inbox.route("/me/messages/<uuid:message_id>")
@inbox.response(200, MessageOut)
@inbox.refusal(404, "not yours, or deleted after its time")
def my_message(message_id: UUID) -> dict[str, Any]:
    """One message. Reading it here does not mark it as read."""
    return _one(message_id)


@inbox.route("/me/messages/<uuid:message_id>/read", methods=["POST"])
@limiter.limit(WRITE)
@inbox.response(200, MessageOut)
@inbox.refusal(404, "not yours, or deleted after its time")
def read_one(message_id: UUID) -> dict[str, Any]:
    """It was opened: no other channel is tried for it. Again changes nothing."""
    recipient = _own()
    in_transaction(lambda: service.mark_one_read(recipient, inbox_id=message_id, now=clock.now()))
    return _one(message_id)


@inbox.route("/me/messages/<uuid:message_id>/archive", methods=["PUT"])
@limiter.limit(WRITE)
@inbox.response(200, MessageOut)
@inbox.refusal(404, "not yours, or deleted after its time")
def archive(message_id: UUID) -> dict[str, Any]:
    """Puts it away; it counts as read."""
    recipient = _own()
    in_transaction(lambda: service.archive(recipient, inbox_id=message_id, now=clock.now()))
    return _one(message_id)


@inbox.route("/me/messages/<uuid:message_id>/archive", methods=["DELETE"])
@limiter.limit(WRITE)
@inbox.response(200, MessageOut)
@inbox.refusal(404, "not yours, or deleted after its time")
def bring_back(message_id: UUID) -> dict[str, Any]:
    """Back into the inbox."""
    recipient = _own()
    in_transaction(lambda: service.bring_back(recipient, inbox_id=message_id))
    return _one(message_id)


@inbox.route("/me/messages/wishes")
@inbox.response(200, WishesOut)
def my_wishes() -> dict[str, Any]:
    """Which messages go to WeChat and by SMS. The inbox gets all; safety notices cannot be switched off."""
    return {"items": [_wish(group, found) for found in [_wishes()] for group in SWITCHED]}


@inbox.route("/me/messages/wishes", methods=["PUT"])
@limiter.limit(WRITE)
@inbox.arguments(WishIn)
@inbox.response(200, WishOut)
def wish(data: dict[str, Any]) -> dict[str, Any]:
    """From the next message on. 422 group_always_on for safety."""
    group: Group = data["group"]
    account_id = permissions.caller(MemberActor).account_id
    in_transaction(lambda: service.wish(account_id=account_id, group=group, wechat=data["wechat"], sms=data["sms"]))
    return _wish(group, _wishes())


@inbox.route("/me/messages/language")
@inbox.response(200, LanguageOut)
def my_language() -> dict[str, str]:
    """In which language WeChat and SMS write. The inbox is in the language of Accept-Language."""
    return _language(permissions.caller(MemberActor).account_id)


@inbox.route("/me/messages/language", methods=["PUT"])
@limiter.limit(WRITE)
@inbox.arguments(LanguageIn)
@inbox.response(200, LanguageOut)
def write_in(data: dict[str, Language]) -> dict[str, str]:
    """From the next message on."""
    account_id = permissions.caller(MemberActor).account_id
    in_transaction(lambda: service.write_in(account_id=account_id, language=data["language"]))
    return _language(account_id)


@consents.route("/me/consents")
@consents.arguments(TapIn, location="query")
@consents.response(200, AsksOut)
def to_ask(query: dict[str, Any]) -> dict[str, Any]:
    """What the mini program asks for at this tap, at most three at once, of which the fewest messages are left.

    `tap`: redeem (the card is shown), ask (a question or complaint is sent), duty (an officer opens the tray);
    sign_up and apply have none yet.
    """
    if query["tap"] is Tap.DUTY and accounts.officer(g.actor.account_id, on=local_date(clock.now())) is None:
        return {"items": []}
    asks = asking.to_ask(
        account_id=g.actor.account_id, tap=query["tap"], channel=Channel.MP_SUBSCRIBE, providers=channels().providers
    )
    return {"items": asks}


@consents.route("/me/consents", methods=["POST"])
@limiter.limit(WRITE)
@consents.doc(parameters=[KEY])
@consents.arguments(ResultsIn)
@consents.response(201, NotedOut)
def answered(data: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """What became of it. Nothing is sent on the client's word alone: the platform's own event counts."""
    actor = g.actor

    def work() -> list[str]:
        return asking.answered(
            account_id=actor.account_id, channel=Channel.MP_SUBSCRIBE, providers=channels().providers,
            results=data["results"], now=clock.now(),
        )  # fmt: skip

    return idempotently(work, lambda noted: {"noted": noted}, scope=actor.label)


def message_body(item: InboxItem) -> dict[str, Any]:
    said, template = (
        words(item.template, item.facts, language=language(), version=item.version),
        TEMPLATES[item.template],
    )
    return {
        "id": item.id,
        "title": said.title,
        "body": said.body,
        "created_at": item.created_at,
        "read": item.read,
        "archived": item.archived,
        "group": template.group.value,
        "opens": template.opens.value,
    }


def _own() -> Recipient:
    return Recipient(RecipientKind.MEMBER, permissions.caller(MemberActor).member_id)


def _one(message_id: UUID) -> dict[str, Any]:
    found = queries.message([_own()], message_id)
    if found is None:
        raise NotFound(MESSAGE_UNKNOWN)
    return message_body(found[1])


def _language(account_id: AccountId) -> dict[str, str]:
    return {"language": queries.language_of(account_id).value}


def _wishes() -> dict[Group, tuple[bool, bool]]:
    return queries.wishes(permissions.caller(MemberActor).account_id)


def _wish(group: Group, found: dict[Group, tuple[bool, bool]]) -> dict[str, Any]:
    wechat, sms = found.get(group, (True, True))
    return {"group": group.value, "wechat": wechat, "sms": sms}
