"""What an officer typed about a notice: read field by field, each fault in words at its field."""

import datetime
import uuid
from typing import Any

from flask import request

from app import permissions
from app.language import language
from app.wording import clerk_words
from services.accounts.types import Capability, OfficerActor
from services.core import clock
from services.core.calendar import SHANGHAI, YEARS, local, local_date
from services.core.errors import DomainError, Invalid, NotFound
from services.core.keyboard import half_width
from services.core.paging import PageRequest
from services.events.queries import events, organising
from services.events.queries.organising import Shelf
from services.events.types import Event, EventId
from services.members.roster.verdicts import plain_union_name
from services.members.types import Standing
from services.merchants import records
from services.notifications.notices.errors import (
    NOTICE_DAYS_WRONG,
    NOTICE_EVENT_UNKNOWN,
    NOTICE_SHOP_UNKNOWN,
    NOTICE_STANDING_UNKNOWN,
    NOTICE_TIME_WRONG,
    NOTICE_UNION_UNKNOWN,
)
from services.notifications.notices.rules import DAYS_MOST, SCHEDULED_MOST
from services.notifications.notices.types import Draft, NoticeView, Readers, SignedUp, UsedShop
from services.unions import queries as unions
from services.unions.types import UnionId

LONGEST = 4000
"""Characters of a field that are read: more than any may have."""
NOBODY = UnionId(uuid.UUID(int=0))


class Form:
    """A form that was sent, or a notice to go on with. `given`: what its fields show; `wrong`: the sentence at each."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.given, self.wrong = given, dict[str, str]()

    def fault(self, error: DomainError) -> None:
        """Keeps the first sentence about a field."""
        facts = {name: fact for name, fact in error.facts.items() if name != "field"}
        where = str(error.facts.get("field", "title"))
        self.wrong.setdefault(where, clerk_words(error.code, facts, language=language()))


def sent() -> Form:
    given: dict[str, Any] = {name: text[:LONGEST] for name, text in request.form.items()}
    given["standing"] = request.form.getlist("standing")[:20]
    return Form(given)


def blank() -> Form:
    own = unions.at(permissions.scopes(Capability.SEND_NOTICES)[0])
    return Form({"union": own.name["zh"], "to": "union", "standing": [], "days": "30", **preset()})


def preset() -> dict[str, str]:
    """From an event's page: ?event=."""
    event = request.args.get("event", "")[:36]
    return {"to": "signed_up", "event": event} if event else {}


def of(notice: NoticeView) -> Form:
    """The fields as they were typed."""
    used, signed_up = notice.readers.used, notice.readers.signed_up
    given = {
        "title": notice.title["zh"], "title_en": notice.title.get("en", ""), "body": notice.body["zh"],
        "body_en": notice.body.get("en", ""), "union": notice.union_name["zh"], "to": "union",
        "standing": list(notice.readers.standings), "bound": "1" if notice.readers.bound else "",
        "sms": "1" if notice.sms else "", "mass": "1" if notice.mass else "",
        "send_at": f"{local(notice.send_at):%Y-%m-%dT%H:%M}" if notice.send_at else "", "days": "30",
    }  # fmt: skip
    if used:
        given |= {"to": "used", "shop": shop_name(notice), "days": str(used.days)}
    if signed_up:
        given |= {"to": "waiting" if signed_up.waiting else "signed_up", "event": str(signed_up.event_id)}
    return Form(given)


def shop_name(notice: NoticeView) -> str:
    """Of the audience's shop; "" for an officer who does not look after it."""
    act, scopes = notice.readers.used, permissions.scopes(Capability.SEND_NOTICES)
    if act is None or act.shop_id not in records.of_federations(scopes):
        return ""
    return records.record(act.shop_id, scopes=scopes, on=local_date(clock.now())).name["zh"]  # type: ignore[arg-type]


def event_title(notice: NoticeView) -> str:
    """Of the audience's event; "" for an officer who does not run it."""
    act = notice.readers.signed_up
    scopes = permissions.caller(OfficerActor).scopes(Capability.MANAGE_EVENTS)
    if act is None or not scopes:
        return ""
    try:
        return events.within(EventId(act.event_id), scopes=scopes).terms.title["zh"]
    except NotFound:
        return ""


