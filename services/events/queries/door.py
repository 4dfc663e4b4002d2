"""Who is expected at the door, who has come. Names in clear are for the organiser's list only."""

import datetime
import json
import uuid
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from services.accounts import queries as accounts
from services.accounts.types import AccountId
from services.core.crypto import vault
from services.core.db import Rows, db
from services.core.errors import NotFound, Refusal
from services.events import door_codes, door_rules, errors
from services.events.models import Event as EventRow
from services.events.models import Signup, SignupPerson
from services.events.queries import events
from services.events.types import Event, EventId, How, Presence, Role, SignupId, State
from services.events.types.door import Attendance, DoorPerson, DoorSerial
from services.members import queries as members
from services.members.rules import masked_name, tidy_name
from services.members.types import MemberId
from services.unions import queries as unions
from services.unions.types import UnionPath

FOUND_MOST = 30
ORDER = "GB18030"
"""Common Chinese characters stand by their sound in this encoding, so this is nearly the order of pinyin."""
SHOWN_MOST = 5000
"""People on one list: the largest hall of the district."""
NEAR = datetime.timedelta(days=1)
_OFFICER = "officer:"

_member = members.holders().subquery("door_member")
_captain = members.holders().subquery("door_captain")


def serial(event_id: EventId) -> DoorSerial:
    """Of the venue's code."""
    return DoorSerial(db.session.scalars(select(EventRow.door_serial).where(EventRow.id == event_id)).one())


def by_serial(code: DoorSerial) -> Event | None:
    """The published event whose venue's code this is."""
    found = db.session.scalar(
        select(EventRow.id).where(EventRow.door_serial == code, EventRow.published_at.is_not(None))
    )
    return events.event(found) if found else None


def at_venue(text: str, now: datetime.datetime) -> Event | Refusal:
    """Where somebody stands who has just read this code."""
    code = door_codes.read_venue_code(text, now=now)
    if isinstance(code, Refusal):
        return code
    return by_serial(code) or Refusal(errors.DOOR_CODE_UNKNOWN)


def settled(event_id: EventId, *, hold: bool = False) -> bool:
    """Are misses written? `hold`: and nobody writes them until the transaction ends."""
    query = select(EventRow.settled_at).where(EventRow.id == event_id)
    return db.session.scalars(query.with_for_update(read=True) if hold else query).one() is not None


def of_member(event_id: EventId, member_id: MemberId) -> list[DoorPerson]:
    """The member in each of her entries: those with a place first, then the newest. None after she turned one down."""
    rows = _rows(_people().where(SignupPerson.event_id == event_id, SignupPerson.member_id == member_id))
    found = _persons(rows)
    return sorted(found, key=lambda one: (not one.joined or one.state not in door_rules.PLACED, -one.signup_id.int))


def of_entry(event_id: EventId, signup_id: SignupId) -> list[DoorPerson]:
    """Everybody of one entry, the captain first. Raises NotFound(signup_unknown)."""
    found = of_entries(event_id, [signup_id])
    if not found:
        raise NotFound(errors.SIGNUP_UNKNOWN)
    return found


def of_entries(event_id: EventId, signup_ids: Collection[SignupId]) -> list[DoorPerson]:
    condition = (SignupPerson.event_id == event_id) & SignupPerson.signup_id.in_(signup_ids)
    return sorted(_persons(_rows(_people().where(condition))), key=lambda one: (one.signup_id, one.ordinal))


def sought(event_id: EventId, words: str) -> list[DoorPerson]:
    """Whole entries that have a place and hold a member of this name, or have this number: the first of them."""
    name = tidy_name(words).replace(" ", "").lower()
    number = words.strip().upper().replace("-", "")
    if not name:
        return []
    at = func.strpos(func.replace(func.lower(_member.c.member_name), " ", ""), name)
    fits = or_(at > 0, Signup.number == number)
    ids = (
        select(Signup.id)
        .join(SignupPerson, SignupPerson.signup_id == Signup.id)
        .outerjoin(_member, _member.c.member_id == SignupPerson.member_id)
        .where(Signup.event_id == event_id, Signup.state.in_(door_rules.PLACED), fits)
        .distinct()
        .limit(FOUND_MOST)
    )
    return of_entries(event_id, [SignupId(one) for one in db.session.scalars(ids)])


