"""The port of the provider that is chosen."""

import datetime
import pkgutil
from collections.abc import Callable
from typing import cast

from services.notifications.sms.limits import Limits
from services.notifications.sms.port import SmsPort, Transact
from services.notifications.sms.provider import Provider

#: By name, so that nothing of a provider is loaded where another sends: Aliyun's packages weigh 45 MB.
CLASSES = {
    "aliyun": "services.notifications.sms.aliyun:Aliyun",
    "tencent": "services.notifications.sms.tencent:Tencent",
}


def port(
    provider: str,
    keys: dict[str, str],
    *,
    limits: Limits,
    transact: Transact,
    clock: Callable[[], datetime.datetime],
) -> SmsPort:
    """`keys` is what the provider's class takes, its sign among them."""

    def make() -> Provider:
        return cast("Provider", pkgutil.resolve_name(CLASSES[provider])(**keys))

    return SmsPort(provider, make, sign=keys["sign"], limits=limits, transact=transact, clock=clock)
