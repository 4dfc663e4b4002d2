"""What templates need: money, days, texts of officers, icons, the choices of the reader."""

import datetime
from typing import Any

from flask import Flask, current_app, request

from app import wording
from app.language import language, text
from services.core.calendar import local
from services.core.ids import random_base32
from services.core.money import yuan

THEMES, SIZES = ("auto", "light", "dark"), ("normal", "large")


def register(app: Flask) -> None:
    app.jinja_env.filters.update(yuan=yuan, text=text, clock=_clock, day=_day, moment=_moment)
    app.jinja_env.globals.update(
        clerk_words=_clerk_words, member_words=_member_words, fresh_key=lambda: random_base32(26)
    )
    app.context_processor(_reader)


def _reader() -> dict[str, Any]:
    theme, size = request.cookies.get("theme"), request.cookies.get("text")
    return {
        "theme": theme if theme in THEMES else "auto",
        "text_size": size if size in SIZES else "normal",
        "language": language(),
        "demo": current_app.config["SETTINGS"].demo,
    }


def _clerk_words(refusal: Any) -> str:
    return wording.clerk_words(refusal.code, refusal.facts, language=language())


def _member_words(refusal: Any) -> str:
    return wording.member_words(refusal.code, refusal.facts, language=language())


def _clock(instant: datetime.datetime) -> str:
    return f"{local(instant):%H:%M:%S}"


def _day(value: datetime.date | datetime.datetime) -> str:
    return wording.day(local(value).date() if isinstance(value, datetime.datetime) else value, language())


def _moment(instant: datetime.datetime) -> str:
    """Day and minute: "11 月 22 日 12:26"."""
    at = local(instant)
    return f"{at.month} 月 {at.day} 日 {at:%H:%M}" if language() == "zh" else f"{at.day} {at:%b %H:%M}"
