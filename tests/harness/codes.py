"""A sender of codes that keeps what it was given, in the place of the message provider."""

import dataclasses
import uuid
from collections.abc import Iterator

import pytest
from flask import Flask

from services.accounts.ports import CodeSender


class Kept:
    """Codes by phone, the newest last."""

    def __init__(self) -> None:
        self.codes: list[tuple[str, str]] = []

    def send(self, *, code_id: uuid.UUID, phone: str, code: str) -> None:
        self.codes.append((phone, code))

    def last(self) -> str:
        return self.codes[-1][1]


@pytest.fixture
def kept(app: Flask) -> Iterator[Kept]:
    usual, keeper = app.extensions["partners"], Kept()
    sender: CodeSender = keeper
    app.extensions["partners"] = dataclasses.replace(usual, codes=sender)
    yield keeper
    app.extensions["partners"] = usual
