"""A code as a picture. The only user of the qrcode library.

The mask is fixed: choosing the best of eight is most of the cost of drawing, and the symbol is read all the same.
A text is drawn once; the last few thousand drawings are kept, for a page asks for its code as text and as picture.
"""

import io
from dataclasses import dataclass
from functools import lru_cache

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M

QUIET_ZONE = 4
MASK = 3


@dataclass(frozen=True)
class Drawing:
    """`side` modules a side without the quiet zone; `path` is SVG path data, one unit a module."""

    side: int
    path: str
    rows: tuple[bytes, ...]


@lru_cache(maxsize=4096)
def draw(text: str) -> Drawing:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=MASK, border=0)
    code.add_data(text)
    code.make(fit=True)
    matrix = code.get_matrix()
    return Drawing(len(matrix), _path(matrix), tuple(bytes(map(bool, row)) for row in matrix))


def svg(text: str) -> str:
    """A whole SVG document, black on white with its quiet zone: it must stay so in dark mode."""
    drawing = draw(text)
    size = drawing.side + 2 * QUIET_ZONE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        f'<path transform="translate({QUIET_ZONE} {QUIET_ZONE})" d="{drawing.path}"/></svg>'
    )


def png(text: str, *, scale: int = 8) -> bytes:
    """A one-bit PNG, `scale` pixels a module."""
    drawing = draw(text)
    small = Image.new("1", (drawing.side + 2 * QUIET_ZONE,) * 2, 1)
    for y, row in enumerate(drawing.rows):
        for x, dark in enumerate(row):
            if dark:
                small.putpixel((x + QUIET_ZONE, y + QUIET_ZONE), 0)
    buffer = io.BytesIO()
    small.resize((small.width * scale, small.height * scale), Image.Resampling.NEAREST).save(buffer, "PNG")
    return buffer.getvalue()


def _path(matrix: list[list[bool]]) -> str:
    """Each run of dark modules in a row as one rectangle."""
    parts: list[str] = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            run = x
            while run < len(row) and row[run]:
                run += 1
            if run > x:
                parts.append(f"M{x} {y}h{run - x}v1h-{run - x}z")
            x = max(run, x + 1)
    return "".join(parts)
