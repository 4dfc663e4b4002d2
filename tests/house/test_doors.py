"""Every route has a permission: its blueprint stands in app/blueprints.py, and the wrong persona does not pass."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import pytest
from flask import Blueprint, Flask, jsonify
from werkzeug.routing import Rule

from app import permissions
from app.blueprints import BLUEPRINTS, Hung
from services.accounts.types import Actor
from tests.builders.world import World

#: Endpoints that belong to no blueprint of ours, and why anybody may have them.
OURS_NOT = {
    "static": "style sheets, scripts and pictures: the same for everybody",
    "api-docs.openapi_json": "the published contract of the JSON API",
}
LETS_IN: dict[permissions.Guard, frozenset[str]] = {
    permissions.anybody: frozenset({"nobody", "visitor", "member", "clerk", "officer"}),
    permissions.public: frozenset({"nobody", "visitor", "member", "clerk", "officer"}),
    permissions.signed_in: frozenset({"visitor", "member", "clerk", "officer"}),
    permissions.visitor: frozenset({"visitor", "member"}),
    permissions.member: frozenset({"member"}),
    permissions.clerk: frozenset({"clerk"}),
    permissions.officer: frozenset({"officer"}),
}
#: Pages that ask for more than to be an officer: tests/http/test_role_matrix.py knocks there with every role.
SOME_OFFICERS = frozenset({"staff_audit.acts"})
Bearer = Callable[[str], dict[str, str]]


class Knock(NamedTuple):
    """One persona at one route."""

    method: str
    path: str
    persona: str
    welcome: bool


def unguarded(app: Flask, hung: Iterable[Hung]) -> list[str]:
    """Endpoints whose blueprint is not in the list, or does not run the guard that the list names, and that first."""
    guards = {one.blueprint.name: one.guard for one in hung}
    found = []
    for rule in app.url_map.iter_rules():
        blueprint = rule.endpoint.rpartition(".")[0]
        before = app.before_request_funcs.get(blueprint, [])
        if rule.endpoint not in OURS_NOT and (blueprint not in guards or guards[blueprint] not in before[:1]):
            found.append(rule.endpoint)
    return sorted(found)


def knocks(app: Flask, hung: Iterable[Hung]) -> Iterator[Knock]:
    """Every route and method with every persona."""
    guards = {one.blueprint.name: one.guard for one in hung}
    for rule in app.url_map.iter_rules():
        guard = guards.get(rule.endpoint.rpartition(".")[0])
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"} if guard else set()):
            some = {"officer"} if rule.endpoint in SOME_OFFICERS else set()
            for persona in (one for one in ("nobody", "visitor", "member", "clerk", "officer") if one not in some):
                yield Knock(method, _path(app, rule), persona, persona in LETS_IN[guard])  # type: ignore[index]


def wrong_answers(app: Flask, hung: Iterable[Hung], bearer: Bearer) -> list[str]:
    """Who got in and must not, who was kept out and must not be, and what broke."""
    found = []
    for knock in knocks(app, hung):
        headers = {"Accept": "application/json", **bearer(knock.persona)}
        with app.test_client().open(knock.path, method=knock.method, headers=headers) as answer:
            status = answer.status_code
        kept_out = status == (401 if knock.persona == "nobody" else 403)
        if status >= 500 or kept_out == knock.welcome:
            found.append(f"{knock.persona} {knock.method} {knock.path}: {status}")
        for limiter in app.extensions.get("limiter", ()):
            limiter.reset()
    return found


def _path(app: Flask, rule: Rule) -> str:
    """An address of this route; what it names need not exist."""
    plausible = {"UUIDConverter": uuid.uuid4(), "IntegerConverter": 1, "AnyConverter": None}
    values = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        items = sorted(getattr(converter, "items", ()))
        values[name] = items[0] if items else plausible.get(type(converter).__name__, "x")
    with app.test_request_context():
        return str(app.url_map.bind("").build(rule.endpoint, values, method=None, append_unknown=False))


@pytest.fixture
def bearer(world: World) -> Bearer:
    """Headers of each persona, with a session of its own for each request, and a member too: some routes end both."""
    shop, desk, visitor = world.shop(), world.officer(), world.visitor()
    actors: dict[str, Callable[[], Actor]] = {
        "visitor": lambda: visitor,
        "member": world.member,
        "clerk": lambda: shop.clerk,
        "officer": lambda: desk,
    }
    return lambda persona: world.bearer(actors[persona]()) if persona in actors else {}


def test_every_endpoint_belongs_to_a_guarded_blueprint(app: Flask) -> None:
    assert unguarded(app, BLUEPRINTS) == []


def test_every_listed_blueprint_has_a_name_of_its_own() -> None:
    names = [hung.blueprint.name for hung in BLUEPRINTS]
    assert len(set(names)) == len(names)


def test_the_wrong_persona_never_passes_and_the_right_one_does(app: Flask, bearer: Bearer) -> None:
    assert wrong_answers(app, BLUEPRINTS, bearer) == []


def test_a_page_sends_nobody_to_the_sign_in(app: Flask) -> None:
    for knock in knocks(app, BLUEPRINTS):
        if knock.persona == "nobody" and not knock.welcome and not knock.path.startswith("/api/"):
            answer = app.test_client().open(knock.path, method=knock.method)
            assert (answer.status_code, answer.location) == (302, "/sign-in"), knock


@pytest.fixture
def leaking() -> tuple[Flask, tuple[Hung, ...]]:
    """A house with three faults: a route on the app itself, a list entry whose guard does not run, a wrong guard."""
    app = Flask("leaking")
    till, desk = Blueprint("till", __name__), Blueprint("desk", __name__)
    for blueprint in (till, desk):
        blueprint.get(f"/{blueprint.name}")(lambda: jsonify({}))
    desk.before_request(permissions.anybody)
    app.register_blueprint(till)
    app.register_blueprint(desk)
    app.get("/loose", endpoint="loose")(lambda: jsonify({}))
    return app, (Hung(till, "", permissions.clerk), Hung(desk, "", permissions.officer))


def test_a_route_without_its_guard_is_found(leaking: tuple[Flask, tuple[Hung, ...]]) -> None:
    assert unguarded(*leaking) == ["desk.<lambda>", "loose", "till.<lambda>"]


def test_a_route_that_lets_everybody_in_is_found(leaking: tuple[Flask, tuple[Hung, ...]]) -> None:
    found = wrong_answers(*leaking, lambda _persona: {})
    assert "nobody GET /till: 200" in found
    assert "member GET /desk: 200" in found
    assert "officer GET /desk: 200" not in found
