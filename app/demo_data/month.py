"""Makes up a month of redemptions before now that could all have happened: the rules of offers decide each."""

import datetime
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.demo_data.market import OpenShop
from app.demo_data.people import Person
from app.demo_data.script import Line
from app.demo_data.shops import ASKED, NEVER, Deal
from services.accounts.types import ClerkActor
from services.cards.rules import step_at
from services.core.calendar import day_start, local, local_date
from services.members.rules import may_use_benefits
from services.offers import queries as offers
from services.offers import rules as offer_rules
from services.offers.types import Moment, Offer, OfferId, Uses
from services.offers.types import Person as Who
from services.redemptions.types import PastUse

DAYS = 30
TRIES = 40
UNTYPED = 0.4
"""Share of uses without an amount where it is optional."""
JUST_NOW = datetime.timedelta(minutes=3)
"""No use is younger: it would lie in the future when it is redeemed."""
WEEKDAYS = (0.85, 0.85, 0.9, 1.0, 1.3, 1.4, 1.1)
#: redemptions in each hour of the day; a few at night, for whoever comes off a shift
DINING_HOURS = (2, 1, 1, 1, 1, 2, 5, 9, 5, 3, 4, 18, 24, 9, 3, 2, 4, 14, 20, 12, 6, 4, 3, 2)
HOURS = (0, 0, 0, 0, 0, 0, 0, 1, 4, 9, 11, 10, 7, 8, 11, 11, 11, 10, 9, 11, 11, 7, 1, 0)


@dataclass(frozen=True)
class Choice:
    """An offer to draw, at its shop."""

    shop: OpenShop
    deal: Deal
    offer: Offer


