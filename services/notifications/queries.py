"""Reads: somebody's own inbox, what reaches somebody, what the local platform would have sent."""

import datetime
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, tuple_

from services.accounts import queries as accounts
from services.accounts.types import AccountId
from services.core.db import db
from services.core.paging import Page, PageRequest
from services.notifications.models import Delivery, Follower, InboxMessage, LocalMessage, Wish
from services.notifications.notices.words import filled
from services.notifications.reach import CHINESE, Providers, preferences, reach
from services.notifications.templates import TEMPLATES
from services.notifications.types import (
    Channel,
    DeliveryStatus,
    Group,
    Hindrance,
    InboxItem,
    Language,
    Recipient,
    RecipientKind,
)

_WENT_OUT = (DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ)


@dataclass(frozen=True)
class Followed:
    """`following`: by the account's own WeChat or by a linked one. `known`: the platform has said either.

    `linked`: another WeChat follows by a code of this account's page and gets its messages.
    """

    following: bool
    known: bool
    linked: bool


@dataclass(frozen=True)
class LocalShown:
    """What would have gone out on a machine without WeChat or SMS."""

    id: uuid.UUID
    channel: Channel
    account_id: AccountId | None
    shown: dict[str, Any]
    created_at: datetime.datetime


def inbox(recipient: Recipient, request: PageRequest, *, archived: bool = False) -> Page[InboxItem]:
    """Newest first: what lies in the inbox, or with `archived` what was put away. One statement, two with an
    officer's notice among them."""
    put_away = InboxMessage.archived_at.is_not(None)
    query = select(InboxMessage).where(_of(recipient), put_away if archived else ~put_away)
    rows = list(db.session.scalars(request.apply(query, InboxMessage.id)))
    return request.page(_items(rows), [row.id for row in rows])


def message(recipients: Collection[Recipient], inbox_id: uuid.UUID) -> tuple[Recipient, InboxItem] | None:
    """One message and whose it is of these recipients; None if it is another's, or gone. One statement."""
    theirs = tuple_(InboxMessage.recipient_kind, InboxMessage.recipient_id).in_(
        [(one.kind, one.id) for one in recipients]
    )
    row = db.session.scalar(select(InboxMessage).where(InboxMessage.id == inbox_id, theirs))
    return (Recipient(RecipientKind(row.recipient_kind), row.recipient_id), _items([row])[0]) if row else None


def went_out_by(inbox_id: uuid.UUID) -> set[Channel]:
    """The channels that took this message. One of which nobody knows is left out."""
    query = select(Delivery.channel).where(Delivery.inbox_id == inbox_id, Delivery.status.in_(_WENT_OUT))
    return {Channel(channel) for channel in db.session.scalars(query)}


def unread(recipient: Recipient) -> int:
    query = select(func.count()).where(
        _of(recipient), InboxMessage.read_at.is_(None), InboxMessage.archived_at.is_(None)
    )
    return db.session.scalar(query) or 0


def wishes(account_id: AccountId) -> dict[Group, tuple[bool, bool]]:
    """Group -> wants WeChat, wants SMS. A group that is not here has both."""
    rows = db.session.scalars(select(Wish).where(Wish.account_id == account_id))
    return {Group(row.group): (row.wechat, row.sms) for row in rows}


def language_of(account_id: AccountId) -> Language:
    """In which WeChat and SMS write to somebody."""
    return preferences([account_id]).get(account_id, CHINESE)[0]


def followed(account_id: AccountId, *, appid: str) -> Followed:
    """Whether this official account reaches somebody who follows it, as far as we were told. One statement."""
    ways = accounts.wechat_addresses().subquery()
    own = and_(
        ways.c.account_id == account_id, ways.c.appid == Follower.appid, ways.c.openid_index == Follower.openid_index
    )
    query = (
        select(Follower.following, Follower.account_id)
        .outerjoin(ways, own)
        .where(Follower.appid == appid, (ways.c.account_id == account_id) | (Follower.account_id == account_id))
    )
    rows = db.session.execute(query).all()
    return Followed(any(row.following for row in rows), bool(rows), any(row.account_id for row in rows))


def ways(account_id: AccountId, *, providers: Providers, duty: bool) -> dict[Channel, Hindrance | None]:
    """What stands in the way of each channel that some message could take to this person; what he wishes is left out.

    None: at least one kind of message gets through. A channel for which nothing is mapped is not here. `duty`: he
    reads an officer's messages too. Seven statements.
    """
    found = reach([account_id], providers=providers, hold=False)
    open_to_all = replace(found, wishes={})
    kinds = [
        (name, template) for name, template in TEMPLATES.items() if duty or template.group is not Group.DUTY
    ]  # fmt: skip
    hindrances: dict[Channel, Hindrance | None] = {}
    for channel in providers:
        seen = {
            open_to_all.way(account_id, channel, template, name).hindrance
            for name, template in kinds
            if (template.sms_text if channel is Channel.SMS else template.card and template.answers)
        }
        seen -= {Hindrance.NOT_MAPPED, Hindrance.NOT_SET_UP}
        if seen:
            hindrances[channel] = None if None in seen else min(one for one in seen if one)
    return hindrances


def local_messages(*, limit: int, accounts: Collection[AccountId] | None = None) -> Sequence[LocalShown]:
    """What the local platform took, newest first: of everybody, or of these accounts."""
    query = select(LocalMessage).order_by(LocalMessage.id.desc()).limit(limit)
    if accounts is not None:
        query = query.where(LocalMessage.account_id.in_(accounts))
    return [
        LocalShown(row.id, Channel(row.channel), _account(row.account_id), row.shown, row.created_at)
        for row in db.session.scalars(query)
    ]


def _of(recipient: Recipient) -> ColumnElement[bool]:
    return and_(InboxMessage.recipient_kind == recipient.kind, InboxMessage.recipient_id == recipient.id)


def _account(found: uuid.UUID | None) -> AccountId | None:
    return AccountId(found) if found else None


def _items(rows: Sequence[InboxMessage]) -> list[InboxItem]:
    return [
        InboxItem(
            row.id, row.template, facts, row.created_at, row.read_at is not None, row.version,
            row.archived_at is not None,
        )
        for row, facts in zip(rows, filled([row.facts for row in rows]), strict=True)
    ]  # fmt: skip
