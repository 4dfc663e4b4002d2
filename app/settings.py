"""The settings, read once from the environment into one frozen object. A bad or half-set value stops the start."""

import base64
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, NamedTuple

from app import environment as read
from app.environment import KeyRing, SettingsError

Environment = Literal["development", "production"]
Push = tuple[str, tuple[bytes, ...], str]

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, kw_only=True)
class Sms:
    """The account at the provider that sends SMS: the one that SMS_PROVIDER names."""

    provider: Literal["aliyun", "tencent"]
    key_id: str = field(repr=False)
    key_secret: str = field(repr=False)
    #: as it stands between 【】
    sign: str
    #: the provider's template for codes, its only variable the code
    code_template: str
    app_id: str
    region: str
    #: a stand-in; None: the provider itself
    api_url: str | None


class SmsBounds(NamedTuple):
    """What SMS may cost, and how many notices go out by it in a minute."""

    fen_per_message: int
    fen_per_day: int
    per_minute: int


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that may differ between two installations. docs/settings.md lists each with its default."""

    env: Environment
    database_url: str
    redis_url: str | None
    host: str
    port: int
    public_url: str
    code_case: Literal["upper", "lower"]
    instance_dir: Path
    demo: bool
    demo_members: int
    signing_keys: KeyRing
    field_keys: KeyRing
    index_key: bytes
    backup_key: bytes | None
    web_workers: int
    web_threads: int
    worker_concurrency: int
    sends_in_flight: int
    trusted_proxies: int
    body_limit_kb: int
    roster_limit_mb: int
    notice_second_above: int
    #: how long a message stands in an inbox
    inbox_days: int
    log_level: str
    #: appid and secret of the mini program and of the official account; None: not set up
    wechat_mp: tuple[str, str] | None
    wechat_oa: tuple[str, str] | None
    #: token, AES keys (the newest first) and mode of what the platform posts to us; None: it does not
    wechat_mp_push: Push | None
    wechat_oa_push: Push | None
    #: the mini program's page that messages open, as "pages/open/index"; it gets our path as ?path=
    wechat_mp_page: str
    wechat_api_url: str
    wechat_open_url: str
    #: the script by which a page in WeChat may open its scanner
    wechat_script_url: str
    #: name and content of the file by which the platform knows that the domain is ours
    wechat_verify_file: tuple[str, str] | None
    phone_codes_per_minute: int
    #: None: no SMS goes out
    sms: Sms | None
    sms_bounds: SmsBounds
    #: in the address that the provider reports to; None: it has none
    sms_report_token: str | None
    #: whoever brings it may read /metrics; None: nobody
    metrics_token: str | None
    #: what the law wants at the foot of the pages
    icp_number: str
    police_number: str

    def __repr__(self) -> str:
        secret = {
            "database_url",
            "redis_url",
            "signing_keys",
            "field_keys",
            "index_key",
            "backup_key",
            "wechat_mp",
            "wechat_oa",
            "wechat_mp_push",
            "wechat_oa_push",
            "sms",
            "sms_report_token",
            "metrics_token",
        }
        shown = (f"{f.name}={'…' if f.name in secret else getattr(self, f.name)!r}" for f in fields(self))
        return f"Settings({', '.join(shown)})"

    @property
    def secure_cookies(self) -> bool:
        return self.public_url.startswith("https://")


def fresh_keys() -> dict[str, str]:
    """Random key material in the form the environment takes it, for `make run` on a new machine."""
    return {
        "SIGNING_KEYS": f"1:{secrets.token_hex(32)}",
        "FIELD_KEYS": f"1:{secrets.token_hex(32)}",
        "INDEX_KEY": secrets.token_hex(32),
    }


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Reads every setting. Raises SettingsError with one line for the first that is wrong or missing."""
    env = read.choice(environ, "GONGHUI_ENV", "development", ("development", "production"))
    port = read.number(environ, "PORT", 8000, 1, 65535)
    redis_url = read.redis_url(environ)
    return Settings(
        env="production" if env == "production" else "development",
        database_url=read.database_url(environ),
        redis_url=redis_url,
        host=environ.get("HOST") or "127.0.0.1",
        port=port,
        public_url=read.public_url(environ, env, port),
        code_case="lower" if read.choice(environ, "CODE_CASE", "upper", ("upper", "lower")) == "lower" else "upper",
        instance_dir=Path(environ.get("INSTANCE_DIR") or PROJECT / "instance"),
        demo=_demo(environ, env),
        demo_members=read.number(environ, "DEMO_MEMBERS", 2000, 100, 100_000),
        signing_keys=read.key_ring(environ, "SIGNING_KEYS"),
        field_keys=read.key_ring(environ, "FIELD_KEYS"),
        index_key=read.key("INDEX_KEY", environ.get("INDEX_KEY") or ""),
        backup_key=read.backup_key(environ),
        web_workers=_web_workers(environ, redis_url),
        web_threads=read.number(environ, "WEB_THREADS", 8, 1, 64),
        worker_concurrency=read.number(environ, "WORKER_CONCURRENCY", 4, 1, 64),
        sends_in_flight=read.number(environ, "SENDS_IN_FLIGHT", 24, 1, 200),
        trusted_proxies=read.number(environ, "TRUSTED_PROXIES", 0, 0, 5),
        body_limit_kb=read.number(environ, "BODY_LIMIT_KB", 64, 1, 10_240),
        roster_limit_mb=read.number(environ, "ROSTER_LIMIT_MB", 16, 1, 32),
        notice_second_above=read.number(environ, "NOTICE_SECOND_ABOVE", 500, 0, 1_000_000),
        inbox_days=read.number(environ, "INBOX_DAYS", 30, 7, 365),
        log_level=read.choice(environ, "LOG_LEVEL", "info", ("debug", "info", "warning", "error")),
        **_wechat(environ),
        icp_number=read.filing("ICP_NUMBER", environ.get("ICP_NUMBER") or ""),
        police_number=read.filing("POLICE_NUMBER", environ.get("POLICE_NUMBER") or ""),
        phone_codes_per_minute=read.number(environ, "PHONE_CODES_PER_MINUTE", 60, 1, 10_000),
        sms=_sms(environ),
        sms_bounds=_sms_bounds(environ),
        sms_report_token=_secret_word("SMS_REPORT_TOKEN", environ.get("SMS_REPORT_TOKEN") or ""),
        metrics_token=_secret_word("METRICS_TOKEN", environ.get("METRICS_TOKEN") or ""),
    )


