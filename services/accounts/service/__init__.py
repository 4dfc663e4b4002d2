"""Verbs: accounts and roles, sessions; how officers and clerks sign in; how WeChat and a phone code do."""

from services.accounts.service.roles import end_role, grant, open_account
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
    "end_clerk_sessions", "end_device", "end_role", "end_sessions", "grant", "open_account", "prove",
    "purge_sessions", "seen", "sign_in", "sign_out",
]  # fmt: skip
