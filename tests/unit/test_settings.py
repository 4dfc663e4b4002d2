"""A bad or half-set value stops the start with one line that names the setting and what would be right."""

from pathlib import Path

import pytest

from app.environment import SettingsError
from app.settings import PROJECT, fresh_keys, load

KEY = "ab" * 32
GOOD = {
    "DATABASE_URL": "postgresql://user:hidden@db/gonghui",
    "SIGNING_KEYS": f"2:{KEY},1:{KEY}",
    "FIELD_KEYS": f"A:{KEY}",
    "INDEX_KEY": KEY,
}
PRODUCTION = {"GONGHUI_ENV": "production", "PUBLIC_URL": "https://gh.example.cn"}
ALIYUN = {
    "SMS_PROVIDER": "aliyun", "ALIYUN_SMS_KEY_ID": "LTAI0123456789", "ALIYUN_SMS_KEY_SECRET": "hidden0123456789",
    "ALIYUN_SMS_SIGN": "某区总工会", "ALIYUN_SMS_CODE_TEMPLATE": "SMS_100001",
}  # fmt: skip
TENCENT = {
    "SMS_PROVIDER": "tencent", "TENCENT_SMS_SECRET_ID": "AKID0123456789", "TENCENT_SMS_SECRET_KEY": "hidden0123456789",
    "TENCENT_SMS_SIGN": "某区总工会", "TENCENT_SMS_CODE_TEMPLATE": "1000001", "TENCENT_SMS_APP_ID": "1400000001",
}  # fmt: skip
AES = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
WECHAT = {
    "WECHAT_OA_APPID": "wx" + "b2" * 8, "WECHAT_OA_SECRET": "s" * 32, "WECHAT_OA_TOKEN": "token1",
    "WECHAT_MP_APPID": "wx" + "a1" * 8, "WECHAT_MP_SECRET": "s" * 32, "WECHAT_MP_TOKEN": "token2",
    "WECHAT_OA_AES_KEY": AES, "WECHAT_MP_AES_KEY": AES,
}  # fmt: skip
REDIS = {"REDIS_URL": "redis://localhost:6379/0"}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"GONGHUI_ENV": "staging"}, "GONGHUI_ENV is 'staging'; it takes one of: development, production"),
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
        ({"DATABASE_URL": "sqlite:///x.db"}, "DATABASE_URL must begin with postgresql://"),
        ({"DATABASE_URL": "mysql://u:hidden@h/d"}, "DATABASE_URL must begin with postgresql://"),
        ({"DATABASE_URL": "postgresql://"}, "DATABASE_URL must begin with postgresql://"),
        ({"DATABASE_URL": "gonghui"}, "DATABASE_URL must begin with postgresql://"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL must be an address"),
        ({"REDIS_URL": "redis://[x"}, "REDIS_URL must be an address"),
        ({"REDIS_URL": "http://localhost"}, "REDIS_URL must be an address"),
        ({"PORT": "http"}, "PORT is 'http'; it takes a whole number from 1 to 65535"),
        ({"PORT": "0"}, "PORT is '0'"),
        ({"PORT": "65536"}, "PORT is '65536'"),
        ({"PORT": "８０００"}, "PORT is"),
        ({"PORT": "-1"}, "PORT is '-1'"),
        ({"PORT": "8000.0"}, "PORT is '8000.0'"),
        ({"PUBLIC_URL": "gh.example.cn"}, "PUBLIC_URL is 'gh.example.cn'; it takes a scheme and a host"),
        ({"PUBLIC_URL": "ftp://gh.example.cn"}, "PUBLIC_URL is"),
        ({"PUBLIC_URL": "https://"}, "PUBLIC_URL is"),
        ({"PUBLIC_URL": "https://gh.example.cn/app"}, "PUBLIC_URL is"),
        ({"PUBLIC_URL": "https://gh.example.cn?a=1"}, "PUBLIC_URL is"),
        ({"PUBLIC_URL": "https://gh.example.cn#top"}, "PUBLIC_URL is"),
        ({"PUBLIC_URL": "https://[gh"}, "PUBLIC_URL is"),
        ({"PUBLIC_URL": "https://gh.example.cn:port"}, "PUBLIC_URL is"),
        ({**PRODUCTION, "PUBLIC_URL": ""}, "PUBLIC_URL is not set"),
        ({**PRODUCTION, "PUBLIC_URL": "http://gh.example.cn"}, "PUBLIC_URL must be https://"),
        ({**PRODUCTION, "DEMO": "1"}, "DEMO=1 opens a sign-in without a password"),
        ({"DEMO": "yes"}, "DEMO is 'yes'; it takes one of: 0, 1"),
        ({"ICP_NUMBER": "2026000000"}, "ICP_NUMBER must be the number as it was given"),
        ({"POLICE_NUMBER": "备" * 41}, "POLICE_NUMBER must be the number as it was given"),
        ({"CODE_CASE": "Upper"}, "CODE_CASE is 'Upper'"),
        ({"DEMO_MEMBERS": "99"}, "DEMO_MEMBERS is '99'; it takes a whole number from 100 to 100000"),
        ({"SMS_PROVIDER": "huawei"}, "SMS_PROVIDER is 'huawei'; it takes one of: none, aliyun, tencent"),
        ({"SMS_PROVIDER": "aliyun"}, "ALIYUN_SMS_… go together"),
        ({**ALIYUN, "ALIYUN_SMS_KEY_SECRET": ""}, "ALIYUN_SMS_… go together"),
        ({**ALIYUN, "SMS_PROVIDER": "none", "ALIYUN_SMS_CODE_TEMPLATE": ""}, "ALIYUN_SMS_… go together"),
        ({**ALIYUN, "TENCENT_SMS_APP_ID": "1400000001"}, "TENCENT_SMS_… go together"),
        ({**TENCENT, "TENCENT_SMS_APP_ID": ""}, "TENCENT_SMS_… go together"),
        ({**TENCENT, "TENCENT_SMS_SIGN": "【工会】"}, "TENCENT_SMS_SIGN takes 2 to 12"),
        ({**ALIYUN, "SMS_API_URL": "https://sms.example.cn"}, "SMS_API_URL takes http:// of this very machine"),
        ({**ALIYUN, "SMS_API_URL": "http://sms.example.cn"}, "SMS_API_URL takes https://"),
        ({"SMS_REPORT_TOKEN": "short"}, "SMS_REPORT_TOKEN takes 24 to 64"),
        ({"METRICS_TOKEN": "with space" * 3}, "METRICS_TOKEN takes 24 to 64"),
        ({"SMS_FEN_PER_DAY": "99"}, "SMS_FEN_PER_DAY is '99'"),
        ({"SIGNING_KEYS": ""}, "SIGNING_KEYS is not set"),
        ({"SIGNING_KEYS": ","}, "SIGNING_KEYS is not set"),
        ({"SIGNING_KEYS": KEY}, "SIGNING_KEYS takes id:64-hex-digits"),
        ({"SIGNING_KEYS": f"l:{KEY}"}, "SIGNING_KEYS takes id:64-hex-digits"),
        ({"SIGNING_KEYS": f"10:{KEY}"}, "SIGNING_KEYS takes id:64-hex-digits"),
        ({"SIGNING_KEYS": f"1:{KEY},1:{KEY}"}, "SIGNING_KEYS names the same key id twice"),
        ({"SIGNING_KEYS": f"1:{KEY[:-1]}"}, "SIGNING_KEYS needs 64 hex digits"),
        ({"SIGNING_KEYS": f"1:{KEY},2:"}, "SIGNING_KEYS needs 64 hex digits"),
        ({"FIELD_KEYS": ""}, "FIELD_KEYS is not set"),
        ({"FIELD_KEYS": f"1:{KEY[:-1]}g"}, "FIELD_KEYS needs 64 hex digits"),
        ({"INDEX_KEY": ""}, "INDEX_KEY needs 64 hex digits"),
        ({"INDEX_KEY": "x" * 64}, "INDEX_KEY needs 64 hex digits"),
        ({"WEB_WORKERS": "2"}, "WEB_WORKERS is above 1 but REDIS_URL is not set"),
        ({**REDIS, "WEB_WORKERS": "65"}, "WEB_WORKERS is '65'"),
        ({"WEB_THREADS": "0"}, "WEB_THREADS is '0'"),
        ({"WORKER_CONCURRENCY": "many"}, "WORKER_CONCURRENCY is 'many'"),
        ({"TRUSTED_PROXIES": "6"}, "TRUSTED_PROXIES is '6'"),
        ({"BODY_LIMIT_KB": "1000000000000"}, "BODY_LIMIT_KB is"),
        ({"LOG_LEVEL": "INFO"}, "LOG_LEVEL is 'INFO'"),
        ({"WECHAT_OA_TOKEN": "token1"}, "WECHAT_OA_TOKEN takes 3 to 32 letters and digits, and goes with"),
        ({**WECHAT, "WECHAT_OA_TOKEN": "to ken"}, "WECHAT_OA_TOKEN takes 3 to 32 letters"),
        ({**WECHAT, "WECHAT_OA_TOKEN": ""}, "WECHAT_OA_TOKEN takes 3 to 32 letters"),
        ({**WECHAT, "WECHAT_OA_AES_KEY": ""}, "WECHAT_OA_AES_KEY takes 43 letters and digits"),
        ({**WECHAT, "WECHAT_OA_AES_KEY": f"{AES},short"}, "WECHAT_OA_AES_KEY takes 43 letters"),
        ({**WECHAT, "WECHAT_OA_MODE": "open"}, "WECHAT_OA_MODE is 'open'"),
        ({**WECHAT, "WECHAT_MP_TOKEN": "token1"}, "WECHAT_MP_TOKEN and WECHAT_OA_TOKEN must differ"),
    ],
)
def test_a_bad_value_stops_the_start_with_one_line(change: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load({**GOOD, **change})
    line = str(raised.value)
    assert line.startswith(named)
    assert "\n" not in line
    assert "hidden" not in line
    assert KEY[:-1] not in line


@pytest.mark.parametrize("missing", sorted(GOOD))
def test_each_setting_without_a_default_is_asked_for(missing: str) -> None:
    with pytest.raises(SettingsError, match=missing):
        load({name: value for name, value in GOOD.items() if name != missing})


def test_the_rest_has_defaults_for_one_machine() -> None:
    settings = load(GOOD)
    assert (settings.env, settings.host, settings.port, settings.demo) == ("development", "127.0.0.1", 8000, False)
    assert (settings.web_workers, settings.redis_url, settings.trusted_proxies) == (1, None, 0)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.instance_dir == PROJECT / "instance"
    assert not settings.secure_cookies


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "https://GH.example.cn", "https://[::1]:8443", "http://web"])
def test_a_public_url_is_a_scheme_and_a_host(url: str) -> None:
    assert load({**GOOD, "PUBLIC_URL": url}).public_url == url


