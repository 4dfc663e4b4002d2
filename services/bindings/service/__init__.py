"""Verbs by file: claim (who somebody says to be), bond (make and end), tray (officers decide), chores (time passes)."""

from services.bindings.service.bond import enter, unbind
from services.bindings.service.chores import nudge, purge, raise_overdue
from services.bindings.service.claim import claim, withdraw
from services.bindings.service.tray import approve, refuse, see_phone

__all__ = ["approve", "claim", "enter", "nudge", "purge", "raise_overdue", "refuse", "see_phone", "unbind", "withdraw"]