def choices(kept: str) -> list[Event]:
    """Events of the officer's that a notice may be about: those coming and running, the latest past, and the `kept`
    one."""
    scopes, now = permissions.caller(OfficerActor).scopes(Capability.MANAGE_EVENTS), clock.now()
    if not scopes:
        return []
    shelves = (Shelf.RUNNING, Shelf.COMING, Shelf.PAST)
    return [
        one
        for shelf in shelves
        for one in organising.page(PageRequest(limit=20), shelf=shelf, scopes=scopes, now=now).items
        if not one.cancelled_at or str(one.id) == kept
    ]


def read(form: Form) -> Draft | None:
    """The draft; None when something cannot be read, with its sentence kept."""
    found: dict[str, Any] = {"union_id": NOBODY}
    for name, parse in (("union_id", _union), ("readers", _readers), ("send_at", _send_at)):
        try:
            found[name] = parse(form.given)
        except Invalid as error:
            form.fault(error)
    for name in ("title", "body"):
        found[name] = {"zh": form.given.get(name, ""), "en": form.given.get(f"{name}_en", "")}
    draft = Draft(sms=bool(form.given.get("sms")), mass=bool(form.given.get("mass")), **found)
    return None if form.wrong else draft


def _union(given: dict[str, Any]) -> UnionId:
    """By its whole name, of the officer's unions; his own where nothing was typed."""
    scopes = permissions.scopes(Capability.SEND_NOTICES)
    typed = plain_union_name(given.get("union", "")[:200])
    if not typed:
        return unions.at(scopes[0]).id
    found = [
        one.id
        for scope in scopes
        for one in unions.subtree(scope=scope)
        if typed in map(plain_union_name, one.name.values())
    ]
    if len(found) != 1:
        raise Invalid(NOTICE_UNION_UNKNOWN, field="union")
    return found[0]


def _readers(given: dict[str, Any]) -> Readers:
    chosen = given.get("standing", [])
    if not set(chosen) <= set(Standing) - {Standing.LEFT}:
        raise Invalid(NOTICE_STANDING_UNKNOWN, field="standing")
    act: UsedShop | SignedUp | None = None
    if given.get("to") == "used":
        act = UsedShop(_shop(given), _days(given))
    elif given.get("to") in ("signed_up", "waiting"):
        act = SignedUp(_event(given), given["to"] == "waiting")
    return Readers(tuple(one for one in Standing if one in chosen), bool(given.get("bound")), act)


def _shop(given: dict[str, Any]) -> uuid.UUID:
    """By its whole name, or by a part that only one shop of the officer's has."""
    scopes, typed = (
        permissions.caller(OfficerActor).scopes(Capability.MANAGE_SHOPS),
        " ".join(given.get("shop", "").split())[:60],
    )
    page = records.page_of_records(
        scopes=scopes, on=local_date(clock.now()), request=PageRequest(limit=20), text=typed
    )  # fmt: skip
    exact = [one for one in page.items if typed in one.name.values()]
    found = exact or page.items
    if not typed or len(found) != 1:
        raise Invalid(NOTICE_SHOP_UNKNOWN, field="shop")
    return found[0].id


def _event(given: dict[str, Any]) -> uuid.UUID:
    try:
        return uuid.UUID(given.get("event", ""))
    except ValueError:
        raise Invalid(NOTICE_EVENT_UNKNOWN, field="event") from None


def _days(given: dict[str, Any]) -> int:
    text = half_width(given.get("days", "")).strip()
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise Invalid(NOTICE_DAYS_WRONG, field="days", most=DAYS_MOST)
    return int(text)


def _send_at(given: dict[str, Any]) -> datetime.datetime | None:
    """A minute in China, as the browser's field gives it or as somebody types it."""
    text = half_width(given.get("send_at", "")).strip().replace("/", "-")
    if not text:
        return None
    try:
        typed = datetime.datetime.fromisoformat(text)
    except ValueError:
        typed = None
    if typed is None or typed.year not in YEARS:
        raise Invalid(NOTICE_TIME_WRONG, field="send_at", most=SCHEDULED_MOST.days)
    return typed.replace(tzinfo=SHANGHAI).astimezone(datetime.UTC) if typed.tzinfo is None else typed
