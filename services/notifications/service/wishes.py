"""What somebody switches on and off."""

from sqlalchemy.dialects.postgresql import insert

from services.accounts.types import AccountId
from services.core.db import db
from services.core.errors import Invalid
from services.notifications.errors import GROUP_ALWAYS_ON
from services.notifications.models import Wish
from services.notifications.types import Group


def wish(*, account_id: AccountId, group: Group, wechat: bool, sms: bool) -> None:
    """From the next step of the ladder on, messages of this group take these channels only; the inbox gets them all.

    Raises Invalid(group_always_on) for what warns of somebody else's hand.
    """
    if group is Group.SAFETY:
        raise Invalid(GROUP_ALWAYS_ON, field="group")
    row = insert(Wish).values(account_id=account_id, group=group, wechat=wechat, sms=sms)
    written = row.on_conflict_do_update(
        index_elements=[Wish.account_id, Wish.group], set_={"wechat": wechat, "sms": sms}
    )
    db.session.execute(written)
