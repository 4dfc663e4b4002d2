"""What is wrong with an event that somebody has written. Pure; the table refuses the worst of it once more."""

import datetime
from collections.abc import Iterator
from itertools import pairwise

from services.core import forms
from services.core.errors import Invalid
from services.core.forms.errors import SIGNS_UNSEEN
from services.core.forms.reading import unseen
from services.events import errors
from services.events.types import PRIVATE, Both, Category, Mode, Quota, QuotaKind, Terms
from services.unions.rules import within
from services.unions.types import UnionPath

TITLE_MOST, TEXT_MOST, PLACE_MOST, NAME_MOST, CONTACT_MOST, SERIES_MOST = 40, 4000, 80, 30, 60, 40
"""In Chinese; English may be twice as long."""
CATEGORIES_MOST, SLOTS_MOST, QUOTAS_MOST, WAVES_MOST = 20, 60, 100, 12
ENTRY_MOST, COMPANIONS_MOST = 20, 10
"""Members of one entry, and how many guests, or children, come with it."""
CAPACITY_MOST, WAITING_MOST, AGE_MOST, LEVEL_MOST = 100_000, 10_000, 120, 9
OFFER_MINUTES, OFFERS_END_MOST = (10, 7 * 24 * 60), 7 * 24 * 60


def faults(terms: Terms, *, union: UnionPath) -> list[Invalid]:
    """Every fault with the field to mend, in the order of the form; none when the event may be published.

    `union` is the organiser's: whom the event is for, and whom a quota counts, is within it. Fields are names of
    terms, and "categories.0.name", "quotas.2.capacity" and so on; of the form's questions those of core.forms.
    """
    return [
        *_texts(terms),
        *_times(terms),
        *_eligibility(terms, union),
        *_categories(terms),
        *_slots(terms),
        *_quotas(terms, union),
        *_waves(terms),
        *_waiting(terms),
        *_form(terms),
        *_series(terms),
        *_private(terms),
        *_unit_entry(terms),
    ]


_NOT_EVEN_A_DRAFT = {
    SIGNS_UNSEEN, errors.WORDS_LONG, errors.NUMBER_RANGE, errors.ROWS_RANGE, errors.LIST_MALFORMED,
}  # fmt: skip


def unfit(terms: Terms, *, union: UnionPath) -> list[Invalid]:
    """The faults that a draft cannot have either: no table would hold them. A draft may lack anything else."""
    return [fault for fault in faults(terms, union=union) if fault.code in _NOT_EVEN_A_DRAFT]


def unready(terms: Terms, *, now: datetime.datetime) -> list[Invalid]:
    """What else keeps an event from being published now: nobody could sign up for it."""
    found = []
    if terms.closes_at <= now:
        found.append(Invalid(errors.CLOSES_PAST, field="closes_at"))
    if terms.quotas and terms.quotas[0].capacity == 0:
        found.append(Invalid(errors.CAPACITY_MISSING, field="quotas.0.capacity"))
    return found


def _texts(terms: Terms) -> Iterator[Invalid]:
    yield from _said(terms.title, "title", TITLE_MOST, errors.EVENT_TITLE_MISSING)
    yield from _said(terms.text, "text", TEXT_MOST, lines=True)
    yield from _said(terms.place, "place", PLACE_MOST, errors.PLACE_MISSING)
    yield from _said({"zh": terms.contact or ""}, "contact", CONTACT_MOST)


def _said(words: Both, field: str, most: int, missing: str | None = None, *, lines: bool = False) -> Iterator[Invalid]:
    if missing and not words.get("zh", "").strip():
        yield Invalid(missing, field=field)
    elif any(len(text) > most * (1 + (language != "zh")) for language, text in words.items()):
        yield Invalid(errors.WORDS_LONG, field=field, most=most)
    elif any(unseen(sign) and not (lines and sign == "\n") for text in words.values() for sign in text):
        yield Invalid(SIGNS_UNSEEN, field=field)


def _number(number: int | None, field: str, least: int, most: int) -> Iterator[Invalid]:
    if number is not None and not least <= number <= most:
        yield Invalid(errors.NUMBER_RANGE, field=field, least=least, most=most)


def _ages(least: int | None, most: int | None, field: str) -> Iterator[Invalid]:
    for age in (least, most):
        if age is not None and not 0 <= age <= AGE_MOST:
            yield Invalid(errors.NUMBER_RANGE, field=field, least=0, most=AGE_MOST)
            return
    if least is not None and most is not None and least > most:
        yield Invalid(errors.AGES_ORDER, field=field)


