"""A place as a link to a map that the reader opens himself: nothing of a map is loaded by our pages."""

from collections.abc import Mapping
from urllib.parse import urlencode

from app.language import text
from services.unions.types import Place

MARKER = "https://uri.amap.com/marker"


def map_link(place: Place | None, name: Mapping[str, str]) -> str | None:
    """None where no place is known. `gaode` says that the coordinates are GCJ-02, as we keep them."""
    if place is None:
        return None
    position = f"{place.longitude:.6f},{place.latitude:.6f}"
    query = {"position": position, "name": text(name), "coordinate": "gaode", "src": "gonghui"}
    return f"{MARKER}?{urlencode(query)}"
