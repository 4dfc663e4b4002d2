"""Aliyun (dysmsapi 2017-05-25). The only importer of its packages, which drag in an HTTP server and a scheduler:
app/partners loads this module only where Aliyun is the provider."""

import json
from typing import Any

from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_dysmsapi20170525.models import SendSmsRequest
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.core import DaraCore
from darabonba.exceptions import ResponseException
from darabonba.runtime import RuntimeOptions

from services.notifications.sms.provider import (
    ACCOUNT,
    AGAIN,
    CONTENT,
    NOT_TODAY,
    NUMBER,
    PERHAPS,
    SLOWER,
    TEMPLATE,
    TOMORROW,
    Answer,
    Sms,
    lost,
    meant,
    session,
)
from services.notifications.types import DeliveryStatus

ENDPOINT = "https://dysmsapi.aliyuncs.com"

MEANING: dict[str, Answer] = {
    "isv.MOBILE_NUMBER_ILLEGAL": NUMBER,
    "isv.SMS_SIGNATURE_ILLEGAL": ACCOUNT,
    "isv.SMS_SIGN_ILLEGAL": ACCOUNT,
    "isv.SMS_SIGNATURE_SCENE_ILLEGAL": TEMPLATE,
    "isv.OUT_OF_SERVICE": ACCOUNT,
    "isv.AMOUNT_NOT_ENOUGH": ACCOUNT,
    "isv.PRODUCT_UN_SUBSCRIPT": ACCOUNT,
    "isv.PRODUCT_UNSUBSCRIBE": ACCOUNT,
    "isv.ACCOUNT_NOT_EXISTS": ACCOUNT,
    "isv.ACCOUNT_ABNORMAL": ACCOUNT,
    "isv.DENY_IP_RANGE": ACCOUNT,
    "isv.MONTH_LIMIT_CONTROL": ACCOUNT,
    "isp.RAM_PERMISSION_DENY": ACCOUNT,
    "isv.SMS_TEMPLATE_ILLEGAL": TEMPLATE,
    "isv.TEMPLATE_MISSING_PARAMETERS": TEMPLATE,
    "isv.INVALID_JSON_PARAM": TEMPLATE,
    "isv.INVALID_PARAMETERS": TEMPLATE,
    "isv.DOMESTIC_NUMBER_NOT_SUPPORTED": TEMPLATE,
    "isv.PARAM_LENGTH_LIMIT": CONTENT,
    "isv.PARAM_NOT_SUPPORT_URL": CONTENT,
    # Not the number: a word in a variable (documentation of the provider's error codes).
    "isv.BLACK_KEY_CONTROL_LIMIT": CONTENT,
    "isv.SMS_CONTENT_ILLEGAL": CONTENT,
    "isv.DAY_LIMIT_CONTROL": TOMORROW,
    "isp.SYSTEM_ERROR": AGAIN,
    "ServiceUnavailable": AGAIN,
}
"""Of a code that stands here the API says: nothing went out."""
LIMITED, WHOLE_DAY = "isv.BUSINESS_LIMIT_CONTROL", "天级"
"""The number has had its share of this minute, hour or day: the message says of which."""


class Aliyun:
    def __init__(self, *, key_id: str, key_secret: str, sign: str, url: str = ENDPOINT) -> None:
        self._sign = sign
        scheme, _, host = url.partition("://")
        self._client = Client(
            Config(access_key_id=key_id, access_key_secret=key_secret, protocol=scheme, endpoint=host)
        )
        _direct()

    def submit(self, sms: Sms) -> Answer:
        request = SendSmsRequest(
            phone_numbers=sms.phone,
            sign_name=self._sign,
            template_code=sms.template,
            template_param=json.dumps(dict(sms.variables), ensure_ascii=False) if sms.variables else None,
            out_id=sms.reference,
        )
        try:
            body = self._client.send_sms_with_options(request, RuntimeOptions(autoretry=False)).body
        except ResponseException as error:  # an answer of 4xx or 5xx, with a code if it is the API's own
            return _refused(str(error.code), str(error.message), gateway=(error.status_code or 0) >= 500)
        except Exception as error:  # the package wraps what it meets in many kinds
            return lost(str(error))
        if body is None or not body.code:
            return lost("")
        if body.code == "OK":
            return Answer(DeliveryStatus.SENT, provider_id=body.biz_id)
        return _refused(body.code, body.message or "")


def _refused(code: str, message: str, *, gateway: bool = False) -> Answer:
    if code in ("", "None"):  # a page of some gateway's, not an answer of the API's
        return lost("")
    found = MEANING.get(code)
    if code == LIMITED:
        found = NOT_TODAY if WHOLE_DAY in message else AGAIN
    elif code.startswith("Throttling"):
        found = SLOWER
    elif found is None:
        # An unknown code is a fault of ours; a failure of theirs says nothing of what went before it.
        found = PERHAPS if gateway else ACCOUNT
    return meant(found, code)


def _direct() -> None:
    """The package keeps sessions of its own; it is given ours: see provider.Direct."""
    ours = session()

    def get_session(*_args: Any, **_kwargs: Any) -> Any:
        return ours

    DaraCore._get_session = staticmethod(get_session)  # noqa: SLF001 - it offers no other way
