"""What the platform's no means to the house."""

from services.accounts import errors
from services.accounts.wechat.wire import BUSY, Failed
from services.core.errors import DomainError, Forbidden, Invalid, Unavailable

STALE = frozenset({40001, 40014, 42001})
CODE_REFUSED = frozenset({40029, 40163})
RISKY_USER = 40226
TOO_OFTEN = frozenset({45009, 45011, 44991})


class PlatformBusy(Unavailable):
    """No answer, half an answer, or one that says to come again."""


class PlatformMisconfigured(Unavailable):
    """The platform refuses us, not the user: app id, secret, address list, permission. An operator must act."""


class PlatformTooOften(Unavailable):
    """This user or this app asked too much of the platform; a minute later it answers again."""


class PlatformCodeRefused(Invalid):
    """The code is used, over, or of another app: the client must fetch a new one. Never repeated."""


class PlatformUserRefused(Forbidden):
    """The platform warns of this user, or shows a snapshot of a page and no real user at all."""


def refused(failed: Failed) -> DomainError:
    code = failed.errcode
    if code in CODE_REFUSED:
        return PlatformCodeRefused(errors.WECHAT_CODE_REFUSED)
    if code == RISKY_USER:
        return PlatformUserRefused(errors.WECHAT_USER_RISKY)
    if code in TOO_OFTEN:
        return PlatformTooOften(errors.WECHAT_TOO_OFTEN)
    if code is None or code == BUSY:
        return PlatformBusy(errors.WECHAT_BUSY)
    return PlatformMisconfigured(errors.WECHAT_MISCONFIGURED)
