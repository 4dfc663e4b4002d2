"""What is uploaded stays in memory until it is sealed: the library would write larger files to the disk, in clear."""

import io
from collections.abc import Callable
from typing import IO

import flask

_rooms: dict[str, Callable[[], int]] = {}


def room(*endpoints: str, most: int | Callable[[], int]) -> None:
    """Lets the bodies of these endpoints have so many bytes. Said once beside the views: a guard reads the form for its
    token before any view could say so."""
    _rooms.update(dict.fromkeys(endpoints, most if callable(most) else lambda: most))


def register(app: flask.Flask) -> None:
    app.before_request(_make_room)


def _make_room() -> None:
    most = _rooms.get(flask.request.endpoint or "")
    if most:
        flask.request.max_content_length = most()


class Request(flask.Request):
    """How much memory that is, is bounded by what a body may have: MAX_CONTENT_LENGTH and what a view allows itself."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return io.BytesIO()
