"""The channels of this installation, put together from the settings; and the threads that call them."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

from flask import Flask, current_app

from app.settings import Settings
from services.accounts.wechat import AppKeys, Platform
from services.core import clock
from services.core.transaction import in_transaction
from services.notifications.local import LocalPort, local_provider
from services.notifications.notices import mass
from services.notifications.ports import Port
from services.notifications.sms.carrier import Carrier, LocalCodes
from services.notifications.sms.limits import Limits
from services.notifications.sms.port import SmsPort
from services.notifications.sms.setup import port
from services.notifications.types import Channel
from services.notifications.wechat import MpSubscribePort, OaSubscribePort, TemplatePort


@dataclass(frozen=True)
class Channels:
    """`ports`: what can be sent on here. Without WeChat or SMS in development the local platform takes their place."""

    ports: Mapping[Channel, Port]
    pool: Executor
    #: who brings codes to phones; None: nobody, and none are asked for
    codes: Carrier | None
    #: the official account's own mass message; None: there is none here
    mass: mass.Port | None

    @property
    def providers(self) -> dict[Channel, str]:
        return {channel: port.provider for channel, port in self.ports.items()}

    @property
    def repeats_safely(self) -> dict[Channel, bool]:
        return {channel: port.repeats_safely for channel, port in self.ports.items()}


def register(app: Flask, settings: Settings) -> None:
    # Threads are made when the first work comes: the web process never sends.
    pool = ThreadPoolExecutor(settings.sends_in_flight, thread_name_prefix="send")
    sms = _sms(app, settings)
    ports = _ports(app, settings) | ({Channel.SMS: sms} if sms else {})
    local = LocalCodes(transact=_transact(app), clock=lambda: clock.now())  # noqa: PLW0108 - tests set it
    codes = sms or (local if settings.env == "development" else None)
    app.extensions["channels"] = Channels(ports, pool, codes, _mass(app, settings))


def channels() -> Channels:
    return cast("Channels", current_app.extensions["channels"])


def _ports(app: Flask, settings: Settings) -> dict[Channel, Port]:
    wechat = _wechat(app, settings)
    if settings.env != "development":
        return wechat
    local: dict[Channel, Port] = {
        channel: LocalPort(channel, transact=_transact(app), clock=lambda: clock.now())  # noqa: PLW0108 - tests set it
        for channel in Channel
        if not (wechat and channel.of_wechat)
    }
    return wechat | local


def _wechat(app: Flask, settings: Settings) -> dict[Channel, Port]:
    """Clients of their own, beside those of the views: they are called by the pool's threads."""

    ports: list[Port] = []
    if settings.wechat_oa:
        official_account = _client(app, settings, settings.wechat_oa)
        ports += [
            TemplatePort(official_account, public_url=settings.public_url),
            OaSubscribePort(official_account, public_url=settings.public_url),
        ]
    if settings.wechat_mp:
        ports.append(MpSubscribePort(_client(app, settings, settings.wechat_mp), page=settings.wechat_mp_page))
    return {port.channel: port for port in ports}


def _client(app: Flask, settings: Settings, keys: tuple[str, str]) -> Platform:
    return Platform(
        AppKeys(*keys),
        transact=_transact(app),
        clock=lambda: clock.now(),  # noqa: PLW0108 - tests set it
        api_url=settings.wechat_api_url,
        open_url=settings.wechat_open_url,
        connections=settings.sends_in_flight,
    )


def _mass(app: Flask, settings: Settings) -> mass.Port | None:
    if settings.wechat_oa:
        return mass.PlatformMass(_client(app, settings, settings.wechat_oa))
    if settings.wechat_mp or settings.env != "development":
        return None
    return mass.LocalMass(
        local_provider(Channel.TEMPLATE), transact=_transact(app), clock=lambda: clock.now()  # noqa: PLW0108
    )  # fmt: skip


def _sms(app: Flask, settings: Settings) -> SmsPort | None:
    """The provider's own packages are loaded by its first send."""
    if settings.sms is None:
        return None
    account = settings.sms
    keys = {"sign": account.sign} | ({"url": account.api_url} if account.api_url else {})
    if account.provider == "aliyun":
        keys |= {"key_id": account.key_id, "key_secret": account.key_secret}
    else:
        keys |= {"secret_id": account.key_id, "secret_key": account.key_secret}
        keys |= {"app_id": account.app_id, "region": account.region}
    limits = Limits(**settings.sms_bounds._asdict())
    return port(
        account.provider, keys, limits=limits, transact=_transact(app), clock=lambda: clock.now()  # noqa: PLW0108
    )  # fmt: skip


def _transact(app: Flask) -> Callable[[Callable[[], Any]], Any]:
    """A transaction for a thread of the pool: each has a context, and so a session, of its own."""

    def run(work: Callable[[], Any]) -> Any:
        with app.app_context():
            return in_transaction(work)

    return run
