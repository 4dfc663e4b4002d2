"""群发, the official account's own mass message: a few calls, each to so many followers of a notice's audience.

Who belongs to which call is decided by the inbox row's recipient and the number of calls, so a call that is repeated
has the same people, and nobody is in two. The platform knows a call by our id of it.
"""

import datetime
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

from sqlalchemy import Integer, String, cast, func, literal, literal_column, or_, select
from sqlalchemy.dialects.postgresql import BIT, insert

from services.accounts import queries as accounts
from services.accounts.service.wechat import OPENID_FIELD
from services.accounts.wechat import Failed, Platform
from services.core.crypto import vault
from services.core.db import db
from services.core.ids import uuid7
from services.notifications import verdicts
from services.notifications.models import Follower, InboxMessage, LocalMessage, MassSend, OfficerNotice, Wish
from services.notifications.notices.types import NoticeId, State
from services.notifications.ports import PAUSES, Effect
from services.notifications.rules import quiet
from services.notifications.service import effects
from services.notifications.service.addresses import FOLLOWER_FIELD
from services.notifications.service.delivering import LEASE
from services.notifications.types import Channel, DeliveryStatus, Group

MOST_ATTEMPTS = 8
CHANNEL = "mass"
"""Of its pauses."""
LEAST = 2
"""People of a call: the platform takes no fewer."""
Transact = Callable[[Callable[[], Any]], Any]


@dataclass(frozen=True)
class Call:
    """One call, leased. `to`: account and openid of each follower."""

    id: uuid.UUID
    notice_id: NoticeId
    chunk: int
    to: Sequence[tuple[uuid.UUID, str]] = field(repr=False)
    text: str = field(repr=False)

    @property
    def client_id(self) -> str:
        return f"{self.notice_id.hex}-{self.chunk}"


@dataclass(frozen=True)
class Said:
    """What became of a call; `provider_id` is what MASSSENDJOBFINISH names it by."""

    status: DeliveryStatus
    reason: str | None = None
    provider_id: str | None = None
    effect: Effect = Effect.NONE


class Port(Protocol):
    #: the official account's appid
    provider: str

    def send(self, call: Call) -> Said: ...


class PlatformMass:
    """The platform's own. Never call it inside a transaction."""

    def __init__(self, platform: Platform) -> None:
        self.provider, self._platform = platform.appid, platform

    def send(self, call: Call) -> Said:
        answer = self._platform.mass([openid for _, openid in call.to], call.text, call.client_id)
        if not isinstance(answer, Failed):
            return Said(DeliveryStatus.SENT, provider_id=answer or None)
        found = verdicts.verdict(answer, repeats_safely=True)
        return Said(found.status, verdicts.reason(answer), effect=found.effect)


class LocalMass:
    """A machine without WeChat: what would have gone out is kept for the demo's page of a phone."""

    def __init__(self, provider: str, *, transact: Transact, clock: Callable[[], datetime.datetime]) -> None:
        self.provider, self._transact, self._clock = provider, transact, clock

    def send(self, call: Call) -> Said:
        self._transact(partial(self._keep, call))
        return Said(DeliveryStatus.DELIVERED, provider_id=call.id.hex)

    def _keep(self, call: Call) -> None:
        shown = {"title": call.text, "template": "mass", "fields": {}, "link": ""}
        now = self._clock()
        rows = [
            {"id": uuid7(), "channel": Channel.TEMPLATE, "account_id": account, "shown": shown, "created_at": now}
            for account, _ in call.to
        ]
        db.session.execute(insert(LocalMessage).values(rows))


def lease(*, notice_id: NoticeId, appid: str, text: str, now: datetime.datetime) -> Call | None:
    """The next call of this notice that may go out, held for LEASE; None when there is none now.

    Not at night, not during a pause of mass messages, and not once the notice was stopped. Commit, send,
    then `record`. `text` is what followers read.
    """
    if quiet(now) or effects.paused(CHANNEL, now=now):
        return None
    row = db.session.scalar(
        select(MassSend)
        .join(OfficerNotice, OfficerNotice.id == MassSend.notice_id)
        .where(
            MassSend.notice_id == notice_id, OfficerNotice.status == State.SENDING,
            MassSend.status.in_([DeliveryStatus.CREATED, DeliveryStatus.SENDING]),
            or_(MassSend.leased_until.is_(None), MassSend.leased_until <= now),
        )
        .order_by(MassSend.chunk)
        .limit(1)
        .with_for_update(of=MassSend, skip_locked=True),
        execution_options={"populate_existing": True},
    )  # fmt: skip
    if row is None:
        return None
    to = followers(notice_id, chunk=row.chunk, appid=appid)
    row.status, row.people, row.leased_until = DeliveryStatus.SENDING, len(to), now + LEASE
    row.attempts += 1
    db.session.flush()
    return Call(row.id, notice_id, row.chunk, to, text)


