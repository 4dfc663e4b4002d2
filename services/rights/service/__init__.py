"""Verbs by file: corrections (a member asks, an officer decides), closing (the way out)."""

from services.rights.service.closing import close_account, obstacles
from services.rights.service.corrections import (
    ask_correction,
    decide_correction,
    purge_corrections,
    withdraw_correction,
)

__all__ = [
    "ask_correction",
    "close_account",
    "decide_correction",
    "obstacles",
    "purge_corrections",
    "withdraw_correction",
]
