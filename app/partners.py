"""The outsiders that a view may call, put together from the settings: the WeChat platform, the sender of codes."""

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from app.devices import in_wechat
from app.settings import Settings
from services.accounts.errors import NOT_OUR_PAGE, PHONE_CODES_NOT_SET_UP, WECHAT_NOT_SET_UP
from services.accounts.ports import CodeSender
from services.accounts.wechat import AppKeys, PageSignature, Platform
from services.accounts.work import PostedCodes
from services.core import clock
from services.core.errors import Invalid, NotFound
from services.core.transaction import in_transaction


@dataclass(frozen=True)
class Partners:
    """None: not set up here, and the paths that need it say so."""

    mini_program: Platform | None
    official_account: Platform | None
    codes: CodeSender | None


def register(app: Flask, settings: Settings) -> None:
    app.extensions["partners"] = Partners(
        mini_program=_platform(settings, settings.wechat_mp),
        official_account=_platform(settings, settings.wechat_oa),
        codes=PostedCodes() if settings.sms or settings.env == "development" else None,
    )


def partners() -> Partners:
    return cast("Partners", current_app.extensions["partners"])


def mini_program() -> Platform:
    """Raises NotFound(wechat_not_set_up)."""
    found = partners().mini_program
    if found is None:
        raise NotFound(WECHAT_NOT_SET_UP)
    return found


def official_account() -> Platform:
    """Raises NotFound(wechat_not_set_up)."""
    found = partners().official_account
    if found is None:
        raise NotFound(WECHAT_NOT_SET_UP)
    return found


def code_sender() -> CodeSender:
    """Raises NotFound(phone_codes_not_set_up)."""
    found = partners().codes
    if found is None:
        raise NotFound(PHONE_CODES_NOT_SET_UP)
    return found


def page_signature(url: str) -> PageSignature:
    """Lets WeChat's scripts run on this page. Signs pages of our own address only. Raises Invalid(not_our_page)."""
    if not url.startswith(f"{current_app.config['SETTINGS'].public_url}/"):
        raise Invalid(NOT_OUR_PAGE, field="url")
    return official_account().jsapi_signature(url)


def ways() -> dict[str, bool]:
    """What the sign-in page may offer in this browser: WeChat's own way works in WeChat only."""
    found = partners()
    return {
        "in_wechat": in_wechat(),
        "with_wechat": in_wechat() and found.official_account is not None,
        "with_phone": found.codes is not None,
    }


def _platform(settings: Settings, keys: tuple[str, str] | None) -> Platform | None:
    if keys is None:
        return None
    return Platform(
        AppKeys(*keys),
        transact=in_transaction,
        clock=lambda: clock.now(),  # noqa: PLW0108 - looked up at each call: tests set it
        api_url=settings.wechat_api_url,
        open_url=settings.wechat_open_url,
    )
