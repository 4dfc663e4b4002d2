"""What somebody switches on and off, and in which language he is written to."""

from sqlalchemy.dialects.postgresql import insert

from services.accounts.types import AccountId
from services.core.db import db
from services.core.errors import Invalid
from services.notifications.errors import GROUP_ALWAYS_ON
from services.notifications.models import Spoken, Wish
from services.notifications.types import Group, Language


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


def write_in(*, account_id: AccountId, language: Language) -> None:
    """From the next step of the ladder on, WeChat and SMS go out in it, where an officer has mapped a template of it.

    The inbox is in the language of whoever opens it.
    """
    row = insert(Spoken).values(account_id=account_id, language=language)
    db.session.execute(row.on_conflict_do_update(index_elements=[Spoken.account_id], set_={"language": language}))
