"""Tables: who can sign in and is (people), how officers do (staff), how WeChat says who somebody is (wechat)."""

from services.accounts.models.people import Account, RoleGrant, Session
from services.accounts.models.staff import Credential, DeskSignIn, FactorReset, FailedSignIns, Invitation

__all__ = ["Account", "Credential", "DeskSignIn", "FactorReset", "FailedSignIns", "Invitation", "RoleGrant", "Session"]
