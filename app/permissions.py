"""Who may pass. Each blueprint names its guard in app/blueprints.py; a route finds its caller with `caller`."""

import hmac
from collections.abc import Callable
from typing import TypeVar

from flask import Flask, Request, current_app, g, request
from werkzeug.wrappers import Response

from app.settings import Settings
from services.accounts import errors, service
from services.accounts import queries as accounts
from services.accounts.errors import FRESH_CHECK_NEEDED, NOT_ALLOWED, NOT_BOUND, NOT_SIGNED_IN
from services.accounts.types import (
    Actor,
    Capability,
    ClerkActor,
    Ended,
    MemberActor,
    OfficerActor,
    SignIn,
    VisitorActor,
)
from services.core import clock
from services.core.errors import DomainError, Forbidden, NotFound
from services.core.signing import signer
from services.core.transaction import in_transaction
from services.unions.types import UnionPath

A = TypeVar("A", VisitorActor, MemberActor, ClerkActor, OfficerActor)
Guard = Callable[[], None]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_FIELD, CSRF_HEADER = "csrf", "X-CSRF-Token"
ENDINGS = {
    Ended.BOND_MOVED: errors.SESSION_BOND_MOVED,
    Ended.UNBOUND: errors.SESSION_UNBOUND,
    Ended.CLOSED: errors.SESSION_ACCOUNT_CLOSED,
    Ended.ELSEWHERE: errors.SESSION_SIGNED_OUT_ELSEWHERE,
    Ended.ROLE: errors.SESSION_ROLE_ENDED,
    Ended.LEFT_SHOP: errors.SESSION_LEFT_SHOP,
}


class SignInNeeded(DomainError):
    """Nobody is signed in, or no longer."""


class NotBound(Forbidden):
    """The caller is signed in and not bound to a member yet: what he asks for is a member's."""


class FreshCheckNeeded(DomainError):
    """The caller is known; this act asks for a new proof that it is still the same person."""


def public() -> None:
    """Anybody; a signed-in caller is known all the same, so that answers can be about him."""
    if request.method not in SAFE_METHODS and request.headers.get("Sec-Fetch-Site") == "cross-site":
        # Another site's form must not sign anybody in here either: there is no session yet to bind a token to.
        raise Forbidden("page_out_of_date")
    token, by_cookie = _token(request)
    g.actor = _actor(token) if token else None
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
    _require(VisitorActor, MemberActor, ClerkActor, OfficerActor)


def visitor() -> None:
    """Whoever may bind: somebody who is not bound yet, or a member."""
    _require(VisitorActor, MemberActor)


def scopes(capability: Capability) -> tuple[UnionPath, ...]:
    """The subtrees in which the calling officer may do this. Raises Forbidden(not_allowed) when there is none."""
    found = caller(OfficerActor).scopes(capability)
    if not found:
        raise Forbidden(NOT_ALLOWED)
    return found


def within(capability: Capability, path: UnionPath) -> None:
    """Raises Forbidden without the capability, and NotFound for a union of somebody else's subtree."""
    scopes(capability)
    if not caller(OfficerActor).may(capability, path):
        raise NotFound("not_found")


def fresh() -> None:
    """Raises FreshCheckNeeded unless this session proved within ten minutes that the person is there."""
    if not is_fresh():
        raise FreshCheckNeeded(FRESH_CHECK_NEEDED)


def is_fresh() -> bool:
    """Has this session proved within ten minutes that the person is there?"""
    return accounts.is_fresh(token_of_request() or "", now=clock.now())


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
    actor = _actor(token)
    if actor is None:
        raise SignInNeeded(_ending(token))
    if isinstance(actor, VisitorActor) and kinds == (MemberActor,):
        raise NotBound(NOT_BOUND)
    if not isinstance(actor, kinds):
        raise Forbidden(NOT_ALLOWED)
    if by_cookie:
        _check_csrf(token)
    g.actor = actor


def _actor(token: str) -> Actor | None:
    now = clock.now()
    found = accounts.caller_of(token, now=now)
    if found and found.stale:
        in_transaction(lambda: service.seen(token, now=now))
    return found.actor if found else None


def _ending(token: str) -> str:
    """The code that says why nobody is signed in any more."""
    ended = accounts.why_ended(token)
    return ENDINGS[ended[0]] if ended else errors.SESSION_ENDED


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
