"""Pure: who may enter, what makes an entry, and which places it takes."""

import datetime
from collections.abc import Iterable, Sequence

from services.core.errors import Refusal
from services.events import errors
from services.events.rules import age
from services.events.types import (
    Category,
    Companion,
    Entrant,
    Event,
    Quota,
    QuotaKind,
    Role,
    Terms,
    Unit,
)
from services.members.documents import Sex
from services.members.rules import may_use_benefits
from services.unions.rules import within


def open_now(event: Event, now: datetime.datetime) -> Refusal | None:
    """May anybody sign up now?"""
    terms = event.terms
    if event.cancelled_at:
        return Refusal(errors.EVENT_CANCELLED)
    if now < terms.opens_at:
        return Refusal(errors.SIGN_UP_NOT_OPEN, {"at": terms.opens_at.isoformat()})
    if now >= terms.closes_at or event.drawn_at:
        return Refusal(errors.SIGN_UP_OVER, {"at": terms.closes_at.isoformat()})
    return None


def eligible(terms: Terms, category: Category, entrant: Entrant, *, today: datetime.date) -> Refusal | None:
    """Does the record of today let this member into this category? The first rule that does not.

    Who has left the union, or is suspended, is let in nowhere, whatever the event says.
    """
    rule = terms.eligibility
    if rule.union and not within(entrant.union_path, rule.union):
        return Refusal(errors.EVENT_NOT_FOR_UNION)
    if rule.standings and entrant.standing not in rule.standings:
        return Refusal(errors.EVENT_NOT_FOR_STANDING, {"standing": entrant.standing})
    if refusal := may_use_benefits(entrant.standing):
        return refusal
    if rule.trades and entrant.trade not in rule.trades:
        return Refusal(errors.EVENT_NOT_FOR_TRADE)
    refusal = (
        _of_sex(entrant, rule.sex)
        or _of_sex(entrant, category.sex)
        or _aged(entrant, rule.age_from, rule.age_to, today)
        or _aged(entrant, category.age_from, category.age_to, today)
    )
    if refusal:
        return refusal
    if rule.level is not None and entrant.levels.get(terms.series or "", 0) < rule.level:
        return Refusal(errors.LEVEL_MISSING, {"level": rule.level, "series": terms.series or ""})
    if entrant.paused_until:
        return Refusal(errors.SIGN_UP_PAUSED, {"at": entrant.paused_until.isoformat()})
    return None


def _of_sex(entrant: Entrant, sex: Sex | None) -> Refusal | None:
    if sex and entrant.sex is None:
        return Refusal(errors.SEX_UNKNOWN)
    return Refusal(errors.EVENT_NOT_FOR_SEX, {"sex": sex}) if sex and entrant.sex is not sex else None


def _aged(entrant: Entrant, least: int | None, most: int | None, today: datetime.date) -> Refusal | None:
    if least is None and most is None:
        return None
    if entrant.born_on is None:
        return Refusal(errors.BIRTH_UNKNOWN)
    years = age(entrant.born_on, today)
    if least is not None and years < least:
        return Refusal(errors.TOO_YOUNG, {"least": least, "age": years})
    if most is not None and years > most:
        return Refusal(errors.TOO_OLD, {"most": most, "age": years})
    return None


def composed(
    category: Category, members: Sequence[Entrant], companions: Sequence[Companion], *, on: datetime.date
) -> Refusal | None:
    """Do these people make an entry of this category? `on`: the day of the event, for the ages of children."""
    if len({one.member_id for one in members}) < len(members):
        return Refusal(errors.MATE_TWICE)
    if len(members) < category.least:
        return Refusal(errors.TOO_FEW_MATES, {"least": category.least, "count": len(members)})
    if len(members) > category.most:
        return Refusal(errors.TOO_MANY_MATES, {"most": category.most, "count": len(members)})
    for sex, least, code in (
        (Sex.MALE, category.men, errors.MEN_MISSING),
        (Sex.FEMALE, category.women, errors.WOMEN_MISSING),
    ):
        if sum(one.sex is sex for one in members) < least:
            return Refusal(code, {"least": least})
    return _companions(category, companions, on)


def _companions(category: Category, companions: Sequence[Companion], on: datetime.date) -> Refusal | None:
    children = [one for one in companions if one.role is Role.CHILD]
    if len(companions) - len(children) > category.guests:
        return Refusal(errors.TOO_MANY_GUESTS, {"most": category.guests})
    if len(children) > category.children:
        return Refusal(errors.TOO_MANY_CHILDREN, {"most": category.children})
    if any(not one.name for one in companions):
        return Refusal(errors.COMPANION_NAME)
    for child in children:
        if child.born_on is None:
            return Refusal(errors.CHILD_BIRTH_MISSING)
        if not category.child_from <= age(child.born_on, on) <= category.child_to:
            return Refusal(errors.CHILD_AGE, {"least": category.child_from, "most": category.child_to})
    return None


def counts(
    quotas: Iterable[Quota],
    *,
    category: int,
    slot: int | None,
    members: Sequence[Entrant],
    companions: Sequence[Companion],
    today: datetime.date,
) -> dict[int, int]:
    """How many places of each quota an entry takes, by ordinal; only those that it takes any of.

    Companions are of the captain's union and trade; of their sex nothing is known, of a guest's age neither.
    """
    found = {}
    for quota in quotas:
        if quota.kind is QuotaKind.CATEGORY and quota.category != category:
            continue
        if quota.kind is QuotaKind.SLOT and quota.slot != slot:
            continue
        counted = sum(_counts(quota, one, today) for one in members)
        counted += sum(_counts_companion(quota, one, members[0], today) for one in companions)
        if counted:
            found[quota.ordinal] = 1 if quota.unit is Unit.ENTRIES else counted
    return found


def _counts(quota: Quota, entrant: Entrant, today: datetime.date) -> bool:
    match quota.kind:
        case QuotaKind.UNION:
            return quota.union is not None and within(entrant.union_path, quota.union)
        case QuotaKind.SEX:
            return entrant.sex is quota.sex
        case QuotaKind.TRADE:
            return entrant.trade in quota.trades
        case QuotaKind.AGE:
            return _in_band(entrant.born_on, quota, today)
        case _:
            return True


def _counts_companion(quota: Quota, one: Companion, captain: Entrant, today: datetime.date) -> bool:
    match quota.kind:
        case QuotaKind.SEX:
            return False
        case QuotaKind.AGE:
            return _in_band(one.born_on, quota, today)
        case _:
            return _counts(quota, captain, today)


def _in_band(born_on: datetime.date | None, quota: Quota, today: datetime.date) -> bool:
    return born_on is not None and quota.ages is not None and quota.ages[0] <= age(born_on, today) <= quota.ages[1]