def _times(terms: Terms) -> Iterator[Invalid]:
    if terms.ends_at <= terms.starts_at:
        yield Invalid(errors.ENDS_EARLY, field="ends_at")
    if terms.closes_at <= terms.opens_at:
        yield Invalid(errors.CLOSES_EARLY, field="closes_at")
    elif terms.closes_at > terms.ends_at > terms.starts_at:
        yield Invalid(errors.CLOSES_LATE, field="closes_at")
    if terms.cancel_until > terms.starts_at:
        yield Invalid(errors.CANCEL_LATE, field="cancel_until")


def _eligibility(terms: Terms, union: UnionPath) -> Iterator[Invalid]:
    rule = terms.eligibility
    if rule.union is not None and not within(rule.union, union):
        yield Invalid(errors.UNION_OUTSIDE, field="eligibility.union")
    yield from _ages(rule.age_from, rule.age_to, "eligibility.age_from")
    yield from _number(rule.level, "eligibility.level", 1, LEVEL_MOST)
    if rule.level is not None and not terms.series:
        yield Invalid(errors.SERIES_MISSING, field="series")


def _categories(terms: Terms) -> Iterator[Invalid]:
    if not 1 <= len(terms.categories) <= CATEGORIES_MOST:
        yield Invalid(errors.ROWS_RANGE, field="categories", least=1, most=CATEGORIES_MOST)
    if _twice([one.key for one in terms.categories]):
        yield Invalid(errors.LIST_MALFORMED, field="categories")
    for at, one in enumerate(terms.categories[:CATEGORIES_MOST]):
        yield from _category(one, f"categories.{at}")


def _category(one: Category, at: str) -> Iterator[Invalid]:
    yield from _said(one.name, f"{at}.name", NAME_MOST, errors.CATEGORY_UNNAMED)
    yield from _number(one.key, f"{at}.key", 1, 9999)
    if not 1 <= one.least <= ENTRY_MOST or not 1 <= one.most <= ENTRY_MOST:
        yield Invalid(errors.NUMBER_RANGE, field=f"{at}.most", least=1, most=ENTRY_MOST)
    elif one.least > one.most:
        yield Invalid(errors.ENTRY_SIZE, field=f"{at}.most")
    elif min(one.men, one.women) < 0 or one.men + one.women > one.most:
        yield Invalid(errors.SEXES_MANY, field=f"{at}.men", most=one.most)
    yield from _number(one.guests, f"{at}.guests", 0, COMPANIONS_MOST)
    yield from _number(one.children, f"{at}.children", 0, COMPANIONS_MOST)
    if one.children:
        yield from _ages(one.child_from, one.child_to, f"{at}.child_from")
    yield from _ages(one.age_from, one.age_to, f"{at}.age_from")


def _slots(terms: Terms) -> Iterator[Invalid]:
    if len(terms.slots) > SLOTS_MOST:
        yield Invalid(errors.ROWS_RANGE, field="slots", least=0, most=SLOTS_MOST)
    if _twice([one.key for one in terms.slots]):
        yield Invalid(errors.LIST_MALFORMED, field="slots")
    for at, one in enumerate(terms.slots[:SLOTS_MOST]):
        yield from _number(one.key, f"slots.{at}.key", 1, 9999)
        yield from _said(one.name or {}, f"slots.{at}.name", NAME_MOST)
        if one.ends_at <= one.begins_at:
            yield Invalid(errors.ENDS_EARLY, field=f"slots.{at}.ends_at")
        elif not terms.starts_at <= one.begins_at < one.ends_at <= terms.ends_at:
            yield Invalid(errors.SLOT_OUTSIDE, field=f"slots.{at}.begins_at")


def _quotas(terms: Terms, union: UnionPath) -> Iterator[Invalid]:
    ordinals = [one.ordinal for one in terms.quotas]
    totals = [one for one in terms.quotas if one.kind is QuotaKind.ALL]
    if not totals or list(terms.quotas[:1]) != totals or ordinals != list(range(len(ordinals))):
        yield Invalid(errors.LIST_MALFORMED, field="quotas")
        return
    if len(terms.quotas) > QUOTAS_MOST:
        yield Invalid(errors.ROWS_RANGE, field="quotas", least=1, most=QUOTAS_MOST)
    if terms.mode is Mode.DRAW and totals[0].capacity is None:
        yield Invalid(errors.DRAW_UNCOUNTED, field="quotas.0.capacity")
    for at, one in enumerate(terms.quotas[:QUOTAS_MOST]):
        yield from _quota(one, terms, union, f"quotas.{at}")


