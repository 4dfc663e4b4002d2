"""Reads for everybody who looks for an offer, and for a member whether he may use it."""

import datetime
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, or_, select

from services.core import workdays
from services.core.calendar import DAY, local_date
from services.core.db import Rows, db
from services.core.errors import NotFound, Refusal
from services.core.paging import MOST, Page, PageRequest
from services.core.searching import holds, joined, searchable
from services.members import queries as members
from services.members.rules import may_use_benefits
from services.members.types import MemberId
from services.merchants import finding as shops
from services.merchants import queries as merchants
from services.merchants.types import Trade, TradeCode
from services.offers.again import HORIZON, again
from services.offers.errors import OFFER_UNKNOWN
from services.offers.models import Offer, Version
from services.offers.queries import keys, moment, offer_of, offers, uses_of, with_uses
from services.offers.rules import may_use
from services.offers.types import Holidays, Moment, OfferId, Person, Uses
from services.offers.types import Offer as OfferView


@dataclass(frozen=True)
class Reader:
    """A member who reads offers. `been_to` asks for the shops where he has used something: one column."""

    member_id: MemberId
    been_to: Rows


@dataclass(frozen=True)
class Answer:
    """What a member is told of one offer: `refusal` is None where he may use it now."""

    refusal: Refusal | None
    person: Person
    uses: Uses


@dataclass(frozen=True)
class ListedOffer:
    """An offer in the public list, with its shop. `answer` is for a reader who is a member."""

    offer: OfferView
    merchant_name: dict[str, str]
    trade: Trade
    answer: Answer | None = None

    @property
    def allowed(self) -> bool | None:
        return None if self.answer is None else self.answer.refusal is None

    @property
    def refusal(self) -> Refusal | None:
        return self.answer.refusal if self.answer else None


@dataclass(frozen=True)
class OneOffer:
    """An offer by itself. `again` is when a member who may not use it now may, if time alone mends it."""

    offer: OfferView
    answer: Answer | None
    again: datetime.datetime | None


def page_of_offers(
    *,
    now: datetime.datetime,
    request: PageRequest,
    reader: Reader | None = None,
    trade: TradeCode | None = None,
    asked: Sequence[str] = (),
    usable: bool = False,
) -> Page[ListedOffer]:
    """Offers that run today or will, at shops that take cards, newest first; of one trade, or found by words.

    For a reader with whether he may use each; `usable` leaves out what he may not. One statement, one more where an
    offer asks about public holidays; a hundred offers a statement where `usable` looks for more.
    """
    query = _open(local_date(now), reader, trade)
    if asked:
        said = shops.said(local_date(now)).subquery("said")
        query = query.join(said, said.c.merchant_id == Offer.merchant_id).where(
            holds(joined(said.c.said, _SAID), asked)
        )
    if not (usable and reader):
        return _page(query, request, reader, now)
    query = query.where(*_left_today(local_date(now)))
    found: list[ListedOffer] = []
    cursor = request.cursor
    while True:
        page = _page(query, PageRequest(cursor, MOST), reader, now)
        found += [one for one in page.items if one.allowed]
        if page.next is None or len(found) > request.limit:
            return request.page(found, [one.offer.id for one in found])
        cursor = page.next


def of_shop(merchant_id: uuid.UUID, *, now: datetime.datetime, reader: Reader | None = None) -> list[ListedOffer]:
    """What this shop gives today or will, the newest first: nothing where it takes no cards. One statement, or two."""
    query = _open(local_date(now), reader).where(Offer.merchant_id == merchant_id).order_by(Offer.id.desc())
    return _listed(db.session.execute(query).all(), reader, now)


def titles_of(merchant_ids: Collection[uuid.UUID], *, today: datetime.date) -> dict[uuid.UUID, list[dict[str, str]]]:
    """What these shops give on that day, by shop, the newest first. One statement."""
    query = (
        select(Offer.merchant_id, Version.title)
        .join(Version, Version.id == Offer.version_id)
        .where(Offer.merchant_id.in_(merchant_ids), *_runs_on(today))
        .order_by(Offer.id.desc())
    )
    titles: dict[uuid.UUID, list[dict[str, str]]] = {}
    for row in db.session.execute(query):
        titles.setdefault(row.merchant_id, []).append(row.title)
    return titles


