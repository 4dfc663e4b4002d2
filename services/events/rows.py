"""Terms as rows, and read off them: shapes of the JSON columns of models.Event, models.EventQuota and
models.Signup."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from services.core import forms
from services.events.types import (
    Both,
    Category,
    Door,
    Eligibility,
    Joining,
    Kind,
    Mode,
    Once,
    Quota,
    QuotaKind,
    Slot,
    Terms,
    Unit,
    Wave,
)
from services.members.documents import Sex
from services.members.types import Standing
from services.unions.types import Place, TradeGroup, UnionPath

_SAME = (
    "title", "text", "place", "starts_at", "ends_at", "opens_at", "closes_at", "cancel_until", "waiting_most",
    "offer_minutes", "offers_end_minutes", "unit_entry", "walk_ins", "series", "level", "contact", "picture",
)  # fmt: skip
"""Columns that hold the term of their name as it is."""


def columns_of(terms: Terms) -> dict[str, Any]:
    """The columns of models.Event that say the terms; quotas are rows of their own."""
    return {
        **{name: getattr(terms, name) for name in _SAME},
        "kind": terms.kind,
        "mode": terms.mode,
        "once": terms.once,
        "joining": terms.joining,
        "door": terms.door,
        "latitude": terms.point.latitude if terms.point else None,
        "longitude": terms.point.longitude if terms.point else None,
        "waves": [[_instant(wave.at), wave.places] for wave in terms.waves],
        "categories": [_said(category) for category in terms.categories],
        "slots": [_said(slot) for slot in terms.slots],
        "eligibility": _said(terms.eligibility),
        "form": forms.dumped(terms.form),
    }


def quota_row(quota: Quota) -> dict[str, Any]:
    """The columns of models.EventQuota, without the event's id and what is taken."""
    said: dict[QuotaKind, dict[str, Any]] = {
        QuotaKind.ALL: {},
        QuotaKind.CATEGORY: {"category": quota.category},
        QuotaKind.SLOT: {"slot": quota.slot},
        QuotaKind.UNION: {"union": quota.union},
        QuotaKind.SEX: {"sex": quota.sex},
        QuotaKind.AGE: {"ages": list(quota.ages or ())},
        QuotaKind.TRADE: {"trades": sorted(quota.trades)},
    }
    return {
        "ordinal": quota.ordinal, "kind": quota.kind, "unit": quota.unit, "of": said[quota.kind], "name": quota.name,
        "capacity": quota.capacity,
    }  # fmt: skip


def quota_of(row: Mapping[str, Any]) -> Quota:
    of = row["of"]
    return Quota(
        row["ordinal"],
        QuotaKind(row["kind"]),
        row["capacity"],
        Unit(row["unit"]),
        category=of.get("category"),
        slot=of.get("slot"),
        union=UnionPath(of["union"]) if "union" in of else None,
        sex=Sex(of["sex"]) if "sex" in of else None,
        ages=(of["ages"][0], of["ages"][1]) if "ages" in of else None,
        trades=frozenset(map(TradeGroup, of.get("trades", ()))),
        name=row["name"],
    )


def read_counts(kept: Mapping[str, Any]) -> dict[int, int]:
    """Signup.counts, by ordinal: JSON has texts for keys."""
    return {int(ordinal): int(places) for ordinal, places in sorted(kept.items(), key=lambda pair: int(pair[0]))}


def written_counts(counts: Mapping[int, int]) -> dict[str, int]:
    return {str(ordinal): places for ordinal, places in counts.items()}


def terms_of(row: Any, quotas: Sequence[Quota]) -> Terms:
    """Reads the columns of models.Event off a row."""
    here = row.latitude is not None and row.longitude is not None
    return Terms(
        **{name: getattr(row, name) for name in _SAME},
        kind=Kind(row.kind),
        mode=Mode(row.mode),
        once=Once(row.once),
        joining=Joining(row.joining),
        door=Door(row.door),
        point=Place(row.latitude, row.longitude) if here else None,
        waves=tuple(Wave(_read(at), places) for at, places in row.waves),
        categories=tuple(_category(one) for one in row.categories),
        slots=tuple(_slot(one) for one in row.slots),
        quotas=tuple(quotas),
        eligibility=_eligibility(row.eligibility),
        form=forms.loaded(row.form),
    )


def _said(one: Category | Slot | Eligibility) -> dict[str, Any]:
    """What differs from saying nothing."""
    return {name: _plain(value) for name, value in vars(one).items() if value not in (None, frozenset())}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return _instant(value)
    return sorted(value) if isinstance(value, frozenset) else value


def _instant(at: datetime.datetime) -> str:
    return at.astimezone(datetime.UTC).isoformat()


def _read(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def _category(said: Mapping[str, Any]) -> Category:
    return Category(**{**said, "sex": Sex(said["sex"]) if "sex" in said else None})


def _slot(said: Mapping[str, Any]) -> Slot:
    name: Both | None = said.get("name")
    return Slot(said["key"], _read(said["begins_at"]), _read(said["ends_at"]), name)


def _eligibility(said: Mapping[str, Any]) -> Eligibility:
    return Eligibility(
        union=UnionPath(said["union"]) if "union" in said else None,
        standings=frozenset(map(Standing, said.get("standings", ()))),
        trades=frozenset(map(TradeGroup, said.get("trades", ()))),
        sex=Sex(said["sex"]) if "sex" in said else None,
        age_from=said.get("age_from"),
        age_to=said.get("age_to"),
        level=said.get("level"),
    )
