"""Files that come with answers: a PDF as it is, a picture drawn anew, so that it says nothing of where it was taken."""

from services.core import pictures
from services.core.errors import Invalid
from services.core.forms.errors import FILE_KIND, FILE_LARGE, PICTURE_BROKEN
from services.core.forms.saying import PDF

LARGEST = 5 * 1024 * 1024
SIDE = 2400
"""Pixels of a picture's longer side that are kept: enough to read a certificate."""
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
        return JPEG, pictures.drawn_anew(data, formats=("JPEG", "PNG"), side=SIDE, quality=85)
    except pictures.BrokenPictureError:
        raise Invalid(PICTURE_BROKEN, field=field) from None
