"""Which language the caller reads: Chinese first.

Texts of officers are {zh, en?}; a missing English is shown in Chinese.
"""

from collections.abc import Mapping

from flask import Request, g, has_request_context, request
from flask_babel import Babel

babel = Babel()
COOKIE = "lang"


def language() -> str:
    """ "zh" or "en": the reader's choice, else what the client says it prefers, else Chinese."""
    if not has_request_context():
        return "zh"
    if "language" not in g:
        g.language = _language(request)
    found: str = g.language
    return found


def read_in_chinese() -> None:
    """This answer is Chinese whatever its reader prefers: a sheet that hangs on a wall has other readers."""
    g.language = "zh"


def _language(source: Request) -> str:
    chosen = source.cookies.get(COOKIE)
    if chosen in ("zh", "en"):
        return chosen
    return source.accept_languages.best_match(("zh", "en"), default="zh") or "zh"


def locale() -> str:
    """For Flask-Babel: templates are written in Chinese, so only English has a catalogue."""
    return "en" if language() == "en" else "zh_Hans_CN"


def text(value: Mapping[str, str] | None) -> str:
    """An officer's text in the reader's language."""
    return "" if not value else (value.get(language()) or value["zh"])