def _quota(one: Quota, terms: Terms, union: UnionPath, at: str) -> Iterator[Invalid]:
    yield from _said(one.name or {}, f"{at}.name", NAME_MOST)
    if one.capacity is None and one.kind is not QuotaKind.ALL:
        yield Invalid(errors.CAPACITY_MISSING, field=f"{at}.capacity")
    yield from _number(one.capacity, f"{at}.capacity", 0, CAPACITY_MOST)
    known = {
        QuotaKind.ALL: True,
        QuotaKind.CATEGORY: one.category in {category.key for category in terms.categories},
        QuotaKind.SLOT: one.slot in {slot.key for slot in terms.slots},
        QuotaKind.UNION: one.union is not None,
        QuotaKind.SEX: one.sex is not None,
        QuotaKind.AGE: one.ages is not None,
        QuotaKind.TRADE: bool(one.trades),
    }
    if not known[one.kind]:
        yield Invalid(errors.QUOTA_OF_NOBODY, field=f"{at}.of")
    if one.union is not None and not within(one.union, union):
        yield Invalid(errors.UNION_OUTSIDE, field=f"{at}.of")
    if one.ages is not None:
        yield from _ages(*one.ages, f"{at}.of")


def _waves(terms: Terms) -> Iterator[Invalid]:
    waves = terms.waves
    if not waves:
        return
    total = terms.quotas[0].capacity if terms.quotas else None
    if terms.mode is not Mode.FIRST_COME:
        yield Invalid(errors.WAVES_NEEDLESS, field="waves")
    elif total is None:
        yield Invalid(errors.WAVES_UNCOUNTED, field="waves")
    elif len(waves) > WAVES_MOST:
        yield Invalid(errors.ROWS_RANGE, field="waves", least=0, most=WAVES_MOST)
    elif any(wave.places < 1 for wave in waves):
        yield Invalid(errors.NUMBER_RANGE, field="waves", least=1, most=CAPACITY_MOST)
    elif any(one.at >= two.at for one, two in pairwise(waves)):
        yield Invalid(errors.WAVES_ORDER, field="waves")
    elif not terms.opens_at <= waves[0].at <= waves[-1].at < terms.closes_at:
        yield Invalid(errors.WAVES_OUTSIDE, field="waves")
    elif sum(wave.places for wave in waves) != total:
        yield Invalid(errors.WAVES_SUM, field="waves", sum=sum(wave.places for wave in waves), capacity=total)


def _waiting(terms: Terms) -> Iterator[Invalid]:
    yield from _number(terms.waiting_most, "waiting_most", 0, WAITING_MOST)
    yield from _number(terms.offer_minutes, "offer_minutes", *OFFER_MINUTES)
    yield from _number(terms.offers_end_minutes, "offers_end_minutes", 0, OFFERS_END_MOST)


def _form(terms: Terms) -> Iterator[Invalid]:
    found = forms.faults_of(terms.form)
    yield from found.at.values() if found else ()


def _series(terms: Terms) -> Iterator[Invalid]:
    yield from _said({"zh": terms.series or ""}, "series", SERIES_MOST)
    yield from _number(terms.level, "level", 1, LEVEL_MOST)
    if terms.level is not None and not terms.series:
        yield Invalid(errors.SERIES_MISSING, field="series")


def _private(terms: Terms) -> Iterator[Invalid]:
    """Of these kinds nobody but the organiser may learn who is in: no unit's officer, no colleague who names another,
    no reader of a draw's list."""
    if terms.kind not in PRIVATE:
        return
    if terms.unit_entry:
        yield Invalid(errors.PRIVATE_UNIT_ENTRY, field="unit_entry")
    if terms.mode is Mode.DRAW:
        yield Invalid(errors.PRIVATE_DRAW, field="mode")
    for at, one in enumerate(terms.categories[:CATEGORIES_MOST]):
        if one.most > 1:
            yield Invalid(errors.PRIVATE_TEAMS, field=f"categories.{at}.most")


def _unit_entry(terms: Terms) -> Iterator[Invalid]:
    """An officer cannot answer, let alone consent, for his people."""
    asks = any(one.required and not one.for_managers for one in terms.form.questions)
    if terms.unit_entry and asks and terms.kind not in PRIVATE:
        yield Invalid(errors.UNIT_ENTRY_ASKS, field="unit_entry")


def _twice(keys: list[int]) -> bool:
    return len(set(keys)) < len(keys)