def expected(
    event_id: EventId,
    *,
    category: int | None = None,
    slot: int | None = None,
    come: bool | None = None,
    first: int = 0,
    most: int = SHOWN_MOST,
) -> list[DoorPerson]:
    """Everybody with a place, in the order of a telephone book; those of one category, slot, in or not in. A part of
    them: from `first` on, `most` at most."""
    query = _narrowed(_people(), event_id, category, slot, come)
    query = query.outerjoin(_captain, _captain.c.member_id == Signup.captain_id).order_by(
        func.convert_to(_captain.c.member_name, ORDER), SignupPerson.signup_id, SignupPerson.ordinal
    )
    return _persons(_rows(query.offset(first).limit(most)))


def count(event_id: EventId, *, category: int | None = None, slot: int | None = None, come: bool | None = None) -> int:
    """How many `expected` has in all."""
    people = select(func.count()).select_from(SignupPerson).join(Signup, Signup.id == SignupPerson.signup_id)
    return db.session.scalar(_narrowed(people, event_id, category, slot, come)) or 0


def _narrowed(query: Any, event_id: EventId, category: int | None, slot: int | None, come: bool | None) -> Any:
    query = query.where(SignupPerson.event_id == event_id, *_has_place())
    if category is not None:
        query = query.where(Signup.category == category)
    if slot is not None:
        query = query.where(Signup.slot == slot)
    if come is not None:
        query = query.where(SignupPerson.checked_in_at.is_not(None) if come else SignupPerson.checked_in_at.is_(None))
    return query


def attendance(event_id: EventId) -> list[Attendance]:
    """How many of how many, by category and slot. One statement."""
    query = (
        select(Signup.category, Signup.slot, func.count(), func.count(SignupPerson.checked_in_at))
        .join(SignupPerson, SignupPerson.signup_id == Signup.id)
        .where(Signup.event_id == event_id, *_has_place())
        .group_by(Signup.category, Signup.slot)
        .order_by(Signup.slot, Signup.category)
    )
    return [Attendance(*row) for row in db.session.execute(query)]


def _has_place() -> tuple[ColumnElement[bool], ...]:
    return Signup.state.in_(door_rules.PLACED), SignupPerson.presence == Presence.IN


def _people() -> Rows:
    return (
        select(
            SignupPerson.signup_id, SignupPerson.ordinal, Signup.number, Signup.state, Signup.category, Signup.slot,
            SignupPerson.role, SignupPerson.member_id, SignupPerson.said, SignupPerson.presence,
            SignupPerson.checked_in_at, SignupPerson.checked_in_by, SignupPerson.checked_in_how, SignupPerson.ticked_at,
            _member.c.member_name, _member.c.union_name,
        )
        .join(Signup, Signup.id == SignupPerson.signup_id)
        .outerjoin(_member, _member.c.member_id == SignupPerson.member_id)
        .where(SignupPerson.presence != Presence.DECLINED)
    )  # fmt: skip


def _rows(query: Rows) -> list[Any]:
    return list(db.session.execute(query))


def _persons(rows: Iterable[Any]) -> list[DoorPerson]:
    rows = list(rows)
    labels = {row.checked_in_by for row in rows if (row.checked_in_by or "").startswith(_OFFICER)}
    ids = {label: AccountId(uuid.UUID(label.removeprefix(_OFFICER))) for label in labels}
    names = accounts.display_names(ids.values()) if ids else {}
    return [_person(row, {label: masked_name(names.get(str(one), "")) for label, one in ids.items()}) for row in rows]


def _person(row: Any, officers: dict[str, str]) -> DoorPerson:
    return DoorPerson(
        signup_id=SignupId(row.signup_id),
        ordinal=row.ordinal,
        number=row.number,
        state=State(row.state),
        category=row.category,
        slot=row.slot,
        role=Role(row.role),
        captain=row.ordinal == 0,
        joined=row.presence == Presence.IN,
        name=row.member_name or _said(row.said),
        member_id=MemberId(row.member_id) if row.member_id else None,
        union_name=row.union_name,
        in_at=row.checked_in_at,
        in_by=officers.get(row.checked_in_by),
        how=How(row.checked_in_how) if row.checked_in_how else None,
        ticked_at=row.ticked_at,
    )


def _said(sealed: bytes | None) -> str:
    return str(json.loads(vault.unseal("signup_people.said", sealed))["name"]) if sealed else ""


def near(*, scopes: Sequence[UnionPath], now: datetime.datetime) -> list[Event]:
    """Published events of these subtrees whose door is open, opens within a day or closed less than a day ago."""
    query = events.events()
    within = unions.in_scopes(query.selected_columns.union_path, scopes)
    query = query.where(
        within, EventRow.published_at.is_not(None), EventRow.cancelled_at.is_(None),
        EventRow.starts_at < now + NEAR, EventRow.ends_at > now - NEAR,
    )  # fmt: skip
    return events.some(query.order_by(EventRow.starts_at, EventRow.id))
