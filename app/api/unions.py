"""The directory of unions: readable without a sign-in."""

from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from app.api import Blueprint
from app.api.schemas import Answer, OfficerText, PageIn, page_request
from app.maps import map_link
from services.unions import queries
from services.unions.rules import SEARCH_MOST
from services.unions.types import Level, Office, UnionId

directory = Blueprint("api_unions", __name__, description="Unions: which one is mine, where it is")


class UnionsIn(PageIn):
    q = fields.String(
        load_default="", validate=validate.Length(max=SEARCH_MOST), metadata={"description": "employer or place"}
    )
    parent = fields.UUID(load_default=None, metadata={"description": "only those directly below; without q"})


class UnionOut(Answer):
    id = fields.UUID()
    parent_id = fields.UUID(allow_none=True)
    level = fields.String(validate=validate.OneOf([level.value for level in Level]))
    name = OfficerText()
    parent_name = OfficerText(allow_none=True)
    phone = fields.String(allow_none=True)
    address = OfficerText(allow_none=True)
    latitude = fields.Float(allow_none=True, metadata={"description": "degrees, GCJ-02"})
    longitude = fields.Float(allow_none=True)
    map_url = fields.String(allow_none=True, metadata={"description": "a map that the reader may open"})


class UnionsOut(Answer):
    items = fields.List(fields.Nested(UnionOut))
    next = fields.String(allow_none=True)


@directory.route("/unions")
@directory.arguments(UnionsIn, location="query")
@directory.response(200, UnionsOut)
@directory.doc(security=[])
def list_unions(query: dict[str, Any]) -> dict[str, Any]:
    """With `q` the open unions that fit it; without, those directly below `parent`, or the federations."""
    asked, request = query["q"].strip(), page_request(query)
    page = queries.search(asked, request) if asked else queries.below(query["parent"], request)
    return {"items": [_body(office) for office in page.items], "next": page.next}


@directory.route("/unions/<uuid:union_id>")
@directory.response(200, UnionOut)
@directory.refusal(404, "no such union, or it is closed")
@directory.doc(security=[])
def union(union_id: UUID) -> dict[str, Any]:
    """One union with how it is reached."""
    return _body(queries.open_office(UnionId(union_id)))


def _body(office: Office) -> dict[str, Any]:
    place = office.contact.place
    return {
        "id": office.id,
        "parent_id": office.parent_id,
        "level": office.level,
        "name": office.name,
        "parent_name": office.above,
        "phone": office.contact.phone,
        "address": office.contact.address,
        "latitude": place.latitude if place else None,
        "longitude": place.longitude if place else None,
        "map_url": map_link(office.contact.place, office.name),
    }
