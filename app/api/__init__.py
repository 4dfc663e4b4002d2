"""JSON for mini programs and partners: parse, open a transaction, call one service, dump."""

import flask_smorest
from marshmallow import RAISE
from webargs.flaskparser import FlaskParser

api = flask_smorest.Api()


class Parser(FlaskParser):
    """Unknown fields are refused in queries as they are in bodies."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE}


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A group of routes; its place and its guard stand in app/blueprints.py."""

    ARGUMENTS_PARSER = Parser()