def _wechat(environ: Mapping[str, str]) -> dict[str, Any]:
    """The platform's part of them."""
    pushes = _pushes(environ)
    return {
        "wechat_mp": read.pair(
            "WECHAT_MP", environ.get("WECHAT_MP_APPID") or "", environ.get("WECHAT_MP_SECRET") or ""
        ),
        "wechat_oa": read.pair(
            "WECHAT_OA", environ.get("WECHAT_OA_APPID") or "", environ.get("WECHAT_OA_SECRET") or ""
        ),
        "wechat_mp_push": pushes[0],
        "wechat_oa_push": pushes[1],
        "wechat_mp_page": read.page(environ.get("WECHAT_MP_PAGE") or ""),
        "wechat_api_url": read.platform_url(
            "WECHAT_API_URL", environ.get("WECHAT_API_URL") or "https://api.weixin.qq.com"
        ),
        "wechat_open_url": read.platform_url(
            "WECHAT_OPEN_URL", environ.get("WECHAT_OPEN_URL") or "https://open.weixin.qq.com"
        ),
        "wechat_script_url": read.script(environ.get("WECHAT_SCRIPT_URL") or ""),
        "wechat_verify_file": read.verify_file(environ.get("WECHAT_VERIFY_FILE") or ""),
    }


def _web_workers(environ: Mapping[str, str], redis_url: str | None) -> int:
    number = read.number(environ, "WEB_WORKERS", 2 if redis_url else 1, 1, 64)
    if number > 1 and not redis_url:
        raise SettingsError(
            "WEB_WORKERS is above 1 but REDIS_URL is not set: without Redis every process would count "
            "rate limits for itself. Set REDIS_URL or WEB_WORKERS=1."
        )
    return number


def _demo(environ: Mapping[str, str], env: str) -> bool:
    demo = read.choice(environ, "DEMO", "0", ("0", "1")) == "1"
    if demo and env == "production":
        raise SettingsError("DEMO=1 opens a sign-in without a password and is refused when GONGHUI_ENV=production.")
    return demo


def _pushes(environ: Mapping[str, str]) -> tuple[Push | None, Push | None]:
    """Two tokens, or what was signed for one app would be good for the other."""
    mp = _push(
        "WECHAT_MP", environ.get("WECHAT_MP_APPID") or "", environ.get("WECHAT_MP_TOKEN") or "",
        environ.get("WECHAT_MP_AES_KEY") or "",
        read.choice(environ, "WECHAT_MP_MODE", "safe", ("plain", "compatible", "safe")),
    )  # fmt: skip
    oa = _push(
        "WECHAT_OA", environ.get("WECHAT_OA_APPID") or "", environ.get("WECHAT_OA_TOKEN") or "",
        environ.get("WECHAT_OA_AES_KEY") or "",
        read.choice(environ, "WECHAT_OA_MODE", "safe", ("plain", "compatible", "safe")),
    )  # fmt: skip
    if mp and oa and mp[0] == oa[0]:
        raise SettingsError("WECHAT_MP_TOKEN and WECHAT_OA_TOKEN must differ: each signs for its own app.")
    return mp, oa


