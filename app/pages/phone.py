"""The demo's phone."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

blueprint = Blueprint("phone", __name__, template_folder=".")


@blueprint.get("/follow/<scene>")
def follow(scene: str) -> ResponseReturnValue:
    return ""
