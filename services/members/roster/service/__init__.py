"""Verbs on imports, in the order in which they come."""

from services.members.roster.service.applying import apply_chunk, begin_apply, unions_of
from services.members.roster.service.choosing import approve, choose, choose_all, correct, open_row, take_phone
from services.members.roster.service.purging import purge
from services.members.roster.service.staging import begin_check, clear, compare, finish, propose_leavers, refuse, stage
from services.members.roster.service.undoing import begin_undo, undo_chunk
from services.members.roster.service.upload import drop, hand_in

__all__ = [
    "apply_chunk",
    "approve",
    "begin_apply",
    "begin_check",
    "begin_undo",
    "choose",
    "choose_all",
    "clear",
    "compare",
    "correct",
    "drop",
    "finish",
    "hand_in",
    "open_row",
    "propose_leavers",
    "purge",
    "refuse",
    "stage",
    "take_phone",
    "undo_chunk",
    "unions_of",
]
