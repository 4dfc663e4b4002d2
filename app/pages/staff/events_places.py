"""Categories and places in the form of an event: whom each quota counts, and how many."""

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

from app.pages.staff import events_rows
from app.pages.staff.events_fill import CATEGORY_NUMBERS
from app.pages.staff.events_typed import Typed
from services.events.types import Category, Kind, Quota, QuotaKind, Terms, Unit
from services.members.documents import Sex
from services.unions import queries as unions
from services.unions.types import Office, TradeGroup, UnionPath


class Kept(NamedTuple):
    """A quota that the form asks for, and the fields of its capacity and of whom it counts."""

    quota: Quota
    capacity: str
    of: str


def categories(typed: Typed, before: Terms) -> tuple[Category, ...]:
    rows = typed.rows("cat")
    keys = events_rows.keys(rows, {one.key: one for one in before.categories})
    usual = {"least": 1, "most": 1, "child_to": 17}
    return tuple(
        Category(
            key,
            typed.both(f"cat-{at}-name"),
            **{name: typed.count(f"cat-{at}-{name}", usual.get(name, 0)) for name in CATEGORY_NUMBERS},
            sex=typed.one_of(Sex, f"cat-{at}-sex", None),
            age_from=typed.number(f"cat-{at}-age_from"),
            age_to=typed.number(f"cat-{at}-age_to"),
        )
        for at, key in enumerate(keys)
    )


def _total(typed: Typed, before: Quota) -> Quota:
    capacity = None if typed.typed.get("no_limit") else typed.count("places", 0)
    unit = typed.one_of(Unit, "places_unit", Unit.PEOPLE)
    return dataclasses.replace(before, capacity=capacity, unit=unit)


def quotas(
    typed: Typed, before: Terms, categories: Sequence[Category], slots: Sequence[int], path: UnionPath
) -> list[Kept]:
    """The total first, then those that there were in their order, then new ones: a quota keeps its ordinal."""
    total, asked = _total(typed, before.quotas[0]), []
    for at, one in enumerate(categories):
        places, unit = typed.number(f"cat-{at}-places"), typed.one_of(Unit, f"cat-{at}-unit", total.unit)
        if places is not None:
            quota = Quota(0, QuotaKind.CATEGORY, places, unit, category=one.key)
            asked.append(Kept(quota, f"cat-{at}-places", f"cat-{at}-places"))
    for at, key in enumerate(slots):
        places = typed.number(f"slot-{at}-places")
        if places is not None:
            quota = Quota(0, QuotaKind.SLOT, places, slot=key)
            asked.append(Kept(quota, f"slot-{at}-places", f"slot-{at}-places"))
    asked += [_other(typed, before, at, total, path) for at, _row in enumerate(typed.rows("quota"))]
    ordered = [Kept(total, "places", "places")]
    for was in before.quotas[1:]:
        same = next((one for one in asked if _counts(one.quota) == _counts(was)), None)
        if same:
            asked.remove(same)
            ordered.append(same._replace(quota=dataclasses.replace(same.quota, name=was.name)))
    return ordered + asked


def _other(typed: Typed, before: Terms, at: int, total: Quota, path: UnionPath) -> Kept:
    """A row of its own: of a sex, an age, a trade or a union. Places of a social that nobody wrote are half each."""
    name = f"quota-{at}"
    kind, _colon, of = typed.line(f"{name}-of").partition(":")
    capacity, unit = typed.number(f"{name}-places"), typed.one_of(Unit, f"{name}-unit", Unit.PEOPLE)
    if capacity is None and before.kind is Kind.SOCIAL and total.capacity is not None and kind == "sex":
        capacity = total.capacity // 2
    quota = Quota(0, _kind(kind), capacity, unit)
    if kind == QuotaKind.SEX and of in set(Sex):
        quota = dataclasses.replace(quota, sex=Sex(of))
    elif kind == QuotaKind.TRADE:
        ticked = frozenset(one for one in TradeGroup if typed.line(f"{name}-trade_{one}"))
        quota = dataclasses.replace(quota, trades=ticked)
    elif kind == QuotaKind.AGE:
        low, high = typed.number(f"{name}-age_from"), typed.number(f"{name}-age_to")
        both = (low or 0, 120 if high is None else high)
        quota = dataclasses.replace(quota, ages=None if low is None and high is None else both)
    elif kind == QuotaKind.UNION:
        known = [office_at(one.union) for one in before.quotas if one.union]
        union = typed.union(f"{name}-union", [path], known=known)
        quota = dataclasses.replace(quota, union=union.path if union else None)
    return Kept(quota, f"{name}-places", f"{name}-of")


def _kind(kind: str) -> QuotaKind:
    """The kind of a row of its own; what is none counts nobody, and that is its fault."""
    others = {QuotaKind.SEX, QuotaKind.AGE, QuotaKind.TRADE, QuotaKind.UNION}
    return QuotaKind(kind) if kind in others else QuotaKind.TRADE


def _counts(quota: Quota) -> Quota:
    return dataclasses.replace(quota, ordinal=0, capacity=None, name=None)


def office_at(path: UnionPath) -> Office:
    return unions.office(unions.at(path).id)
