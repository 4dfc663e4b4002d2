"""What is uploaded stays in memory until it is sealed: the library would write larger files to the disk, in clear."""

import io
from typing import IO

import flask


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
