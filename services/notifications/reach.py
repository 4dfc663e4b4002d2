"""Who reads a message, by which account, and what stands in the way of each channel. A set at a time."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select, tuple_

from services.accounts import queries as accounts
from services.accounts.types import MAY, AccountId, Capability
from services.core.calendar import local_date
from services.core.db import Rows, among, db
from services.members import queries as members
from services.notifications import consents
from services.notifications.models import Block, ChannelTemplate, Follower, Pause, Spoken, Wish
from services.notifications.templates import TEMPLATES
from services.notifications.templates.layouts import LAYOUTS
from services.notifications.templates.template import Template
from services.notifications.types import Channel, Group, Hindrance, Language, PlatformTemplate, Recipient, RecipientKind

LOCAL = "local"
"""What providers of the local platform are called, and begin with."""
LOCAL_IDS = {Language.ZH: uuid.UUID(int=0), Language.EN: uuid.UUID(int=1)}
"""Of every mapping of the local platform: they stand in no table."""
Providers = Mapping[Channel, str]
"""The channels of this installation, and whose templates go out on each: the app's id, aliyun, tencent, local-…"""
Layouts = Mapping[tuple[Channel, str, Language], PlatformTemplate]
"""The mapping in force of each channel, layout (for SMS: message) and language."""
CHINESE = (Language.ZH,)
PREFERENCES = {Language.ZH: CHINESE, Language.EN: (Language.EN, Language.ZH)}
"""Which template is taken, the first that there is."""


@dataclass(frozen=True)
class Way:
    """One channel to one account: the address's digest and the template, or why there is none."""

    hindrance: Hindrance | None
    address_index: bytes | None = None
    mapping: PlatformTemplate | None = None


@dataclass
class Consents:
    """Credits that are left, counted down as they are reserved."""

    left: dict[tuple[bytes, str], tuple[uuid.UUID, int]] = field(default_factory=dict)
    taken: list[uuid.UUID] = field(default_factory=list)

    def take(self, address: bytes, template_id: str) -> uuid.UUID | None:
        credit_id, number = self.left.get((address, template_id), (None, 0))
        if credit_id is None or number < 1:
            return None
        self.left[address, template_id] = credit_id, number - 1
        self.taken.append(credit_id)
        return credit_id

    def has(self, address: bytes, template_id: str) -> bool:
        return self.left.get((address, template_id), (None, 0))[1] > 0


@dataclass(frozen=True)
class Reach:
    """What is known of some accounts, read in one go: `way` decides without the database."""

    providers: Providers
    layouts: Layouts
    consents: Consents
    #: account, channel -> digest of the address
    addresses: Mapping[tuple[AccountId, Channel], bytes]
    not_following: Collection[bytes]
    blocked: Collection[tuple[Channel, bytes]]
    #: account, group -> wants WeChat, wants SMS
    wishes: Mapping[tuple[AccountId, Group], tuple[bool, bool]]
    #: channels, and (channel, template), that stand still until an officer says that the cause is mended
    stopped: Collection[tuple[Channel, str]] = frozenset()
    #: which languages are tried for whom, in this order; of who is not here only Chinese
    languages: Mapping[AccountId, Sequence[Language]] = field(default_factory=dict)

    def way(self, account: AccountId, channel: Channel, template: Template, name: str) -> Way:
        """The first thing that hinders, in the order in which somebody would mend it."""
        if channel not in self.providers:
            return Way(Hindrance.NOT_SET_UP)
        mapped = self._mapped(account, channel, template, name)
        if not mapped:
            return Way(Hindrance.NOT_MAPPED)
        address = self.addresses.get((account, channel))
        if address is None:
            return Way(Hindrance.NO_PHONE if channel is Channel.SMS else Hindrance.NO_WECHAT)
        wechat, sms = self.wishes.get((account, template.group), (True, True))
        if template.group is not Group.SAFETY and not (sms if channel is Channel.SMS else wechat):
            return Way(Hindrance.UNWANTED)
        if (channel, address) in self.blocked:
            return Way(Hindrance.REFUSED)
        if channel is Channel.TEMPLATE and address in self.not_following:
            return Way(Hindrance.NOT_FOLLOWING)
        if channel.of_consent:
            # Who consented before there was an English template gets the Chinese one.
            mapped = [one for one in mapped if self.consents.has(address, one.platform_id)]
        return Way(None, address, mapped[0]) if mapped else Way(Hindrance.NO_CREDIT)

    def consent(self, channel: Channel, way: Way) -> uuid.UUID | None:
        """Takes the consent that a message by this way needs; none where it needs none."""
        if not channel.of_consent or way.address_index is None or way.mapping is None:
            return None
        return self.consents.take(way.address_index, way.mapping.platform_id)

    def stands_still(self, channel: Channel, way: Way) -> bool:
        """Does nothing of it go out until somebody mends the cause?"""
        named = way.mapping is not None and (channel, way.mapping.platform_id) in self.stopped
        return named or (channel, "") in self.stopped

    def _mapped(self, account: AccountId, channel: Channel, template: Template, name: str) -> list[PlatformTemplate]:
        """In the order in which this account wants them."""
        layout = layout_of(channel, template, name)
        wanted = [(channel, layout, language) for language in self.languages.get(account, CHINESE)]
        return [self.layouts[one] for one in wanted if one in self.layouts]


