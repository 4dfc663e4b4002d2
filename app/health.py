"""What a load balancer and a person on call ask: am I alive, can I work, what is down."""

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from app.settings import Settings
from app.throttle import limiter
from services.core.db import db

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """The process answers. Says nothing of what it needs: a restart would not mend that."""
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """200 when requests can be served, 503 when not; each part by name. Redis away is "degraded", and still 200."""
    parts = {"database": _database(), "redis": _redis()}
    ok = parts["database"] == "ok"
    status = "ok" if ok and parts["redis"] in ("ok", "not used") else "degraded" if ok else "down"
    return jsonify({"status": status, **parts}), 200 if ok else 503


def _database() -> str:
    try:
        db.session.execute(text("SELECT 1"))
    except Exception as error:
        return f"down: {type(error).__name__}"
    return "ok"


def _redis() -> str:
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.redis_url:
        return "not used"
    return "ok" if limiter.storage.check() else "down"
