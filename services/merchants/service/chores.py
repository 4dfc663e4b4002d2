"""Time passes: shops are told that their agreements end, open invitations are forgotten."""

import datetime

from sqlalchemy import DateTime, and_, cast, exists, func, or_, select
from sqlalchemy.orm import aliased

from services.core import outbox, purging
from services.core.calendar import DAY, SHANGHAI, local_date
from services.core.db import db
from services.merchants import messages
from services.merchants.models import Agreement, ClerkInvite, Merchant
from services.merchants.rules import TOLD_AGAIN, TOLD_FIRST

BATCH = 50


def tell_ending(now: datetime.datetime) -> int:
    """Tells shop and federation once when an agreement has 30 days left, and once when it has 7. Returns how many.

    A renewed agreement is not told of, nor one of a partnership that was ended. The agreements are locked, and those
    that another worker holds are passed by. Run it until it returns 0. Posts merchants.agreement_ending.
    """
    today = local_date(now)
    week_before = func.timezone(SHANGHAI.key, cast(Agreement.ends_on - TOLD_AGAIN, DateTime))
    first = and_(Agreement.told_at.is_(None), Agreement.ends_on <= today + TOLD_FIRST * DAY)
    again = and_(Agreement.told_at < week_before, Agreement.ends_on <= today + TOLD_AGAIN * DAY)
    newer = aliased(Agreement)
    renewed = exists().where(newer.merchant_id == Agreement.merchant_id, newer.id > Agreement.id)
    query = (
        select(Agreement)
        .join(Merchant, Merchant.id == Agreement.merchant_id)
        .where(Merchant.ended_at.is_(None), Merchant.agreement_until == Agreement.ends_on, ~renewed)
        .where(Agreement.ends_on >= today, or_(first, again))
        .order_by(Agreement.id)
        .limit(BATCH)
        .with_for_update(of=Agreement, skip_locked=True)
    )
    found = db.session.scalars(query.execution_options(populate_existing=True)).all()
    for agreement in found:
        agreement.told_at = now
        outbox.post(messages.AgreementEnding(merchant_id=agreement.merchant_id, on=agreement.ends_on.isoformat()))
    db.session.flush()
    return len(found)


def purge_invites(now: datetime.datetime) -> int:
    """Forgets a batch of digits whose time is over."""
    return purging.forget(ClerkInvite.expires_at, before=now)
