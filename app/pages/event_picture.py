"""The picture of an event: drawn anew when an officer hands it in, shown to everybody once the event is published."""

import io
from uuid import UUID

from flask import Blueprint, Response, send_file
from flask.typing import ResponseReturnValue

from services.core import pictures
from services.core.errors import Invalid, NotFound
from services.core.files import files
from services.core.forms.errors import FILE_LARGE, PICTURE_BROKEN
from services.events.errors import EVENT_UNKNOWN, PICTURE_KIND
from services.events.queries import events, organising

blueprint = Blueprint("event_picture", __name__)

LARGEST = 8 * 1024 * 1024
SIDE = 1280
"""Pixels of the longer side that are kept."""
KEPT_FOR = 3600
"""Seconds that a browser shows it without asking again: another picture of the same event is seen after that."""
FORMATS = ("JPEG", "PNG", "WEBP")


@blueprint.get("/events/<uuid:event_id>/picture")
def picture(event_id: UUID) -> ResponseReturnValue:
    """For everybody, of a published event."""
    return shown(events.public(event_id).terms.picture, public=True)


def shown(key: str | None, *, public: bool) -> Response:
    """The picture under this key. Raises NotFound where there is none."""
    if key is None:
        raise NotFound(EVENT_UNKNOWN)
    answer = send_file(io.BytesIO(files.get(key)), mimetype="image/jpeg", etag=key)
    answer.headers["Cache-Control"] = f"public, max-age={KEPT_FOR}" if public else "private, no-cache"
    return answer


def forget(key: str | None) -> None:
    """Deletes a picture that no event shows any more: a copy shows that of the event it was copied from."""
    if key and not organising.pictured(key):
        files.delete(key)


def drawn_anew(data: bytes) -> bytes:
    """A JPEG that says nothing but the picture: no place, camera or comment. Upright, on white.

    Raises Invalid(form_file_large, event_picture_kind, form_picture_broken) at "picture".
    """
    if len(data) > LARGEST:
        raise Invalid(FILE_LARGE, field="picture", most=LARGEST // 1024 // 1024)
    if not data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) and (data[:4], data[8:12]) != (b"RIFF", b"WEBP"):
        raise Invalid(PICTURE_KIND, field="picture")
    try:
        return pictures.drawn_anew(data, formats=FORMATS, side=SIDE, quality=82)
    except pictures.BrokenPictureError:
        raise Invalid(PICTURE_BROKEN, field="picture") from None
