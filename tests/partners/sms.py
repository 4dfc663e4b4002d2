"""A strict stand-in of both SMS providers on loopback: what they answer and refuse, as their documentation has it.

By hand: `python -m tests.partners.sms --port 8766 --provider aliyun` prints the settings for an application that uses
it, and each message as it comes.
"""

import argparse
import dataclasses
import hashlib
import hmac
import json
import re
import secrets
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

SIGN = "某区总工会"
#: Template -> names of its variables, in order. Codes take six digits or fewer.
TEMPLATES: dict[str, dict[str, tuple[str, ...]]] = {
    "aliyun": {"SMS_100001": ("code",), "SMS_100002": (), "SMS_100003": ("content",)},
    "tencent": {"1000001": ("code",), "1000002": (), "1000003": ("content",)},
}
CODE_LIMITS = ((60, 1), (3600, 5), (86400, 10))
NUMBER = re.compile(r"1[0-9]{10}")


class Fault(StrEnum):
    """What a provider does instead of answering; anything else that is asked for is a code of its own."""

    SERVER_ERROR = "server error"  # HTTP 502 with a page
    NOT_JSON = "not json"
    HALF = "half"  # the connection ends inside the answer, and the message goes out
    HANG = "hang"  # no answer, and the message goes out
    REDIRECT = "redirect"


@dataclasses.dataclass(frozen=True)
class Sent:
    provider: str
    phone: str
    template: str
    variables: tuple[str, ...]
    reference: str
    provider_id: str

    @property
    def code(self) -> str:
        return self.variables[0]


class Refused(Exception):
    """`whole`: of the call, not of the number."""

    def __init__(self, code: str, message: str = "refused", *, status: int = 200, whole: bool = True) -> None:
        super().__init__(code)
        self.code, self.message, self.status, self.whole = code, message, status, whole


