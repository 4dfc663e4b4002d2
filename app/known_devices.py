"""A device from which an officer has signed in before: his own wrong tries are counted apart from strangers'.

The cookie holds a random name and its keyed digest for one login. It lets nobody in and says nothing about anybody.
"""

import hmac
import secrets

from flask import current_app, request
from werkzeug.wrappers import Response

from services.core.signing import signer

COOKIE = "known"
YEAR = 365 * 24 * 3600


def source(login: str) -> str | None:
    """The name of this device if `login` has signed in from it, else None."""
    name, _, digest = request.cookies.get(COOKIE, "").partition(".")
    return f"device:{name}" if name and hmac.compare_digest(digest.encode(), _digest(login, name).encode()) else None


def remember(response: Response, login: str) -> None:
    name = secrets.token_hex(8)
    secure = current_app.config["SETTINGS"].secure_cookies
    response.set_cookie(
        COOKIE, f"{name}.{_digest(login, name)}", max_age=YEAR, httponly=True, secure=secure, samesite="Strict",
        path="/staff/sign-in",
    )  # fmt: skip


def _digest(login: str, name: str) -> str:
    return signer.mac("staff.known_device", f"{login.strip().lower()}\0{name}".encode()).hex()[:32]