def send(port: Port, call: Call) -> Said:
    """Outside any transaction. A call to fewer than two people is none."""
    if len(call.to) < LEAST:
        return Said(DeliveryStatus.PERMANENT_FAILURE, "too_few")
    return port.send(call)


def record(call: Call, said: Said, *, now: datetime.datetime) -> None:
    """Marks the call. One that may be repeated is, later each time, until its tries are used up. The platform's own
    word (MASSSENDJOBFINISH) is not overwritten. A no to all calls, a used-up quota or a missing permission,
    lets none out before the next day, or until an officer says that the cause is mended."""
    row = db.session.scalar(
        select(MassSend).where(MassSend.id == call.id).with_for_update(), execution_options={"populate_existing": True}
    )
    if row is None or row.status != DeliveryStatus.SENDING:
        return
    again = said.status is DeliveryStatus.CREATED
    if again and row.attempts >= MOST_ATTEMPTS:
        said = replace(said, status=DeliveryStatus.TEMPORARY_FAILURE)
        again = False
    row.status, row.reason, row.provider_id = said.status, said.reason, said.provider_id or row.provider_id
    row.leased_until = now + datetime.timedelta(minutes=2**row.attempts) if again else None
    row.sent_at = None if again else now
    db.session.flush()
    if said.effect in PAUSES:
        wait = said.effect if said.effect is Effect.PAUSE_MINUTE else Effect.PAUSE_UNTIL_MIDNIGHT
        effects.pause(CHANNEL, "", effect=wait, reason=said.reason, now=now)


def followers(notice_id: NoticeId, *, chunk: int, appid: str) -> list[tuple[uuid.UUID, str]]:
    """Account and openid of those of this call who are known to follow and want it, each WeChat once.

    Somebody's own WeChat goes before a linked one.
    """
    calls = select(func.count()).where(MassSend.notice_id == notice_id).scalar_subquery()
    # Of the recipient's id the last 28 bits: random, and the same for ever.
    number = cast(
        cast(literal_column("'x'").concat(func.right(cast(InboxMessage.recipient_id, String), 7)), BIT(28)), Integer
    )
    held, ways = accounts.bound_members().subquery("held"), accounts.wechat_addresses().subquery("ways")
    theirs = (
        select(held.c.account_id)
        .select_from(InboxMessage)
        .join(held, held.c.member_id == InboxMessage.recipient_id)
        .outerjoin(Wish, (Wish.account_id == held.c.account_id) & (Wish.group == Group.NOTICES))
        .where(InboxMessage.message_id == notice_id, number % calls == literal(chunk), func.coalesce(Wish.wechat, True))
        .subquery("theirs")
    )
    own = (
        select(ways.c.account_id, ways.c.openid, ways.c.openid_index)
        .join(theirs, theirs.c.account_id == ways.c.account_id)
        .join(Follower, (Follower.appid == ways.c.appid) & (Follower.openid_index == ways.c.openid_index))
        .where(ways.c.appid == appid, Follower.following)
    )
    linked = (
        select(Follower.account_id, Follower.openid, Follower.openid_index)
        .join(theirs, theirs.c.account_id == Follower.account_id)
        .where(Follower.appid == appid, Follower.following, Follower.openid.is_not(None))
    )
    found: dict[bytes, tuple[uuid.UUID, str]] = {}
    for account, openid, index in db.session.execute(own):
        found[index] = (account, vault.unseal(OPENID_FIELD, openid))
    for account, openid, index in db.session.execute(linked):
        if account and openid:
            found.setdefault(index, (account, vault.unseal(FOLLOWER_FIELD, openid)))
    return list(found.values())
