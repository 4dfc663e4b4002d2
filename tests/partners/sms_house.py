"""The application with a stand-in as its SMS provider, put together from settings that name it."""

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask

from app import channels, partners
from app.settings import Sms
from services.notifications.sms import provider as wire
from tests.partners.patience import patient
from tests.partners.sms import SIGN, TEMPLATES, SmsStandIn, running


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmsStandIn]:
    with running() as found:
        patient(found, lambda read: monkeypatch.setattr(wire, "READ", read))
        yield found


@pytest.fixture(params=["aliyun", "tencent"])
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def house(app: Flask, provider: str, stand_in: SmsStandIn, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application as it is put together from settings that name this provider."""
    key_id, secret = stand_in.keys[provider]
    account = Sms(
        provider="tencent" if provider == "tencent" else "aliyun", key_id=key_id, key_secret=secret, sign=SIGN,
        code_template=next(iter(TEMPLATES[provider])), app_id=stand_in.app_id, region="ap-guangzhou",
        api_url=stand_in.url,
    )  # fmt: skip
    settings = dataclasses.replace(app.config["SETTINGS"], sms=account, demo=False)
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    for part in (partners, channels):
        monkeypatch.setitem(app.extensions, part.__name__.removeprefix("app."), None)
        part.register(app, settings)
    return app
