"""What an officer says of an event, read off the wire and written onto it: event_shapes.py."""

import datetime
from collections.abc import Callable
from typing import Any

from app.api.schemas import both_of
from services.core import forms
from services.events.faults import AGE_MOST
from services.events.types import Category, Eligibility, Quota, Slot, Terms, Wave
from services.unions import queries as unions
from services.unions.types import Place, UnionId, UnionPath

PathOf = Callable[[UnionId], UnionPath]


def terms_of(data: dict[str, Any], path_of: PathOf, *, picture: str | None = None) -> Terms:
    """What was written. `path_of` raises for a union that the writer may not name. Raises Invalid(form_malformed)."""
    times = {name: utc(data[name]) for name in ("starts_at", "ends_at", "opens_at", "closes_at", "cancel_until")}
    read: dict[str, Any] = {
        **data,
        **times,
        **{name: both_of(data[name]) or {"zh": ""} for name in ("title", "text", "place")},
        "point": Place(**data["point"]) if data["point"] else None,
        "waves": tuple(Wave(utc(one["at"]), one["places"]) for one in data["waves"]),
        "categories": tuple(Category(**{**one, "name": both_of(one["name"]) or {}}) for one in data["categories"]),
        "slots": tuple(
            Slot(one["key"], utc(one["begins_at"]), utc(one["ends_at"]), both_of(one["name"])) for one in data["slots"]
        ),
        "quotas": tuple(_quota(ordinal, one, path_of) for ordinal, one in enumerate(data["quotas"])),
        "eligibility": _eligibility(data["eligibility"], path_of),
        "form": forms.loaded(data["form"]),
    }
    return Terms(**read, picture=picture)


def terms_body(terms: Terms, *, for_managers: bool) -> dict[str, Any]:
    """As it is written. Whoever is no manager never learns of a manager's question."""
    known: dict[UnionPath, UnionId] = {}

    def union_id(path: UnionPath | None) -> UnionId | None:
        if path is not None and path not in known:
            known[path] = unions.at(path).id
        return known[path] if path is not None else None

    form = forms.dumped(terms.form)
    if not for_managers:
        form["questions"] = [one for one in form["questions"] if not one.get("for_managers")]
    rule = terms.eligibility
    sets = {"standings": sorted(rule.standings), "trades": sorted(rule.trades), "union_id": union_id(rule.union)}
    return {
        **vars(terms),
        "eligibility": {**vars(rule), **sets},
        "quotas": [_quota_body(one, union_id(one.union)) for one in terms.quotas],
        "form": form,
    }


def _quota(ordinal: int, one: dict[str, Any], path_of: PathOf) -> Quota:
    aged = one["age_from"] is not None or one["age_to"] is not None
    most = AGE_MOST if one["age_to"] is None else one["age_to"]
    return Quota(
        ordinal, one["kind"], one["capacity"], one["unit"], one["category"], one["slot"],
        path_of(UnionId(one["union_id"])) if one["union_id"] else None,
        one["sex"], (one["age_from"] or 0, most) if aged else None, frozenset(one["trades"]), both_of(one["name"]),
    )  # fmt: skip


def _quota_body(one: Quota, union_id: UnionId | None) -> dict[str, Any]:
    least, most = one.ages or (None, None)
    return {**vars(one), "union_id": union_id, "age_from": least, "age_to": most, "trades": sorted(one.trades)}


def _eligibility(rule: dict[str, Any], path_of: PathOf) -> Eligibility:
    union = path_of(UnionId(rule["union_id"])) if rule["union_id"] else None
    return Eligibility(
        union, frozenset(rule["standings"]), frozenset(rule["trades"]), rule["sex"], rule["age_from"], rule["age_to"],
        rule["level"],
    )  # fmt: skip


def utc(at: datetime.datetime) -> datetime.datetime:
    return at.astimezone(datetime.UTC)
