"""How often somebody may knock. Counters may be lost: with Redis away each process counts for itself, more strictly."""

from flask import Flask, g, request
from flask_limiter import Limiter

from app.settings import Settings


def _caller() -> str:
    """The person if one is signed in, else the address: a shop's whole staff may share one."""
    actor = g.get("actor")
    return actor.label if actor else (request.remote_addr or "unknown")


limiter = Limiter(key_func=_caller, headers_enabled=False)
SIGN_IN = "10 per minute; 100 per hour"
SCAN = "120 per minute"
WRITE = "60 per minute"


def register(app: Flask, settings: Settings) -> None:
    app.config.update(
        RATELIMIT_STORAGE_URI=(settings.redis_url or "memory://").replace("unix://", "redis+unix://"),
        # A Redis that hangs must not hold up the till: after this it counts as away.
        RATELIMIT_STORAGE_OPTIONS={"socket_timeout": 1, "socket_connect_timeout": 1} if settings.redis_url else {},
        RATELIMIT_STRATEGY="fixed-window",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_IN_MEMORY_FALLBACK=["30 per minute"],
        RATELIMIT_KEY_PREFIX="gonghui",
    )
    limiter.init_app(app)
