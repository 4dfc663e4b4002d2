"""A computer is signed in by a phone that scans its page (扫码登录)."""

import datetime
import secrets
from dataclasses import dataclass

from sqlalchemy import select, update

from services.accounts import queries
from services.accounts.errors import DESK_CODE_OVER, DESK_DIGITS_WRONG, DESK_NOT_BY_DESK
from services.accounts.models import DeskSignIn, Session
from services.accounts.types import Actor, ClerkActor, OfficerActor, Via
from services.core import audit, purging
from services.core.db import db
from services.core.errors import Conflict, Refusal
from services.core.ids import random_base32, uuid7
from services.core.signing import token_digest

LASTS = datetime.timedelta(minutes=2)


@dataclass(frozen=True)
class Opened:
    """A sign-in page that waits: what its QR code carries, what only its browser holds, what its screen shows."""

    code: str
    browser: str
    digits: str


@dataclass(frozen=True)
class Claimed:
    """Whom a computer is signed in as, and until when: not longer than the phone that let it in."""

    actor: Actor
    until: datetime.datetime


def open_desk(*, device: str, now: datetime.datetime) -> Opened:
    """A sign-in page begins to wait, for two minutes."""
    opened = Opened(random_base32(26), secrets.token_urlsafe(24), f"{secrets.randbelow(100):02}")
    db.session.add(
        DeskSignIn(
            code_digest=token_digest(opened.code), browser_digest=token_digest(opened.browser), digits=opened.digits,
            device=device[:60], created_at=now, expires_at=now + LASTS,
        )
    )  # fmt: skip
    db.session.flush()
    return opened


def confirm_desk(*, code: str, digits: str, token: str, actor: str, now: datetime.datetime) -> Refusal | None:
    """The person at the phone's session `token` lets in the computer on whose screen he reads `digits`. Audited.

    The digits show that he stands before it: a code that somebody sends along lets nobody in. One wrong pair ends the
    code; that is a Refusal(desk_digits_wrong) to be committed. Raises Conflict(desk_code_over), and
    Conflict(desk_not_by_desk) for a session that a phone gave: none lives longer than the phone's own. The caller has
    made sure that it is an officer's or a clerk's session.
    """
    via = db.session.scalar(select(Session.via).where(Session.digest == token_digest(token)))
    if via == Via.DESK:
        raise Conflict(DESK_NOT_BY_DESK)
    waiting = (
        DeskSignIn.code_digest == token_digest(code), DeskSignIn.confirmed_by.is_(None), DeskSignIn.expires_at > now
    )  # fmt: skip
    right = update(DeskSignIn).where(*waiting, DeskSignIn.digits == digits).values(confirmed_by=token_digest(token))
    if db.session.execute(right.returning(DeskSignIn.code_digest)).first():
        audit.record("desk.confirmed", actor=actor, subject_id=uuid7(), now=now)
        return None
    over = update(DeskSignIn).where(*waiting).values(expires_at=now).returning(DeskSignIn.code_digest)
    if db.session.execute(over).first() is None:
        raise Conflict(DESK_CODE_OVER)
    return Refusal(DESK_DIGITS_WRONG)


def claim_desk(*, browser: str, now: datetime.datetime) -> Claimed | None:
    """Whom the computer is signed in as; None while nobody has said yes. Works once.

    Raises Conflict(desk_code_over) when the code has run out or the computer has been signed in already.
    """
    waiting = (
        DeskSignIn.browser_digest == token_digest(browser), DeskSignIn.used_at.is_(None), DeskSignIn.expires_at > now
    )  # fmt: skip
    row = db.session.execute(select(DeskSignIn.confirmed_by).where(*waiting)).first()
    if row is None:
        raise Conflict(DESK_CODE_OVER)
    if row.confirmed_by is None:
        return None
    used = db.session.execute(
        update(DeskSignIn).where(*waiting).values(used_at=now).returning(DeskSignIn.code_digest)
    ).first()
    found = queries.caller_by_digest(row.confirmed_by, now=now) if used else None
    if found is None or not isinstance(found.actor, OfficerActor | ClerkActor):
        raise Conflict(DESK_CODE_OVER)
    return Claimed(found.actor, found.until)


def waiting_desk(code: str, *, now: datetime.datetime) -> str | None:
    """What kind of computer waits behind this code: shown before somebody says yes. None when it is over."""
    query = select(DeskSignIn.device).where(DeskSignIn.code_digest == token_digest(code))
    return db.session.scalar(query.where(DeskSignIn.expires_at > now, DeskSignIn.confirmed_by.is_(None)))


def purge_desks(now: datetime.datetime) -> int:
    """Forgets a batch of pages that waited long enough."""
    return purging.forget(DeskSignIn.expires_at, before=now)
