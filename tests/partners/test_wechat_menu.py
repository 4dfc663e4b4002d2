"""`flask wechat menu` publishes what the platform takes, and says plainly what is missing."""

import dataclasses
from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask

from app import wechat_menu
from app.wechat_answers import Keyword, by_key
from services.accounts.wechat import PlatformBusy
from tests.partners.platform import StandIn

Say = Callable[..., Result]


@pytest.fixture
def say(app: Flask) -> Say:
    return lambda *arguments: app.test_cli_runner().invoke(args=["wechat", "menu", *arguments])


@pytest.fixture
def on_https(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = dataclasses.replace(app.config["SETTINGS"], public_url="https://gh.example.cn")
    monkeypatch.setitem(app.config, "SETTINGS", settings)


@pytest.mark.usefixtures("connected", "on_https")
def test_the_menu_is_published_as_it_is_printed(platform: StandIn, say: Say) -> None:
    said = say()
    assert said.exit_code == 0, said.output
    assert platform.menu == wechat_menu.menu("https://gh.example.cn")
    assert "会员卡  https://gh.example.cn/\n" in said.output and "人工电话  human" in said.output


@pytest.mark.usefixtures("connected", "on_https")
def test_a_dry_run_shows_it_and_asks_nobody(platform: StandIn, say: Say) -> None:
    said = say("--dry-run")
    assert said.exit_code == 0 and "/offers" in said.output
    assert platform.menu == []


@pytest.mark.usefixtures("on_https")
def test_without_an_official_account_it_says_what_to_set(say: Say) -> None:
    said = say()
    assert said.exit_code != 0 and "WECHAT_OA_APPID" in said.output


@pytest.mark.usefixtures("connected")
def test_without_https_it_publishes_nothing(platform: StandIn, say: Say) -> None:
    said = say()
    assert said.exit_code != 0 and "PUBLIC_URL must be https" in said.output
    assert platform.menu == []


@pytest.mark.usefixtures("connected", "on_https")
def test_a_platform_that_is_away_is_told_in_a_line(app: Flask, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(buttons: object) -> None:
        raise PlatformBusy("wechat_busy")

    monkeypatch.setattr(app.extensions["partners"].official_account, "publish_menu", away)
    said = say()
    assert said.exit_code == 1 and said.output.startswith("Error: ") and len(said.output.splitlines()) == 1


def test_what_the_platform_would_refuse_is_found_before() -> None:
    good = wechat_menu.menu("https://gh.example.cn")
    assert wechat_menu.faults(good) == []
    assert wechat_menu.faults([*good, *good]) == ["6 buttons; 1 to 3 are allowed"]
    long = {"type": "view", "name": "会员卡和优惠", "url": "https://gh.example.cn/" + "x" * 1024}
    assert wechat_menu.faults([long]) == [
        "会员卡和优惠: its name has 18 bytes; 16 are allowed", "会员卡和优惠: its url has 1046 bytes; 1024 are allowed",
    ]  # fmt: skip
    assert wechat_menu.faults([{"name": "服务", "sub_button": []}]) == ["服务: 0 entries; 1 to 5 are allowed"]


def test_every_key_of_the_menu_has_an_answer() -> None:
    entries = [one for button in wechat_menu.menu("") for one in button.get("sub_button", [button])]
    keys = {one["key"] for one in entries if one["type"] == "click"}
    assert keys and {by_key(key) for key in keys} <= set(Keyword)
