"""A computer is signed in by a phone that scans its page (扫码登录)."""

import datetime
import secrets

from sqlalchemy import select, update

from services.accounts import queries
from services.accounts.errors import DESK_CODE_OVER
from services.accounts.models import DeskSignIn
from services.accounts.types import Actor, ClerkActor, OfficerActor
from services.core import purging
from services.core.db import db
from services.core.errors import Conflict
from services.core.ids import random_base32
from services.core.signing import token_digest

LASTS = datetime.timedelta(minutes=2)


def open_desk(*, device: str, now: datetime.datetime) -> tuple[str, str]:
    """A sign-in page begins to wait: (what its QR code carries, what only its browser holds). Good for two minutes."""
    code, browser = random_base32(26), secrets.token_urlsafe(24)
    db.session.add(
        DeskSignIn(
            code_digest=token_digest(code), browser_digest=token_digest(browser), device=device[:60], created_at=now,
            expires_at=now + LASTS,
        )
    )  # fmt: skip
    db.session.flush()
    return code, browser


def confirm_desk(*, code: str, token: str, now: datetime.datetime) -> None:
    """The person at the phone's session `token` lets the computer in as himself. Once.

    Raises Conflict(desk_code_over). The caller has made sure that it is an officer's or a clerk's session.
    """
    confirmed = db.session.execute(
        update(DeskSignIn)
        .where(
            DeskSignIn.code_digest == token_digest(code), DeskSignIn.confirmed_by.is_(None),
            DeskSignIn.expires_at > now,
        )
        .values(confirmed_by=token_digest(token))
        .returning(DeskSignIn.code_digest)
    ).first()  # fmt: skip
    if confirmed is None:
        raise Conflict(DESK_CODE_OVER)


def claim_desk(*, browser: str, now: datetime.datetime) -> Actor | None:
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
    return found.actor


def waiting_desk(code: str, *, now: datetime.datetime) -> str | None:
    """What kind of computer waits behind this code: shown before somebody says yes. None when it is over."""
    query = select(DeskSignIn.device).where(DeskSignIn.code_digest == token_digest(code))
    return db.session.scalar(query.where(DeskSignIn.expires_at > now, DeskSignIn.confirmed_by.is_(None)))


def purge_desks(now: datetime.datetime) -> int:
    """Forgets a batch of pages that waited long enough."""
    return purging.forget(DeskSignIn.expires_at, before=now)
