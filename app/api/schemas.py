"""Shapes that several packages share. Unknown fields are refused; that is marshmallow's default."""

from typing import Any

from marshmallow import Schema, fields, validate

from app.language import text
from services.core.errors import Invalid
from services.core.paging import DEFAULT, MOST, PageRequest
from services.offers.errors import AMOUNT_NOT_WHOLE


class Fen(fields.Integer):
    """Whole fen. A float, a string or a boolean is refused: money is not guessed."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Invalid(AMOUNT_NOT_WHOLE, field=attr or "amount_fen")
        return value


class OfficerText(fields.String):
    """A text in two languages, given in the reader's."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return text(value) if value is not None else None


class PageIn(Schema):
    cursor = fields.String(load_default=None, metadata={"description": "`next` of the former page"})
    limit = fields.Integer(load_default=DEFAULT, validate=validate.Range(1, MOST))


class Answer(Schema):
    """What we send holds every field that is documented, each time; those that may be null say so."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        field_obj.required = True


class ProblemOut(Schema):
    """RFC 9457. `code` is stable, texts are translated; `member_detail` is what a clerk may read out."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)
    member_detail = fields.String(required=True)
    request_id = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.Raw())


def page_request(arguments: dict[str, Any]) -> PageRequest:
    return PageRequest(cursor=arguments["cursor"], limit=arguments["limit"])