def test_an_empty_value_is_no_value() -> None:
    names = ("GONGHUI_ENV", "REDIS_URL", "HOST", "PORT", "PUBLIC_URL", "CODE_CASE", "INSTANCE_DIR", "DEMO", "LOG_LEVEL")
    assert load({**GOOD, **dict.fromkeys(names, "")}) == load(GOOD)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_the_database_may_be_named_as_people_name_it(scheme: str) -> None:
    settings = load({**GOOD, "DATABASE_URL": f"{scheme}://user:pa%40ss@db:5433/gonghui?sslmode=require"})
    assert settings.database_url == "postgresql+psycopg://user:pa%40ss@db:5433/gonghui?sslmode=require"


def test_production_with_redis_runs_two_web_processes_behind_https() -> None:
    settings = load({**GOOD, **PRODUCTION, **REDIS, "PUBLIC_URL": "https://gh.example.cn/"})
    assert (settings.web_workers, settings.secure_cookies) == (2, True)
    assert settings.public_url == "https://gh.example.cn"


def test_keys_keep_their_order_and_spaces_between_them_do_not_matter() -> None:
    settings = load({**GOOD, "SIGNING_KEYS": f" 2:{KEY}, 1:{KEY.upper()} ,"})
    assert [key_id for key_id, _ in settings.signing_keys] == ["2", "1"]
    assert settings.signing_keys[0][1] == bytes.fromhex(KEY)


