"""Sign-in and sign-out. With DEMO=1 only, a persona signs in without a password."""

from typing import Any

from flask import current_app
from marshmallow import Schema, fields, validate

from app import demo, permissions
from app.api import Blueprint
from app.api.schemas import Answer
from app.throttle import SIGN_IN, address, limiter
from services.accounts import service as accounts
from services.accounts.types import Persona, SignIn
from services.core import clock
from services.core.errors import NotFound
from services.core.transaction import in_transaction

demo_session = Blueprint("api_demo_session", __name__, description="Sign-in of the demo")
session = Blueprint("api_session", __name__, description="The caller's session")


class DemoIn(Schema):
    persona = fields.String(required=True, validate=validate.OneOf([persona.value for persona in Persona]))


class SignInOut(Answer):
    token = fields.String(metadata={"description": "send it as `Authorization: Bearer …`"})
    persona = fields.String()
    expires_at = fields.AwareDateTime()


@demo_session.route("/session/demo", methods=["POST"])
@limiter.limit(SIGN_IN, key_func=address)
@demo_session.arguments(DemoIn)
@demo_session.response(201, SignInOut)
@demo_session.refusal(404, "this is not a demo")
@demo_session.doc(security=[])
def sign_in_as_persona(data: dict[str, Any]) -> SignIn:
    """Signs in as the demo's member, clerk or officer. 404 unless DEMO=1."""
    if not current_app.config["SETTINGS"].demo:
        raise NotFound("not_found")
    return in_transaction(lambda: demo.sign_in(Persona(data["persona"]), now=clock.now()))


@session.route("/session", methods=["DELETE"])
@session.response(204)
def sign_out() -> None:
    """Ends the session that the request came with, at once."""
    token = permissions.token_of_request()
    in_transaction(lambda: accounts.sign_out(token or ""))
