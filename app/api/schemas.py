"""Shapes that several packages share. Unknown fields are refused; that is marshmallow's default."""

import datetime
import re
from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from app.idempotency import HEADER
from app.language import language, text
from app.wording import clerk_words
from services.core.calendar import YEARS
from services.core.errors import Invalid, Refusal
from services.core.paging import DEFAULT, MOST, PageRequest
from services.offers.errors import AMOUNT_NOT_WHOLE

_UNSEEN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
KEY = {
    "in": "header",
    "name": HEADER,
    "required": True,
    "description": "names this act: the same key gives the same answer for 48 hours",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{8,80}$"},
}


def likely(day: datetime.date) -> None:
    """A year outside is a slip of the finger."""
    if day.year not in YEARS:
        raise ValidationError("not such a year")


def moment(**options: Any) -> fields.AwareDateTime:
    return fields.AwareDateTime(validate=likely, **options)


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


class Plain(fields.String):
    """What somebody writes, in one line, without what nobody can see."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return " ".join(_UNSEEN.sub(" ", super()._deserialize(value, attr, data, **kwargs) or "").split())


class BothIn(Schema):
    """A text in Chinese, and in English if somebody wrote it."""

    zh = Plain(required=True, validate=validate.Length(max=400))
    en = Plain(load_default="", validate=validate.Length(max=400))


class BothOut(Schema):
    """As it was written, for whoever goes on writing."""

    zh = fields.String(required=True)
    en = fields.String()


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
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(),
        metadata={
            "description": "by field what is wrong: sentences, or fields inside it; a rule names its field by the path,"
            " as mates.0.phone"
        },
    )


def both_of(given: Mapping[str, str] | None) -> dict[str, str] | None:
    """As it is stored; None where no Chinese is written."""
    if not given or not given["zh"]:
        return None
    return {"zh": given["zh"], **({"en": given["en"]} if given["en"] else {})}


def no_of(refusal: Refusal | None, words: Callable[..., str] = clerk_words) -> dict[str, Any]:
    """`allowed`, `code` and `reason` of an answer: None is a yes."""
    return {
        "allowed": refusal is None,
        "code": refusal.code if refusal else None,
        "reason": words(refusal.code, refusal.facts, language=language()) if refusal else None,
    }


def page_request(arguments: dict[str, Any]) -> PageRequest:
    return PageRequest(cursor=arguments["cursor"], limit=arguments["limit"])
