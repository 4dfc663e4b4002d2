"""The JSON API keeps its published contract, whatever it is sent; and app/openapi.json is that contract."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import BaseSchema, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks as conformance

from app import permissions
from app.blueprints import BLUEPRINTS
from app.wording import CODES
from services.accounts.types import Actor
from tests.builders.events import Gathering
from tests.builders.world import Shop, World
from tests.house.tree import ROOT

FILE = ROOT / "app/openapi.json"
RENEW = """app/openapi.json is out of date. Renew it and review the difference (it connects to nothing):
env DATABASE_URL=postgresql:///any $(cat instance/keys.env) flask --app wsgi openapi write app/openapi.json"""
CONTRACT = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {"paths": {}}
METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = [(method, path) for path, found in CONTRACT["paths"].items() for method in METHODS if method in found]
CASES = 10


def _fallible(method: str, path: str) -> bool:
    """Can anything about a request of this route be wrong? Where nobody signs in and nothing is asked, nothing can."""
    operation, shared = CONTRACT["paths"][path][method], CONTRACT["paths"][path].get("parameters")
    asks = operation.get("parameters") or operation.get("requestBody") or shared
    return bool(asks or operation.get("security") != [])


SENT = [
    (mode, *operation)
    for mode in GenerationMode
    for operation in OPERATIONS
    if mode is GenerationMode.POSITIVE or _fallible(*operation)
]
CHECKS = [
    not_a_server_error,
    conformance.status_code_conformance,
    conformance.content_type_conformance,
    conformance.response_schema_conformance,
]

Headers = Callable[[], dict[str, str]]


def published(app: Flask) -> dict[str, Any]:
    answer = app.test_client().get("/api/v1/openapi.json")
    contract: dict[str, Any] = json.loads(answer.text)
    return contract


@pytest.fixture(scope="module")
def schema(migrated: Flask) -> BaseSchema:
    """The contract as schemathesis reads it. Once: it looks through all our code for values worth sending."""
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", migrated)


@pytest.fixture
def shop(world: World) -> Shop:
    return world.shop()


@pytest.fixture
def named(world: World, shop: Shop) -> dict[str, str]:
    """What there is, by the name that a path gives it: what is sent there meets more than a 404."""
    clerk = shop.clerk
    event_id = Gathering(world).event(unit_entry=True)
    ids = {
        "event_id": event_id,
        "merchant_id": shop.merchant_id,
        "offer_id": world.offer(shop),
        "branch_id": clerk.branch_id,
    }
    return {name: str(known) for name, known in ids.items()}


@pytest.fixture
def headers(world: World, shop: Shop, method: str, path: str, app: Flask) -> Headers:
    """Of somebody whom the route lets in, with a session of his own each time."""
    actors: dict[permissions.Guard, Callable[[], Actor]] = {
        permissions.clerk: lambda: shop.clerk,
        permissions.officer: world.officer,
    }
    guard = _guards(app)[method, path]
    actor = actors.get(guard, world.member)() if guard is not permissions.anybody else None
    return lambda: world.bearer(actor) if actor else {}


def _guards(app: Flask) -> dict[tuple[str, str], permissions.Guard]:
    """Method and path, as the contract writes them, with the guard of their blueprint."""
    guards = {hung.blueprint.name: hung.guard for hung in BLUEPRINTS}
    return {
        (method.lower(), re.sub(r"<\w+:(\w+)>", r"{\1}", rule.rule)): guards[rule.endpoint.rpartition(".")[0]]
        for rule in app.url_map.iter_rules()
        if rule.endpoint.rpartition(".")[0] in guards
        for method in rule.methods or ()
    }


@pytest.mark.parametrize(("mode", "method", "path"), SENT, ids=lambda value: getattr(value, "value", value))
def test_whatever_is_sent_the_answer_is_as_published(
    app: Flask,
    schema: BaseSchema,
    headers: Headers,
    named: dict[str, str],
    method: str,
    path: str,
    mode: GenerationMode,
) -> None:
    operation = schema[path][method]

    @settings(
        max_examples=CASES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(mode))
    def send(case: schemathesis.Case) -> None:
        case.headers = {**(case.headers or {}), **headers()}
        if mode is GenerationMode.POSITIVE:
            there = {name: named[name] for name in case.path_parameters or {} if name in named}
            case.path_parameters = {**(case.path_parameters or {}), **there}
        answer = case.call()
        case.validate_response(answer, checks=CHECKS)
        if answer.status_code >= 400:
            problem = answer.json()
            assert answer.headers["content-type"] == ["application/problem+json"]
            assert problem["code"] in CODES
            assert problem["status"] == answer.status_code
        for limiter in app.extensions["limiter"]:
            limiter.reset()

    send()


def test_the_contract_in_git_is_the_one_that_is_served(app: Flask) -> None:
    assert published(app) == CONTRACT, RENEW


def test_every_route_of_the_api_is_in_the_contract(app: Flask) -> None:
    served = {(method, path) for method, path in _guards(app) if path.startswith("/api/v1/") and method in METHODS}
    assert {one for one in served if "/docs" not in one[1]} == set(OPERATIONS)


def test_the_contract_asks_for_a_sign_in_exactly_where_the_guard_does(app: Flask) -> None:
    guards = _guards(app)
    for method, path in OPERATIONS:
        security = CONTRACT["paths"][path][method].get("security", CONTRACT["security"])
        is_open = security == [] or {} in security
        assert is_open == (guards[method, path] in (permissions.anybody, permissions.public)), (method, path)


def test_every_documented_error_is_a_problem() -> None:
    shared = CONTRACT["components"]["responses"]
    for method, path in OPERATIONS:
        for status, answer in CONTRACT["paths"][path][method]["responses"].items():
            content = shared.get(answer.get("$ref", "").split("/")[-1], answer).get("content", {})
            if status == "default" or int(status) >= 400:
                assert list(content) == ["application/problem+json"], (method, path, status)
