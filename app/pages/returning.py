"""The page that somebody wanted before he had to sign in: a cookie brings him back to it, through WeChat too."""

from urllib.parse import urlsplit

from flask import current_app, request, url_for
from werkzeug.wrappers import Response

from app.devices import in_wechat
from app.pages.paths import local_path
from app.partners import partners

COOKIE = "after"
MINUTES = 15
RETURNED_TO = frozenset({"message.one", "event_signing.form", "event_entries.mine", "event_entries.one", "venue.here"})
"""Pages that a message outside of this house leads to, or a poster."""


def way_in() -> str:
    """Where to sign in. From a message in WeChat its own way, which asks nothing of whoever is known."""
    straight = request.endpoint in RETURNED_TO and in_wechat() and partners().official_account is not None
    return url_for("sign_in.leave" if straight else "welcome.sign_in")


def keep(response: Response) -> None:
    """If the page that was asked for is one of those, whoever signs in now is brought to it."""
    if request.method == "GET" and request.endpoint in RETURNED_TO:
        secure = current_app.config["SETTINGS"].secure_cookies
        response.set_cookie(
            COOKIE, request.path, max_age=MINUTES * 60, secure=secure, httponly=True, samesite="Lax", path="/"
        )


def take(response: Response, *, default: str) -> None:
    """Sends a signed-in member on, once: to the page that was wanted, or to `default`."""
    wanted = local_path(request.cookies.get(COOKIE, ""), default)
    response.location = wanted if urlsplit(wanted).path == wanted else default
    if COOKIE in request.cookies:
        response.delete_cookie(COOKIE, path="/")
