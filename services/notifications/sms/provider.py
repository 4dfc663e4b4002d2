"""What the two providers have in common: an answer to one send, and the way there."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import requests
from requests.adapters import HTTPAdapter

from services.notifications.ports import Effect
from services.notifications.types import DeliveryStatus

CONNECT, READ = 3.0, 5.0
"""Seconds to connect, and between two pieces of an answer: together below ports.TIMEOUT."""
IN_FLIGHT = 32
NOT_SENT, LOST = "down:connect", "down:lost"
"""Reasons: certainly not sent; perhaps sent, the answer got lost. sending.Breaker counts both."""

# At debug they print addresses, phones, codes and signatures.
for _name in ("urllib3", "darabonba-core", "alibabacloud-tea", "credentials", "tencentcloud_sdk_common"):
    logging.getLogger(_name).setLevel(logging.WARNING)


@dataclass(frozen=True)
class Sms:
    """One SMS to one number, by a template of the provider. `reference` comes back in its report."""

    phone: str = field(repr=False)
    template: str
    variables: Mapping[str, str] = field(repr=False)
    reference: str


@dataclass(frozen=True)
class Answer:
    """What a provider said; the same meaning as in ports.Result."""

    status: DeliveryStatus
    reason: str | None = None
    effect: Effect = Effect.NONE
    provider_id: str | None = None


NUMBER = Answer(DeliveryStatus.PERMANENT_FAILURE, effect=Effect.BLOCK_ADDRESS)
ACCOUNT = Answer(DeliveryStatus.TECHNICAL_FAILURE, effect=Effect.STOP_CHANNEL)
TEMPLATE = Answer(DeliveryStatus.TECHNICAL_FAILURE, effect=Effect.PAUSE_TEMPLATE)
CONTENT = Answer(DeliveryStatus.TECHNICAL_FAILURE)
AGAIN = Answer(DeliveryStatus.CREATED)
SLOWER = Answer(DeliveryStatus.CREATED, effect=Effect.PAUSE_MINUTE)
TOMORROW = Answer(DeliveryStatus.CREATED, effect=Effect.PAUSE_UNTIL_MIDNIGHT)
NOT_TODAY = Answer(DeliveryStatus.PERMANENT_FAILURE)
PERHAPS = Answer(DeliveryStatus.UNKNOWN)
"""What the providers' codes mean: this number; our account; this template; these words; not now; the number's day."""


class Provider(Protocol):
    """Hands one SMS over. Never repeats it by itself, and raises nothing."""

    def submit(self, sms: Sms) -> Answer: ...


class Unreachable(OSError):
    """No connection: certainly not sent. Its words name nobody, for the providers' packages pass them on."""


class AnswerLost(OSError):
    """Perhaps sent: the connection broke or nothing came in time."""


class Direct(HTTPAdapter):
    """No proxy, whatever the environment says; no redirect; and errors without the address, which holds the phone.

    The packages read proxies from the environment, follow redirects, and put requests' words into their own errors.
    """

    def __init__(self) -> None:
        super().__init__(pool_maxsize=IN_FLIGHT, max_retries=0)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        try:
            answer = super().send(request, **(kwargs | {"timeout": (CONNECT, READ), "proxies": {}, "stream": False}))
            answer.content  # noqa: B018 - read here, so that an answer that breaks off is known as one
        except (requests.ConnectTimeout, requests.exceptions.SSLError):
            raise Unreachable(NOT_SENT) from None
        except requests.ConnectionError as error:
            refused = "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error)
            raise (Unreachable(NOT_SENT) if refused else AnswerLost(LOST)) from None
        except (requests.RequestException, OSError):
            raise AnswerLost(LOST) from None
        answer.headers.pop("Location", None)
        return answer


def session() -> requests.Session:
    """Fine for many threads: nothing in it changes."""
    made = requests.Session()
    made.trust_env = False
    made.mount("https://", Direct())
    made.mount("http://", Direct())
    return made


def lost(why: str) -> Answer:
    """An answer that is none, by what `Direct` raised: as its words, wherever the package has put them."""
    if NOT_SENT in why:
        return Answer(DeliveryStatus.CREATED, NOT_SENT)
    return Answer(DeliveryStatus.UNKNOWN, LOST)


def meant(found: Answer, code: str) -> Answer:
    """The meaning with the provider's own code as its reason."""
    return replace(found, reason=code[:60])
