"""Verbs: accounts and roles, sessions; how officers and clerks sign in; how WeChat and a phone code do."""

from services.accounts.service.desk import claim_desk, confirm_desk, open_desk, purge_desks
from services.accounts.service.invitations import accept, accept_with_password, invite, withdraw_invitation
from services.accounts.service.passwords import (
    agree_reset,
    ask_reset,
    prove_by_factor,
    purge_failures,
    sign_in_with_password,
    use_reset,
)
from services.accounts.service.roles import end_role, end_roles, grant, open_account
from services.accounts.service.sessions import (
    end_clerk_sessions,
    end_device,
    end_sessions,
    prove,
    purge_sessions,
    seen,
    sign_in,
    sign_out,
)

__all__ = [
    "accept", "accept_with_password", "agree_reset", "ask_reset", "claim_desk", "confirm_desk", "end_clerk_sessions",
    "end_device", "end_role", "end_roles", "end_sessions", "grant", "invite", "open_account", "open_desk", "prove",
    "prove_by_factor", "purge_desks", "purge_failures", "purge_sessions", "seen", "sign_in", "sign_in_with_password",
    "sign_out", "use_reset", "withdraw_invitation",
]  # fmt: skip
