"""Pure decisions about a partner shop."""

import datetime
import re

from services.core.calendar import DAY
from services.core.errors import Invalid, Refusal
from services.merchants import errors
from services.merchants.types import Counter

NAME_MOST, ADDRESS_MOST, ABOUT_MOST, REASON_MOST, SIGNER_MOST, PLAQUE_MOST = 40, 120, 120, 200, 30, 30
LONGEST_AGREEMENT = 10 * 366 * DAY
"""A year with a wrong digit is not an agreement of ninety years."""
TOLD_FIRST, TOLD_AGAIN = 30, 7
"""Days before an agreement ends on which shop and federation are told."""
ENDING = TOLD_FIRST
"""Days before its end from which an agreement asks for a renewal."""
PAPER_LARGEST = 8 * 1024 * 1024
PAPERS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
"""How a signed paper begins, and what it is then: a scan or a photo."""

Days = tuple[datetime.date, datetime.date]

_UNSEEN = re.compile(r"[\x00-\x1f\x7f]")


def may_stand_at(counter: Counter, *, today: datetime.date) -> Refusal | None:
    """May somebody open this till at all? The clerk first: what is wrong with him he cannot mend by waiting."""
    if counter.clerk_left:
        return Refusal(errors.CLERK_LEFT)
    if counter.branch_closed:
        return Refusal(errors.BRANCH_CLOSED)
    suspended = counter.suspended_on is not None and counter.suspended_on <= today
    return Refusal(errors.MERCHANT_SUSPENDED) if suspended else None


def may_take_cards(counter: Counter, *, today: datetime.date) -> Refusal | None:
    """May this till take cards on this day?"""
    if refused := may_stand_at(counter, today=today):
        return refused
    if today < counter.agreement_from:
        return Refusal(errors.AGREEMENT_NOT_STARTED, {"date": counter.agreement_from.isoformat()})
    if today > counter.agreement_until:
        return Refusal(errors.AGREEMENT_ENDED, {"date": counter.agreement_until.isoformat()})
    return None


def check_agreement(
    starts_on: datetime.date, ends_on: datetime.date, *, signed_on: datetime.date, today: datetime.date
) -> None:
    """Raises Invalid(agreement_dates, agreement_too_long, signed_later)."""
    if ends_on < starts_on:
        raise Invalid(errors.AGREEMENT_DATES, field="ends_on")
    if ends_on - starts_on > LONGEST_AGREEMENT or starts_on - today > LONGEST_AGREEMENT:
        raise Invalid(errors.AGREEMENT_TOO_LONG, field="ends_on")
    if signed_on > today:
        raise Invalid(errors.SIGNED_LATER, field="signed_on")


def renewed(runs: Days, more: Days, *, today: datetime.date) -> Days:
    """The days with cards once an agreement of the days `more` is signed, where `runs` are those until now.

    Raises Invalid(agreement_no_longer) when it ends no later, Invalid(agreement_gap) for days without an agreement
    in between while the old one runs; once that has ended, cards are taken again from the new one's first day on.
    """
    begun, until = runs
    starts_on, ends_on = more
    if ends_on <= until:
        raise Invalid(errors.AGREEMENT_NO_LONGER, field="ends_on", date=until.isoformat())
    if starts_on <= until + DAY:
        return min(begun, starts_on), ends_on
    if today <= until:
        raise Invalid(errors.AGREEMENT_GAP, field="starts_on", date=(until + DAY).isoformat())
    return starts_on, ends_on


def name_of(zh: str, en: str = "", *, field: str = "name", missing: str = errors.SHOP_NAME_MISSING) -> dict[str, str]:
    """A name as it is stored. Raises Invalid(`missing`, shop_text_too_long)."""
    written = bilingual(zh, en, NAME_MOST, field=field)
    if written is None:
        raise Invalid(missing, field=field)
    return written


def address_of(zh: str, en: str = "") -> dict[str, str]:
    """Raises Invalid(address_missing, shop_text_too_long)."""
    written = bilingual(zh, en, ADDRESS_MOST, field="address")
    if written is None:
        raise Invalid(errors.ADDRESS_MISSING, field="address")
    return written


def about_of(zh: str, en: str = "") -> dict[str, str] | None:
    """What the shop is; None where nothing is written. Raises Invalid(shop_text_too_long)."""
    return bilingual(zh, en, ABOUT_MOST, field="about")


def reason_of(text: str, *, field: str = "reason") -> str:
    """Why a shop is suspended or a partnership ended: it is told. Raises Invalid(reason_missing, …)."""
    return _said(text, REASON_MOST, field=field, missing=errors.REASON_MISSING)


def signer_of(text: str) -> str:
    """Who signed for the shop. Raises Invalid(signer_missing, shop_text_too_long)."""
    return _said(text, SIGNER_MOST, field="signed_by", missing=errors.SIGNER_MISSING)


def plaque_of(text: str) -> str | None:
    """None where nothing is written. Raises Invalid(shop_text_too_long)."""
    return (bilingual(text, "", PLAQUE_MOST, field="plaque_number") or {}).get("zh")


def bilingual(zh: str, en: str, most: int, *, field: str) -> dict[str, str] | None:
    """Both without line breaks and spaces too many; None where no Chinese is written. Raises Invalid."""
    zh, en = (" ".join(_UNSEEN.sub(" ", written).split()) for written in (zh, en))
    for written, name in ((zh, field), (en, f"{field}_en")):
        if len(written) > most * (1 if name == field else 2):
            raise Invalid(errors.SHOP_TEXT_TOO_LONG, field=name, limit=most)
    return None if not zh else {"zh": zh, "en": en} if en else {"zh": zh}


def paper_kind(data: bytes) -> str:
    """The media type of a signed paper. Raises Invalid(paper_kind, paper_too_large)."""
    if len(data) > PAPER_LARGEST:
        raise Invalid(errors.PAPER_TOO_LARGE, field="paper")
    kind = next((kind for begins, kind in PAPERS.items() if data.startswith(begins)), None)
    if kind is None:
        raise Invalid(errors.PAPER_KIND, field="paper")
    return kind


def _said(text: str, most: int, *, field: str, missing: str) -> str:
    written = bilingual(text, "", most, field=field)
    if written is None:
        raise Invalid(missing, field=field)
    return written["zh"]
