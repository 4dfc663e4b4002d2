"""Pure decisions: does the roster prove who somebody is, and who decides where it does not."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.bindings.types import Why
from services.core.budget import DAY, HOUR
from services.members.rules import same_name
from services.members.types import Found, Standing
from services.unions.types import UnionId, UnionPath, UnionView

CONSENT_TEXT, CONSENT_VERSION = "binding", "2026-11"
"""The text of app/pages/member/binding_consent.html; a change of its meaning is a new version."""
DECIDED_IN, NUDGED_ON = 3, 2
"""Working days: until when a request is decided, and on which the officers are reminded."""
FAMILY = 5
"""How many members may share a phone before somebody looks at it."""
MOVE_EVERY = datetime.timedelta(hours=24)
TRIES = ((HOUR, 5), (DAY, 10))
"""Claims of one account, of one phone, and about one document, whoever makes them. What the roster proves at once is no
guess and counts for nothing about the document: whoever knows somebody's number cannot lock him out."""
KEPT_CLOSED = datetime.timedelta(days=180)
"""How long a closed request stays: who decided what, and not what was said."""


@dataclass(frozen=True)
class Held:
    """The account that is bound to the member already."""

    #: the claim would put another WeChat in its place
    would_move: bool
    moved_lately: bool
    has_role: bool
    #: its own phone is the one that the claim comes with
    same_phone: bool


def judge(*, found: Found | None, name: str, phone: str, sharing: int, held: Held | None) -> Why | None:
    """What keeps a claim from being proven by the roster; None when nothing does.

    `phone` was proven just now; `sharing` counts the members who have the roster's phone.
    """
    if found is None or found.standing is Standing.LEFT:
        return Why.NOT_FOUND
    if not same_name(found.name, name):
        return Why.NAME_DIFFERS
    owner_again = held is not None and held.same_phone and not held.would_move
    if owner_again and not (held and held.has_role and sharing > 1):
        return None
    if found.phone != phone:
        return Why.OTHER_PHONE
    if sharing > 1:
        return Why.SHARED_PHONE
    if held and held.has_role:
        return Why.HOLDS_ROLE
    if held and held.moved_lately:
        return Why.MOVED_LATELY
    return None


def is_crowded(*, on_phone: int, is_among_them: bool) -> bool:
    """Would this be more people on one phone than a family has?"""
    return on_phone + (not is_among_them) > FAMILY


def above_roles(upwards: Sequence[UnionView], scopes: Sequence[UnionPath]) -> Sequence[UnionView]:
    """Those on the way up that are above every one of these subtrees; the federation where none is."""
    return [one for one in upwards if all(scope.startswith(one.path + ".") for scope in scopes)] or upwards[-1:]


def tray_of(upwards: Sequence[UnionView], has_officer: Callable[[UnionId], bool]) -> UnionId:
    """The first union on the way up, the own one first, in which somebody would see it; else the federation."""
    return next((union.id for union in upwards if has_officer(union.id)), upwards[-1].id)
