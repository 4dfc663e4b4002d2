"""What the providers report of an SMS that they took: read strictly, as one shape for both. No database, no clock."""

import datetime
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.core.calendar import SHANGHAI
from services.notifications.bodies import Wrong

MOST = 1000
"""Reports in one push."""
LARGEST = 512 * 1024
"""Bytes of one push."""
ACCEPTED: dict[str, dict[str, Any]] = {
    "aliyun": {"code": 0, "msg": "接收成功"},
    "tencent": {"result": 0, "errmsg": "OK"},
}
"""The answer that each wants; on any other it comes again."""
EVENT = "sms_report"
_ID = re.compile(r"[0-9A-Za-z^_:-]{1,64}")
_NUMBER = re.compile(r"1[0-9]{10}")
_DEAD = re.compile(r"空号|黑名单|BLACK|MOBILE_NOT_ON_SERVICE|INVALID_NUMBER|NOT_EXIST", re.IGNORECASE)
"""The carriers' codes are many and differ by province; these words stand beside those that are for good."""


@dataclass(frozen=True)
class Report:
    """`reference` is what we called it ourselves, where the provider gives it back."""

    provider_id: str
    phone: str = field(repr=False)
    arrived: bool
    #: no such number, or the number is on a blacklist
    dead: bool
    code: str
    happened_at: datetime.datetime
    reference: str = ""

    def body(self) -> dict[str, Any]:
        """As it is kept; texts."""
        return {
            "provider_id": self.provider_id, "phone": self.phone, "arrived": str(int(self.arrived)),
            "dead": str(int(self.dead)), "code": self.code, "reference": self.reference,
        }  # fmt: skip

    def digest(self, provider: str) -> bytes:
        """The same each time the same is reported."""
        said = (provider, self.provider_id, self.phone, self.code)
        return hashlib.sha256("\0".join(said).encode()).digest()


def parse(provider: str, raw: bytes) -> list[Report]:
    """Raises Wrong for whatever is not as this provider writes it: then nothing of the push is kept."""
    if len(raw) > LARGEST:
        raise Wrong("size")
    try:
        found = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Wrong("json") from None
    if not isinstance(found, list) or not 1 <= len(found) <= MOST or not all(isinstance(one, dict) for one in found):
        raise Wrong("shape")
    return [_READERS[provider](one) for one in found]


def _aliyun(one: Mapping[str, Any]) -> Report:
    arrived = one.get("success")
    if not isinstance(arrived, bool):
        raise Wrong("shape")
    return _report(
        _text(one, "biz_id"), _text(one, "phone_number"), arrived, _text(one, "err_code"), one.get("err_msg"),
        _text(one, "report_time"), one.get("out_id"),
    )  # fmt: skip


def _tencent(one: Mapping[str, Any]) -> Report:
    status = one.get("report_status")
    if status not in ("SUCCESS", "FAIL") or _text(one, "nationcode") != "86":
        raise Wrong("shape")
    return _report(
        _text(one, "sid"), _text(one, "mobile"), status == "SUCCESS", _text(one, "errmsg"), one.get("description"),
        _text(one, "user_receive_time"), None,
    )  # fmt: skip


def _report(number: str, phone: str, arrived: bool, code: str, words: Any, at: str, reference: Any) -> Report:
    phone = re.sub(r"^(\+86|0086|86)(?=1[0-9]{10}$)", "", phone)
    if not _ID.fullmatch(number) or not _NUMBER.fullmatch(phone):
        raise Wrong("shape")
    try:
        happened_at = datetime.datetime.strptime(at, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
    except ValueError:
        raise Wrong("time") from None
    return Report(
        provider_id=number,
        phone=phone,
        arrived=arrived,
        dead=not arrived and bool(_DEAD.search(f"{code} {words}")),
        code=re.sub(r"[^0-9A-Za-z_.:-]", "", code)[:40],
        happened_at=happened_at.astimezone(datetime.UTC),
        reference=reference if isinstance(reference, str) and _ID.fullmatch(reference) else "",
    )


def _text(one: Mapping[str, Any], name: str) -> str:
    value = one.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= 200:
        raise Wrong("shape")
    return value


_READERS: dict[str, Callable[[Mapping[str, Any]], Report]] = {"aliyun": _aliyun, "tencent": _tencent}
