"""The one table from what went wrong to what the client gets: problem+json (RFC 9457), or a friendly page."""

import traceback
import uuid
from http import HTTPStatus
from typing import Any

import psycopg
import structlog
from flask import Flask, Response, g, jsonify, redirect, render_template, request, url_for
from flask_limiter import RateLimitExceeded
from markupsafe import escape
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from app import throttle
from app.language import language
from app.pages import returning
from app.pages.paths import local_path
from app.permissions import FreshCheckNeeded, NotBound, SignInNeeded
from app.wording import clerk_words, member_words
from services.core.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    Refusal,
    TooOften,
    Unavailable,
)
from services.core.transaction import translated

log = structlog.get_logger("gonghui")

STATUS: dict[type[DomainError], int] = {
    Invalid: 422,
    SignInNeeded: 401,
    FreshCheckNeeded: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    TooOften: 429,
    Unavailable: 503,
}
REFUSED = 409
HTTP_CODES = {
    400: "request_malformed",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "not_acceptable",
    422: "validation_failed",
    429: "too_many_requests",
}


def problem(
    code: str, status: int, facts: dict[str, Any] | None = None, errors: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The body of a problem. `detail` is for whoever calls; `member_detail` is what a clerk may read out."""
    known = {"request_id": str(request_id()), **(facts or {})}
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": clerk_words(code, known, language=language()),
        "member_detail": member_words(code, known, language=language()),
        "request_id": str(request_id()),
    }
    if errors:
        body["errors"] = errors
    return body


def problem_response(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    response = jsonify(body)
    response.status_code = body["status"]
    response.content_type = "application/problem+json"
    response.headers.update(headers or {})
    return response


def refusal_problem(refusal: Refusal) -> dict[str, Any]:
    return problem(refusal.code, REFUSED, dict(refusal.facts))


def request_id() -> uuid.UUID:
    if "request_id" not in g:
        g.request_id = uuid.uuid4()
    found: uuid.UUID = g.request_id
    return found


def wants_json() -> bool:
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def register(app: Flask) -> None:
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(PoolTimeout, _database)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _domain(error: DomainError) -> AnyResponse:
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    if isinstance(error, SignInNeeded) and not wants_json():
        response = redirect(returning.way_in())
        returning.keep(response)
        return response
    if isinstance(error, NotBound) and not wants_json():
        return redirect(url_for("binding.begin"))
    if isinstance(error, FreshCheckNeeded) and not wants_json():
        back = request.full_path.rstrip("?") if request.method == "GET" else local_path(request.form.get("back", ""))
        return redirect(url_for("proving.prove", back=back), 303)
    if status >= 500:
        log.error("failed", request_id=str(request_id()), rule=str(request.url_rule), code=error.code)
    headers = {"Retry-After": "3"} if isinstance(error, Unavailable) else {}
    if isinstance(error, TooOften):
        headers["Retry-After"] = str(error.facts.get("seconds", 60))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    facts = dict(error.facts)
    field = facts.pop("field", None)
    errors = {str(field): [clerk_words(error.code, facts, language=language())]} if field else None
    return _answer(problem(error.code, status, facts, errors), headers)


def _database(error: DBAPIError | PoolTimeout) -> AnyResponse:
    """A read outside a transaction of ours met a database that is away or busy."""
    meant = translated(error)
    if isinstance(meant, DomainError):
        return _domain(meant)
    return _unexpected(error)


def _http(error: HTTPException) -> AnyResponse:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    code = HTTP_CODES.get(status, "unexpected" if status >= 500 else "not_acceptable")
    data = getattr(error, "data", None) or {}
    messages = data.get("messages", {})
    errors = next(iter(messages.values()), None) if isinstance(messages, dict) else None
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    if isinstance(error, RateLimitExceeded):
        headers["Retry-After"] = str(throttle.seconds_to_wait())
    facts = {"retry_after": headers.get("Retry-After", "60")}
    return _answer(problem(code, status, facts, errors if isinstance(errors, dict) else None), headers)


def _unexpected(error: Exception) -> AnyResponse:
    if _is_no_text(error):
        return _answer(problem("request_malformed", 400), {})
    known: dict[str, Any] = {"exc_info": error}
    if isinstance(error, DBAPIError):
        # PostgreSQL's own words may hold the row that was refused, and with it a name.
        known = {"error": type(error.orig).__name__, "trace": "".join(traceback.format_tb(error.__traceback__))}
    log.error("unexpected", request_id=str(request_id()), rule=str(request.url_rule), **known)
    return _answer(problem("unexpected", 500), {})


def _is_no_text(error: Exception) -> bool:
    """Was something sent that no column keeps: a NUL, or half a pair of UTF-16? Most fields tidy it away before."""
    if isinstance(error, DBAPIError):
        return isinstance(error.orig, psycopg.DataError) and error.orig.sqlstate is None and "NUL" in str(error.orig)
    return isinstance(error, UnicodeEncodeError) and error.reason == "surrogates not allowed"


def _answer(body: dict[str, Any], headers: dict[str, str]) -> AnyResponse:
    if wants_json():
        return problem_response(body, headers)
    response = Response(_page(body), status=body["status"])
    response.headers.update(headers)
    return response


def _page(body: dict[str, Any]) -> str:
    """The friendly page; the bare sentence when the page itself fails, for a fault here would log the path."""
    try:
        return render_template("problem.html", problem=body)
    except Exception:
        log.exception("problem page", request_id=str(request_id()), rule=str(request.url_rule))
        return str(escape(body["detail"]))
