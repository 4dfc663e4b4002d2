"""The union has looked into a "not me", and the redemption stands (核实过了，这笔有效)."""

import datetime

from sqlalchemy import insert, update

from services.accounts.types import OfficerActor
from services.core import audit, outbox
from services.core.db import db
from services.core.errors import Conflict
from services.redemptions import errors, queries, rules
from services.redemptions.messages import DisputeSettled
from services.redemptions.models import Redemption, Settlement
from services.redemptions.types import Receipt, RedemptionId


def settle(*, actor: OfficerActor, redemption_id: RedemptionId, note: str, now: datetime.datetime) -> Receipt:
    """Closes a dispute without undoing: it counts again in every sum. `note` (2 to 200 characters) goes to the member.

    That this officer may is the caller's to know. Doing it twice changes nothing more: the first note stays. Locks the
    redemption's row, as an undoing does. The card stays as the member left it. Audited.
    Raises Invalid(settle_note_length), NotFound(redemption_unknown), Conflict(redemption_voided) for what is undone
    already and Conflict(not_disputed). Posts redemptions.settled.
    """
    said = rules.settle_note(note)
    open_one = Redemption.disputed_at.is_not(None) & Redemption.settled_at.is_(None) & Redemption.voided_at.is_(None)
    settled = db.session.execute(
        update(Redemption)
        .where(Redemption.id == redemption_id, open_one)
        .values(settled_at=now)
        .returning(Redemption.id)
    ).first()
    receipt = queries.receipt_of(redemption_id)
    if settled:
        values = {"redemption_id": redemption_id, "settled_at": now, "actor": actor.label, "note": said}
        db.session.execute(insert(Settlement).values(**values))
        audit.record("redemption.settled", actor=actor.label, subject_id=redemption_id, now=now)
        outbox.post(DisputeSettled(redemption_id=redemption_id))
    elif receipt.voided_at:
        raise Conflict(errors.REDEMPTION_VOIDED)
    elif not receipt.settled_at:
        raise Conflict(errors.NOT_DISPUTED)
    return receipt
