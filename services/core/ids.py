"""Identifiers. UUIDv7 (RFC 9562): they sort by the time they were made, so new rows stay together on disk."""

import datetime
import os
import time
import uuid

from sqlalchemy import BigInteger, ColumnElement, Text, Uuid, cast, func

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


_EPOCH = datetime.datetime.fromtimestamp(0, datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)


def uuid7(at: datetime.datetime | None = None) -> uuid.UUID:
    """48 bits of milliseconds, 12 bits of the fraction of a millisecond, 62 random bits.

    With `at` the id of a row that is older than its writing, so that it sorts where it belongs.
    """
    nanoseconds = (at - _EPOCH) // _MICROSECOND * 1000 if at else time.time_ns()
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    fraction = rest * 4096 // 1_000_000
    random = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random)


def uuid7_made_by_database() -> ColumnElement[uuid.UUID]:
    """The same, made by the statement itself, one for each row: PostgreSQL has uuidv7() from 18 on only.

    12 more random bits stand where `uuid7` has the fraction: rows of one millisecond do not sort among each other.
    """
    milliseconds = cast(func.floor(func.extract("epoch", func.clock_timestamp()) * 1000), BigInteger)
    random = func.substr(func.replace(cast(func.gen_random_uuid(), Text), "-", ""), 14)
    return cast(func.concat(func.lpad(func.to_hex(milliseconds), 12, "0"), "7", random), Uuid())


def to_base32(number: int, length: int) -> str:
    """`number` in Crockford base32, `length` characters, most significant first. ValueError if it does not fit."""
    if number < 0 or number >> (5 * length):
        raise ValueError("number does not fit")
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(5 * (length - 1), -1, -5))


def from_base32(text: str) -> int:
    """Reads upper-case Crockford base32; ValueError for any other character."""
    number = 0
    for character in text:
        value = CROCKFORD.find(character)
        if value < 0:
            raise ValueError("not Crockford base32")
        number = number << 5 | value
    return number


def random_base32(length: int) -> str:
    """`length` characters of 5 random bits each."""
    return to_base32(int.from_bytes(os.urandom(length)) & ((1 << 5 * length) - 1), length)
