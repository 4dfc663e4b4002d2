"""One encrypted file of named sections, written and read as a stream.

    magic, salt, mark of the key | chunk | chunk | ... | last chunk

A chunk is 1 MiB under AES-256-GCM with a key made from BACKUP_KEY and the salt. Its nonce is its number, and whether
it is the last: a chunk that is changed, left out, moved, or cut off does not open. Inside, a section is its name and
blocks of bytes, so that nobody needs to know how long a dump will be.
"""

import hashlib
import os
from collections.abc import Iterator
from typing import IO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"gonghui backup 1\n"
SALT_BYTES, MARK_BYTES, TAG_BYTES = 32, 8, 16
CHUNK = 1024 * 1024
HEAD_BYTES = len(MAGIC) + SALT_BYTES + MARK_BYTES
_END = b"\0\0\0\0"


class BackupError(Exception):
    """A backup cannot be made, read or restored; the text is one line for the person who started it."""


class Damaged(BackupError):
    """The file is not what was written: changed, cut off, or no backup at all."""


def fingerprint(key: bytes) -> str:
    """Names a key of 32 random bytes and gives nothing of it away."""
    return hashlib.sha256(b"gonghui.fingerprint\0" + key).hexdigest()[:16]


class Source(Protocol):
    """What a backup is read from."""

    def read(self, size: int, /) -> bytes: ...


class Writer:
    """Writes sections one after the other; `close` marks the end. Nothing is whole before it."""

    def __init__(self, output: IO[bytes], key: bytes) -> None:
        salt = os.urandom(SALT_BYTES)
        self._head = MAGIC + salt + _mark(key)
        self._cipher = _cipher(key, salt)
        self._output = output
        self._waiting = bytearray()
        self._number = 0
        output.write(self._head)

    def start(self, name: str) -> None:
        text = name.encode()
        self._add(len(text).to_bytes(4, "big") + text)

    def block(self, data: bytes) -> None:
        """A piece of the section; an empty one adds nothing."""
        if data:
            self._add(len(data).to_bytes(4, "big") + data)

    def end(self) -> None:
        self._add(_END)

    def section(self, name: str, data: bytes) -> None:
        self.start(name)
        self.block(data)
        self.end()

    def close(self) -> None:
        self._add(_END)
        self._chunk(bytes(self._waiting), last=True)

    def _add(self, data: bytes) -> None:
        self._waiting += data
        while len(self._waiting) > CHUNK:
            self._chunk(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]

    def _chunk(self, data: bytes, *, last: bool) -> None:
        self._output.write(self._cipher.encrypt(_nonce(self._number, last=last), data, self._head))
        self._number += 1


class Reader:
    """Reads what Writer wrote. Raises Damaged, and BackupError when BACKUP_KEY is another key."""

    def __init__(self, source: Source, key: bytes) -> None:
        head = source.read(HEAD_BYTES)
        if len(head) < HEAD_BYTES or not head.startswith(MAGIC):
            raise Damaged("this is no backup of Gonghui")
        if head[-MARK_BYTES:] != _mark(key):
            raise BackupError("BACKUP_KEY is not the key that this backup was made with")
        self._head, self._source = head, source
        self._cipher = _cipher(key, head[len(MAGIC) : -MARK_BYTES])
        self._number = 0
        self._next = source.read(CHUNK + TAG_BYTES)
        self._open = bytearray()

    def sections(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Name and blocks of each section, in order; read the blocks of one before asking for the next."""
        while length := int.from_bytes(self._take(4), "big"):
            yield self._take(length).decode(), self._blocks()
        if self._open or self._next:
            raise Damaged("the backup is damaged: it goes on after its end")

    def _blocks(self) -> Iterator[bytes]:
        while length := int.from_bytes(self._take(4), "big"):
            yield self._take(length)

    def _take(self, length: int) -> bytes:
        while len(self._open) < length:
            self._open += self._chunk()
        data = bytes(self._open[:length])
        del self._open[:length]
        return data

    def _chunk(self) -> bytes:
        sealed, self._next = self._next, self._source.read(CHUNK + TAG_BYTES)
        try:
            data = self._cipher.decrypt(_nonce(self._number, last=not self._next), sealed, self._head)
        except (InvalidTag, ValueError):
            raise Damaged(f"the backup is damaged or cut off, at {self._number} MiB") from None
        self._number += 1
        return data


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), length=32, salt=salt, info=b"gonghui.backup").derive(key))


def _mark(key: bytes) -> bytes:
    return bytes.fromhex(fingerprint(key))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if last else b"\0")
