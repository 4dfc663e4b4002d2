"""Pages for everybody: sign-in, shops, the door behind a scanned code, the reader's choices."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

blueprint = Blueprint("welcome", __name__)


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    return "sign in"