def layout_of(channel: Channel, template: Template, name: str) -> str:
    """Under which name a message's mapping stands: WeChat's are shared, an SMS has its own."""
    return name if channel is Channel.SMS or template.card is None else template.card.layout


def readers(
    wanted: Collection[tuple[Recipient, Capability | None]], *, now: datetime.datetime
) -> dict[tuple[Recipient, Capability | None], list[AccountId]]:
    """The accounts behind each recipient: the member's own, the officers of a union who may do this and have not
    left the union themselves. Two statements.

    A branch has none: its till shows what it is told.
    """
    found: dict[tuple[Recipient, Capability | None], list[AccountId]] = defaultdict(list)
    people = {who.id: (who, may) for who, may in wanted if who.kind is RecipientKind.MEMBER}
    if people:
        bound = accounts.bound_members().subquery()
        rows = select(bound.c.member_id, bound.c.account_id).where(among(bound.c.member_id, people))
        for row in db.session.execute(rows):
            found[people[row.member_id]].append(AccountId(row.account_id))
    unions = {who.id for who, may in wanted if who.kind is RecipientKind.UNION and may}
    if unions:
        held, gone = accounts.grants_in_force(on=local_date(now)).subquery(), members.left().subquery()
        rows = select(held.c.account_id, held.c.role, held.c.union_id).where(
            held.c.union_id.in_(unions), ~exists().where(gone.c.member_id == held.c.member_id)
        )
        seen = db.session.execute(rows.order_by(held.c.account_id)).all()
        for who, may in wanted:
            if who.kind is RecipientKind.UNION and may:
                theirs = [row for row in seen if row.union_id == who.id and may in MAY[row.role]]
                found[who, may] = list(dict.fromkeys(AccountId(row.account_id) for row in theirs))
    return found


def reach(
    people: Collection[AccountId], *, providers: Providers, only: Language | None = None, hold: bool = True
) -> Reach:
    """Everything that `Reach.way` asks about these accounts. Seven statements, whatever their number.

    Each is written to in his own language, or with `only` in this one and no other. Locks the consents that are left
    until the end of the transaction, in the order of their ids; without `hold` it only looks.
    """
    layouts = mappings(providers)
    addresses = _wechat(people, providers) | _phones(people, providers)
    found = set(addresses.values())
    needed = {one.platform_id for (channel, *_), one in layouts.items() if channel.of_consent}
    apps = {provider for channel, provider in providers.items() if channel.of_consent}
    left_over = Consents()
    for _, address, template_id, credit_id, left in consents.usable(
        addresses=found, appids=apps, templates=needed, hold=hold
    ):
        left_over.left[address, template_id] = credit_id, left
    gone = select(Follower.openid_index).where(among(Follower.openid_index, found), ~Follower.following)
    blocks = select(Block.channel, Block.address_index).where(among(Block.address_index, found))
    wishes = select(Wish).where(among(Wish.account_id, people))
    stopped = select(Pause.channel, Pause.subject).where(Pause.until.is_(None))
    return Reach(
        providers=providers,
        layouts=layouts,
        consents=left_over,
        addresses=addresses,
        not_following=set(db.session.scalars(gone)),
        blocked={(Channel(row.channel), row.address_index) for row in db.session.execute(blocks)},
        wishes={(AccountId(w.account_id), Group(w.group)): (w.wechat, w.sms) for w in db.session.scalars(wishes)},
        stopped={(Channel(row.channel), row.subject) for row in db.session.execute(stopped)},
        languages=dict.fromkeys(people, (only,)) if only else preferences(people),
    )


