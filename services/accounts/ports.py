"""What accounts ask of the outside, whoever provides it."""

from typing import Protocol


class CodeSender(Protocol):
    """Brings six digits to a phone. Called after the commit, outside any transaction."""

    def send(self, *, phone: str, code: str) -> None:
        """Raises when the code certainly did not go out. Never repeated: a code that comes twice confuses."""
