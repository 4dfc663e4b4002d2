"""What the federation gets to know of its partner shops, over some days: counted for members of the officer's subtrees,
at shops of the federation that they belong to.

A group of few people would tell about each of them: it is counted and not named, and never alone with what is left
over. Of fewer people than a group may have, only how much they used is told.
"""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, Integer, cast, extract, func, literal, select, text, tuple_
from sqlalchemy.types import Date

from services.core.calendar import DAY, SHANGHAI, day_start
from services.core.db import Rows, db
from services.members import queries as members
from services.members import search
from services.merchants import queries as merchants
from services.offers import queries as offers
from services.redemptions import queries as redemptions
from services.reports import sums
from services.reports.sums import Sums
from services.unions import queries as unions
from services.unions.queries import in_scopes
from services.unions.rules import parts, within
from services.unions.types import UnionPath

FEWEST = 5
"""People in a group that is named. Whoever knows that a colleague is in one of fewer could read his use off it."""
TOP = 10
LONGEST = 366
"""Days: more would be counted for longer than a page may wait."""

_ROOM = "SET LOCAL work_mem = '64MB'"
_CELLS = 64


@dataclass(frozen=True)
class Group:
    """`name` None: groups of fewer than FEWEST people, together, and as many of the next ones as hide those."""

    name: dict[str, str] | None
    sums: Sums


@dataclass(frozen=True)
class Figures:
    """Days from `first` to `last` in China. `used` members used something, out of `members` who have not left.

    `days` has all of them. `hours` counts by weekday (Monday is 0) and hour. Groups come the fullest first, trades in
    their order; `towns` are the members' own, directly below the officer's union. `shops` and `offers` are the first
    TOP; an offer's shop is `of`. Where `few` used anything at all, sums have their redemptions only, and there are no
    hours and no groups.
    """

    first: datetime.date
    last: datetime.date
    total: Sums
    used: int
    few: bool
    members: int
    days: tuple[tuple[datetime.date, Sums], ...]
    hours: tuple[tuple[int, ...], ...]
    trades: tuple[Group, ...]
    towns: tuple[Group, ...]
    shops: tuple[Group, ...]
    offers: tuple[tuple[Group, dict[str, str] | None], ...]

    @property
    def percent(self) -> int | None:
        """The share of members who used something, rounded down; None where there are no members."""
        return self.used * 100 // self.members if self.members else None


@dataclass
class _Count:
    """`cells`: one bit for each of 64 places that a person may fall on. So many set, at least so many people."""

    sums: Sums = field(default_factory=Sums)
    cells: int = 0

    def add(self, row: Any) -> None:
        self.sums += sums.of(row)
        self.cells |= (row.cells or 0) & (2**_CELLS - 1)

    @property
    def few(self) -> bool:
        """True also for a group of barely FEWEST of whom two fall on one place: told apart it would cost a sort of
        all rows for each kind of group."""
        return self.cells.bit_count() < FEWEST


def period(*, scopes: Sequence[UnionPath], first: datetime.date, last: datetime.date) -> Figures:
    """Seven statements, of which two read every redemption of these days. Raises ValueError above LONGEST days."""
    if not 0 <= (last - first).days < LONGEST:
        raise ValueError("too many days, or none")
    db.session.execute(text(_ROOM))
    done = _done(scopes, first, last)
    people = select(done.c.member_id).where(sums.stands(done.c)).distinct().subquery()
    used = db.session.scalar(select(func.count()).select_from(people)) or 0
    rows = db.session.execute(_counted(done)).all()
    if 0 < used < FEWEST:
        return _of_few(first, last, used, _members(scopes), rows)
    by_hour = [row for row in rows if row.day is not None]
    by_offer = [row for row in rows if row.offer_id is not None]
    days, hours = _grouped(by_hour, lambda row: row.day), _grouped(by_hour, lambda row: (row.day.weekday(), row.hour))
    shops = {row.merchant_id: row for row in db.session.execute(_shops())}
    by_trade = _grouped(by_offer, lambda row: shops[row.merchant_id].trade)
    by_shop = _named(_grouped(by_offer, lambda row: row.merchant_id))
    return Figures(
        first,
        last,
        sum((count.sums for count in days.values()), Sums()),
        used,
        False,
        _members(scopes),
        tuple((day, days[day].sums) for day in _all_days(first, last)),
        tuple(tuple(hours[weekday, hour].sums.redemptions for hour in range(24)) for weekday in range(7)),
        _trades(_named(by_trade)),
        _towns(scopes, [row for row in rows if row.union_id is not None]),
        tuple(Group(shops[key].merchant_name if key else None, of) for key, of in by_shop[:TOP]),
        _offers(by_offer, shops),
    )


def _of_few(first: datetime.date, last: datetime.date, used: int, members: int, rows: Sequence[Any]) -> Figures:
    """Amounts, hours, shops would be those of people whom a colleague knows by name."""
    counts = _grouped([row for row in rows if row.day is not None], lambda row: row.day)
    days = tuple((day, Sums(counts[day].sums.redemptions)) for day in _all_days(first, last))
    return Figures(first, last, sum((of for _, of in days), Sums()), used, True, members, days, (), (), (), (), ())


