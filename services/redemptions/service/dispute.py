"""The member says "not me" (不是我用的)."""

import datetime

from sqlalchemy import update

from services.accounts.types import MemberActor
from services.cards import service as cards
from services.core import audit, outbox
from services.core.db import db
from services.core.errors import Conflict, NotFound
from services.redemptions import errors, queries
from services.redemptions.messages import RedemptionDisputed
from services.redemptions.models import Redemption
from services.redemptions.types import Receipt, RedemptionId


def dispute(*, actor: MemberActor, redemption_id: RedemptionId, now: datetime.datetime) -> Receipt:
    """Marks the redemption, freezes the card at once and calls the branch and the union.

    Doing it twice changes nothing more. Locks the redemption's row, then the card's.
    Raises NotFound(redemption_unknown), also for another member's, and Conflict(redemption_voided) for what is undone
    already. Posts redemptions.disputed.
    """
    mine = (Redemption.id == redemption_id) & (Redemption.member_id == actor.member_id)
    marked = db.session.execute(
        update(Redemption)
        .where(mine, Redemption.disputed_at.is_(None), Redemption.voided_at.is_(None))
        .values(disputed_at=now)
        .returning(Redemption.id)
    ).first()
    receipt = queries.receipt_of_member(redemption_id, member_id=actor.member_id)
    if receipt is None:
        raise NotFound(errors.REDEMPTION_UNKNOWN)
    if receipt.voided_at and not receipt.disputed_at:
        raise Conflict(errors.REDEMPTION_VOIDED)
    if marked:
        cards.freeze(member_id=actor.member_id, actor=actor.label, now=now, tell=False)
        audit.record("redemption.disputed", actor=actor.label, subject_id=redemption_id, now=now)
        outbox.post(RedemptionDisputed(redemption_id=redemption_id))
    return receipt
