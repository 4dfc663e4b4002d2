"""Everybody's phone: the codes that were sent."""


class SentCodes:
    def __init__(self) -> None:
        self.codes: list[tuple[str, str]] = []

    def send(self, *, phone: str, code: str) -> None:
        self.codes.append((phone, code))

    @property
    def last(self) -> str:
        return self.codes[-1][1]
