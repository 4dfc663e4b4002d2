"""Verbs: sign a partner and renew, suspend and end; open and close branches; let clerks in and go."""

from services.merchants.service.branches import change_branch, close_branch, lock_branch, open_branch, reopen_branch
from services.merchants.service.chores import purge_invites, tell_ending
from services.merchants.service.clerks import (
    INVITE_LASTS,
    invite_clerk,
    join,
    let_clerk_go,
    let_clerks_go,
    pass_clerks,
    take_on_clerk,
)
from services.merchants.service.locking import lock_shop
from services.merchants.service.partners import attach_paper, change, hang, renew, sign
from services.merchants.service.standing import end, resume, suspend

__all__ = [
    "INVITE_LASTS", "attach_paper", "change", "change_branch", "close_branch", "end", "hang", "invite_clerk", "join",
    "let_clerk_go", "let_clerks_go", "lock_branch", "lock_shop", "open_branch", "pass_clerks", "purge_invites",
    "renew", "reopen_branch", "resume", "sign", "suspend", "take_on_clerk", "tell_ending",
]  # fmt: skip
