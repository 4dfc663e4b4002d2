"""How often somebody may knock. Counters may be lost: with Redis away each process counts for itself, more strictly."""

import ipaddress
import math
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.permissions import token_of_request
from app.settings import Settings
from services.core.signing import token_digest

# One try of a second: the library would go on trying for many.
REDIS_OPTIONS: dict[str, Any] = {"socket_timeout": 1, "socket_connect_timeout": 1, "retry": Retry(NoBackoff(), 0)}


def address() -> str:
    """Of IPv6 the /64: a single subscriber has 2**64 addresses, and would never be slowed down."""
    text = request.remote_addr or "unknown"
    try:
        found = ipaddress.IPv6Address(text)
    except ValueError:
        return text
    return str(found.ipv4_mapped or ipaddress.IPv6Network((found, 64), strict=False))


def _caller() -> str:
    """The session if there is one, else the address: a shop's whole staff may share one.

    Limits are counted before the guard has looked the session up; an invented one gets no further than the guard.
    """
    token = token_of_request()
    return token_digest(token).hex()[:32] if token else address()


limiter = Limiter(key_func=_caller, headers_enabled=False)


def _limit(shared: str, alone: str) -> Callable[[], str]:
    """`alone` holds while Redis is away and this process counts for itself."""
    return lambda: shared if limiter.limiter.storage is limiter.storage else alone


SIGN_IN = _limit("10 per minute; 100 per hour", "3 per minute; 30 per hour")
CROWD = _limit("300 per minute; 5000 per hour", "60 per minute; 1000 per hour")
"""For one address where what is tried cannot be guessed: a works canteen full of phones stands behind one."""
SEARCH = limiter.shared_limit(
    _limit("1200 per minute; 30000 per hour", "240 per minute; 6000 per hour"), scope="search", key_func=address
)
"""For what anybody may look for and read, counted together. By address: here an invented token gets through."""
SCAN = _limit("120 per minute", "30 per minute")
COPY = _limit("10 per hour", "5 per hour")
"""For what reads everything about one person and is kept in the audit trail each time."""
WRONG = _limit("30 per minute", "10 per minute")
"""For calls that only the platform makes, when they are not the platform's."""
WRITE = _limit("60 per minute", "20 per minute")


def seconds_to_wait() -> int:
    """Until the limit that was hit by this request begins anew."""
    hit = limiter.current_limit
    # Redis counts whole seconds of its own clock: the rounding must not say more than the limit's whole span.
    return max(1, min(hit.limit.get_expiry(), math.ceil(hit.reset_at - time.time()))) if hit else 60


def register(app: Flask, settings: Settings) -> None:
    app.config.update(
        RATELIMIT_STORAGE_URI=(settings.redis_url or "memory://").replace("unix://", "redis+unix://"),
        # A Redis that hangs must not hold up the till: after this it counts as away.
        RATELIMIT_STORAGE_OPTIONS=REDIS_OPTIONS if settings.redis_url else {},
        RATELIMIT_STRATEGY="fixed-window",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        # Of the requests that wait for Redis at the moment it goes, the library lets all but the first fail.
        RATELIMIT_SWALLOW_ERRORS=True,
        RATELIMIT_KEY_PREFIX="gonghui",
    )
    limiter.init_app(app)
    # No route has a limit that it does not name itself: what looks for others before every request finds none.
    app.before_request_funcs[None].remove(limiter._check_request_limit)  # noqa: SLF001