def _push(name: str, appid: str, token: str, keys: str, mode: str) -> Push | None:
    """Neither token nor key is named in an error."""
    if not token and not keys:
        return None
    found = tuple(key.strip() for key in keys.split(",") if key.strip())
    if not appid or not re.fullmatch(r"[0-9a-zA-Z]{3,32}", token):
        raise SettingsError(f"{name}_TOKEN takes 3 to 32 letters and digits, and goes with {name}_APPID.")
    if not all(re.fullmatch(r"[0-9a-zA-Z]{43}", key) for key in found) or (mode != "plain" and not found):
        raise SettingsError(
            f"{name}_AES_KEY takes 43 letters and digits, the newest first; {name}_MODE=plain needs none."
        )
    return token, tuple(base64.b64decode(f"{key}=") for key in found), mode


def _sms_bounds(environ: Mapping[str, str]) -> SmsBounds:
    return SmsBounds(
        fen_per_message=read.number(environ, "SMS_FEN_PER_MESSAGE", 5, 1, 100),
        fen_per_day=read.number(environ, "SMS_FEN_PER_DAY", 50_000, 100, 100_000_000),
        per_minute=read.number(environ, "SMS_PER_MINUTE", 600, 1, 100_000),
    )


def _sms(environ: Mapping[str, str]) -> Sms | None:
    """What is set of either provider is whole, whichever of them is chosen. No key is named in an error."""
    chosen = read.choice(environ, "SMS_PROVIDER", "none", ("none", "aliyun", "tencent"))
    url = environ.get("SMS_API_URL") or ""
    if url and (read.platform_url("SMS_API_URL", url) != url or not url.startswith("http://")):
        raise SettingsError("SMS_API_URL takes http:// of this very machine: it is for a stand-in only.")
    accounts = {
        "aliyun": (
            environ.get("ALIYUN_SMS_KEY_ID") or "", environ.get("ALIYUN_SMS_KEY_SECRET") or "",
            environ.get("ALIYUN_SMS_SIGN") or "", environ.get("ALIYUN_SMS_CODE_TEMPLATE") or "", "0",
        ),
        "tencent": (
            environ.get("TENCENT_SMS_SECRET_ID") or "", environ.get("TENCENT_SMS_SECRET_KEY") or "",
            environ.get("TENCENT_SMS_SIGN") or "", environ.get("TENCENT_SMS_CODE_TEMPLATE") or "",
            environ.get("TENCENT_SMS_APP_ID") or "",
        ),
    }  # fmt: skip
    region = environ.get("TENCENT_SMS_REGION") or "ap-guangzhou"
    found: Sms | None = None
    for provider, (key_id, secret, sign, template, app_id) in accounts.items():
        if not any((key_id, secret, sign, template, app_id.strip("0"))) and provider != chosen:
            continue
        _whole_sms(provider.upper(), key_id, secret, sign, template, app_id, region)
        if provider == chosen:
            found = Sms(
                provider="tencent" if provider == "tencent" else "aliyun", key_id=key_id, key_secret=secret, sign=sign,
                code_template=template, app_id=app_id, region=region, api_url=url or None,
            )  # fmt: skip
    return found


def _whole_sms(provider: str, key_id: str, secret: str, sign: str, template: str, app_id: str, region: str) -> None:
    keys = all(re.fullmatch(r"[0-9A-Za-z]{10,64}", key) for key in (key_id, secret))
    if not keys or not re.fullmatch(r"[0-9A-Za-z_]{3,32}", template) or not re.fullmatch(r"[0-9]{1,12}", app_id):
        raise SettingsError(f"{provider}_SMS_… go together: both keys, sign, code template (Tencent: and the app id).")
    if not re.fullmatch(r"[^\W_]{2,12}", sign) or not re.fullmatch(r"[a-z0-9-]{4,20}", region):
        raise SettingsError(f"{provider}_SMS_SIGN takes 2 to 12 letters or Chinese signs, without 【】; a region ap-….")


def _secret_word(name: str, text: str) -> str | None:
    """Never named in an error: whoever knows it is let in."""
    if text and not re.fullmatch(r"[0-9A-Za-z_-]{24,64}", text):
        raise SettingsError(f"{name} takes 24 to 64 letters, digits, - and _; make one: openssl rand -hex 20")
    return text or None
