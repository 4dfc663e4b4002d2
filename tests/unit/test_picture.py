"""The code as a picture, read with somebody else's eyes."""

import io
import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.cards.picture import QUIET_ZONE, draw, png, svg
from services.core.ids import CROCKFORD

URL = "HTTPS://GH.EXAMPLE.CN/C/1M938KRX9AR5612N7SNG7KA"


def read(picture: bytes) -> zxingcpp.Barcode:
    found = zxingcpp.read_barcodes(np.array(Image.open(io.BytesIO(picture)).convert("L")))
    assert len(found) == 1
    return found[0]


def painted(path: str, side: int) -> np.ndarray:
    """The modules that an SVG path of ours fills."""
    modules = np.zeros((side, side), bool)
    for x, y, run, back in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path):
        assert run == back
        modules[int(y), int(x) : int(x) + int(run)] = True
    return modules


@pytest.mark.parametrize("text", [URL, URL.lower(), "12345678"])
def test_the_png_is_read_as_the_text(text: str) -> None:
    code = read(png(text))
    assert (code.text, code.format) == (text, zxingcpp.BarcodeFormat.QRCode)


@settings(max_examples=20)
@given(st.text(alphabet=CROCKFORD, min_size=23, max_size=23))
def test_every_code_is_read_although_the_mask_is_fixed(code: str) -> None:
    assert read(png(f"HTTPS://GH.EXAMPLE.CN/C/{code}", scale=3)).text.endswith(code)


def test_capitals_make_a_smaller_symbol() -> None:
    upper, lower = draw(URL), draw(URL.lower())
    assert upper.side == 17 + 4 * 3  # version 3: 29 modules a side
    assert upper.side < lower.side


def test_the_path_paints_exactly_the_modules() -> None:
    drawing = draw(URL)
    matrix = np.array([list(row) for row in drawing.rows], bool)
    assert matrix.shape == (drawing.side, drawing.side)
    assert (painted(drawing.path, drawing.side) == matrix).all()
    assert re.sub(r"M\d+ \d+h\d+v1h-\d+z", "", drawing.path) == ""


def test_the_svg_is_one_white_square_with_the_modules_inside_its_quiet_zone() -> None:
    document = ET.fromstring(svg(URL))
    side = draw(URL).side + 2 * QUIET_ZONE
    white, black = document
    assert document.get("viewBox") == f"0 0 {side} {side}"
    assert (white.get("fill"), white.get("d")) == ("#fff", f"M0 0h{side}v{side}H0z")
    assert (black.get("transform"), black.get("d")) == (f"translate({QUIET_ZONE} {QUIET_ZONE})", draw(URL).path)


def test_the_png_is_one_bit_with_a_quiet_zone_of_four_modules() -> None:
    image = Image.open(io.BytesIO(png(URL, scale=2)))
    side = (draw(URL).side + 2 * QUIET_ZONE) * 2
    assert (image.mode, image.size) == ("1", (side, side))
    edge = np.array(image)[: QUIET_ZONE * 2]
    assert edge.all()
