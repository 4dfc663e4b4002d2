"""The door of every write that moves value: run once, answer the same each time. See services/core/idempotency.py."""

import hashlib
import re
from collections.abc import Callable
from typing import Any, TypeVar

from flask import request

from app.errors import refusal_problem
from services.core import clock, idempotency
from services.core.errors import DomainError, Invalid, Refusal
from services.core.transaction import in_transaction

T = TypeVar("T")
HEADER, FIELD = "Idempotency-Key", "key"
_KEY = re.compile(r"[A-Za-z0-9_-]{8,80}")


class Reused(Invalid):
    """The key came with another body before."""


def idempotently(
    work: Callable[[], T | Refusal], dump: Callable[[T], dict[str, Any]], *, scope: str, status: int = 201
) -> tuple[dict[str, Any], int]:
    """Runs `work` in a transaction together with its stored answer; returns (body, status) to send.

    The key comes in the header (API) or the form field "key" (pages). Raises Invalid(idempotency_key_missing), and
    Reused when the key came with another body. `scope` says whose key it is; the route is added here.
    """
    key = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if not _KEY.fullmatch(key):
        raise Invalid("idempotency_key_missing", field=HEADER)
    scope = _scope(scope, str(request.url_rule))
    sent = request.get_data(cache=True) or repr(sorted(request.form.items(multi=True))).encode()
    digest = hashlib.sha256(sent).digest()

    def act() -> tuple[dict[str, Any], int]:
        result = work()
        body = refusal_problem(result) if isinstance(result, Refusal) else dump(result)
        code = int(body["status"]) if isinstance(result, Refusal) else status
        idempotency.store(scope=scope, key=key, digest=digest, status=code, answer=body, now=clock.now())
        return body, code

    try:
        return in_transaction(act)
    except DomainError as error:
        answered = idempotency.stored(scope=scope, key=key)
        if answered is None:
            raise
        if answered.digest != digest:
            raise Reused("idempotency_key_reused") from error
        return answered.answer, answered.status


def answered(key: str, *, scope: str, rule: str) -> idempotency.Stored | None:
    """What was answered under this key by the route with that rule; None when nothing was yet. Changes nothing."""
    return idempotency.stored(scope=_scope(scope, rule), key=key) if _KEY.fullmatch(key) else None


def _scope(scope: str, rule: str) -> str:
    return f"{scope} {rule}"[:120]
