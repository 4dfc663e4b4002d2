"""Tables: who can sign in and is (people), how officers do (staff), how WeChat (wechat) and a phone (codes) say who."""

from services.accounts.models.codes import PhoneCode, ProvenPhone
from services.accounts.models.people import Account, RoleGrant, Session
from services.accounts.models.staff import Credential, DeskSignIn, FactorReset, FailedSignIns, Invitation
from services.accounts.models.wechat import PlatformValue, SignInState, WechatIdentity

__all__ = [
    "Account", "Credential", "DeskSignIn", "FactorReset", "FailedSignIns", "Invitation", "PhoneCode", "PlatformValue",
    "ProvenPhone", "RoleGrant", "Session", "SignInState", "WechatIdentity",
]  # fmt: skip
