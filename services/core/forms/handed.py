"""Files that come with answers: a PDF as it is, a picture drawn anew, so that it says nothing of where it was taken."""

import io

from PIL import Image, ImageOps

from services.core.errors import Invalid
from services.core.forms.errors import FILE_KIND, FILE_LARGE, PICTURE_BROKEN
from services.core.forms.saying import PDF

LARGEST = 5 * 1024 * 1024
SIDE = 2400
"""Pixels of a picture's longer side that are kept: enough to read a certificate."""
PIXELS_MOST, OPENED_MOST = 50_000_000, 16_000_000
"""Of a picture as it comes, as phones take them, and of one as it lies in memory: a JPEG is opened smaller at once."""
JPEG = "image/jpeg"
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


def tidied(data: bytes, *, field: str) -> tuple[str, bytes]:
    """Media type and bytes to keep: application/pdf as it came, or image/jpeg without anything but the picture.

    Raises Invalid(form_file_large, form_file_kind, form_picture_broken) with the `field`.
    """
    if len(data) > LARGEST:
        raise Invalid(FILE_LARGE, field=field, most=LARGEST // 1024 // 1024)
    if data.startswith(b"%PDF-"):
        return PDF, data
    if not data.startswith(_PICTURES):
        raise Invalid(FILE_KIND, field=field)
    try:
        return JPEG, _drawn_anew(data)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Invalid(PICTURE_BROKEN, field=field) from None


def _drawn_anew(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as came:
        large = came.width * came.height > PIXELS_MOST
        came.draft("RGB", (SIDE, SIDE))
        if large or came.width * came.height > OPENED_MOST:
            raise ValueError("too many pixels")
        came.thumbnail((SIDE, SIDE))
        upright = ImageOps.exif_transpose(came)
        layered = upright.convert("RGBA")
    # On white: what shone through would come out black. A new picture has no comment, profile or place in it.
    clean = Image.new("RGB", layered.size, "white")
    clean.paste(layered, mask=layered.getchannel("A"))
    kept = io.BytesIO()
    clean.save(kept, "JPEG", quality=85)
    return kept.getvalue()
