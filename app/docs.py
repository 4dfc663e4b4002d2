"""The API's documentation page, with Swagger UI served from its package: nothing comes from elsewhere."""

import swagger_ui_bundle
from flask import Blueprint, Response, render_template, send_from_directory

blueprint = Blueprint("docs", __name__)


@blueprint.get("/docs")
def page() -> str:
    return render_template("docs.html")


@blueprint.get("/docs/<any('swagger-ui.css', 'swagger-ui-bundle.js'):name>")
def asset(name: str) -> Response:
    return send_from_directory(swagger_ui_bundle.swagger_ui_path, name, max_age=86400)
