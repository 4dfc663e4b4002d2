"""Officers who write and release notices, and the notices."""

import datetime
from typing import Any

from services.accounts import service as accounts
from services.accounts.rules import LEVEL
from services.accounts.types import AccountId, Grant, OfficerActor, Role
from services.core import clock
from services.core.errors import Refusal
from services.notifications.notices import queries, service
from services.notifications.notices.types import Draft, NoticeId, NoticeView
from services.unions.types import Level, UnionView
from tests.builders.world import World

ABOVE = 2
"""So that three members are a large notice."""
TEXT = {"title": {"zh": "周六文化宫放电影"}, "body": {"zh": "14:00 开始，带会员码入场。"}}


class Noticing:
    def __init__(self, world: World) -> None:
        self.world = world

    def officer(self, *roles: Role) -> OfficerActor:
        """Somebody with these roles, each at the world's own union of that level; a district officer without any."""
        world, wanted = self.world, roles or (Role.DISTRICT,)
        at: dict[Level, UnionView] = {
            Level.FEDERATION: world.federation, Level.TOWN: world.town, Level.GRASSROOTS: world.union,
        }  # fmt: skip

        def build() -> AccountId:
            account_id = accounts.open_account(display_name="邓华", now=clock.now())
            for role in wanted:
                accounts.grant(
                    account_id=account_id, role=role, union_id=at[LEVEL[role]].id, actor="test", now=clock.now()
                )
            return account_id

        return OfficerActor(world.do(build), tuple(Grant(role, at[LEVEL[role]].path) for role in wanted))

    def draft(self, **said: Any) -> Draft:
        return Draft(**{"union_id": self.world.federation.id, **TEXT, **said})

    def written(self, officer: OfficerActor, **said: Any) -> NoticeId:
        return self.world.do(lambda: service.write(draft=self.draft(**said), officer=officer, now=clock.now()))

    def waiting(self, officer: OfficerActor, **said: Any) -> NoticeId:
        notice_id = self.written(officer, **said)
        self.ask(notice_id, officer)
        return notice_id

    def ask(self, notice_id: NoticeId, officer: OfficerActor, *, seen: int = 1) -> None:
        self.world.do(
            lambda: service.ask_release(notice_id=notice_id, seen=seen, officer=officer, above=ABOVE, now=clock.now())
        )

    def release(
        self, notice_id: NoticeId, officer: OfficerActor, *, seen: int = 1, above: int = ABOVE
    ) -> NoticeId | Refusal:
        return self.world.do(
            lambda: service.release(notice_id=notice_id, seen=seen, officer=officer, above=above, now=clock.now())
        )

    def change(self, notice_id: NoticeId, officer: OfficerActor, *, seen: int = 1, **said: Any) -> int:
        return self.world.do(
            lambda: service.change(
                notice_id=notice_id, draft=self.draft(**said), seen=seen, officer=officer, now=clock.now()
            )
        )

    def act(self, verb: Any, notice_id: NoticeId, officer: OfficerActor, now: datetime.datetime | None = None) -> None:
        self.world.do(lambda: verb(notice_id=notice_id, officer=officer, now=now or clock.now()))

    def seen(self, notice_id: NoticeId) -> NoticeView:
        return self.world.look(lambda: queries.view_of(notice_id))