def test_settings_that_are_printed_keep_their_secrets() -> None:
    shown = repr(load({**GOOD, **REDIS}))
    assert "port=8000" in shown
    for secret in ("hidden", KEY, "6379", repr(bytes.fromhex(KEY))):
        assert secret not in shown


def test_fresh_keys_are_settings_and_never_the_same() -> None:
    assert load({**GOOD, **fresh_keys()}) != load({**GOOD, **fresh_keys()})


def test_the_instance_folder_may_be_named(tmp_path: Path) -> None:
    assert load({**GOOD, "INSTANCE_DIR": str(tmp_path)}).instance_dir == tmp_path


def test_both_providers_may_be_set_and_one_sends() -> None:
    both = {**GOOD, **TENCENT, **ALIYUN}
    found = load({**both, "SMS_PROVIDER": "tencent"}).sms
    assert found and (found.provider, found.app_id, found.region) == ("tencent", "1400000001", "ap-guangzhou")
    assert load({**both, "SMS_PROVIDER": "none"}).sms is None
    shown = repr(load({**both, "SMS_REPORT_TOKEN": "hidden" * 5, "METRICS_TOKEN": "hidden" * 6})) + repr(found)
    assert "hidden" not in shown and "AKID0123456789" not in shown


def test_what_the_platform_posts_is_opened_by_the_newest_key_first() -> None:
    former = AES[::-1]
    settings = load({**GOOD, **WECHAT, "WECHAT_OA_AES_KEY": f"{AES}, {former}", "WECHAT_MP_MODE": "plain"})
    assert settings.wechat_oa_push is not None and settings.wechat_mp_push is not None
    token, keys, mode = settings.wechat_oa_push
    assert (token, [len(key) for key in keys], mode) == ("token1", [32, 32], "safe")
    assert keys[0] == load({**GOOD, **WECHAT}).wechat_oa_push[1][0] != keys[1]  # type: ignore[index]
    assert settings.wechat_mp_push[2] == "plain"
    plain = {**WECHAT, "WECHAT_MP_AES_KEY": "", "WECHAT_MP_MODE": "plain"}
    assert load({**GOOD, **plain}).wechat_mp_push == ("token2", (), "plain")
    assert "token1" not in repr(settings)