def _done(scopes: Sequence[UnionPath], first: datetime.date, last: datetime.date) -> Any:
    """The redemptions, each with its member's union, its day and hour in China, and the member's cell."""
    done, person = redemptions.redemptions().subquery("done"), members.homes().subquery("person")
    home, shop = unions.unions().subquery("home"), merchants.federations().subquery("shop")
    inside = select(home.c.union_id).where(in_scopes(home.c.union_path, scopes))
    roots = {parts(scope)[0] for scope in scopes}
    partners = select(shop.c.merchant_id).where(shop.c.federation_path.in_(roots))
    local = func.timezone(SHANGHAI.key, done.c.redeemed_at)
    place = func.uuid_hash_extended(done.c.member_id, 0).op("&")(_CELLS - 1)
    return (
        select(
            done,
            person.c.union_id,
            cast(local, Date).label("day"),
            cast(extract("hour", local), Integer).label("hour"),
            cast(literal(1), BigInteger).op("<<")(cast(place, Integer)).label("cell"),
        )
        .join(person, person.c.member_id == done.c.member_id)
        .where(
            done.c.redeemed_at >= day_start(first),
            done.c.redeemed_at < day_start(last + DAY),
            person.c.union_id.in_(inside),
            done.c.merchant_id.in_(partners),
        )
        .subquery("rows")
    )


def _counted(done: Any) -> Rows:
    """One pass over all rows: by day and hour, by the members' union, by offer."""
    keys = (done.c.day, done.c.hour, done.c.union_id, done.c.offer_id, done.c.merchant_id)
    cells = func.bit_or(done.c.cell).filter(sums.stands(done.c)).label("cells")
    return select(*keys, cells, *sums.columns(done.c)).group_by(
        func.grouping_sets(
            tuple_(done.c.day, done.c.hour), done.c.union_id, tuple_(done.c.offer_id, done.c.merchant_id)
        )
    )


def _grouped(rows: Iterable[Any], key: Callable[[Any], Any]) -> dict[Any, _Count]:
    found: dict[Any, _Count] = defaultdict(_Count)
    for row in rows:
        found[key(row)].add(row)
    return found


def _named(counts: dict[Any, _Count]) -> list[tuple[Any, Sums]]:
    """The fullest first; at the end, with no key, the groups of few.

    One alone would be named by what is missing, and two of one person each told apart by each other: the smallest
    named ones go along until there are two groups, of FEWEST people together.
    """
    order = sorted(counts.items(), key=lambda group: -group[1].sums.redemptions)
    named = [group for group in order if not group[1].few]
    folded = [count for _, count in order if count.few]
    while named and folded and (len(folded) < 2 or _together(folded).few):
        folded.append(named.pop()[1])
    others = [(None, _together(folded).sums)] if folded else []
    return [*((key, count.sums) for key, count in named), *others]


def _together(counts: Iterable[_Count]) -> _Count:
    whole = _Count()
    for count in counts:
        whole.sums += count.sums
        whole.cells |= count.cells
    return whole


def _all_days(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    return [first + number * DAY for number in range((last - first).days + 1)]


def _shops() -> Rows:
    """merchant_id, merchant_name, trade of every shop."""
    place = merchants.names().subquery("place")
    return select(place.c.merchant_id, place.c.merchant_name, place.c.trade).distinct()


def _trades(named: list[tuple[Any, Sums]]) -> tuple[Group, ...]:
    trades = merchants.trades()
    order = {trade.code: place for place, trade in enumerate(trades)}
    named = sorted(named, key=lambda group: order.get(group[0], len(order)))
    return tuple(Group(trades[order[code]].name if code else None, of) for code, of in named)


def _towns(scopes: Sequence[UnionPath], rows: list[Any]) -> tuple[Group, ...]:
    """By the unions directly below those of the officer; a member of the officer's own union is of that."""
    union = unions.unions().subquery()
    found = db.session.execute(select(union).where(in_scopes(union.c.union_path, scopes))).all()
    paths, names = {row.union_id: row.union_path for row in found}, {row.union_path: row.union_name for row in found}

    def town(row: Any) -> str:
        path = parts(paths[row.union_id])
        above = max(len(parts(scope)) for scope in scopes if within(path[-1], scope))
        return path[min(above, len(path) - 1)]

    return tuple(Group(names[key] if key else None, of) for key, of in _named(_grouped(rows, town)))


def _offers(rows: list[Any], shops: dict[Any, Any]) -> tuple[tuple[Group, dict[str, str] | None], ...]:
    named = _named(_grouped(rows, lambda row: (row.offer_id, row.merchant_id)))[:TOP]
    offer = offers.offers().subquery()
    query = select(offer.c.offer_id, offer.c.title).where(offer.c.offer_id.in_([key[0] for key, _ in named if key]))
    titles = {row.offer_id: row.title for row in db.session.execute(query)}
    return tuple(
        (Group(titles[key[0]], of), shops[key[1]].merchant_name) if key else (Group(None, of), None)
        for key, of in named
    )


def _members(scopes: Sequence[UnionPath]) -> int:
    person, home = search.headcounts().subquery("person"), unions.unions().subquery("home")
    inside = select(home.c.union_id).where(in_scopes(home.c.union_path, scopes))
    return db.session.scalar(select(func.count()).select_from(person).where(person.c.union_id.in_(inside))) or 0
