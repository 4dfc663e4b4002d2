"""A clerk reads a code."""

import datetime

from sqlalchemy import insert

from services.accounts.types import ClerkActor
from services.cards import rules as card_rules
from services.cards import service as cards
from services.cards.errors import CODE_USED, TYPED_CODE_WRONG
from services.cards.types import Presented
from services.core import outbox
from services.core.calendar import local_date
from services.core.db import run
from services.core.errors import Refusal
from services.core.ids import uuid7
from services.members import rules as member_rules
from services.merchants import queries as merchants
from services.merchants import rules as merchant_rules
from services.merchants import service as merchant_service
from services.redemptions import queries, rules
from services.redemptions.messages import TypingStopped
from services.redemptions.models import Scan
from services.redemptions.service import attempts
from services.redemptions.types import ScanId, ScanView

_SCAN = insert(Scan)


def scan(*, actor: ClerkActor, text: str, now: datetime.datetime) -> ScanView | Refusal:
    """Reads a code and says what its holder may use at this shop.

    Promises: a good code is burnt, so it works at no second till; the same clerk reading the same code again gets
    the same scan back. Every refusal is returned and kept as an attempt.
    Locks: for typed digits the branch's row, while wrong ones are counted; for all the burnt code's key.
    Posts: redemptions.typing_stopped when the branch's last wrong code of the day was typed.
    """
    code = card_rules.parse(text)
    if isinstance(code, Refusal):
        return attempts.keep(code, stage=attempts.SCAN, actor=actor, now=now)
    if isinstance(code, card_rules.Digits) and (refusal := _may_type(actor, now)):
        return attempts.keep(refusal, stage=attempts.SCAN, actor=actor, now=now)
    presented = cards.present(code, now=now)
    if isinstance(presented, Refusal):
        if presented.code == TYPED_CODE_WRONG:
            _tell_if_last(actor, now)
        return attempts.keep(presented, stage=attempts.SCAN, actor=actor, now=now)
    if refusal := _may_scan(presented, actor, now):
        member_id = presented.holder.member_id
        return attempts.keep(refusal, stage=attempts.SCAN, actor=actor, now=now, member_id=member_id)
    return _burn_and_record(presented, actor, now)


def _may_scan(presented: Presented, actor: ClerkActor, now: datetime.datetime) -> Refusal | None:
    return (
        merchant_rules.may_take_cards(merchants.counter(actor.clerk_id), today=local_date(now))
        or card_rules.may_present(presented.card.status)
        or member_rules.may_use_benefits(presented.holder.standing)
    )


def _burn_and_record(presented: Presented, actor: ClerkActor, now: datetime.datetime) -> ScanView | Refusal:
    if not cards.burn(presented, now=now):
        return _scanned_before(presented, actor, now)
    scan_id, expires_at = ScanId(uuid7()), now + rules.SCAN_LIFETIME
    scan = {
        "id": scan_id,
        "card_id": presented.card.id,
        "ref": presented.ref,
        "source": presented.source,
        "clerk_id": actor.clerk_id,
        "branch_id": actor.branch_id,
        "merchant_id": actor.merchant_id,
        "scanned_at": now,
        "expires_at": expires_at,
    }
    run(_SCAN, scan)
    return queries.answer(
        presented.holder, scan_id=scan_id, scanned_at=now, expires_at=expires_at, actor=actor, now=now
    )


def _scanned_before(presented: Presented, actor: ClerkActor, now: datetime.datetime) -> ScanView | Refusal:
    former = queries.scan_of_code(presented.card.id, presented.ref)
    if former and former.clerk_id == actor.clerk_id:
        return queries.scan_view(scan_id=former.id, actor=actor, now=now)
    at = former.scanned_at if former else now
    # When and where is for the staff of the same shop only: to others it would tell where the member goes.
    facts = {"at": at.isoformat()} if former and former.merchant_id == actor.merchant_id else {}
    member_id = presented.holder.member_id
    return attempts.keep(Refusal(CODE_USED, facts), stage=attempts.SCAN, actor=actor, now=now, member_id=member_id)


def _may_type(actor: ClerkActor, now: datetime.datetime) -> Refusal | None:
    merchant_service.lock_branch(actor.branch_id)
    wrong = queries.wrong_typed(actor=actor, now=now)
    return rules.may_type(
        clerk_recent=wrong.by_clerk, clerk_oldest_seconds=wrong.oldest_seconds, branch_today=wrong.at_branch
    )


def _tell_if_last(actor: ClerkActor, now: datetime.datetime) -> None:
    if queries.wrong_typed(actor=actor, now=now).at_branch + 1 == rules.BRANCH_WRONG:
        outbox.post(TypingStopped(branch_id=actor.branch_id))
