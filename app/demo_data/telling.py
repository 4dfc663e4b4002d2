"""Fills the inboxes of the personas, by the gateway's own verbs."""

import datetime

from app.demo_data.script import CLERK_DAY, UNREAD_BY_CLERK, UNREAD_BY_MEMBER
from services.accounts.types import ClerkActor
from services.core.calendar import local_date
from services.core.ids import uuid7
from services.members.types import MemberId
from services.notifications import service as notifications
from services.notifications.types import Recipient, RecipientKind
from services.redemptions.messages import RedemptionRecorded
from services.redemptions.types import PastUse, RedemptionId

Written = list[tuple[PastUse, RedemptionId]]
DELAY = datetime.timedelta(seconds=2)


def tell(written: Written, *, persona: MemberId, clerk: ClerkActor, now: datetime.datetime) -> None:
    """Of `written`, oldest first, the persona's and the branch's of today; all but the last few have been read."""
    today, branch = local_date(now), clerk.branch_id
    hers = [(use, id_) for use, id_ in written if use.member_id == persona]
    theirs = [
        (use, id_) for use, id_ in written if use.actor.branch_id == branch and local_date(use.redeemed_at) == today
    ][-CLERK_DAY:]
    unread = {id_ for _, id_ in hers[-UNREAD_BY_MEMBER:] + theirs[-UNREAD_BY_CLERK:]}
    told = sorted(hers + theirs, key=lambda pair: pair[0].redeemed_at)
    for use, id_ in told:
        if id_ not in unread:
            _tell(use, id_)
    for recipient in (Recipient(RecipientKind.MEMBER, persona), Recipient(RecipientKind.BRANCH, branch)):
        notifications.mark_read(recipient, now=now)
    for use, id_ in told:
        if id_ in unread:
            _tell(use, id_)


def _tell(use: PastUse, redemption_id: RedemptionId) -> None:
    """Written into the inboxes; what is useful still goes to the local platform's phone."""
    notifications.tell(
        topic=RedemptionRecorded.topic,
        message_id=uuid7(),
        payload={"redemption_id": str(redemption_id)},
        now=use.redeemed_at + DELAY,
    )
