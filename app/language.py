"""Which language the caller reads: Chinese first.

Texts of officers are {zh, en?}; a missing English is shown in Chinese.
"""

from collections.abc import Mapping

from flask import has_request_context, request
from flask_babel import Babel

babel = Babel()
COOKIE = "lang"


def language() -> str:
    """ "zh" or "en": the reader's choice, else what the client says it prefers, else Chinese."""
    if not has_request_context():
        return "zh"
    chosen = request.cookies.get(COOKIE)
    if chosen in ("zh", "en"):
        return chosen
    return request.accept_languages.best_match(("zh", "en"), default="zh") or "zh"


def locale() -> str:
    """For Flask-Babel: templates are written in Chinese, so only English has a catalogue."""
    return "en" if language() == "en" else "zh_Hans_CN"


def text(value: Mapping[str, str] | None) -> str:
    """An officer's text in the reader's language."""
    return "" if not value else (value.get(language()) or value["zh"])
