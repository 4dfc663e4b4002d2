"""An event whose door opens, entries to it, and what a scan says."""

import datetime

from services.accounts.types import MemberActor
from services.core import clock
from services.core.errors import Refusal
from services.events.service import door, signing_up
from services.events.types import Entry, EventId, SignupId
from tests.builders.events import HOUR, Gathering

MINUTE = datetime.timedelta(minutes=1)


def soon(**terms: object) -> dict[str, object]:
    """An event that begins in half an hour; sign-up is open until it ends."""
    starts_at = clock.now() + 30 * MINUTE
    return {"starts_at": starts_at, "closes_at": starts_at + 2 * HOUR, "cancel_until": starts_at, **terms}


def sign_up(gathering: Gathering, event_id: EventId, member: MemberActor, **entry: object) -> SignupId:
    made = gathering.world.do(
        lambda: signing_up.sign_up(actor=member, event_id=event_id, entry=Entry(**entry), now=clock.now())  # type: ignore[arg-type]
    )
    assert not isinstance(made, Refusal), made
    return made


def scan(gathering: Gathering, event_id: EventId, text: str, now: datetime.datetime | None = None) -> object:
    officer = gathering.officer
    return gathering.world.do(lambda: door.scan(actor=officer, event_id=event_id, text=text, now=now or clock.now()))


def code(result: object) -> str:
    assert isinstance(result, Refusal), result
    return result.code