def preferences(people: Collection[AccountId]) -> dict[AccountId, Sequence[Language]]:
    """Those who have chosen a language. One statement."""
    rows = db.session.scalars(select(Spoken).where(among(Spoken.account_id, people)))
    return {AccountId(row.account_id): PREFERENCES[Language(row.language)] for row in rows}


def mappings(providers: Providers) -> Layouts:
    """What is mapped, of the channels of this installation. On the local platform everything is."""
    wanted = [(channel, provider) for channel, provider in providers.items() if not provider.startswith(LOCAL)]
    query = select(ChannelTemplate).where(
        tuple_(ChannelTemplate.channel, ChannelTemplate.provider).in_(wanted),
        ChannelTemplate.ended_at.is_(None),
    )  # fmt: skip
    found = {
        (Channel(row.channel), row.layout, Language(row.language)): PlatformTemplate(
            row.id, row.platform_id, row.keys, row.long_term
        )
        for row in (db.session.scalars(query) if wanted else ())
    }
    return found | _local(providers)


def _local(providers: Providers) -> dict[tuple[Channel, str, Language], PlatformTemplate]:
    found = {}
    for channel in (one for one, provider in providers.items() if provider.startswith(LOCAL)):
        for language, id_ in LOCAL_IDS.items():
            for name in LAYOUTS if channel.of_wechat else [name for name, one in TEMPLATES.items() if one.sms_text]:
                keys = {one: one for one in LAYOUTS[name].fields} if channel.of_wechat else {}
                found[channel, name, language] = PlatformTemplate(id_, f"{LOCAL}-{name}", keys, False)
    return found


def _wechat(people: Collection[AccountId], providers: Providers) -> dict[tuple[AccountId, Channel], bytes]:
    """Of each app the account's own WeChat; of the official account else the one that follows by its QR code."""
    of_app = defaultdict(list)
    for channel, provider in providers.items():
        if channel.of_wechat:
            of_app[provider].append(channel)
    ways = accounts.wechat_addresses().subquery()
    own = select(ways.c.account_id, ways.c.appid, ways.c.openid_index).where(
        among(ways.c.account_id, people), ways.c.appid.in_(of_app)
    )
    linked = select(Follower.account_id, Follower.appid, Follower.openid_index).where(
        among(Follower.account_id, people), Follower.appid.in_(of_app), Follower.following
    )
    rows: list[Any] = [*db.session.execute(linked), *db.session.execute(own)]
    return {(AccountId(account), channel): address for account, appid, address in rows for channel in of_app[appid]}


def _phones(people: Collection[AccountId], providers: Providers) -> dict[tuple[AccountId, Channel], bytes]:
    """The roster's phone, else the one that the account proved."""
    if Channel.SMS not in providers:
        return {}
    return {
        (AccountId(row.account_id), Channel.SMS): row.address_index
        for row in db.session.execute(phone_ways(people))
        if row.address_index
    }


def phone_ways(people: Collection[AccountId] | Rows) -> Any:
    """account_id, address_index, recorded and proven (sealed) of these accounts."""
    account, roster = accounts.phone_addresses().subquery(), members.phones().subquery()
    at: ColumnElement[bytes] = func.coalesce(roster.c.phone_index, account.c.phone_index)
    joined = roster.c.member_id == account.c.member_id
    return (
        select(
            account.c.account_id,
            at.label("address_index"),
            roster.c.phone.label("recorded"),
            account.c.phone.label("proven"),
        )
        .outerjoin(roster, joined)
        .where(account.c.account_id.in_(people), at.is_not(None))
    )
