"""Everybody's phone: the codes that were sent."""

import uuid


class SentCodes:
    def __init__(self) -> None:
        self.codes: list[tuple[str, str]] = []

    def send(self, *, code_id: uuid.UUID, phone: str, code: str) -> None:
        self.codes.append((phone, code))

    @property
    def last(self) -> str:
        return self.codes[-1][1]
