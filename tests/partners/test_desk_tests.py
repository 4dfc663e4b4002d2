"""An officer maps a layout on the desk's pages and sends a test: it reaches the stand-in by both of WeChat's ways."""

from collections.abc import Callable

from flask.testing import FlaskClient

from services.accounts.models import WechatIdentity
from services.accounts.service.wechat import OPENID_FIELD
from services.accounts.wechat import AppKeys, Platform
from services.core import clock
from services.core.crypto import vault
from services.core.db import db
from services.core.ids import uuid7
from services.notifications import consents
from services.notifications.types import Channel
from services.notifications.wechat import MpSubscribePort, TemplatePort
from tests.builders.world import World
from tests.harness.channels import Use
from tests.http.pages import Reader
from tests.partners.platform import PEOPLE, App, StandIn, template_id

DESK = "/staff/channels/messages"
KEYS = {"keys.what": "thing1", "keys.when": "time2", "keys.number": "character_string3"}


def test_a_test_reaches_the_platform_as_template_and_as_subscribe_message(
    client: FlaskClient, world: World, platform: StandIn, use: Use, run_jobs: Callable[[], None]
) -> None:
    mini, official, officer, li = platform.mini_program, platform.official_account, world.officer(), PEOPLE[0]

    def client_of(app: App) -> Platform:
        """The threads that send have no context of their own: `world.do` brings one."""
        keys = AppKeys(app.appid, app.secret)
        return Platform(keys, transact=world.do, clock=clock.now, api_url=platform.url, open_url=platform.url)

    use(
        TemplatePort(client_of(official), public_url="https://gh.example.cn"),
        MpSubscribePort(client_of(mini), page="pages/index/index"),
    )
    platform.follow(li)
    platform.consent(li, template_id("use"), app=mini)

    def known() -> None:
        for app in (mini, official):
            openid = li.openid(app.appid)
            index = vault.blind_index(OPENID_FIELD, openid)
            db.session.add(
                WechatIdentity(
                    id=uuid7(), appid=app.appid, openid=vault.seal(OPENID_FIELD, openid), openid_index=index,
                    account_id=officer.account_id, created_at=clock.now(),
                )
            )  # fmt: skip
            if app is mini:
                consents.grant(
                    appid=app.appid, openid_index=index, template_id=template_id("use"), standing=False, now=clock.now()
                )

    world.do(known)
    desk = Reader(client, world, officer)
    for channel in (Channel.TEMPLATE, Channel.MP_SUBSCRIBE):
        path = f"{DESK}/layouts/{channel}/use"
        assert desk.send(desk.open(path), path, platform_id=template_id("use"), **KEYS).status_code == 303
    page = desk.open(f"{DESK}/one/redemption.member")
    chosen = {"to": str(officer.account_id), "channels": [channel.value for channel in Channel]}
    assert desk.send(page, "/test", **chosen).status_code == 422, "an SMS is none of its ways"  # type: ignore[arg-type]
    chosen["channels"] = ["template", "mp_subscribe"]
    assert desk.send(page, "/test", **chosen).status_code == 303  # type: ignore[arg-type]
    assert platform.sent == [], "nothing is sent inside a request"
    run_jobs()
    assert sorted(sent.openid for sent in platform.sent) == sorted(li.openid(app.appid) for app in (mini, official))
    for sent in platform.sent:
        assert sent.template == template_id("use") and sent.fields["thing1"] == "会员卡刚用过一次"
        assert set(sent.fields) == set(KEYS.values())
