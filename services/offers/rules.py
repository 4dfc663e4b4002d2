"""Who may use an offer, when, how often, and what it is worth. Pure: plain values in, a Refusal or a Saving out."""

import datetime
import uuid

from services.core.calendar import DAY, Hours, monday
from services.core.errors import Invalid, Refusal
from services.core.money import MAX_FEN, share
from services.offers import errors
from services.offers.types import AmountPolicy, Holidays, Moment, Offer, OfferKind, Person, Saving, Terms, Uses
from services.unions.rules import within

ALL = "all"
ONE_PURCHASE = datetime.timedelta(minutes=15)
"""What a member uses at one shop within this time counts as one purchase: offers do not add up unless one says so."""


def day_key(day: datetime.date) -> str:
    return day.isoformat()


def week_key(day: datetime.date) -> str:
    """ISO weeks: the last days of December may belong to week 1 of the next year."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def month_key(day: datetime.date) -> str:
    return f"{day.year:04d}-{day.month:02d}"


def windows(terms: Terms, *, day: datetime.date) -> list[str]:
    """The windows in which uses of that day are counted, sorted: the order in which their rows are locked."""
    limits = {
        day_key(day): terms.per_member_daily,
        week_key(day): terms.per_member_weekly,
        month_key(day): terms.per_member_monthly,
        ALL: terms.per_member_total,
    }
    return sorted(window for window, limit in limits.items() if limit is not None)


def may_use(
    offer: Offer, person: Person, *, uses: Uses, moment: Moment, branch_id: uuid.UUID | None = None
) -> Refusal | None:
    """May this member use this offer once more now? `uses` counts the former ones.

    The first reason that holds is given, from what nobody can change to what time will mend. `branch_id` is where he
    stands; without it he has not gone anywhere yet: one branch with a piece left will do.
    """
    return (
        not_running(offer, _day_meant(offer, moment))
        or _is_for(offer, person, uses)
        or _is_left(offer, branch_id)
        or _is_within_limits(offer, uses, moment.day)
        or _is_open(offer, moment)
        or _stands_alone(offer, uses, moment.at)
    )


def not_running(offer: Offer, day: datetime.date) -> Refusal | None:
    """Why nobody can use this offer on that day; None while it runs."""
    if offer.withdrawn:
        return Refusal(errors.OFFER_WITHDRAWN)
    if day > offer.ends_on:
        return Refusal(errors.OFFER_ENDED, {"date": offer.ends_on.isoformat()})
    if offer.paused:
        return Refusal(errors.OFFER_PAUSED)
    if day < offer.starts_on:
        return Refusal(errors.OFFER_NOT_STARTED, {"date": offer.starts_on.isoformat()})
    return None


def _day_meant(offer: Offer, moment: Moment) -> datetime.date:
    """By which day its dates are judged: an offer's last night may end on the morning after its last day."""
    last_night = moment.day - DAY == offer.ends_on and _is_night(offer, moment)
    return offer.ends_on if last_night else moment.day


def _is_for(offer: Offer, person: Person, uses: Uses) -> Refusal | None:
    if not within(person.union_path, offer.federation_path):
        return Refusal(errors.NOT_FOR_YOUR_UNION)
    if offer.audience_path is not None and not within(person.union_path, offer.audience_path):
        return Refusal(errors.NOT_FOR_YOUR_UNION)
    if offer.audience_groups and person.trade_group not in offer.audience_groups:
        return Refusal(errors.NOT_FOR_YOUR_TRADE)
    if offer.audience_standings and person.standing not in offer.audience_standings:
        return Refusal(errors.NOT_FOR_YOUR_STANDING)
    if offer.first_use and uses.been_here:
        return Refusal(errors.FIRST_USE_ONLY)
    return None


def _is_left(offer: Offer, branch_id: uuid.UUID | None) -> Refusal | None:
    if offer.stock_left == 0:
        return Refusal(errors.SOLD_OUT)
    left = offer.budget_left_fen
    if left is not None and left < max(1, _known_saving(offer)):
        return Refusal(errors.BUDGET_SPENT)
    if not offer.branches:
        return None
    if branch_id is None:
        gone = all(offer.left_at(share.branch_id) == 0 for share in offer.branches)
        return Refusal(errors.SOLD_OUT) if gone else None
    if branch_id not in {share.branch_id for share in offer.branches}:
        return Refusal(errors.NOT_AT_THIS_BRANCH)
    return Refusal(errors.SOLD_OUT_HERE) if offer.left_at(branch_id) == 0 else None


def _is_within_limits(offer: Offer, uses: Uses, day: datetime.date) -> Refusal | None:
    next_month = (day.replace(day=1) + 31 * DAY).replace(day=1)
    for code, limit, used, again in (
        (errors.TOTAL_LIMIT, offer.per_member_total, uses.in_all, None),
        (errors.MONTHLY_LIMIT, offer.per_member_monthly, uses.this_month, next_month),
        (errors.WEEKLY_LIMIT, offer.per_member_weekly, uses.this_week, monday(day) + 7 * DAY),
        (errors.DAILY_LIMIT, offer.per_member_daily, uses.today, None),
    ):
        if limit is not None and used >= limit:
            return Refusal(code, {"limit": limit, **({"date": again.isoformat()} if again else {})})
    return None


