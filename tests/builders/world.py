"""Builds valid things with few words, each committed in a transaction of its own."""

import datetime
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask

from services.accounts import service as accounts
from services.accounts.types import AccountId, Actor, ClerkActor, Grant, MemberActor, OfficerActor, Role, VisitorActor
from services.cards import queries as card_queries
from services.cards import service as cards
from services.core import clock
from services.core.calendar import local_date
from services.core.transaction import in_transaction
from services.members import service as members
from services.members.types import Standing
from services.merchants import service as merchants
from services.merchants.types import MerchantId, TradeCode
from services.offers import service as offers
from services.offers.types import AmountPolicy, OfferId, OfferKind, Terms
from services.unions import service as unions
from services.unions.types import Level, UnionView

T = TypeVar("T")
DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Shop:
    merchant_id: MerchantId
    clerk: ClerkActor


class World:
    """A federation with one town and one grass-roots union; everything else on demand."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.federation, self.town, self.union = self.do(self._tree)

    def do(self, work: Callable[[], T]) -> T:
        """Runs `work` in an application context and a transaction of its own."""
        with self.app.app_context():
            return in_transaction(work)

    def look(self, work: Callable[[], T]) -> T:
        with self.app.app_context():
            return work()

    def _tree(self) -> tuple[UnionView, UnionView, UnionView]:
        federation = unions.found(name={"zh": "雍河区总工会", "en": "Yonghe Federation"}, level=Level.FEDERATION)
        town = unions.found(name={"zh": "柳渡镇总工会"}, level=Level.TOWN, parent=federation)
        return federation, town, unions.found(name={"zh": "恒沛精密工会"}, level=Level.GRASSROOTS, parent=town)

    def another_union(self) -> UnionView:
        town = self.do(lambda: unions.found(name={"zh": "高营镇总工会"}, level=Level.TOWN, parent=self.federation))
        return self.do(lambda: unions.found(name={"zh": "高营纺织工会"}, level=Level.GRASSROOTS, parent=town))

    def member(
        self,
        name: str = "李春梅",
        *,
        union: UnionView | None = None,
        standing: Standing = Standing.ACTIVE,
        phone: str = "10012345678",
    ) -> MemberActor:
        """A member with an account and an active card."""

        def build() -> MemberActor:
            home = union or self.union
            member_id = members.enrol(
                name=name, union_id=home.id, joined_on=datetime.date(2020, 1, 1), phone=phone, standing=standing
            )
            account_id = accounts.open_account(display_name=name, now=clock.now(), member_id=member_id)
            cards.issue(member_id=member_id, actor="test", now=clock.now())
            return MemberActor(account_id, member_id)

        return self.do(build)

    def visitor(self) -> VisitorActor:
        """Somebody who signed in and is bound to nobody."""
        return VisitorActor(self.do(lambda: accounts.open_account(display_name="", now=clock.now())))

    def shop(
        self, name: str = "老灶牛肉面", *, trade: str = "dining", agreed_days: tuple[int, int] = (-30, 300)
    ) -> Shop:
        """A shop with one branch and its owner as clerk; the agreement runs from and until so many days from today."""
        today = local_date(clock.now())

        def build() -> Shop:
            merchant_id = merchants.sign(
                union_id=self.federation.id,
                name={"zh": name},
                trade=TradeCode(trade),
                signed_by="店主",
                actor="test",
                now=clock.now(),
                agreement_from=today + agreed_days[0] * DAY,
                agreement_until=today + agreed_days[1] * DAY,
            )
            return Shop(merchant_id, self._clerk(merchant_id))

        return self.do(build)

    def clerk(self, shop: Shop, *, same_branch: bool = False) -> ClerkActor:
        """One more clerk of the shop, at a branch of its own unless said otherwise."""
        branch_id = shop.clerk.branch_id if same_branch else None
        return self.do(lambda: self._clerk(shop.merchant_id, branch_id))

    def _clerk(self, merchant_id: MerchantId, branch_id: uuid.UUID | None = None) -> ClerkActor:
        account_id = accounts.open_account(display_name="小唐", now=clock.now())
        branch = branch_id or merchants.open_branch(
            merchant_id=merchant_id, name={"zh": "高营店"}, address={"zh": "高营路 8 号"}, actor="test", now=clock.now()
        )
        clerk_id = merchants.take_on_clerk(
            branch_id=branch, account_id=account_id, name="小唐", actor="test", now=clock.now(), owner=branch_id is None
        )  # type: ignore[arg-type]
        return ClerkActor(account_id, clerk_id, branch, merchant_id)

    def terms(self, **terms: Any) -> Terms:
        """Ten percent off, amount required, running since a month, adding up with others; any term may be given."""
        today = local_date(clock.now())
        kind = terms.get("kind", OfferKind.PERCENT)
        given: dict[str, Any] = {
            "title": {"zh": "堂食 9 折", "en": "10% off"},
            "kind": kind,
            "starts_on": today - 30 * DAY,
            "ends_on": today + 30 * DAY,
            "amount_policy": AmountPolicy.REQUIRED,
            "stacks": True,
            **({"percent_off": 10} if kind is OfferKind.PERCENT else {}),
            **terms,
        }
        return Terms(**given)

    def offer(self, shop: Shop, **terms: Any) -> OfferId:
        """A published offer of these terms."""
        written = self.terms(**terms)

        def build() -> OfferId:
            offer_id = offers.draft(merchant_id=shop.merchant_id, terms=written, actor="test", now=clock.now())
            offers.publish(offer_id=offer_id, seen=1, actor="test", now=clock.now())
            return offer_id

        return self.do(build)

    def officer(self) -> OfficerActor:
        def build() -> AccountId:
            account_id = accounts.open_account(display_name="周敏", now=clock.now())
            accounts.grant(
                account_id=account_id, role=Role.DISTRICT, union_id=self.federation.id, actor="test", now=clock.now()
            )
            return account_id

        return OfficerActor(self.do(build), (Grant(Role.DISTRICT, self.federation.path),))

    def code(self, member: MemberActor, *, now: datetime.datetime | None = None) -> str:
        """What this member's QR code says at that moment."""

        def read() -> str:
            code = cards.rotating_code(card_queries.card_of(member.member_id), now=now or clock.now())
            assert code is not None, "the card is frozen"
            return code.text

        return self.look(read)

    def token(self, actor: Actor, *, proved: bool = False) -> str:
        """`proved`: the person has just shown to be there."""
        return self.do(lambda: accounts.sign_in(actor, now=clock.now(), proved=proved)).token

    def bearer(self, actor: Actor) -> dict[str, str]:
        """Headers of a client signed in as this actor, writing under a fresh idempotency key."""
        return {"Authorization": f"Bearer {self.token(actor)}"}
