"""Every no at a till is kept: the one place that writes attempts."""

import datetime

from sqlalchemy import insert

from services.accounts.types import ClerkActor
from services.core.db import db
from services.core.errors import Refusal
from services.core.ids import uuid7
from services.members.types import MemberId
from services.offers.types import OfferId
from services.redemptions.models import Attempt

SCAN, REDEEM = "scan", "redeem"


def keep(
    refusal: Refusal,
    *,
    stage: str,
    actor: ClerkActor,
    now: datetime.datetime,
    member_id: MemberId | None = None,
    offer_id: OfferId | None = None,
) -> Refusal:
    """Writes the attempt row and hands the refusal on. Never the code that was scanned or typed."""
    db.session.execute(
        insert(Attempt).values(
            id=uuid7(),
            at=now,
            stage=stage,
            code=refusal.code,
            facts=dict(refusal.facts),
            clerk_id=actor.clerk_id,
            branch_id=actor.branch_id,
            merchant_id=actor.merchant_id,
            member_id=member_id,
            offer_id=offer_id,
        )
    )
    return refusal