class SmsStandIn:
    """Both providers' memory: `sent` is what went out, `calls` what was asked, `faults` what comes next."""

    def __init__(self) -> None:
        self.keys = {name: (f"LTAI{secrets.token_hex(8)}", secrets.token_hex(15)) for name in TEMPLATES}
        self.app_id = "1400000001"
        self.sent: list[Sent] = []
        self.calls: Counter[str] = Counter()
        self.faults: deque[str] = deque()
        self.followed = 0
        self.released = threading.Event()
        self.before_hanging: Callable[[], None] = lambda: None
        self.url = ""
        self._nonces: set[str] = set()
        self._counts: Counter[tuple[str, int, int]] = Counter()
        self._lock = threading.Lock()

    def fail(self, *faults: str) -> None:
        if Fault.HANG in faults:
            self.before_hanging()
        self.faults.extend(faults)

    @property
    def last(self) -> Sent:
        return self.sent[-1]

    def accept(self, provider: str, phone: str, template: str, variables: Mapping[str, str], reference: str) -> Sent:
        """Raises Refused for a number that has had its share of codes."""
        with self._lock:
            if "code" in variables:
                self._count(provider, phone)
            number = f"{len(self.sent) + 1:06d}^{secrets.token_hex(4)}"
            sent = Sent(provider, phone, template, tuple(variables.values()), reference, number)
            self.sent.append(sent)
            return sent

    def fresh(self, nonce: str) -> bool:
        with self._lock:
            known = nonce in self._nonces
            self._nonces.add(nonce)
            return not known

    def _count(self, provider: str, phone: str) -> None:
        now = int(time.time())
        for span, most in CODE_LIMITS:
            at = (phone, span, now // span)
            if self._counts[at] >= most:
                raise limited(provider, span)
        for span, _ in CODE_LIMITS:
            self._counts[phone, span, now // span] += 1


def limited(provider: str, span: int) -> Refused:
    if provider == "tencent":
        words = {60: "ThirtySecond", 3600: "OneHour", 86400: "Daily"}
        return Refused(f"LimitExceeded.PhoneNumber{words[span]}Limit", whole=False)
    words = {60: "触发分钟级流控Permits:1", 3600: "触发小时级流控Permits:5", 86400: "触发天级流控Permits:10"}
    return Refused("isv.BUSINESS_LIMIT_CONTROL", words[span])


def report(sent: Sent, *, code: str = "", words: str = "") -> bytes:
    """What the provider pushes later; without `code` it says that the message arrived."""
    now = (datetime.now(UTC) + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")
    if sent.provider == "aliyun":
        one: dict[str, Any] = {
            "phone_number": sent.phone, "send_time": now, "report_time": now, "success": not code,
            "err_code": code or "DELIVERED", "err_msg": words or "用户接收成功", "sms_size": "1",
            "biz_id": sent.provider_id, "out_id": sent.reference,
        }  # fmt: skip
    else:
        one = {
            "user_receive_time": now, "nationcode": "86", "mobile": sent.phone,
            "report_status": "FAIL" if code else "SUCCESS", "errmsg": code or "DELIVRD",
            "description": words or "用户短信送达成功", "sid": sent.provider_id,
        }  # fmt: skip
    return json.dumps([one], ensure_ascii=False).encode()


# --- Aliyun: ACS3-HMAC-SHA256


def aliyun(stand_in: SmsStandIn, query: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    given = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=True))
    _signed_v3(stand_in, query, headers, body)
    if (headers["x-acs-action"], headers["x-acs-version"]) != ("SendSms", "2017-05-25"):
        raise Refused("InvalidAction.NotFound", status=404)
    if set(given) - {"PhoneNumbers", "SignName", "TemplateCode", "TemplateParam", "OutId"}:
        raise Refused("isv.INVALID_PARAMETERS")
    if given.get("SignName") != SIGN:
        raise Refused("isv.SMS_SIGNATURE_ILLEGAL")
    names = TEMPLATES["aliyun"].get(given.get("TemplateCode", ""))
    if names is None:
        raise Refused("isv.SMS_TEMPLATE_ILLEGAL")
    phone = given.get("PhoneNumbers", "")
    if not NUMBER.fullmatch(phone):
        raise Refused("isv.MOBILE_NUMBER_ILLEGAL")
    variables = _variables(given.get("TemplateParam", "{}"), names)
    sent = stand_in.accept("aliyun", phone, given["TemplateCode"], variables, given.get("OutId", ""))
    return {"Code": "OK", "Message": "OK", "BizId": sent.provider_id, "RequestId": secrets.token_hex(16).upper()}


def _variables(text: str, names: tuple[str, ...]) -> dict[str, str]:
    try:
        variables = json.loads(text)
    except ValueError:
        raise Refused("isv.INVALID_JSON_PARAM") from None
    if not isinstance(variables, dict) or not all(isinstance(value, str) for value in variables.values()):
        raise Refused("isv.INVALID_JSON_PARAM")
    if set(variables) != set(names):
        raise Refused("isv.TEMPLATE_MISSING_PARAMETERS")
    if any("://" in value or "www." in value for value in variables.values()):
        raise Refused("isv.PARAM_NOT_SUPPORT_URL")
    if not re.fullmatch(r"[0-9]{4,6}", variables.get("code", "0000")):
        raise Refused("isv.PARAM_LENGTH_LIMIT")
    return variables


def _signed_v3(stand_in: SmsStandIn, query: str, headers: Mapping[str, str], body: bytes) -> None:
    pattern = r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})"
    found = re.fullmatch(pattern, headers.get("authorization", ""))
    if not found:
        raise Refused("IncompleteSignature", status=400)
    key_id, names, signature = found.groups()
    known, secret = stand_in.keys["aliyun"]
    if key_id != known:
        raise Refused("InvalidAccessKeyId.NotFound", status=404)
    signed = names.split(";")
    needed = {name for name in headers if name.startswith("x-acs-")} | {"host"}
    if not needed <= set(signed) or signed != sorted(signed):
        raise Refused("IncompleteSignature", status=400)
    payload = hashlib.sha256(body).hexdigest()
    if headers["x-acs-content-sha256"] != payload:
        raise Refused("SignatureDoesNotMatch", status=400)
    sent_at = datetime.strptime(headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    if abs((datetime.now(UTC) - sent_at).total_seconds()) > 900:
        raise Refused("InvalidTimeStamp.Expired", status=400)
    if not stand_in.fresh(headers["x-acs-signature-nonce"]):
        raise Refused("SignatureNonceUsed", status=400)
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    asked = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in signed)
    canonical = "\n".join(("POST", "/", asked, lines, names, payload))
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    if not hmac.compare_digest(hmac.digest(secret.encode(), text.encode(), "sha256").hex(), signature):
        raise Refused("SignatureDoesNotMatch", status=400)


