"""What the routes of the federation's desk share: who may, which shop, and an act that happens once."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from flask import Response, jsonify
from marshmallow import Schema

from app import permissions
from app.api import Blueprint
from app.api.schemas import KEY
from app.errors import problem_response
from app.idempotency import idempotently
from app.throttle import WRITE, limiter
from services.accounts.types import Capability, MemberActor, OfficerActor
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Refusal
from services.merchants import records
from services.merchants.types import MerchantId, Record
from services.unions.types import UnionPath

View = TypeVar("View", bound=Callable[..., Any])


def desk(name: str, description: str, capability: Capability = Capability.MANAGE_SHOPS) -> Blueprint:
    """Routes that ask for a capability, before what was sent is looked at."""
    blueprint = Blueprint(name, __name__, description=description)

    def may() -> None:
        permissions.scopes(capability)

    blueprint.before_request(may)
    return blueprint


def act(
    on: Blueprint, rule: str, out: type[Schema], *, unknown: str, refused: str = "", given: type[Schema] | None = None,
    method: str = "POST", status: int = 200,
) -> Callable[[View], View]:  # fmt: skip
    """A route that changes something, once for each Idempotency-Key: its view ends in `once`. `unknown` says what is
    meant by a 404, `refused` by a 409; `given` is the body."""

    def hang(view: View) -> View:
        hung = on.doc(parameters=[KEY])(view)
        hung = on.refusal(409, refused)(hung) if refused else hung
        hung = on.response(status, out)(on.refusal(404, unknown)(hung))
        hung = on.arguments(given)(hung) if given else hung
        shown: View = on.route(rule, methods=[method])(limiter.limit(WRITE)(hung))
        return shown

    return hang


def officer() -> OfficerActor:
    return permissions.caller(OfficerActor)


def scopes() -> tuple[UnionPath, ...]:
    """The federations whose shops the officer looks after."""
    return permissions.scopes(Capability.MANAGE_SHOPS)


def seen(merchant_id: UUID) -> Record:
    """A shop of the officer's federation, as it stands today. Raises NotFound(merchant_unknown) for any other."""
    return records.record(MerchantId(merchant_id), scopes=scopes(), on=local_date(clock.now()))


def once(
    work: Callable[[], Any | Refusal], schema: Schema, act: str, *, status: int = 201, actor: MemberActor | None = None
) -> Response:
    """Runs `work` under the request's Idempotency-Key and sends what it returns. `act` says what of what is done, by an
    officer or the member given."""

    def dump(result: Any) -> dict[str, Any]:
        dumped: dict[str, Any] = schema.dump(result)
        return dumped

    body, code = idempotently(work, dump, scope=f"{(actor or officer()).label} {act}", status=status)
    if code >= 400:
        return problem_response(body)
    response = jsonify(body)
    response.status_code = code
    return response
