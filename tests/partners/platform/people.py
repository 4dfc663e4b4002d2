"""Who is there at the platform, and how it says no."""

import dataclasses
import hashlib
from enum import StrEnum

CODE_SECONDS = 300


class Fault(StrEnum):
    """What the platform does instead of answering; each once, in the order they were asked for.

    Beside these: any errcode as a number (it takes nothing then), and `Status` for an HTTP status.
    """

    BUSY = "busy"  # -1
    TOO_OFTEN = "too often"  # 45011
    SERVER_ERROR = "server error"  # HTTP 502
    NOT_JSON = "not json"
    A_LIST = "a list"
    HALF = "half"  # the connection ends inside the answer, and it has taken nothing
    HANG = "hang"  # before it looks at anything
    LOST = "lost"  # takes it, then the connection ends without an answer
    LOST_HALF = "lost half"  # takes it, and the connection ends inside the answer
    LATE = "late"  # takes it, and hangs
    OTHER_WATERMARK = "other watermark"
    RISKY = "risky"  # 40226
    REVOKED = "revoked"  # 40001: somebody else fetched a token


@dataclasses.dataclass(frozen=True)
class Status:
    """An HTTP status instead of an answer."""

    code: int


Trouble = Fault | Status | int


class For(StrEnum):
    LOGIN = "login"
    PHONE = "phone"
    PAGE = "page"


@dataclasses.dataclass(frozen=True)
class App:
    appid: str
    secret: str


@dataclasses.dataclass(frozen=True)
class Person:
    """Somebody invented, with a WeChat."""

    name: str
    phone: str
    unionid: str | None = None
    country: str = "86"

    def openid(self, appid: str) -> str:
        return "o" + hashlib.sha256(f"{appid} {self.name}".encode()).hexdigest()[:27]


@dataclasses.dataclass
class Code:
    use: For
    appid: str
    person: Person
    expires_at: float
    snapshot: bool = False
    used: bool = False


class Refused(Exception):
    """`more`: what stands in the answer beside code and message."""

    def __init__(self, errcode: int, errmsg: str, **more: object) -> None:
        super().__init__(errmsg)
        self.errcode, self.errmsg, self.more = errcode, errmsg, more


REFUSALS = {
    Fault.BUSY: Refused(-1, "system error"),
    Fault.TOO_OFTEN: Refused(45011, "api minute-quota reach limit, must slower, retry next minute"),
    Fault.RISKY: Refused(40226, "code blocked"),
}
PEOPLE = (
    Person("李春梅", "10012345678", "u-li-chunmei"),
    Person("赵国成", "10022223333"),
    Person("孙晓华", "10033334444"),
)
