"""What an officer typed about a shop: read field by field, each fault in words at its field."""

import datetime
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypedDict, TypeVar

from flask import request

from app.language import language
from app.wording import clerk_words
from services.core.calendar import DAY, YEARS, Hours
from services.core.errors import DomainError, Invalid
from services.core.files import files
from services.core.keyboard import half_width
from services.merchants import rules
from services.merchants.errors import BRANCH_NAME_MISSING, PAPER_MISSING, TRADE_UNKNOWN
from services.merchants.opening import CLOSED, WEEK, hours_of, of_weekday, said
from services.merchants.types import Agreement, Branch, OpenHours, Record, TradeCode
from services.unions.rules import phone_of, place_of
from services.unions.types import Place

T = TypeVar("T")
LONGEST = 400
"""Characters of a field that are read: more than any may have."""
"""A year outside is a slip of the finger; the ends of the calendar have no day before or after."""
SPANS = (("begin", "until"), ("begin2", "until2"))


class Signed(TypedDict):
    """An agreement, as the verbs take it."""

    starts_on: datetime.date
    ends_on: datetime.date
    signed_on: datetime.date
    signed_by: str


class Facts(TypedDict):
    name: dict[str, str]
    trade: TradeCode
    about: dict[str, str] | None


class Where(TypedDict):
    """A branch, as the verbs take it."""

    name: dict[str, str]
    address: dict[str, str]
    phone: str | None
    place: Place | None
    hours: list[OpenHours]


class Typed:
    """A form that was sent. `wrong` is the sentence at each field; `given` is what was typed, for the form again."""

    def __init__(self) -> None:
        self.given = {name: text[:LONGEST] for name, text in request.form.items()}
        self.wrong: dict[str, str] = {}

    def text(self, field: str) -> str:
        return self.given.get(field, "")

    def read(self, field: str, parse: Callable[[], T]) -> T:
        """What `parse` makes of a field; a fault is kept, and what comes back is then of no use."""
        try:
            return parse()
        except DomainError as error:
            self.fault(error, field)
            return None  # type: ignore[return-value]

    def fault(self, error: DomainError, field: str = "") -> None:
        where = str(error.facts.get("field") or field)
        facts = {name: fact for name, fact in error.facts.items() if name != "field"}
        self.wrong.setdefault(where, clerk_words(error.code, facts, language=language()))

    def day(self, field: str) -> datetime.date:
        return self.read(field, lambda: _day(self.text(field), field))

    def day_if_any(self, field: str) -> datetime.date | None:
        return self.day(field) if self.text(field).strip() else None

    def facts(self) -> Facts:
        about = self.read("about", lambda: rules.about_of(self.text("about"), self.text("about_en")))
        name = self.read("name", lambda: rules.name_of(self.text("name"), self.text("name_en")))
        return {"name": name, "trade": self.read("trade", lambda: _trade(self.text("trade"))), "about": about}

    def signed(self) -> Signed:
        return {
            "starts_on": self.day("starts_on"),
            "ends_on": self.day("ends_on"),
            "signed_on": self.day("signed_on"),
            "signed_by": self.read("signed_by", lambda: rules.signer_of(self.text("signed_by"))),
        }

    def where(self) -> Where:
        """The fields of a branch; its name is `branch` here, since the shop's stands in the same form once."""
        name = partial(
            rules.name_of, self.text("branch"), self.text("branch_en"), field="branch", missing=BRANCH_NAME_MISSING
        )
        return {
            "name": self.read("branch", name),
            "address": self.read("address", lambda: rules.address_of(self.text("address"), self.text("address_en"))),
            "phone": self.read("phone", lambda: phone_of(self.text("phone"))),
            "place": self.read("place", lambda: place_of(self.text("place"))),
            "hours": self._hours(),
        }

    def paper(self) -> bytes | None:
        """The signed paper that came along; None where none did."""
        sent = request.files.get("paper")
        data = sent.read() if sent else b""
        if data:
            self.read("paper", lambda: rules.paper_kind(data))
        return data or None

    def _hours(self) -> list[OpenHours]:
        every: list[Hours] = []
        for begin, until in SPANS:
            typed = f"{self.text(begin).strip()}-{self.text(until).strip()}"
            if typed != "-":
                every += self._of_day("hours", typed)
        found = []
        for weekday in WEEK:
            field = f"day{weekday}"
            own = self.text(field).strip()
            of_day = self._of_day(field, own) if own else sorted(every)
            found += [OpenHours(weekday, one) for one in of_day]
        return found

    def _of_day(self, field: str, text: str) -> Sequence[Hours]:
        return self.read(field, partial(hours_of, text, field=field)) or ()


def given_facts(shop: Record) -> dict[str, str]:
    """A shop's facts as its form shows them."""
    return {"trade": shop.trade.code, **_both("name", shop.name), **_both("about", shop.about)}


def given_branch(branch: Branch) -> dict[str, str]:
    """A branch as its form shows it: the hours that most days have, and the days that have others."""
    place = branch.place
    shown = {
        **_both("branch", branch.name),
        **_both("address", branch.address),
        "phone": branch.phone or "",
        "place": f"{place.longitude},{place.latitude}" if place else "",
    }
    of_days = {weekday: of_weekday(branch.hours, weekday) for weekday in WEEK}
    fit = [hours for hours in of_days.values() if 0 < len(hours) <= len(SPANS)]
    every = Counter(fit).most_common(1)[0][0] if fit else ()
    for (begin, until), one in zip(SPANS, every, strict=False):
        shown[begin], shown[until] = said([one]).replace("24:00", "00:00").split("-")
    other = {f"day{day}": said(hours) or CLOSED for day, hours in of_days.items() if hours != every}
    return shown | (other if branch.hours else {})


def given_plaque(shop: Record) -> dict[str, str]:
    days = {"plaque_hung_on": shop.plaque_hung_on, "door_sign_on": shop.door_sign_on}
    shown = {name: day.isoformat() if day else "" for name, day in days.items()}
    return {**shown, "plaque_number": shop.plaque_number or ""}


def next_agreement(
    today: datetime.date, last: Agreement | None = None, until: datetime.date | None = None
) -> dict[str, str]:
    """The dates that the form proposes: a year from today, or from the day after the agreement that runs."""
    starts_on = until + DAY if until and until >= today else today
    return {
        "starts_on": starts_on.isoformat(),
        "ends_on": (starts_on + 364 * DAY).isoformat(),
        "signed_on": today.isoformat(),
        "signed_by": last.signed_by if last else "",
    }


def keep(data: bytes | None) -> str | None:
    """Seals a paper before the row that names it; the key, None without one."""
    return files.put(data) if data else None


def paper_needed(data: bytes | None) -> bytes:
    if data is None:
        raise Invalid(PAPER_MISSING, field="paper")
    return data


def _day(text: str, field: str) -> datetime.date:
    try:
        day = datetime.date.fromisoformat(half_width(text).strip())
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise Invalid("date_malformed", field=field)
    return day


def _trade(text: str) -> TradeCode:
    if not text:
        raise Invalid(TRADE_UNKNOWN, field="trade")
    return TradeCode(text)


def _both(field: str, words: dict[str, str] | None) -> dict[str, str]:
    return {field: (words or {}).get("zh", ""), f"{field}_en": (words or {}).get("en", "")}


def filled(fields: Sequence[str], given: dict[str, str]) -> bool:
    """Does one of these hold anything? Then its fold stands open."""
    return any(given.get(field) for field in fields)
