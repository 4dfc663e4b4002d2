"""The form of an offer as it comes to whoever writes: empty, or filled with terms that there are."""

import datetime
from collections.abc import Collection, Mapping

from werkzeug.datastructures import MultiDict

from app.sentences import DAY_MINUTES, clock, money
from services.offers.types import AmountPolicy, Holidays, OfferKind, Terms

SPANS = (1, 2)
"""Hours that can be typed for a day: noon and evening."""
LIMITS = ("per_member_daily", "per_member_weekly", "per_member_monthly", "per_member_total")
FOLDS = {
    "often": LIMITS,
    "when": ("weekdays", *(f"{end}_{count}" for count in SPANS for end in ("begin", "until")), "hours"),
    "much": ("stock_total", "branches", "budget"),
    "who": ("union_name", "union", "groups", "standings", "first_use", "stacks"),
    "words": ("note", "title_en", "gift_en", "note_en", "amount_policy"),
}
"""What stands folded, by fold: an offer seldom needs it."""
USUAL = {"amount_policy": AmountPolicy.REQUIRED, "holidays": Holidays.ANY}


def typed_of(terms: Terms, union: Mapping[str, str] | None) -> MultiDict[str, str]:
    """The form as these terms would fill it. `union` is the name of the audience."""
    typed: MultiDict[str, str] = MultiDict()
    words = {
        "kind": terms.kind,
        "title": terms.title["zh"],
        "title_en": terms.title.get("en"),
        "zhe": zhe(terms.percent_off) if terms.percent_off else None,
        **{name: (text or {}).get("zh") for name, text in (("gift", terms.gift), ("note", terms.note))},
        **{f"{name}_en": (text or {}).get("en") for name, text in (("gift", terms.gift), ("note", terms.note))},
        "amount_policy": terms.amount_policy,
        "starts_on": terms.starts_on.isoformat(),
        "ends_on": terms.ends_on.isoformat(),
        "holidays": terms.holidays,
        **{name: _number(getattr(terms, name)) for name in (*LIMITS, "stock_total")},
        "union_name": union["zh"] if union else None,
        "union_was": union["zh"] if union else None,
        "union_id": str(terms.audience_union_id) if terms.audience_union_id else None,
        "first_use": "yes" if terms.first_use else None,
        "stacks": "yes" if terms.stacks else None,
    }
    for name, fen in _sums(terms).items():
        words[name] = money(fen) if fen is not None else None
    for count, hours in zip(SPANS, terms.hours, strict=False):
        words[f"begin_{count}"], words[f"until_{count}"] = clock(hours.begin), clock(hours.until % DAY_MINUTES)
    for share in terms.branches:
        words[f"stock_{share.branch_id}"] = _number(share.stock_total)
    typed.update({name: str(word) for name, word in words.items() if word is not None})
    picked = {
        "weekdays": terms.weekdays,
        "branches": [share.branch_id for share in terms.branches],
        "groups": terms.audience_groups,
        "standings": terms.audience_standings,
    }
    for name, several in picked.items():
        if several:
            typed.setlist(name, [str(one) for one in several])
    return typed


def blank(kind: OfferKind, *, first: datetime.date, last: datetime.date) -> MultiDict[str, str]:
    """A new form: from today to the agreement's end, the amount typed wherever something is computed."""
    return MultiDict({"kind": kind, "starts_on": first.isoformat(), "ends_on": max(first, last).isoformat()})


def opened(typed: MultiDict[str, str], wrong: Collection[str]) -> set[str]:
    """The folds that are open: with a fault, or with something in it."""
    said = {name for name, text in typed.items() if text and USUAL.get(name) != text}
    if "holidays" in said:
        said.add("weekdays")
    return {fold for fold, names in FOLDS.items() if said.intersection(names) or set(wrong).intersection(names)}


def zhe(percent_off: int) -> str:
    """ "8.8" for 12 percent off, "9" for 10."""
    paid = 100 - percent_off
    return f"{paid // 10}.{paid % 10}" if paid % 10 else str(paid // 10)


def _sums(terms: Terms) -> dict[str, int | None]:
    return {
        "most_off": terms.most_off_fen,
        "threshold": terms.threshold_fen,
        "off": terms.off_fen,
        "price": terms.price_fen,
        "list_price": terms.list_fen,
        "budget": terms.budget_fen,
    }


def _number(count: int | None) -> str | None:
    return None if count is None else str(count)
