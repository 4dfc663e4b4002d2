"""Files that people hand in: sealed with the vault's keys, in a folder of ours, under names that say nothing.

    key = files.put(data)      # 26 characters, random; a user's file name never gets near a path
    files.get(key)

Put a file before the commit of the row that names it, and delete it after the commit that forgets it: a row never
names a file that is not there, and what is left over when a transaction fails is only rubbish. One file is one
sealed value of 32 MB at most.
"""

import contextlib
import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from services.core.crypto import vault
from services.core.errors import NotFound
from services.core.ids import random_base32

FILE_UNKNOWN = "file_unknown"
LARGEST = 32 * 1024 * 1024
_KEY = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}", re.ASCII)
_PRIVATE = 0o700
_LONGEST_BACKUP = 24 * 3600.0


class Files:
    """A local folder with one sealed file a key, 1024 folders wide. The key is bound into the seal."""

    def __init__(self) -> None:
        self._folder = Path()

    def open_in(self, folder: Path) -> None:
        """Names the folder; it is made with the first file."""
        self._folder = folder

    @property
    def folder(self) -> Path:
        return self._folder

    def put(self, data: bytes) -> str:
        """Keeps a file of at most 32 MB; returns its key. When this returns the file is on the disk."""
        if len(data) > LARGEST:
            raise ValueError(f"a file of {len(data)} bytes")
        key = random_base32(26)
        self.write_sealed(key, vault.seal_bytes(_field(key), data))
        return key

    def get(self, key: str) -> bytes:
        """Raises NotFound(file_unknown), and SealBroken when the bytes are not what was put there."""
        return vault.unseal_bytes(_field(key), self.read_sealed(key))

    def delete(self, key: str) -> None:
        """Twice is no error."""
        with contextlib.suppress(NotFound, FileNotFoundError):
            path = self._path(key)
            with self._locked():
                path.unlink()

    def walk(self) -> Iterator[str]:
        """Every key, in no order. What is put or deleted meanwhile may or may not be among them."""
        for path in self._folder.glob("??/*"):
            if _KEY.fullmatch(path.name):
                yield path.name

    @contextlib.contextmanager
    def pinned(self) -> Iterator["Pinned"]:
        """For a backup: what is in here stays readable, whatever is deleted meanwhile."""
        self._folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        for leftover in self._folder.glob("pinned-*"):
            if leftover.stat().st_mtime < time.time() - _LONGEST_BACKUP:
                shutil.rmtree(leftover, ignore_errors=True)
        folder = self._folder / f"pinned-{secrets.token_hex(8)}"
        folder.mkdir(mode=_PRIVATE)
        try:
            yield Pinned(self, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def reseal(self, key: str) -> bool:
        """Seals a file with the newest key; False when it was, or when the file has gone. Readers notice nothing."""
        with contextlib.suppress(NotFound, FileNotFoundError), self._locked():
            sealed = self.read_sealed(key)
            if vault.needs_rotation(sealed):
                self.write_sealed(key, vault.seal_bytes(_field(key), vault.unseal_bytes(_field(key), sealed)))
                return True
        return False

    def read_sealed(self, key: str) -> bytes:
        """As it lies on the disk, for backups. Raises NotFound(file_unknown)."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise NotFound(FILE_UNKNOWN) from None

    def key_id(self, key: str) -> str:
        """Which of the vault's keys sealed it. Raises NotFound(file_unknown)."""
        try:
            with self._path(key).open("rb") as sealed:
                return sealed.read(1).decode(errors="replace")
        except FileNotFoundError:
            raise NotFound(FILE_UNKNOWN) from None

    def write_sealed(self, key: str, sealed: bytes) -> None:
        """Whole or not at all, however the machine goes down: beside it, to the disk, then renamed."""
        path = self._path(key)
        path.parent.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        fresh = path.with_name(f"{secrets.token_hex(8)}.new")
        try:
            with fresh.open("xb") as output:
                output.write(sealed)
                output.flush()
                os.fsync(output.fileno())
            fresh.rename(path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One at a time over all processes: a file that is deleted while it is sealed anew must not come back."""
        lock = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise NotFound(FILE_UNKNOWN)
        return self._folder / key[:2] / key


class Pinned:
    """Second names of files: a file is gone from the disk only with the last of its names."""

    def __init__(self, files: Files, folder: Path) -> None:
        self._files, self._folder = files, folder

    def take(self) -> None:
        """Every file of now; those that were taken before stay. Run it before and after the database's snapshot:

        a file that the snapshot knows was put before it, and is deleted after it.
        """
        for key in self._files.walk():
            with contextlib.suppress(FileExistsError, FileNotFoundError):
                (self._folder / key).hardlink_to(self._files.folder / key[:2] / key)

    def sizes(self) -> dict[str, int]:
        """Key -> bytes as sealed, in order."""
        return {path.name: path.stat().st_size for path in sorted(self._folder.iterdir())}

    def read(self, key: str) -> bytes:
        """As sealed."""
        return (self._folder / key).read_bytes()


def _field(key: str) -> str:
    return f"files.{key}"


files = Files()
