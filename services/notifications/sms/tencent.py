"""Tencent Cloud (sms 2021-01-11). The only importer of its packages."""

from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111.models import SendSmsRequest
from tencentcloud.sms.v20210111.sms_client import SmsClient

from services.notifications.sms.provider import (
    ACCOUNT,
    AGAIN,
    CONNECT,
    CONTENT,
    NOT_TODAY,
    NUMBER,
    PERHAPS,
    READ,
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

ENDPOINT = "https://sms.tencentcloudapi.com"

MEANING: dict[str, Answer] = {
    "FailedOperation.PhoneNumberInBlacklist": NUMBER,
    "FailedOperation.PhoneNumberParseFail": NUMBER,
    "InvalidParameterValue.IncorrectPhoneNumber": NUMBER,
    "FailedOperation.TemplateIncorrectOrUnapproved": TEMPLATE,
    "FailedOperation.TemplateUnapprovedOrNotExist": TEMPLATE,
    "FailedOperation.TemplateIdNotExist": TEMPLATE,
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": TEMPLATE,
    "InvalidParameterValue.TemplateParameterFormatError": TEMPLATE,
    "FailedOperation.ContainSensitiveWord": CONTENT,
    "InvalidParameterValue.TemplateParameterLengthLimit": CONTENT,
    "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter": CONTENT,
    "InvalidParameterValue.ContentLengthLimit": CONTENT,
    "LimitExceeded.PhoneNumberThirtySecondLimit": AGAIN,
    "LimitExceeded.PhoneNumberOneHourLimit": AGAIN,
    "LimitExceeded.PhoneNumberDailyLimit": NOT_TODAY,
    "LimitExceeded.PhoneNumberSameContentDailyLimit": NOT_TODAY,
    "LimitExceeded.DeliveryFrequencyLimit": SLOWER,
    "LimitExceeded.GlobalSmsSendingRateLimit": SLOWER,
    "LimitExceeded.DailyLimit": TOMORROW,
    "LimitExceeded.AppDailyLimit": TOMORROW,
    "LimitExceeded.AppMainlandChinaDailyLimit": TOMORROW,
    "RequestLimitExceeded": SLOWER,
    "InternalError.Timeout": AGAIN,
    "InternalError.RequestTimeException": ACCOUNT,  # our clock is wrong
    "InternalError.SigVerificationFail": ACCOUNT,
    "InternalError.SigFieldMissing": ACCOUNT,
}
"""By the API's code; what begins with InternalError and is not here may have gone out; any other is a fault of ours."""


class Tencent:
    def __init__(
        self, *, secret_id: str, secret_key: str, app_id: str, sign: str, region: str, url: str = ENDPOINT
    ) -> None:
        self._sign, self._app_id = sign, app_id
        scheme, _, host = url.partition("://")
        http = HttpProfile(protocol=scheme, endpoint=host, reqTimeout=int(CONNECT + READ))
        profile = ClientProfile(signMethod="TC3-HMAC-SHA256", httpProfile=http)
        self._client = SmsClient(Credential(secret_id, secret_key), region, profile)
        self._client.request.conn._session = session()  # noqa: SLF001 - it offers no other way: see provider.Direct
        self._client.request.conn.proxy = None

    def submit(self, sms: Sms) -> Answer:
        request = SendSmsRequest()
        request.PhoneNumberSet = [f"+86{sms.phone}"]
        request.SmsSdkAppId = self._app_id
        request.SignName = self._sign
        request.TemplateId = sms.template
        request.TemplateParamSet = list(sms.variables.values())
        request.SessionContext = sms.reference
        try:
            statuses = self._client.SendSms(request).SendStatusSet or []
        except TencentCloudSDKException as error:
            return _refused(str(error.code), str(error.message))
        if len(statuses) != 1:
            return lost("")
        if statuses[0].Code == "Ok":
            return Answer(DeliveryStatus.SENT, provider_id=statuses[0].SerialNo)
        return _refused(str(statuses[0].Code), "")


def _refused(code: str, message: str) -> Answer:
    if not code or ("." not in code and code not in CALLS):
        return lost(message)  # the package's own errors: ClientNetworkError, ServerNetworkError, JSONDecodeError
    found = MEANING.get(code) or MEANING.get(code.partition(".")[0])
    if found is None:
        found = PERHAPS if code.startswith("InternalError") else ACCOUNT
    return meant(found, code)


CALLS = frozenset(
    {
        "AuthFailure", "FailedOperation", "InternalError", "InvalidAction", "InvalidParameter", "InvalidParameterValue",
        "InvalidRequest", "LimitExceeded", "MissingParameter", "NoSuchVersion", "RequestLimitExceeded",
        "UnauthorizedOperation", "UnknownParameter", "UnsupportedOperation", "UnsupportedProtocol", "UnsupportedRegion",
    }
)  # fmt: skip
"""Codes of the API that have no dot."""