def shops_having(asked: Sequence[str], *, on: datetime.date) -> Rows:
    """Ids of the shops that take cards then, of which each word is said: by the shop itself or by what it gives."""
    said = shops.said(on).subquery("said")
    gives = (
        select(Offer.merchant_id, func.string_agg(_SAID, "\n").label("gives"))
        .join(Version, Version.id == Offer.version_id)
        .where(Offer.withdrawn_at.is_(None), Version.ends_on >= on)
        .group_by(Offer.merchant_id)
        .subquery("gives")
    )
    query = select(said.c.merchant_id).outerjoin(gives, gives.c.merchant_id == said.c.merchant_id)
    return query.where(holds(joined(said.c.said, gives.c.gives), asked))


def one(offer_id: OfferId, *, now: datetime.datetime, reader: Reader | None = None) -> OneOffer:
    """An offer that was published, whatever became of it, also of a shop that takes no cards now.

    Raises NotFound(offer_unknown). One statement, two where it asks about public holidays.
    """
    row = db.session.execute(_for(offers(), reader, local_date(now)).where(Offer.id == offer_id)).first()
    if row is None:
        raise NotFound(OFFER_UNKNOWN)
    offer, day = offer_of(row), local_date(now)
    asks = offer.holidays is not Holidays.ANY
    at = Moment(now, workdays.holidays(day - DAY, day + (HORIZON + 1) * DAY) if asks else frozenset())
    answer = _answer(offer, row, at) if reader else None
    if answer is None or answer.refusal is None or may_use_benefits(answer.person.standing):
        return OneOffer(offer, answer, None)
    return OneOffer(offer, answer, again(offer, answer.person, uses=answer.uses, moment=at))


_SAID = searchable(Version.title, Version.gift)


def _open(today: datetime.date, reader: Reader | None, trade: TradeCode | None = None) -> Rows:
    """Offers that run that day or will, with their shops, of shops that take cards."""
    shop = merchants.open_on(today).subquery("shop")
    query = _for(offers(), reader, today).join(shop, shop.c.merchant_id == Offer.merchant_id)
    query = query.add_columns(shop.c.merchant_name, shop.c.trade, shop.c.trade_name, shop.c.trade_icon)
    query = query.where(Offer.withdrawn_at.is_(None), Version.ends_on >= today)
    return query.where(shop.c.trade == trade) if trade else query


def _for(query: Rows, reader: Reader | None, today: datetime.date) -> Rows:
    """Adds the reader to a query over offers: who he is, what he has used, whether he has been to the shop."""
    if reader is None:
        return query
    person = members.holders().subquery("person")
    return (
        with_uses(query, reader.member_id, keys(today))
        .join(person, person.c.member_id == reader.member_id)
        .add_columns(*person.c, Offer.merchant_id.in_(reader.been_to).label("been_here"))
    )


def _runs_on(today: datetime.date) -> tuple[Any, ...]:
    return (
        Version.starts_on <= today, Version.ends_on >= today, Offer.paused_at.is_(None), Offer.withdrawn_at.is_(None),
    )  # fmt: skip


def _left_today(today: datetime.date) -> tuple[Any, ...]:
    """What the database can say before rules.may_use is asked."""
    return (
        *_runs_on(today),
        or_(Offer.stock_total.is_(None), Offer.stock_taken < Offer.stock_total),
        or_(Offer.budget_fen.is_(None), Offer.budget_spent_fen < Offer.budget_fen),
    )


def _page(query: Rows, request: PageRequest, reader: Reader | None, now: datetime.datetime) -> Page[ListedOffer]:
    rows = db.session.execute(request.apply(query, Offer.id)).all()
    return request.page(_listed(rows, reader, now), [row.offer_id for row in rows])


def _listed(rows: Sequence[Any], reader: Reader | None, now: datetime.datetime) -> list[ListedOffer]:
    found = [offer_of(row) for row in rows]
    at = moment(now, found) if reader else Moment(now)
    return [
        ListedOffer(offer, row.merchant_name, merchants.trade_of(row), _answer(offer, row, at) if reader else None)
        for offer, row in zip(found, rows, strict=True)
    ]


def _answer(offer: OfferView, row: Any, at: Moment) -> Answer:
    holder = members.holder_of(row)
    person = Person(holder.union_path, holder.standing, holder.trade_group)
    uses = replace(uses_of(row), been_here=row.been_here)
    return Answer(may_use_benefits(holder.standing) or may_use(offer, person, uses=uses, moment=at), person, uses)
