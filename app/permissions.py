"""Who may pass. Each blueprint names its guard in app/blueprints.py; a route finds its caller with `caller`."""

import hmac
from collections.abc import Callable
from typing import TypeVar

from flask import Flask, Request, current_app, g, request
from werkzeug.wrappers import Response

from app.settings import Settings
from services.accounts import queries as accounts
from services.accounts.errors import NOT_ALLOWED, NOT_SIGNED_IN, SESSION_ENDED
from services.accounts.types import Actor, ClerkActor, MemberActor, OfficerActor, SignIn
from services.core import clock
from services.core.errors import DomainError, Forbidden
from services.core.signing import signer

A = TypeVar("A", MemberActor, ClerkActor, OfficerActor)
Guard = Callable[[], None]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_FIELD, CSRF_HEADER = "csrf", "X-CSRF-Token"


class SignInNeeded(DomainError):
    """Nobody is signed in, or no longer."""


def public() -> None:
    """Anybody; a signed-in caller is known all the same, so that answers can be about him."""
    token, by_cookie = _token(request)
    g.actor = accounts.actor_of(token, now=clock.now()) if token else None
    if g.actor and by_cookie:
        _check_csrf(token)


def anybody() -> None:
    """Anybody, and who it is does not matter: no look-up at all."""
    g.actor = None


def member() -> None:
    _require(MemberActor)


def clerk() -> None:
    _require(ClerkActor)


def officer() -> None:
    _require(OfficerActor)


def signed_in() -> None:
    _require(MemberActor, ClerkActor, OfficerActor)


def caller(kind: type[A]) -> A:
    """The actor that the guard let in."""
    actor = g.actor
    if not isinstance(actor, kind):
        raise Forbidden(NOT_ALLOWED)
    return actor


def caller_if_any() -> Actor | None:
    actor: Actor | None = g.get("actor")
    return actor


def remember(response: Response, sign_in: SignIn) -> None:
    """Puts the session's token into a cookie that scripts cannot read and other sites cannot send."""
    settings: Settings = current_app.config["SETTINGS"]
    response.set_cookie(
        cookie_name(), sign_in.token, expires=sign_in.expires_at, secure=settings.secure_cookies, httponly=True,
        samesite="Lax", path="/",
    )  # fmt: skip


def forget(response: Response) -> None:
    settings: Settings = current_app.config["SETTINGS"]
    response.delete_cookie(cookie_name(), secure=settings.secure_cookies, httponly=True, samesite="Lax", path="/")


def cookie_name() -> str:
    """`__Host-` binds a cookie to this host over https; on plain loopback the browser would refuse it."""
    return "__Host-gonghui" if current_app.config["SETTINGS"].secure_cookies else "gonghui"


def token_of_request() -> str | None:
    return _token(request)[0]


def csrf_token() -> str:
    """For forms and scripts of our own pages. Bound to the session; a page has no `Origin` under no-referrer."""
    token = request.cookies.get(cookie_name())
    return _csrf(token) if token else ""


def register(app: Flask) -> None:
    app.jinja_env.globals["csrf_token"] = csrf_token


def _require(*kinds: type[Actor]) -> None:
    token, by_cookie = _token(request)
    if not token:
        raise SignInNeeded(NOT_SIGNED_IN)
    actor = accounts.actor_of(token, now=clock.now())
    if actor is None:
        raise SignInNeeded(SESSION_ENDED)
    if not isinstance(actor, kinds):
        raise Forbidden(NOT_ALLOWED)
    if by_cookie:
        _check_csrf(token)
    g.actor = actor


def _token(source: Request) -> tuple[str, bool]:
    """The token and whether it came by cookie. A bearer header, which no other site can make us send, goes first."""
    header = source.headers.get("Authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() == "bearer":
        return token.strip(), False
    return source.cookies.get(cookie_name(), ""), True


def _check_csrf(token: str) -> None:
    if request.method in SAFE_METHODS:
        return
    given = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
    if not hmac.compare_digest(given.encode(), _csrf(token).encode()):
        raise Forbidden("page_out_of_date")


def _csrf(token: str) -> str:
    return signer.mac("pages.csrf", token.encode()).hex()[:32]
