"""Pictures that people hand in, drawn anew: nothing is kept of where, when and with what they were taken."""

import io
import struct

from PIL import Image, ImageOps

PIXELS_MOST, OPENED_MOST = 50_000_000, 16_000_000
"""Of a picture as it comes, as phones take them, and of one as it lies in memory: a JPEG is opened smaller at once."""
_BROKEN = (OSError, ValueError, SyntaxError, struct.error, Image.DecompressionBombError, Image.DecompressionBombWarning)


class BrokenPictureError(ValueError):
    """Cannot be read, or is too large to be opened."""


def drawn_anew(data: bytes, *, formats: tuple[str, ...], side: int, quality: int) -> bytes:
    """A JPEG of at most `side` pixels on its longer side, upright, on white, with no comment, profile or place in it.

    `formats` as Pillow names them. Raises BrokenPictureError.
    """
    try:
        return _drawn(data, formats, side, quality)
    except _BROKEN as error:
        raise BrokenPictureError from error


def _drawn(data: bytes, formats: tuple[str, ...], side: int, quality: int) -> bytes:
    with Image.open(io.BytesIO(data), formats=formats) as came:
        large = came.width * came.height > PIXELS_MOST
        came.draft("RGB", (side, side))
        if large or came.width * came.height > OPENED_MOST:
            raise ValueError("too many pixels")
        came.thumbnail((side, side))
        layered = _upright(came).convert("RGBA")
    # On white: what shone through would come out black.
    clean = Image.new("RGB", layered.size, "white")
    clean.paste(layered, mask=layered.getchannel("A"))
    kept = io.BytesIO()
    clean.save(kept, "JPEG", quality=quality, optimize=True)
    return kept.getvalue()


def _upright(came: Image.Image) -> Image.Image:
    """Turned as the camera says. What else an odd camera wrote beside the picture may not be writable again."""
    came.getexif()
    came.info.pop("exif", None)
    return ImageOps.exif_transpose(came)
