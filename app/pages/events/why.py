"""Why not me, and who can mend it."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from services.core.errors import Refusal
from services.events import errors
from services.events.types import Event
from services.members import queries as members
from services.members.types import MemberId

RECORD = frozenset(
    {errors.SEX_UNKNOWN, errors.BIRTH_UNKNOWN, errors.TOO_YOUNG, errors.TOO_OLD, errors.EVENT_NOT_FOR_SEX}
)
"""Hang on what the roster says of the member: a wrong entry there can be put right."""
UNION = frozenset({errors.EVENT_NOT_FOR_UNION, errors.EVENT_NOT_FOR_TRADE, errors.EVENT_NOT_FOR_STANDING})


@dataclass(frozen=True)
class Mend:
    words: str
    url: str


def mend(refusal: Refusal, event: Event, member_id: MemberId | None) -> Mend | None:
    """The page to go to with this refusal; None where time alone, or nothing, mends it."""
    if refusal.code in RECORD:
        return Mend(_("登记有误？申请更正"), url_for("rights.correction"))
    if refusal.code in UNION and member_id:
        union_id = members.profile(member_id).union_id
        return Mend(_("联系我的工会"), url_for("directory.union", union_id=union_id))
    if refusal.code == errors.SIGN_UP_PAUSED:
        return Mend(_("看我的爽约记录"), url_for("event_entries.mine") + "#misses")
    if refusal.code == errors.LEVEL_MISSING:
        return Mend(_("找前一级的班"), url_for("events.all_events", kind=event.terms.kind, q=event.terms.series))
    return None
