"""Somebody writes an offer: what was typed becomes terms, and each fault stands at its field.

Officers and owners share it. Yuan are typed, fen are kept; a discount is typed in 折 (8.8 takes 12 percent off).
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.language import language
from app.pages.offer_form_fill import LIMITS, SPANS, zhe
from app.sentences import money
from app.wording import clerk_words
from services.core import clock
from services.core.calendar import YEARS, Hours, local_date
from services.core.errors import DomainError, Invalid
from services.core.keyboard import half_width, one_line
from services.core.money import parse_yuan
from services.core.paging import PageRequest
from services.members.types import Standing
from services.merchants.opening import hours_of
from services.merchants.types import Branch, MerchantId
from services.offers.errors import OFF_ABOVE_THRESHOLD, TITLE_MISSING
from services.offers.faults import faults, over
from services.offers.types import AmountPolicy, BranchShare, Holidays, OfferKind, Terms
from services.unions import queries as unions
from services.unions.errors import UNION_NOT_CLEAR
from services.unions.types import Office, TradeGroup, UnionId, UnionPath

T = TypeVar("T")
FORM_FIELD = {"percent_off": "zhe", "audience_union_id": "union"}
"""Where a term is typed under a name of its own."""
LONGEST = 400
"""Characters of a field that are read: more than any fault allows."""
"""A year outside is a slip of the finger."""


@dataclass(frozen=True)
class Desk:
    """The shop that the offer is of, as far as the form needs it."""

    merchant_id: MerchantId
    federation: UnionPath
    branches: tuple[Branch, ...]


@dataclass
class Written:
    """What was typed, as terms where it can be read; each fault by field; unions to choose from where several fit."""

    terms: Terms | None = None
    wrong: dict[str, str] = field(default_factory=dict)
    unions: list[Office] = field(default_factory=list)

    def fault(self, where: str, error: DomainError | str) -> None:
        """Keeps the first sentence about a field: what cannot be read goes before what makes no sense."""
        said = error if isinstance(error, str) else clerk_words(error.code, error.facts, language=language())
        self.wrong.setdefault(FORM_FIELD.get(where, where), said)


def written(typed: MultiDict[str, str], shop: Desk) -> Written:
    """Reads the form. `terms` is there only when nothing is wrong."""
    found = Written()
    kind = _one_of(OfferKind, typed.get("kind", "")) or OfferKind.PERCENT
    given = _given(kind, typed, found)
    terms = Terms(
        kind=kind,
        title=_title(kind, typed, given),
        amount_policy=_amount_policy(kind, typed),
        note=_bilingual(typed, "note"),
        **given,
        **_when(typed, found),
        **_limits(typed, found),
        stock_total=_count(typed, "stock_total", found),
        branches=_branches(typed, shop, found),
        budget_fen=_fen(typed, "budget", found),
        audience_union_id=_union(typed, shop, found),
        audience_groups=_chosen(TradeGroup, typed.getlist("groups")),
        audience_standings=_chosen(Standing, typed.getlist("standings")),
        first_use=bool(typed.get("first_use")),
        stacks=bool(typed.get("stacks")),
    )
    _judge(terms, found)
    if not found.wrong:
        found.terms = terms
    return found


def _judge(terms: Terms, found: Written) -> None:
    """What makes no sense, but for what only follows from another fault."""
    for one in sorted(faults(terms), key=lambda one: one.code == TITLE_MISSING):
        where = str(one.facts.get("field", "title"))
        if where == "percent_off":
            found.fault(where, _("请填打几折，比如 9 或 8.8。"))
        elif one.code == TITLE_MISSING and found.wrong:
            continue
        elif one.code != OFF_ABOVE_THRESHOLD or "threshold" not in found.wrong:
            found.fault(where, one)
    if past := over(terms, today=local_date(clock.now())):
        found.fault("ends_on", past)


def _given(kind: OfferKind, typed: MultiDict[str, str], found: Written) -> dict[str, Any]:
    """The terms of this kind; what was typed for another one is left out."""
    if kind is OfferKind.PERCENT:
        return {"percent_off": _percent_off(_said(typed, "zhe")), "most_off_fen": _fen(typed, "most_off", found)}
    if kind is OfferKind.AMOUNT_OFF:
        return {"threshold_fen": _fen(typed, "threshold", found), "off_fen": _fen(typed, "off", found)}
    if kind is OfferKind.FIXED_PRICE:
        return {"price_fen": _fen(typed, "price", found)}
    if kind is OfferKind.MEMBER_PRICE:
        return {"price_fen": _fen(typed, "price", found), "list_fen": _fen(typed, "list_price", found)}
    return {"gift": _bilingual(typed, "gift")}


def _percent_off(text: str) -> int | None:
    """ "8.8", "9 折" and "88" as what they take off: 12, 10, 12. None for what is no discount."""
    plain = half_width(text).replace("折", "").strip()
    whole, dot, tenth = plain.partition(".")
    if not whole.isdecimal() or (dot and not tenth.isdecimal()) or len(plain) > len("8.8"):
        return None
    paid = int(whole) if len(whole) > 1 else int(whole) * 10 + int(tenth[:1] or 0)
    return 100 - paid if 0 < paid < 100 else None


def _title(kind: OfferKind, typed: MultiDict[str, str], given: dict[str, Any]) -> dict[str, str]:
    """As typed; left empty it says what is given, in both languages."""
    if title := _bilingual(typed, "title"):
        return title
    if any(given.get(name) is None for name in given if name != "most_off_fen"):
        return {"zh": ""}
    gift = given.get("gift") or {}
    sums = {name: money(fen) for name, fen in given.items() if name.endswith("_fen") and fen is not None}
    off = int(given.get("percent_off") or 0)
    words: dict[OfferKind, Callable[[], dict[str, str]]] = {
        OfferKind.PERCENT: lambda: {"zh": f"{zhe(off)} 折", "en": f"{off}% off"},
        OfferKind.AMOUNT_OFF: lambda: {
            "zh": f"满 {sums['threshold_fen']} 元减 {sums['off_fen']} 元",
            "en": f"¥{sums['off_fen']} off ¥{sums['threshold_fen']}",
        },
        OfferKind.FIXED_PRICE: lambda: {"zh": f"只付 {sums['price_fen']} 元", "en": f"Pay ¥{sums['price_fen']}"},
        OfferKind.MEMBER_PRICE: lambda: {
            "zh": f"会员价 {sums['price_fen']} 元",
            "en": f"Member price ¥{sums['price_fen']}",
        },
        OfferKind.GIFT: lambda: {
            "zh": f"送{gift['zh']}",
            **({"en": f"Free: {gift['en']}"} if gift.get("en") else {}),
        },
    }
    return words[kind]()


def _amount_policy(kind: OfferKind, typed: MultiDict[str, str]) -> AmountPolicy:
    """A member price asks for none; a gift asks for none unless it was said otherwise; the rest computes."""
    if kind is OfferKind.MEMBER_PRICE:
        return AmountPolicy.NOT_ASKED
    usual = AmountPolicy.NOT_ASKED if kind is OfferKind.GIFT else AmountPolicy.REQUIRED
    return _one_of(AmountPolicy, typed.get("amount_policy", "")) or usual


def _when(typed: MultiDict[str, str], found: Written) -> dict[str, Any]:
    starts, ends = _date(typed, "starts_on", found), _date(typed, "ends_on", found)
    return {
        "starts_on": starts or ends or datetime.date.max,
        "ends_on": ends or starts or datetime.date.max,
        "weekdays": tuple(sorted({int(day) for day in typed.getlist("weekdays") if day in set("1234567")})),
        "hours": _hours(typed, found),
        "holidays": _one_of(Holidays, typed.get("holidays", "")) or Holidays.ANY,
    }


def _limits(typed: MultiDict[str, str], found: Written) -> dict[str, Any]:
    return {limit: _count(typed, limit, found) for limit in LIMITS}


def _hours(typed: MultiDict[str, str], found: Written) -> tuple[Hours, ...]:
    spans = [(_said(typed, f"begin_{count}"), _said(typed, f"until_{count}")) for count in SPANS]
    hours: list[Hours] = []
    for begin, until in spans:
        if begin or until:
            try:
                hours += hours_of(f"{begin or '-'}-{until or '-'}", field="hours")
            except Invalid:
                found.fault("hours", _("时段要填两头，比如 11:00 到 14:00；过夜就填 18:00 到 02:00。"))
    return tuple(sorted(hours))


def _branches(typed: MultiDict[str, str], shop: Desk, found: Written) -> tuple[BranchShare, ...]:
    """Those that were ticked, or have a stock of their own."""
    ticked, shares = set(typed.getlist("branches")), []
    for branch in shop.branches:
        stock = _count(typed, f"stock_{branch.id}", found, "branches")
        if str(branch.id) in ticked or stock is not None:
            shares.append(BranchShare(branch.id, stock))
    return tuple(shares)


def _union(typed: MultiDict[str, str], shop: Desk, found: Written) -> UnionId | None:
    """The union whose name was typed, or the one picked for that name. The whole federation is everybody."""
    name, picked = _said(typed, "union_name"), typed.get("union_id", "")
    if not name:
        return None
    try:
        office = unions.office_within(UnionId(UUID(hex=picked)), scopes=(shop.federation,))
        if name == _said(typed, "union_was"):
            return _unless_all(office)
    except (ValueError, DomainError):
        pass
    fits = unions.search(name, PageRequest(), scope=shop.federation).items
    exact = [one for one in fits if one.name["zh"] == name]
    if len(exact or fits) == 1:
        return _unless_all((exact or fits)[0])
    found.unions = fits
    found.fault("union", Invalid(UNION_NOT_CLEAR))
    return None


def _unless_all(office: Office) -> UnionId | None:
    return None if "." not in office.path else office.id


def _fen(typed: MultiDict[str, str], name: str, found: Written) -> int | None:
    text = _said(typed, name)
    try:
        return parse_yuan(text.removesuffix("元")) if text else None
    except Invalid as error:
        found.fault(name, error)
        return None


def _count(typed: MultiDict[str, str], name: str, found: Written, where: str = "") -> int | None:
    text = half_width(_said(typed, name))
    if not text:
        return None
    if not text.isdecimal() or len(text) > len("1000000"):
        found.fault(where or name, _("请填整数，比如 1。"))
        return None
    return int(text)


def _date(typed: MultiDict[str, str], name: str, found: Written) -> datetime.date | None:
    try:
        day = datetime.date.fromisoformat(_said(typed, name))
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        found.fault(name, _("请选一个日期。"))
        return None
    return day


def _bilingual(typed: MultiDict[str, str], name: str) -> dict[str, str] | None:
    zh, en = _said(typed, name), _said(typed, f"{name}_en")
    return {"zh": zh, **({"en": en} if en else {})} if zh else None


def _chosen(kind: Callable[[str], T], picked: list[str]) -> tuple[T, ...]:
    found = [_one_of(kind, one) for one in dict.fromkeys(picked)]
    return tuple(one for one in found if one is not None)


def _one_of(kind: Callable[[str], T], text: str) -> T | None:
    try:
        return kind(text)
    except ValueError:
        return None


def _said(typed: MultiDict[str, str], name: str) -> str:
    return one_line(typed.get(name, ""))[:LONGEST]
