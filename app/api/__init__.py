"""JSON for mini programs and partners: parse, open a transaction, call one service, dump."""

from collections.abc import Callable
from typing import Any

import flask_smorest
from flask import Request
from marshmallow import RAISE
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest

from app.api.schemas import ProblemOut

PROBLEM = "application/problem+json"


class Api(flask_smorest.Api):  # type: ignore[misc]
    """The published contract: app/openapi.json. Every error is a problem, whatever its status."""

    ERROR_SCHEMA = ProblemOut

    def _register_responses(self) -> None:
        """As the library does it, but with the content type that app/errors.py sends."""
        self.DEFAULT_RESPONSE_CONTENT_TYPE = PROBLEM
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE


ANY_ROUTE = """Every error is a problem (RFC 9457) whose `code` is stable. Beside what a route documents, any may answer
401 (sign in first), 403 (not for this persona), 422 (a field is wrong), 429 (too often) and 503 (busy: nothing was
done); the last two say in Retry-After when to come again. Texts are in the language of Accept-Language, zh or en.
A list goes on with `cursor`, the `next` of the page before; null is its end. Times are UTC, with their offset; what is
sent may have another."""

api = Api(
    spec_kwargs={
        "info": {"description": ANY_ROUTE},
        "security": [{"bearer": []}],
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    }
)


class Parser(FlaskParser):
    """Unknown fields are refused in queries as they are in bodies."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE}

    def _raw_load_json(self, req: Request) -> Any:
        """Also what Python's reader cannot take is no JSON: endless nesting, numbers of thousands of digits."""
        try:
            return super()._raw_load_json(req)
        except (ValueError, RecursionError) as error:
            raise BadRequest from error


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A group of routes; its place and its guard stand in app/blueprints.py."""

    ARGUMENTS_PARSER = Parser()

    def refusal(self, status: int, description: str) -> Callable[..., Any]:
        """Documents one more answer that is a problem."""
        documented: Callable[..., Any] = self.alt_response(
            status, schema=ProblemOut, content_type=PROBLEM, description=description
        )
        return documented
