"""Passwords and second factors of officers: pure, no database."""

import base64
import datetime
import hmac
import re

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from services.accounts.errors import LOGIN_MALFORMED, PASSWORD_TOO_COMMON, PASSWORD_TOO_SHORT
from services.core.errors import Invalid
from services.core.signing import signer

SHORTEST, LONGEST = 12, 256
STEP = 30
"""Seconds for which one code of an authenticator stands."""
_LOGIN = re.compile(r"[a-z][a-z0-9.-]{2,39}")
# OWASP's second choice (19 MiB, two passes): four sign-ins at once fit the smallest machine.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_NOBODY = _HASHER.hash("nobody has this password")
_WEAKEST = 3
"""Of zxcvbn's 0 to 4: more than 10^8 guesses."""
_JUDGED = 72
"""zxcvbn looks at so many characters; what is longer is strong by its length."""


def checked_login(text: str) -> str:
    """In lower case. Raises Invalid(login_malformed)."""
    login = text.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise Invalid(LOGIN_MALFORMED, field="login")
    return login


def hashed(password: str, *, of: str) -> str:
    """argon2id with a fresh salt. `of` is the owner's login, which must not be the password.

    Raises Invalid(password_too_short) and Invalid(password_too_common). Nothing is cut off: 256 characters count.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(PASSWORD_TOO_SHORT, field="password")
    if zxcvbn(password[:_JUDGED], user_inputs=[of, "gonghui", "工惠"])["score"] < _WEAKEST:
        raise Invalid(PASSWORD_TOO_COMMON, field="password")
    return _HASHER.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Is it the password? Takes as long for a login that does not exist (`kept` is None)."""
    try:
        _HASHER.verify(kept or _NOBODY, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def secret_of_link(token: str, nonce: str) -> str:
    """The authenticator's secret of a one-time link in one browser: the page shows it, the answer proves it.

    Derived and not stored, so that a link that nobody answers leaves nothing behind. `nonce` is what only that browser
    holds: whoever else has seen the link does not know the secret. 160 bits.
    """
    return base64.b32encode(signer.mac("accounts.totp", f"{token}\0{nonce}".encode())[:20]).decode()


def provisioning_uri(secret: str, *, login: str) -> str:
    """What an authenticator reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="Gonghui")


def step_of(secret: str, code: str, *, now: datetime.datetime) -> int | None:
    """The 30-second step that this code belongs to, one to either side allowed for clocks; None if it is none."""
    digits = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", digits):
        return None
    current = int(now.timestamp()) // STEP
    factor = pyotp.TOTP(secret)
    fits = [step for step in (current - 1, current, current + 1) if hmac.compare_digest(factor.at(step * STEP), digits)]
    return fits[-1] if fits else None
