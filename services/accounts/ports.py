"""What accounts ask of the outside, whoever provides it."""

import uuid
from typing import Protocol


class CodeSender(Protocol):
    """Sees that six digits come to a phone. Called inside the transaction that made them, which may run again: it
    writes to the database or nothing."""

    def send(self, *, code_id: uuid.UUID, phone: str, code: str) -> None: ...
