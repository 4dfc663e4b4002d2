"""The member's inbox."""

from typing import Any

from marshmallow import fields

from app import permissions
from app.api import Blueprint
from app.api.schemas import Answer, PageIn, page_request
from app.language import language
from services.accounts.types import MemberActor
from services.notifications import queries
from services.notifications.templates import words
from services.notifications.types import InboxItem, Recipient, RecipientKind

inbox = Blueprint("api_inbox", __name__, description="The member's inbox")


class MessageOut(Answer):
    id = fields.UUID()
    title = fields.String(metadata={"description": "fit for a lock screen"})
    body = fields.String()
    created_at = fields.AwareDateTime()
    read = fields.Boolean()


class MessagesOut(Answer):
    items = fields.List(fields.Nested(MessageOut))
    next = fields.String(allow_none=True)


@inbox.route("/me/messages")
@inbox.arguments(PageIn, location="query")
@inbox.response(200, MessagesOut)
def my_messages(query: dict[str, Any]) -> dict[str, Any]:
    """Newest first."""
    actor = permissions.caller(MemberActor)
    page = queries.inbox(Recipient(RecipientKind.MEMBER, actor.member_id), page_request(query))
    return {"items": [message_body(item) for item in page.items], "next": page.next}


def message_body(item: InboxItem) -> dict[str, Any]:
    said = words(item.template, item.facts, language=language())
    return {"id": item.id, "title": said.title, "body": said.body, "created_at": item.created_at, "read": item.read}
