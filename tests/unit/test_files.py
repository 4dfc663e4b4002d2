"""The file store: sealed, whole or not at all, under names that say nothing."""

import secrets
import threading
from pathlib import Path

import pytest

from services.core import files as module
from services.core.crypto import SealBroken, Vault
from services.core.errors import NotFound
from services.core.files import FILE_UNKNOWN, LARGEST, Files

OLD, NEW = ("1", secrets.token_bytes(32)), ("2", secrets.token_bytes(32))
SECRET = "身份证 110105194912310021".encode()


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Vault:
    mine = Vault()
    mine.open_with((OLD,), b"index")
    monkeypatch.setattr(module, "vault", mine)
    return mine


@pytest.fixture
def store(tmp_path: Path, vault: Vault) -> Files:
    files = Files()
    files.open_in(tmp_path / "files")
    return files


def stored(store: Files) -> list[Path]:
    return [path for path in store.folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("data", [b"", b"x", SECRET, secrets.token_bytes(3_000_000)])
def test_what_is_put_is_got(store: Files, data: bytes) -> None:
    key = store.put(data)
    assert store.get(key) == data
    assert list(store.walk()) == [key]


def test_the_same_bytes_have_another_name_and_another_look_each_time(store: Files) -> None:
    first, second = store.put(SECRET), store.put(SECRET)
    looks = {path.read_bytes() for path in stored(store)}
    assert first != second
    assert len(looks) == 2
    assert not any(SECRET in look for look in looks)


def test_a_file_under_another_key_does_not_open(store: Files) -> None:
    first, second = store.put(b"one"), store.put(b"two")
    store.write_sealed(second, store.read_sealed(first))
    with pytest.raises(SealBroken):
        store.get(second)


def test_a_flipped_bit_is_noticed(store: Files) -> None:
    key = store.put(SECRET)
    sealed = bytearray(store.read_sealed(key))
    sealed[-1] ^= 1
    store.write_sealed(key, bytes(sealed))
    with pytest.raises(SealBroken):
        store.get(key)


def test_what_was_deleted_is_unknown_and_deleting_it_again_is_no_error(store: Files) -> None:
    key = store.put(SECRET)
    store.delete(key)
    store.delete(key)
    with pytest.raises(NotFound, match=FILE_UNKNOWN):
        store.get(key)
    assert stored(store) == []


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "A" * 25, "A" * 27, "i" * 26, "A/" * 13, "Ａ" * 26])
def test_a_key_is_never_a_way_out_of_the_folder(store: Files, key: str) -> None:
    with pytest.raises(NotFound, match=FILE_UNKNOWN):
        store.get(key)
    store.delete(key)


def test_a_file_that_is_too_large_leaves_nothing(store: Files) -> None:
    with pytest.raises(ValueError, match=str(LARGEST + 1)):
        store.put(bytes(LARGEST + 1))
    assert not store.folder.exists()


def test_a_full_disk_leaves_nothing(store: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        store.put(SECRET)
    assert stored(store) == []


def test_sealing_anew_keeps_the_file_and_changes_the_key(store: Files, vault: Vault) -> None:
    key = store.put(SECRET)
    assert not store.reseal(key)
    vault.open_with((NEW, OLD), b"index")
    assert store.reseal(key)
    assert not store.reseal(key)
    vault.open_with((NEW,), b"index")
    assert store.get(key) == SECRET


def test_a_file_deleted_while_it_is_sealed_anew_does_not_come_back(
    store: Files, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = store.put(SECRET)
    vault.open_with((NEW, OLD), b"index")
    reading, usual = threading.Event(), Files.read_sealed

    def slow(self: Files, name: str) -> bytes:
        reading.set()
        deleting.join(0.3)  # it must wait for us: if it did not, it would be over here and the file come back
        return usual(self, name)

    deleting = threading.Thread(target=lambda: (reading.wait(60), store.delete(key)))
    deleting.start()
    monkeypatch.setattr(Files, "read_sealed", slow)
    assert store.reseal(key)
    deleting.join(60)
    assert stored(store) == []
