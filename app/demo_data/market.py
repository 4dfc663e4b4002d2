"""Signs the demo's shops, opens their branches, takes on their clerks and publishes what they give."""

import datetime
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from app.demo_data.fronts import FRONTS, Front, phone, place, plaque
from app.demo_data.people import Tree
from app.demo_data.shops import SHOPS, Deal, ShopPlan
from services.accounts import service as accounts
from services.accounts.types import ClerkActor
from services.core.calendar import local_date
from services.merchants import service as merchants
from services.merchants.types import MerchantId
from services.offers import service as offers
from services.offers.types import OfferId, OfferKind, Terms


@dataclass(frozen=True)
class Stall:
    """An offer as it stands in the database, and its plan."""

    offer_id: OfferId
    deal: Deal


@dataclass(frozen=True)
class OpenShop:
    plan: ShopPlan
    merchant_id: MerchantId
    clerks: list[ClerkActor]
    stalls: list[Stall]


def open_shops(tree: Tree, *, officer: str, now: datetime.datetime) -> list[OpenShop]:
    """All of them; the persona's clerk is the first of the first."""
    numbers = itertools.count(1)
    return [_open(plan, tree, numbers, number, officer, now) for number, plan in enumerate(SHOPS, start=1)]


def _open(
    plan: ShopPlan, tree: Tree, numbers: Iterator[int], number: int, officer: str, now: datetime.datetime
) -> OpenShop:
    """`numbers` are those of the branches, over all shops; `number` is the shop's."""
    today = local_date(now)
    first, last = (today + datetime.timedelta(days=days) for days in plan.agreement)
    name, front = {"zh": plan.zh, "en": plan.en}, FRONTS[plan.zh]
    merchant_id = merchants.sign(
        union_id=tree.root.id, name=name, trade=plan.trade, agreement_from=first, agreement_until=last,
        signed_on=min(first, today), signed_by=plan.branches[0][2][0], about={"zh": front.zh, "en": front.en},
        actor=officer, now=now,
    )  # fmt: skip
    hung_on = first + datetime.timedelta(days=9)
    if hung_on < today:
        merchants.hang(
            merchant_id=merchant_id, plaque_number=plaque(number), plaque_hung_on=hung_on, door_sign_on=hung_on,
            actor=officer, now=now,
        )  # fmt: skip
    if plan.suspended:
        in_days, reason = plan.suspended
        merchants.suspend(
            merchant_id=merchant_id, first_day=today + datetime.timedelta(days=in_days), reason=reason, actor=officer,
            now=now,
        )  # fmt: skip
    clerks = [
        clerk
        for branch, address, people in plan.branches
        for clerk in _staff(merchant_id, branch, address, people, front, next(numbers), now)
    ]
    stalls = [Stall(_publish(merchant_id, deal, tree, officer, now), deal) for deal in plan.deals]
    return OpenShop(plan, merchant_id, clerks, stalls)


def _staff(
    merchant_id: MerchantId, branch: tuple[str, str], address: tuple[str, str], people: tuple[str, ...], front: Front,
    number: int, now: datetime.datetime,
) -> list[ClerkActor]:  # fmt: skip
    branch_id = merchants.open_branch(
        merchant_id=merchant_id,
        name={"zh": branch[0], "en": branch[1]},
        address={"zh": address[0], "en": address[1]},
        phone=phone(number),
        place=place(address[0], number),
        hours=front.hours(),
        actor="job:demo",
        now=now,
    )
    clerks: list[ClerkActor] = []
    for person in people:
        account_id = accounts.open_account(display_name=person, now=now)
        clerk_id = merchants.take_on_clerk(
            branch_id=branch_id, account_id=account_id, name=person, actor="job:demo", now=now, owner=not clerks
        )
        clerks.append(ClerkActor(account_id, clerk_id, branch_id, merchant_id))
    return clerks


def _publish(merchant_id: MerchantId, deal: Deal, tree: Tree, officer: str, now: datetime.datetime) -> OfferId:
    starts_on, ends_on = (local_date(now) + datetime.timedelta(days=days) for days in deal.days)
    terms = Terms(
        title={"zh": deal.zh, "en": deal.en},
        kind=deal.kind,
        starts_on=starts_on,
        ends_on=ends_on,
        amount_policy=deal.amount,
        audience_union_id=tree.towns[deal.town[0]].id if deal.town else None,
        stacks=deal.kind is OfferKind.GIFT,
        **deal.terms,
        **(deal.limits or {}),
    )
    offer_id = offers.draft(merchant_id=merchant_id, terms=terms, actor=officer, now=now)
    offers.publish(offer_id=offer_id, seen=1, actor=officer, now=now)
    if deal.withdrawn:
        offers.withdraw(offer_id=offer_id, actor=officer, now=now)
    return offer_id