def _is_open(offer: Offer, moment: Moment) -> Refusal | None:
    refused = _suits_day(offer, moment.day, moment)
    if refused is None and (not offer.hours or any(hours.covers(moment.minute) for hours in offer.hours)):
        return None
    if _is_night(offer, moment):
        return None
    return refused or Refusal(errors.NOT_AT_THIS_HOUR, {"hours": said_hours(offer.hours)})


def _is_night(offer: Offer, moment: Moment) -> bool:
    """Do the hours of the day before still run? They belong to it: a Friday night ends on Saturday morning."""
    before = moment.day - DAY
    runs_on = any(hours.runs_on(moment.minute) for hours in offer.hours)
    return runs_on and before >= offer.starts_on and _suits_day(offer, before, moment) is None


def _suits_day(offer: Offer, day: datetime.date, moment: Moment) -> Refusal | None:
    if offer.weekdays and day.isoweekday() not in offer.weekdays:
        return Refusal(errors.NOT_THIS_WEEKDAY, {"weekdays": "".join(map(str, offer.weekdays))})
    holiday = day in moment.holidays
    if offer.holidays is Holidays.NOT and holiday:
        return Refusal(errors.NOT_ON_HOLIDAYS)
    return Refusal(errors.HOLIDAYS_ONLY) if offer.holidays is Holidays.ONLY and not holiday else None


def _stands_alone(offer: Offer, uses: Uses, at: datetime.datetime) -> Refusal | None:
    lately = uses.lately
    if lately is None or offer.stacks or lately.stacks or at >= lately.at + ONE_PURCHASE:
        return None
    minutes = -int((at - lately.at - ONE_PURCHASE) // datetime.timedelta(minutes=1))
    return Refusal(errors.NOT_WITH_ANOTHER, {"minutes": minutes})


def said_hours(hours: tuple[Hours, ...]) -> str:
    """ "11:00–14:00, 17:00–21:00"; what ends on the next day is told by its numbers: "18:00–02:00"."""
    return ", ".join(f"{_clock(one.begin)}–{_clock(one.until)}" for one in hours)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def saving(offer: Offer, amount_fen: int | None) -> Saving | Refusal:
    """What this use is worth on a bill of `amount_fen`.

    Raises Invalid for an amount that cannot be (zero, negative, above a million yuan) or that the offer does not
    ask for. A missing or too small one is a Refusal: the clerk did nothing wrong. Where the offer asks for none, the
    shop's own till has computed the bill, and the shop answers for the threshold. A member price needs no amount.
    """
    worth = _worth(offer, amount_fen)
    left = offer.budget_left_fen
    if isinstance(worth, Saving) and left is not None and (worth.saved_fen or 0) > left:
        return Refusal(errors.BUDGET_SPENT)
    return worth


def _worth(offer: Offer, amount_fen: int | None) -> Saving | Refusal:
    if amount_fen is None:
        if offer.amount_policy is AmountPolicy.REQUIRED:
            return Refusal(errors.AMOUNT_MISSING)
        if offer.kind is OfferKind.MEMBER_PRICE and offer.list_fen and offer.price_fen:
            return Saving(offer.list_fen, _known_saving(offer), offer.price_fen)
        return Saving(None, None, None)
    if offer.amount_policy is AmountPolicy.NOT_ASKED:
        raise Invalid(errors.AMOUNT_NOT_ASKED, field="amount_fen")
    if amount_fen <= 0:
        raise Invalid(errors.AMOUNT_ZERO if amount_fen == 0 else errors.AMOUNT_NEGATIVE, field="amount_fen")
    if amount_fen > MAX_FEN:
        raise Invalid(errors.AMOUNT_TOO_LARGE, field="amount_fen")
    saved = _off(offer, amount_fen)
    return saved if isinstance(saved, Refusal) else Saving(amount_fen, saved, amount_fen - saved)


def _known_saving(offer: Offer) -> int:
    """What every use takes off, where the terms alone say so; else 0."""
    return (offer.list_fen or 0) - (offer.price_fen or 0) if offer.kind is OfferKind.MEMBER_PRICE else 0


def _off(offer: Offer, amount_fen: int) -> int | Refusal:
    if offer.kind is OfferKind.PERCENT:
        off = share(amount_fen, offer.percent_off or 0)
        return off if offer.most_off_fen is None else min(off, offer.most_off_fen)
    if offer.kind is OfferKind.AMOUNT_OFF:
        short = (offer.threshold_fen or 0) - amount_fen
        if short > 0:
            return Refusal(errors.BELOW_THRESHOLD, {"threshold_fen": offer.threshold_fen, "short_fen": short})
        return offer.off_fen or 0
    if offer.kind is OfferKind.FIXED_PRICE:
        price = offer.price_fen or 0
        return Refusal(errors.BELOW_PRICE, {"price_fen": price}) if amount_fen < price else amount_fen - price
    return 0