class Month:
    """Remembers what was used, so that no limit is broken. `rng` decides everything else."""

    def __init__(
        self, rng: random.Random, shops: list[OpenShop], people: list[Person], *, now: datetime.datetime
    ) -> None:
        self._rng, self._now, self._today = rng, now, local_date(now)
        self._persona = people[0]
        self._people = [person for person in people[1:] if may_use_benefits(person.standing) is None]
        rng.shuffle(self._people)
        self._shops, self._weights = shops, [shop.plan.weight for shop in shops]
        self._choices = {shop.merchant_id: list(self._choices_of(shop)) for shop in shops}
        self._open_ended = {
            merchant_id: [choice for choice in choices if choice.offer.stock_total is None]
            for merchant_id, choices in self._choices.items()
        }
        self._latest = now - JUST_NOW
        self._used: Counter[tuple[object, ...]] = Counter()
        self._scans: set[tuple[object, int]] = set()

    def _choices_of(self, shop: OpenShop) -> Iterator[Choice]:
        found = offers.at_till(merchant_id=shop.merchant_id, member_id=self._persona.member_id, today=self._today)
        by_id: dict[OfferId, Offer] = {offer.id: offer for offer, _ in found}
        for stall in shop.stalls:
            if stall.offer_id in by_id:
                yield Choice(shop, stall.deal, by_id[stall.offer_id])

    def of_persona(self, script: Sequence[Line]) -> list[PastUse]:
        """The uses of the script, but for those of today that are yet to come."""
        uses = []
        for days, time, shop_name, number, amount_fen in script:
            shop = next(shop for shop in self._shops if shop.plan.zh == shop_name)
            offer_id = shop.stalls[number].offer_id
            choice = next(one for one in self._choices[shop.merchant_id] if one.offer.id == offer_id)
            midnight = day_start(self._today - datetime.timedelta(days=days))
            hour, minute = map(int, time.split(":"))
            at = midnight + datetime.timedelta(hours=hour, minutes=minute)
            use = self._use(choice, self._persona, at, clerk=shop.clerks[0], amount_fen=amount_fen)
            uses += [use] if use else []
        return uses

    def limited(self) -> list[PastUse]:
        """Uses of every offer with a limited stock, until as much is left as planned."""
        uses = []
        for choice in (choice for choices in self._choices.values() for choice in choices):
            for _ in range((choice.offer.stock_total or 0) - (choice.deal.left or 0)):
                uses += self._draw(choice.shop, None, [choice])
        return uses

    def day(self, day: datetime.date, *, wanted: float) -> list[PastUse]:
        """About `wanted` uses, more at a week's end; of today, only the part that is over."""
        uses = []
        for shop in self._rng.choices(self._shops, self._weights, k=round(wanted * WEEKDAYS[day.weekday()])):
            uses += self._draw(shop, self._moment(shop, day), self._open_ended[shop.merchant_id])
        return uses

    def till(self, clerk: ClerkActor, shop: OpenShop, *, wanted: int) -> list[PastUse]:
        """Uses at one till today: as many of `wanted` as its hours so far let expect, and three if there was time."""
        clock = local(self._now)
        weights = _hours(shop)
        passed = sum(weights[: clock.hour]) + weights[clock.hour] * clock.minute / 60
        expected = max(3, round(wanted * passed / sum(weights)))
        uses: list[PastUse] = []
        for _ in range(min(expected, (clock.hour * 60 + clock.minute) // 4)):
            at = self._moment(shop, self._today)
            while at > self._latest:
                at = self._moment(shop, self._today)
            uses += self._draw(shop, at, self._open_ended[shop.merchant_id], clerk)
        return uses

    def _draw(
        self, shop: OpenShop, at: datetime.datetime | None, choices: Sequence[Choice], clerk: ClerkActor | None = None
    ) -> list[PastUse]:
        """One use, by whomever the rules let have it at that time (any time, if None is given), or none."""
        for _ in range(TRIES):
            # A few come often, most now and then.
            person = self._people[int(len(self._people) * self._rng.random() ** 1.7)]
            choice = self._rng.choice(choices)
            days = datetime.timedelta(days=self._rng.randint(0, DAYS))
            moment = at or self._moment(shop, self._today - days)
            amount_fen = self._bill(choice.deal)
            if use := self._use(choice, person, moment, clerk or self._rng.choice(shop.clerks), amount_fen):
                return [use]
        return []

    def _use(
        self, choice: Choice, person: Person, at: datetime.datetime, clerk: ClerkActor, amount_fen: int | None
    ) -> PastUse | None:
        """Counts and returns the use, unless a rule speaks against it."""
        day, first_day = local_date(at), self._today + datetime.timedelta(days=choice.shop.plan.agreement[0])
        last_day = self._today + datetime.timedelta(days=choice.shop.plan.agreement[1])
        counted = [(person.member_id, choice.offer.id, window) for window in offer_rules.windows(choice.offer, day=day)]
        scan = (person.card_id, step_at(at))
        if at > self._latest or not first_day <= day <= last_day or scan in self._scans:
            return None
        who = Who(person.union_path, person.standing)
        if offer_rules.may_use(choice.offer, who, uses=self._uses(person, choice.offer, day), moment=Moment(at)):
            return None
        self._used.update(counted)
        self._scans.add(scan)
        redeemed_at = at + datetime.timedelta(seconds=self._rng.uniform(12, 150))
        return PastUse(clerk, person.member_id, person.card_id, choice.offer, amount_fen, at, redeemed_at)

    def _uses(self, person: Person, offer: Offer, day: datetime.date) -> Uses:
        def used(window: str) -> int:
            return self._used[person.member_id, offer.id, window]

        week, month = offer_rules.week_key(day), offer_rules.month_key(day)
        return Uses(used(offer_rules.day_key(day)), used(week), used(month), used(offer_rules.ALL))

    def _moment(self, shop: OpenShop, day: datetime.date) -> datetime.datetime:
        hour = self._rng.choices(range(24), _hours(shop))[0]
        return day_start(day) + datetime.timedelta(hours=hour, seconds=self._rng.uniform(0, 3600))

    def _bill(self, deal: Deal) -> int | None:
        """As bills are: to half a yuan when small, to ten when large. None where the clerk types none."""
        if deal.amount is NEVER or (deal.amount is not ASKED and self._rng.random() < UNTYPED):
            return None
        low, high = (yuan * 100 for yuan in deal.bill)
        step = 50 if high <= 20_000 else 100 if high <= 100_000 else 1000
        return low + step * int((high - low) / step * self._rng.random() ** 1.5)


def _hours(shop: OpenShop) -> tuple[int, ...]:
    return DINING_HOURS if shop.plan.trade == "dining" else HOURS
