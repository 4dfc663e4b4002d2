"""People whom a channel reaches: their WeChat, who follows, what they consented to, what an officer mapped."""

import datetime
import uuid
from typing import Any

from services.accounts.models import WechatIdentity
from services.accounts.service.wechat import OPENID_FIELD
from services.accounts.types import AccountId
from services.core import clock
from services.core.crypto import vault
from services.core.db import db
from services.core.ids import uuid7
from services.notifications.models import ChannelTemplate, Credit, Follower
from services.notifications.templates.layouts import LAYOUTS
from services.notifications.types import Channel
from tests.builders.world import World

OA, MP = "wx" + "b2" * 8, "wx" + "a1" * 8


def openid(appid: str, account_id: AccountId) -> str:
    return f"o{appid[-4:]}{account_id.hex[-20:]}"


class Reachable:
    """Writes the rows that the gateway reads, each in a transaction of its own."""

    def __init__(self, world: World) -> None:
        self.world = world

    def _keep(self, *rows: Any) -> None:
        def build() -> None:
            db.session.add_all(rows)
            db.session.flush()

        self.world.do(build)

    def wechat(self, account_id: AccountId, appid: str = OA) -> str:
        """This account signs in with a WeChat of this app; returns its openid."""
        found = openid(appid, account_id)
        row = WechatIdentity(
            id=uuid7(),
            appid=appid,
            openid=vault.seal(OPENID_FIELD, found),
            openid_index=vault.blind_index(OPENID_FIELD, found),
            account_id=account_id,
            created_at=clock.now(),
        )
        self._keep(row)
        return found

    def follows(self, account_id: AccountId, *, following: bool = True, appid: str = OA) -> None:
        index = vault.blind_index(OPENID_FIELD, openid(appid, account_id))
        self._keep(Follower(appid=appid, openid_index=index, following=following, changed_at=clock.now()))

    def consents(self, account_id: AccountId, template_id: str, *, number: int = 1, appid: str = MP) -> uuid.UUID:
        """So many messages of this template are granted; returns the ledger's row."""
        id_ = uuid7()
        index = vault.blind_index(OPENID_FIELD, openid(appid, account_id))
        self._keep(
            Credit(
                id=id_, appid=appid, openid_index=index, template_id=template_id, granted=number, reserved=0, spent=0,
                lost=0, provisional=0, standing=False, changed_at=clock.now(),
            )
        )  # fmt: skip
        return id_

    def mapped(
        self, channel: Channel, layout: str, platform_id: str = "", *, provider: str = "", language: str = "zh"
    ) -> str:
        """An officer has chosen the platform's template for this layout; returns its id."""
        found = platform_id or f"T-{channel}-{layout}"
        fields = LAYOUTS[layout].types(language) if channel.of_wechat else {}
        keys = {name: f"{kind.value}{number}" for number, (name, kind) in enumerate(fields.items(), start=1)}
        self._keep(
            ChannelTemplate(
                id=uuid7(), channel=channel, layout=layout, language=language, version=1, platform_id=found, keys=keys,
                provider=provider or (MP if channel is Channel.MP_SUBSCRIBE else OA), long_term=False, set_by="test",
                set_at=clock.now() - datetime.timedelta(days=1),
            )
        )  # fmt: skip
        return found
