"""People in the roster, visitors who say who they are, officers who decide."""

import datetime
import itertools

from services.accounts import service as accounts
from services.accounts.service import codes, wechat
from services.accounts.types import Grant, OfficerActor, Role, Via, VisitorActor
from services.accounts.wechat import WechatUser
from services.bindings import rules, service
from services.bindings.types import Bound, Claim, Filed
from services.core import clock
from services.members import service as members
from services.members.documents import Document, DocumentType, check_digit
from services.members.types import MemberId, Standing
from services.unions.types import UnionView
from tests.builders.world import World

PHONE, OTHER_PHONE = "10012345678", "10099990000"
OA = "wx" + "b2" * 8
MINI = "wx" + "a1" * 8
_numbers = itertools.count(1)


def number() -> str:
    """A number that nobody has: a region with no people, and a right check digit."""
    seventeen = f"11010119900307{next(_numbers):03d}"
    return seventeen + check_digit(seventeen)


class Binding:
    def __init__(self, world: World) -> None:
        self.world = world

    def rostered(
        self, name: str = "李春梅", *, document: str | None = None, phone: str | None = PHONE,
        union: UnionView | None = None, standing: Standing = Standing.ACTIVE,
    ) -> tuple[MemberId, str]:  # fmt: skip
        """Somebody in the roster who has never signed in: the id, and the number of his document."""
        document = document or number()
        member_id = self.world.do(
            lambda: members.enrol(
                name=name, union_id=(union or self.world.union).id, joined_on=datetime.date(2020, 1, 1), phone=phone,
                standing=standing, document=Document(DocumentType.MAINLAND, document),
            )
        )  # fmt: skip
        return member_id, document

    def visitor(self, *, phone: str | None = PHONE, openid: str | None = None, appid: str = OA) -> VisitorActor:
        """Somebody who signed in with this WeChat, or with no WeChat, and proved this phone."""

        def build() -> VisitorActor:
            now = clock.now()
            account_id = (
                wechat.identify(user=WechatUser(appid, openid, None), now=now)
                if openid
                else accounts.open_account(display_name="", now=now)
            )
            if phone:
                codes.prove_phone(account_id=account_id, phone=phone, now=now)
            return VisitorActor(account_id)

        return self.world.do(build)

    def said(self, document: str, *, name: str = "李春梅", union: UnionView | None = None) -> Claim:
        return Claim(
            name, Document(DocumentType.MAINLAND, document), (union or self.world.union).id, rules.CONSENT_VERSION,
            Via.WECHAT,
        )  # fmt: skip

    def claim(
        self, who: VisitorActor, document: str, *, name: str = "李春梅", now: datetime.datetime | None = None,
        union: UnionView | None = None,
    ) -> Bound | Filed:  # fmt: skip
        said = self.said(document, name=name, union=union)
        return self.world.do(lambda: service.claim(actor=who, said=said, now=now or clock.now()))

    def filed(self, who: VisitorActor, document: str, **more: object) -> Filed:
        result = self.claim(who, document, **more)  # type: ignore[arg-type]
        assert isinstance(result, Filed)
        return result

    def officer(self, union: UnionView | None = None, role: Role = Role.GRASSROOTS) -> OfficerActor:
        union = union or self.world.union

        def build() -> OfficerActor:
            now = clock.now()
            account_id = accounts.open_account(display_name="周敏", now=now)
            accounts.grant(account_id=account_id, role=role, union_id=union.id, actor="test", now=now)
            return OfficerActor(account_id, (Grant(role, union.path),))

        return self.world.do(build)
