"""Codes on the terminal of the web process, for development. Production has no such sender."""

import sys

from services.members.rules import masked_phone


class ConsoleCodes:
    def send(self, *, phone: str, code: str) -> None:
        sys.stderr.write(f"code for {masked_phone(phone)}: {code}\n")
        sys.stderr.flush()
