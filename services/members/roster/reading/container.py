"""What kind of file this is, told by its first bytes and its table of contents. Nothing is unpacked or parsed here."""

import io
import re
import zipfile
from enum import StrEnum

from services.core.errors import Invalid
from services.members.roster import errors

MOST_BYTES = 32 * 1024 * 1024
MOST_PARTS = 2_000
MOST_UNPACKED = 400 * 1024 * 1024
#: A long roster packs to about a tenth. Only parts that are large unpacked are held to the ratio.
TIGHTEST, TIGHT_FROM = 150, 8 * 1024 * 1024

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF")
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_WEB = re.compile(rb"^\s*(<!doctype|<html|<table|<head|<meta|<style|<\?xml|<div|<script|mime-version:)", re.IGNORECASE)


class Format(StrEnum):
    EXCEL = "excel"
    TEXT = "text"


def check(data: bytes) -> Format:
    """Says how to read the file. Raises Invalid with the code of what it is instead, and so what to do."""
    if not data.strip(b"\0 \r\n\t\xef\xbb\xbf"):
        raise Invalid(errors.FILE_EMPTY)
    if len(data) > MOST_BYTES:
        raise Invalid(errors.FILE_TOO_LARGE)
    if data.startswith(OLE):
        encrypted = "EncryptedPackage".encode("utf-16-le") in data
        raise Invalid(errors.FILE_ENCRYPTED if encrypted else errors.FILE_OLD_EXCEL)
    if data.startswith(b"PK"):
        _check_parts(data)
        return Format.EXCEL
    if data.startswith(b"%PDF"):
        raise Invalid(errors.FILE_PDF)
    if data.startswith(_PICTURES):
        raise Invalid(errors.FILE_PICTURE)
    if data.startswith(_ARCHIVES):
        raise Invalid(errors.FILE_ARCHIVE)
    if _WEB.match(data[:200].removeprefix(b"\xef\xbb\xbf")):
        raise Invalid(errors.FILE_WEB_PAGE)
    return Format.TEXT


def _check_parts(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise Invalid(errors.FILE_BROKEN) from None
    if len(parts) > MOST_PARTS:
        raise Invalid(errors.FILE_TOO_MANY_PARTS)
    if any(part.file_size > TIGHT_FROM and part.file_size > TIGHTEST * max(1, part.compress_size) for part in parts):
        raise Invalid(errors.FILE_PACKED_TOO_TIGHT)
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Invalid(errors.FILE_UNPACKS_TOO_LARGE)
    _check_names({part.filename for part in parts}, any(part.flag_bits & 1 for part in parts))


def _check_names(names: set[str], encrypted: bool) -> None:
    """Whose package it is: other programs also put theirs into a zip."""
    if encrypted:
        raise Invalid(errors.FILE_ENCRYPTED)
    if any(name.endswith(".iwa") for name in names):
        raise Invalid(errors.FILE_NUMBERS)
    if "xl/workbook.bin" in names:
        raise Invalid(errors.FILE_BINARY_EXCEL)
    if "xl/vbaProject.bin" in names:
        raise Invalid(errors.FILE_MACROS)
    if "xl/workbook.xml" in names:
        return
    if "content.xml" in names and "mimetype" in names:
        raise Invalid(errors.FILE_OPEN_DOCUMENT)
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise Invalid(errors.FILE_WORD)
    raise Invalid(errors.FILE_ARCHIVE)
