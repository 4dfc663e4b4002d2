"""Signs the demo's shops, opens their branches, takes on their clerks and publishes what they give."""

import datetime
from dataclasses import dataclass

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
    return [_open(plan, tree, officer, now) for plan in SHOPS]


def _open(plan: ShopPlan, tree: Tree, officer: str, now: datetime.datetime) -> OpenShop:
    today = local_date(now)
    first, last = (today + datetime.timedelta(days=days) for days in plan.agreement)
    name = {"zh": plan.zh, "en": plan.en}
    merchant_id = merchants.sign(
        union_id=tree.root.id, name=name, trade=plan.trade, agreement_from=first, agreement_until=last,
        signed_by=plan.zh, actor=officer, now=now,
    )  # fmt: skip
    clerks = [
        clerk
        for branch, address, people in plan.branches
        for clerk in _staff(merchant_id, branch, address, people, now)
    ]
    stalls = [Stall(_publish(merchant_id, deal, tree, officer, now), deal) for deal in plan.deals]
    return OpenShop(plan, merchant_id, clerks, stalls)


def _staff(
    merchant_id: MerchantId, branch: tuple[str, str], address: tuple[str, str], people: tuple[str, ...],
    now: datetime.datetime,
) -> list[ClerkActor]:  # fmt: skip
    branch_id = merchants.open_branch(
        merchant_id=merchant_id,
        name={"zh": branch[0], "en": branch[1]},
        address={"zh": address[0], "en": address[1]},
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
