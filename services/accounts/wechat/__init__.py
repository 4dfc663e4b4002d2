"""The client of the WeChat platform: sign-in codes, phone numbers, signatures for pages, messages.

The only importer of wechatpy, whose gaps it covers (docs/decisions/0017): one stable token for all
processes, time limits, bounded repeats, and errors of our own that carry no address, secret, token or code.
Never call it inside a transaction: it lets go of the session's database connection before it calls out.
"""

from services.accounts.wechat.client import PageSignature, Platform, WechatUser
from services.accounts.wechat.problems import (
    STALE,
    PlatformBusy,
    PlatformCodeRefused,
    PlatformMisconfigured,
    PlatformTooOften,
    PlatformUserRefused,
)
from services.accounts.wechat.wire import BUSY, OFFICIAL_API, OFFICIAL_OPEN, AppKeys, Failed

__all__ = [
    "BUSY", "OFFICIAL_API", "OFFICIAL_OPEN", "STALE", "AppKeys", "Failed", "PageSignature", "Platform", "PlatformBusy",
    "PlatformCodeRefused", "PlatformMisconfigured", "PlatformTooOften", "PlatformUserRefused", "WechatUser",
]  # fmt: skip
