"""From the bytes of a file to rows of cells: what is refused, is refused before it is parsed."""

from services.members.roster.reading.container import check
from services.members.roster.reading.sheets import Chunk, read

__all__ = ["Chunk", "check", "read"]
