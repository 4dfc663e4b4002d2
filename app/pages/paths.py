"""Where a page sends its reader next, and which page of a list is asked for."""

from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from services.core.errors import Invalid
from services.core.paging import PageRequest


def see_other(endpoint: str, **values: object) -> Response:
    """After a form: the browser gets the next page with GET, so that a reload repeats nothing."""
    return redirect(url_for(endpoint, **values), 303)  # type: ignore[arg-type]


def local_path(text: str, default: str = "/") -> str:
    """`text` if it names a page of this house, else `default`. Browsers read "//x" and "/\\x" as another host."""
    plain = text.isascii() and text.isprintable() and "\\" not in text
    return text if plain and text.startswith("/") and not text.startswith("//") else default


def page_asked() -> PageRequest:
    return PageRequest(cursor=request.args.get("cursor") or None)


def newest_shown() -> UUID:
    """The top of the list that an "all read" was sent from; what came later has not been seen."""
    try:
        return UUID(hex=request.form.get("newest", ""))
    except ValueError:
        raise Invalid("cursor_malformed") from None
