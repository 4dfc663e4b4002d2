"""A member closes his account: what ends at once, and what stands in the way."""

import datetime

from services.accounts import queries as accounts
from services.accounts.service import codes, wechat
from services.accounts.types import MemberActor
from services.bindings import queries as bindings
from services.bindings import service as bonds
from services.bindings.types import BondEnd
from services.cards import service as cards
from services.core import audit
from services.core.calendar import local_date
from services.core.errors import Refusal
from services.merchants import queries as merchants
from services.notifications.service import following
from services.redemptions import queries as redemptions
from services.rights import queries, rules
from services.rights.errors import (
    CLOSE_BINDING_OPEN,
    CLOSE_CORRECTION_OPEN,
    CLOSE_DISPUTE_OPEN,
    CLOSE_HOLDS_ROLE,
    CLOSE_IS_CLERK,
)


def obstacles(actor: MemberActor, *, now: datetime.datetime) -> list[str]:
    """Codes of what has to be ended first; none when the account can be closed."""
    account = actor.account_id
    found = {
        CLOSE_DISPUTE_OPEN: redemptions.disputed_since(member_id=actor.member_id, since=now - rules.DISPUTE_OPEN),
        CLOSE_CORRECTION_OPEN: queries.open_correction(actor.member_id) is not None,
        CLOSE_BINDING_OPEN: bindings.has_open(account),
        CLOSE_HOLDS_ROLE: accounts.officer(account, on=local_date(now)) is not None,
        CLOSE_IS_CLERK: bool(merchants.clerks_of_account(account)),
    }
    return [code for code, stands in found.items() if stands]


def close_account(*, actor: MemberActor, now: datetime.datetime) -> Refusal | None:
    """Ends card, bond and all sessions at once, and forgets WeChat, phone and name of the account.

    The record in the roster, receipts and the audit trail stay, as the register says. Closing twice is no error.
    Refuses while something stands in the way. Locks the account's row, then the card's. Audited; the end of the bond
    is told as bindings.unbound.
    """
    wechat.lock_accounts(actor.account_id)
    if accounts.member_of(actor.account_id) != actor.member_id:
        return None
    if found := obstacles(actor, now=now):
        return Refusal(found[0])
    cards.end(member_id=actor.member_id, actor=actor.label, now=now)
    following.forget(account_id=actor.account_id)
    bonds.unbind(member_id=actor.member_id, because=BondEnd.CLOSED, actor=actor.label, now=now)
    wechat.drop_wechat(actor.account_id)
    codes.forget_phone(actor.account_id)
    wechat.bind(account_id=actor.account_id, member_id=None, display_name="")
    audit.record("account.closed", actor=actor.label, subject_id=actor.account_id, now=now)
    return None
