"""WeChat's own scanner on the till page: the signature that its script asks for.

The page itself never waits for the platform: the script fetches the signature once the page is there, and every other
way to scan works without it.
"""

from typing import Any

from flask import Blueprint, current_app, request, url_for
from flask.typing import ResponseReturnValue

from app import partners
from app.devices import in_wechat
from app.settings import Settings
from app.throttle import SCAN, limiter
from services.accounts.errors import NOT_OUR_PAGE
from services.accounts.wechat import PageSignature
from services.core.errors import Invalid

blueprint = Blueprint("shop_wechat", __name__)


def script() -> str | None:
    """The address of WeChat's script; None where the page is not in WeChat or we are not known there."""
    settings: Settings = current_app.config["SETTINGS"]
    known = in_wechat() and partners.partners().official_account is not None
    return settings.wechat_script_url if known else None


def policy(script: str) -> str:
    """The till page alone may load a script of somebody else's, and only this one."""
    return f"{current_app.config['CSP']}; script-src 'self' {script}"


@blueprint.get("/signature")
@limiter.limit(SCAN)
def signature() -> ResponseReturnValue:
    """What wx.config takes for the till page under the address by which the browser knows it, without what follows #.

    Raises Invalid(not_our_page), and what partners.page_signature raises.
    """
    url = request.args.get("url", "")
    if url.partition("#")[0].partition("?")[0] != f"{_public_url()}{url_for('shop.till')}":
        raise Invalid(NOT_OUR_PAGE, field="url")
    return config(partners.page_signature(url))


def config(signed: PageSignature) -> dict[str, Any]:
    """As wx.config takes it."""
    return {
        "appId": signed.appid,
        "timestamp": signed.timestamp,
        "nonceStr": signed.nonce,
        "signature": signed.signature,
        "jsApiList": ["scanQRCode"],
    }


def _public_url() -> str:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.public_url
