"""What a page offers so that messages get through: the official account's code, and WeChat's own question.

A page that wants them passes `follow=follow_offer()` and includes member/reaching_follow.html; or `consent=
consent_offer(...)`, includes member/reaching_consent.html and answers through `answer`, whose policy lets WeChat's
script run there.
"""

from dataclasses import dataclass

from flask import Response, current_app, make_response, url_for

from app import partners
from app.channels import channels
from app.devices import in_wechat
from app.settings import Settings
from services.accounts.types import AccountId
from services.core.signing import signer
from services.notifications import queries
from services.notifications.local import local_provider
from services.notifications.service import asking
from services.notifications.service.asking import Tap
from services.notifications.types import Channel

FRAMES = "https://*.qq.com webcompt:"
"""Where WeChat draws its component, by its documentation."""


@dataclass(frozen=True)
class Follow:
    """`picture`: the address of the code that brings this account's messages to whoever follows by it."""

    picture: str
    in_wechat: bool


@dataclass(frozen=True)
class Consent:
    """`templates` as WeChat's component takes them. `act`: asked once for each."""

    templates: str
    titles: tuple[str, ...]
    act: str
    script: str


def official_app() -> str | None:
    """The official account of this installation; without WeChat's settings that of the demo. None: there is none."""
    settings: Settings = current_app.config["SETTINGS"]
    appid = channels().providers.get(Channel.TEMPLATE)
    return None if appid == local_provider(Channel.TEMPLATE) and not settings.demo else appid


def follow_offer(account_id: AccountId) -> Follow | None:
    """None where there is nothing to follow, or this account's messages reach a follower already. One statement."""
    appid = official_app()
    if appid is None or queries.followed(account_id, appid=appid).following:
        return None
    # Another account in this browser has another address, so that no cached code is shown to it.
    whose = signer.mac("pages.follow", account_id.bytes).hex()[:16]
    return Follow(url_for("reaching.code", v=whose), in_wechat())


def consent_offer(account_id: AccountId, *, tap: Tap, act: str, duty: bool = False) -> Consent | None:
    """None outside of WeChat, where nothing is mapped, or when template messages get through anyway."""
    settings: Settings = current_app.config["SETTINGS"]
    providers = channels().providers
    if not in_wechat() or partners.partners().official_account is None or Channel.OA_SUBSCRIBE not in providers:
        return None
    follows = queries.followed(account_id, appid=providers[Channel.OA_SUBSCRIBE]).following
    if follows and queries.ways(account_id, providers=providers, duty=duty).get(Channel.TEMPLATE, "none") is None:
        return None
    asks = asking.to_ask(account_id=account_id, tap=tap, channel=Channel.OA_SUBSCRIBE, providers=providers)
    if not asks:
        return None
    return Consent(
        ",".join(ask.template_id for ask in asks), tuple(ask.title["zh"] for ask in asks), act,
        settings.wechat_script_url,
    )  # fmt: skip


def answer(page: str, consent: Consent | None) -> Response:
    """The page; with a consent to ask for, it may load WeChat's script and frames, and nothing else of others."""
    response = make_response(page)
    if consent:
        response.headers["Content-Security-Policy"] = (
            f"{current_app.config['CSP']}; script-src 'self' {consent.script}; frame-src {FRAMES}"
        )
    return response
