"""One JSON line a request and an event. A line holds the route, never the path: a path can hold a card code."""

import logging
import time

import structlog
from flask import Flask, Response, g, request

from app.errors import request_id

log = structlog.get_logger("gonghui")


def configure(level: str) -> None:
    """For every process. Library loggers stay at warning: some of them print addresses and parameters."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        cache_logger_on_first_use=True,
    )


def register(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.begun = time.perf_counter()


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = str(request_id())
    if request.endpoint not in ("static", "health.alive"):
        actor = g.get("actor")
        log.info(
            "request",
            request_id=str(request_id()),
            method=request.method,
            route=str(request.url_rule),
            status=response.status_code,
            ms=round((time.perf_counter() - g.get("begun", time.perf_counter())) * 1000, 1),
            actor=actor.label if actor else None,
        )
    return response