# --- Tencent: TC3-HMAC-SHA256


def tencent(stand_in: SmsStandIn, query: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    _signed_tc3(stand_in, query, headers, body)
    if (headers["x-tc-action"], headers["x-tc-version"]) != ("SendSms", "2021-01-11"):
        raise Refused("InvalidAction")
    given = json.loads(body)
    shapes = {
        "PhoneNumberSet": list, "SmsSdkAppId": str, "SignName": str, "TemplateId": str, "TemplateParamSet": list,
        "SessionContext": str,
    }  # fmt: skip
    for name, value in given.items():
        if name not in shapes:
            raise Refused("UnknownParameter")
        if not isinstance(value, shapes[name]):
            raise Refused("InvalidParameter")
    if given.get("SmsSdkAppId") != stand_in.app_id:
        raise Refused("UnauthorizedOperation.SmsSdkAppIdVerifyFail")
    if given.get("SignName") != SIGN:
        raise Refused("FailedOperation.SignatureIncorrectOrUnapproved", whole=False)
    names = TEMPLATES["tencent"].get(given.get("TemplateId", ""))
    if names is None:
        raise Refused("FailedOperation.TemplateIncorrectOrUnapproved", whole=False)
    variables = _values(given.get("TemplateParamSet", []), names)
    (number,) = given["PhoneNumberSet"]
    if not re.fullmatch(r"\+86" + NUMBER.pattern, number):
        raise Refused("InvalidParameterValue.IncorrectPhoneNumber", whole=False)
    sent = stand_in.accept("tencent", number[3:], given["TemplateId"], variables, given.get("SessionContext", ""))
    return tencent_status("Ok", sent.provider_id, number)


def _values(values: list[Any], names: tuple[str, ...]) -> dict[str, str]:
    if len(values) != len(names) or not all(isinstance(value, str) for value in values):
        raise Refused("FailedOperation.TemplateParamSetNotMatchApprovedTemplate", whole=False)
    if any("://" in value or "www." in value for value in values):
        raise Refused("InvalidParameterValue.ProhibitedUseUrlInTemplateParameter", whole=False)
    variables = dict(zip(names, values, strict=True))
    if not re.fullmatch(r"[0-9]{1,6}", variables.get("code", "0")):
        raise Refused("InvalidParameterValue.TemplateParameterFormatError", whole=False)
    return variables


def tencent_status(code: str, serial: str = "", number: str = "") -> dict[str, Any]:
    status = {
        "SerialNo": serial, "PhoneNumber": number, "Fee": int(code == "Ok"), "SessionContext": "", "Code": code,
        "Message": code, "IsoCode": "CN",
    }  # fmt: skip
    return {"Response": {"SendStatusSet": [status], "RequestId": secrets.token_hex(16)}}


def _signed_tc3(stand_in: SmsStandIn, query: str, headers: Mapping[str, str], body: bytes) -> None:
    pattern = (
        r"TC3-HMAC-SHA256 Credential=([^/]+)/([0-9-]{10})/sms/tc3_request, "
        r"SignedHeaders=([a-z;-]+), Signature=([0-9a-f]{64})"
    )
    found = re.fullmatch(pattern, headers.get("authorization", ""))
    if not found or query or headers.get("content-type") != "application/json":
        raise Refused("AuthFailure.InvalidAuthorization")
    key_id, day, names, signature = found.groups()
    known, secret = stand_in.keys["tencent"]
    if key_id != known:
        raise Refused("AuthFailure.SecretIdNotFound")
    if not headers.get("x-tc-region"):
        raise Refused("MissingParameter")
    stamp = int(headers["x-tc-timestamp"])
    if abs(time.time() - stamp) > 300 or datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m-%d") != day:
        raise Refused("AuthFailure.SignatureExpire")
    signed = names.split(";")
    if not {"content-type", "host"} <= set(signed) or signed != sorted(signed):
        raise Refused("AuthFailure.SignatureFailure")
    lines = "".join(f"{name}:{headers[name].strip().lower()}\n" for name in signed)
    canonical = "\n".join(("POST", "/", "", lines, names, hashlib.sha256(body).hexdigest()))
    scope = f"{day}/sms/tc3_request"
    text = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"TC3{secret}".encode()
    for part in (day, "sms", "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    if not hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), signature):
        raise Refused("AuthFailure.SignatureFailure")


# --- over HTTP


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    stand_in: SmsStandIn

    def do_GET(self) -> None:
        self.stand_in.followed += 1
        self._send(b"{}")

    def log_message(self, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        self.close_connection = True
        stand_in, parts = self.stand_in, urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length") or 0))
        provider = "aliyun" if "x-acs-action" in headers else "tencent"
        stand_in.calls[provider] += 1
        fault = stand_in.faults.popleft() if stand_in.faults else ""
        if parts.path != "/":
            stand_in.followed += 1
        if fault in (Fault.SERVER_ERROR, Fault.NOT_JSON, Fault.REDIRECT):
            self._misbehave(fault)
            return
        try:
            answer = (aliyun if provider == "aliyun" else tencent)(stand_in, parts.query, headers, body)
            status = 200
        except Refused as refused:
            answer, status = _refusal(provider, refused)
        if fault and fault not in list(Fault):
            code, _, words = fault.partition(" ")
            answer, status = _refusal(provider, Refused(code, words, whole=False))
        whole = json.dumps(answer, ensure_ascii=False).encode()
        if fault == Fault.HANG:
            stand_in.released.wait(20)
        self._send(whole, status=status, half=fault == Fault.HALF)

    def _misbehave(self, fault: str) -> None:
        if fault == Fault.REDIRECT:
            self.send_response(307)
            self.send_header("Location", f"{self.stand_in.url}/elsewhere?stolen=1")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif fault == Fault.SERVER_ERROR:
            self._send(b"<html>Bad Gateway</html>", status=502, kind="text/html")
        else:
            self._send(b"<html>maintenance</html>")

    def _send(self, body: bytes, *, status: int = 200, kind: str = "application/json", half: bool = False) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if half else body)
        except OSError:  # whoever asked has given up
            pass


def _refusal(provider: str, refused: Refused) -> tuple[dict[str, Any], int]:
    request = secrets.token_hex(16)
    if provider == "aliyun":
        return {"Code": refused.code, "Message": refused.message, "RequestId": request}, refused.status
    if refused.whole:
        return {"Response": {"Error": {"Code": refused.code, "Message": "refused"}, "RequestId": request}}, 200
    return tencent_status(refused.code), 200


@contextmanager
def running(port: int = 0) -> Iterator[SmsStandIn]:
    stand_in = SmsStandIn()
    handler = type("Handler", (_Handler,), {"stand_in": stand_in})
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        server.daemon_threads = True
        stand_in.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield stand_in
        finally:
            stand_in.released.set()
            server.shutdown()
            thread.join()


def environment(stand_in: SmsStandIn, provider: str) -> dict[str, str]:
    """The settings of an application that takes the stand-in for its provider."""
    key_id, secret = stand_in.keys[provider]
    code_template = next(iter(TEMPLATES[provider]))
    shared = {"SMS_PROVIDER": provider, "SMS_API_URL": stand_in.url}
    if provider == "aliyun":
        return shared | {
            "ALIYUN_SMS_KEY_ID": key_id, "ALIYUN_SMS_KEY_SECRET": secret, "ALIYUN_SMS_SIGN": SIGN,
            "ALIYUN_SMS_CODE_TEMPLATE": code_template,
        }  # fmt: skip
    return shared | {
        "TENCENT_SMS_SECRET_ID": key_id, "TENCENT_SMS_SECRET_KEY": secret, "TENCENT_SMS_SIGN": SIGN,
        "TENCENT_SMS_CODE_TEMPLATE": code_template, "TENCENT_SMS_APP_ID": stand_in.app_id,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8766)
    parser.add_argument("--provider", choices=list(TEMPLATES), default="aliyun")
    chosen = parser.parse_args()
    with running(chosen.port) as stand_in:
        for name, value in environment(stand_in, chosen.provider).items():
            print(f"{name}={value}", flush=True)
        shown = 0
        while True:
            time.sleep(0.2)
            for sent in stand_in.sent[shown:]:
                print(sent.phone, sent.template, *sent.variables, file=sys.stderr, flush=True)
                shown += 1


if __name__ == "__main__":
    main()
