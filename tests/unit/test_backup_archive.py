"""The file of a backup: what was written is read, and every way to spoil it is noticed before a byte is believed."""

import io
import secrets

import pytest

from app.backup import archive
from app.backup.archive import HEAD_BYTES, TAG_BYTES, BackupError, Damaged, Reader, Writer
from app.backup.tools import environment, reason

KEY = secrets.token_bytes(32)
SMALL = 64


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "CHUNK", SMALL)


def written(*sections: tuple[str, list[bytes]]) -> bytes:
    output = io.BytesIO()
    writer = Writer(output, KEY)
    for name, blocks in sections:
        writer.start(name)
        for block in blocks:
            writer.block(block)
        writer.end()
    writer.close()
    return output.getvalue()


def read(data: bytes, key: bytes = KEY) -> list[tuple[str, bytes]]:
    return [(name, b"".join(blocks)) for name, blocks in Reader(io.BytesIO(data), key).sections()]


WHOLE = (("manifest", [b"{}"]), ("files/A", []), ("files/B", [b"x" * 200, b"y"]), ("database", [b"z" * SMALL] * 9))


def test_what_is_written_is_read() -> None:
    assert read(written(*WHOLE)) == [(name, b"".join(blocks)) for name, blocks in WHOLE]
    assert read(written()) == []


@pytest.mark.parametrize("length", range(SMALL * 2 + 10))
def test_a_section_of_any_length_is_read(length: int) -> None:
    assert read(written(("a", [b"q" * length]))) == [("a", b"q" * length)]


def test_nothing_of_it_can_be_read_by_eye_and_no_two_are_alike() -> None:
    assert b"zzzz" not in written(*WHOLE)
    assert written(*WHOLE)[HEAD_BYTES:] != written(*WHOLE)[HEAD_BYTES:]


def test_a_flipped_bit_anywhere_is_noticed() -> None:
    data = written(*WHOLE)
    for place in range(len(data)):
        spoilt = bytearray(data)
        spoilt[place] ^= 1
        with pytest.raises(BackupError):
            read(bytes(spoilt))


def test_a_file_cut_off_anywhere_is_noticed() -> None:
    data = written(*WHOLE)
    for length in range(len(data)):
        with pytest.raises(Damaged):
            read(data[:length])


def test_chunks_that_change_places_go_missing_or_come_twice_are_noticed() -> None:
    data = written(*WHOLE)
    size = SMALL + TAG_BYTES
    chunks = [data[start : start + size] for start in range(HEAD_BYTES, len(data), size)]
    head = data[:HEAD_BYTES]
    for spoilt in (
        [chunks[1], chunks[0], *chunks[2:]],
        [chunks[0], *chunks[2:]],
        [chunks[0], chunks[0], *chunks[1:]],
        [*chunks, chunks[-1]],
    ):
        with pytest.raises(Damaged):
            read(head + b"".join(spoilt))


def test_a_chunk_of_another_backup_does_not_fit() -> None:
    one, other = written(*WHOLE), written(*WHOLE)
    with pytest.raises(Damaged):
        read(one[: HEAD_BYTES + SMALL + TAG_BYTES] + other[HEAD_BYTES + SMALL + TAG_BYTES :])


def test_another_key_is_told_from_damage() -> None:
    with pytest.raises(BackupError, match="BACKUP_KEY is not the key") as raised:
        read(written(*WHOLE), secrets.token_bytes(32))
    assert not isinstance(raised.value, Damaged)


@pytest.mark.parametrize("data", [b"", b"hello", b"PGDMP" + bytes(100)])
def test_what_is_no_backup_is_called_so(data: bytes) -> None:
    with pytest.raises(Damaged, match="no backup of Gonghui"):
        read(data)


def test_a_password_goes_by_the_environment_and_our_keys_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELD_KEYS", "1:secret")
    monkeypatch.setenv("PGPASSWORD", "somebody else's")
    given = environment("postgresql://me:p%40ss@db.example.cn:5433/gonghui?sslmode=require")
    wanted = {"PGPASSWORD": "p@ss", "PGUSER": "me", "PGPORT": "5433", "PGDATABASE": "gonghui", "PGSSLMODE": "require"}
    assert wanted.items() <= given.items()
    assert "FIELD_KEYS" not in given


def test_of_many_complaints_the_first_error_is_told() -> None:
    said = b"psql:<stdin>:7: NOTICE:  x\npsql:<stdin>:9: ERROR:  no such role\npsql:<stdin>:10: ERROR:  aborted\n"
    assert reason(said) == "ERROR:  no such role"
    assert reason(b"") == "no reason given"
