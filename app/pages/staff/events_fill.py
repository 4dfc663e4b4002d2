"""The form of an event as it comes to whoever writes: every field as the terms that there are would fill it."""

import datetime
from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from services.core.calendar import local
from services.events.types import Category, Event, Quota, QuotaKind, Slot, Terms
from services.unions import queries as unions
from services.unions.types import UnionPath

SECTIONS: dict[str, tuple[str, ...]] = {
    "what": ("text", "contact", "point", "title_en", "text_en", "place_en", "series", "level", "kind"),
    "when": ("opens", "closes", "cancels", "end_day"),
    "who": ("for_", "union"),
    "teams": ("cats", "cat-", "once", "joining", "unit_entry"),
    "slots": ("slots", "slot-", "gen_"),
    "places": ("quotas", "quota-"),
    "ways": ("mode", "waves", "wave-", "waiting_most", "offer_minutes", "offers_end_minutes"),
    "asked": ("ask-",),
    "door": ("door", "walk_ins"),
}
"""What stands folded, by fold: how the names of its fields begin."""
CATEGORY_NUMBERS = ("least", "most", "men", "women", "guests", "children", "child_from", "child_to")


def section_of(field: str) -> str:
    """The fold of a field; "" for what is never folded."""
    return next((fold for fold, begins in SECTIONS.items() if field.startswith(begins)), "")


def fresh(event: Event) -> bool:
    """Has nobody written anything into it yet? Then its times are a guess, and its form does not show them."""
    return event.revision == 1 and event.published_at is None and not event.terms.title.get("zh")


def typed_of(event: Event) -> MultiDict[str, str]:
    """The form as these terms fill it."""
    terms, typed = event.terms, MultiDict[str, str]()
    words = {
        **_texts(terms),
        **_times(terms, blank=fresh(event)),
        **_rules(terms),
        "union": event.union_name["zh"],
        "places_unit": terms.quotas[0].unit.value,
        "no_limit": "1" if terms.quotas[0].capacity is None else "",
        "places": places(terms.quotas[0].capacity),
    }
    for at, category in enumerate(terms.categories):
        words |= _category(at, category, _own(terms, QuotaKind.CATEGORY, category.key))
    for at, slot in enumerate(terms.slots):
        words |= _slot(at, slot, _own(terms, QuotaKind.SLOT, slot.key))
    others = [one for one in terms.quotas[1:] if one.kind not in (QuotaKind.CATEGORY, QuotaKind.SLOT)]
    for at, quota in enumerate(others):
        words |= _quota(at, quota)
    for at, wave in enumerate(terms.waves):
        words |= {f"wave-{at}-at": minute(wave.at), f"wave-{at}-places": str(wave.places)}
    typed.update({name: word for name, word in words.items() if word})
    for name, several in (("for_standings", terms.eligibility.standings), ("for_trades", terms.eligibility.trades)):
        if several:
            typed.setlist(name, sorted(several))
    return typed


def _texts(terms: Terms) -> dict[str, str]:
    said = {"title": terms.title, "text": terms.text, "place": terms.place}
    point = f"{terms.point.longitude}, {terms.point.latitude}" if terms.point else ""
    return {
        "kind": terms.kind.value,
        **{name: words.get("zh", "") for name, words in said.items()},
        **{f"{name}_en": words.get("en", "") for name, words in said.items()},
        "point": point,
        "contact": terms.contact or "",
        "series": terms.series or "",
        "level": _number(terms.level),
    }


def _times(terms: Terms, *, blank: bool) -> dict[str, str]:
    starts, ends = local(terms.starts_at), local(terms.ends_at)
    hours = {"from": f"{starts:%H:%M}", "until": f"{ends:%H:%M}"}
    if blank:
        return hours
    return hours | {
        "day": f"{starts:%Y-%m-%d}",
        "end_day": f"{ends:%Y-%m-%d}" if ends.date() != starts.date() else "",
        "opens": minute(terms.opens_at),
        "closes": minute(terms.closes_at),
        "cancels": minute(terms.cancel_until),
    }


def _rules(terms: Terms) -> dict[str, str]:
    rule = terms.eligibility
    return {
        "for_union": name_at(rule.union),
        "for_sex": rule.sex.value if rule.sex else "",
        "for_age_from": _number(rule.age_from),
        "for_age_to": _number(rule.age_to),
        "for_level": _number(rule.level),
        "mode": terms.mode.value,
        "once": terms.once.value,
        "joining": terms.joining.value,
        "door": terms.door.value,
        "unit_entry": "1" if terms.unit_entry else "",
        "walk_ins": "1" if terms.walk_ins else "",
        "waiting_most": str(terms.waiting_most),
        "offer_minutes": str(terms.offer_minutes),
        "offers_end_minutes": str(terms.offers_end_minutes),
    }


def _category(at: int, one: Category, own: Quota | None) -> dict[str, str]:
    words: Mapping[str, str] = {
        "key": str(one.key),
        "name": one.name.get("zh", ""),
        "name_en": one.name.get("en", ""),
        **{name: str(getattr(one, name)) for name in CATEGORY_NUMBERS},
        "sex": one.sex.value if one.sex else "",
        "age_from": _number(one.age_from),
        "age_to": _number(one.age_to),
        "places": _number(own.capacity) if own else "",
        "unit": own.unit.value if own else "",
    }
    return {f"cat-{at}-{name}": word for name, word in words.items()}


def _slot(at: int, one: Slot, own: Quota | None) -> dict[str, str]:
    begins, ends = local(one.begins_at), local(one.ends_at)
    words = {
        "key": str(one.key),
        "day": f"{begins:%Y-%m-%d}",
        "from": f"{begins:%H:%M}",
        "to": f"{ends:%H:%M}",
        "places": _number(own.capacity) if own else "",
    }
    return {f"slot-{at}-{name}": word for name, word in words.items()}


def _quota(at: int, one: Quota) -> dict[str, str]:
    low, high = one.ages or ("", "")
    words = {
        "of": whom(one),
        "union": name_at(one.union),
        "age_from": str(low),
        "age_to": str(high),
        "unit": one.unit.value,
        "places": places(one.capacity),
        **{f"trade_{trade}": "1" for trade in one.trades},
    }
    return {f"quota-{at}-{name}": word for name, word in words.items()}


def whom(quota: Quota) -> str:
    """ "sex:male", "trade", "union", "age"; which trades, ages or union stands in fields of its own."""
    return f"sex:{quota.sex}" if quota.kind is QuotaKind.SEX else quota.kind.value


def _own(terms: Terms, kind: QuotaKind, key: int) -> Quota | None:
    """The places of a category or slot: the first quota of it."""
    return next((one for one in terms.quotas if one.kind is kind and key in (one.category, one.slot)), None)


def name_at(path: UnionPath | None) -> str:
    return unions.at(path).name["zh"] if path else ""


def minute(at: datetime.datetime) -> str:
    return f"{local(at):%Y-%m-%dT%H:%M}"


def places(capacity: int | None) -> str:
    """Blank while nobody has written it."""
    return str(capacity) if capacity else ""


def _number(value: int | None) -> str:
    return "" if value is None else str(value)
