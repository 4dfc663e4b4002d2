"""JSON for mini programs and partners: parse, open a transaction, call one service, dump."""

from flask_smorest import Api

api = Api()
