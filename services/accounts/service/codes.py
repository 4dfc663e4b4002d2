"""Codes to a phone: six digits that prove who holds it. Also who signs in by them."""

import datetime
import hmac
import secrets
import uuid
from dataclasses import dataclass, field

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from services.accounts.errors import PHONE_CODE_OVER, PHONE_CODE_TOO_OFTEN, PHONE_CODE_WRONG
from services.accounts.models import Account, PhoneCode, ProvenPhone, WechatIdentity
from services.accounts.service.roles import open_account
from services.accounts.types import AccountId, CodeFor, MemberActor, VisitorActor
from services.core import purging
from services.core.budget import DAY, HOUR, MINUTE, spend
from services.core.crypto import vault
from services.core.db import db
from services.core.errors import LostRace, Refusal, TooOften
from services.core.ids import uuid7
from services.core.signing import signer, token_digest
from services.members import queries as members
from services.members.rules import masked_phone
from services.members.types import MemberId

DIGITS, TRIES = 6, 5
LIFETIME = datetime.timedelta(minutes=5)
RESEND_AFTER = datetime.timedelta(minutes=1)
PER_PHONE = ((MINUTE, 1), (HOUR, 5), (DAY, 10))
"""What one phone may be sent: the bounds that the message providers have too."""
PER_ACCOUNT = ((HOUR, 5), (DAY, 10))
"""What one account may have sent, to whatever phones it names."""
OWN = frozenset({CodeFor.FRESH, CodeFor.OFFICER})
"""Asked for by somebody who is signed in, to the phone on record: strangers who type that phone use up nothing."""
SIGNS_IN_FOR = datetime.timedelta(days=400)
"""A number that nobody proved for so long may be somebody else's by now."""
PROVEN_FOR = datetime.timedelta(minutes=30)
"""How long a proof of a phone holds for binding."""
CODE_FIELD, DIGITS_FIELD, PROVEN_FIELD = "phone_codes.phone", "phone_codes.code", "proven_phones.phone"
PURPOSE = "accounts.phone-code"


@dataclass(frozen=True)
class Asked:
    """What the view does with a new code: `request` stays with the browser, `code` goes to the phone, both once."""

    id: uuid.UUID
    request: str
    code: str
    expires_at: datetime.datetime

    def __repr__(self) -> str:
        return "Asked()"


@dataclass(frozen=True)
class Taken:
    """What the worker brings to a phone."""

    phone: str = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True)
class Pending:
    """A code that is on its way to a phone."""

    masked_phone: str
    again_at: datetime.datetime
    expires_at: datetime.datetime


def ask_code(
    *, phone: str, purpose: CodeFor, per_minute: int, now: datetime.datetime, account_id: AccountId | None = None
) -> Asked:
    """Makes a code for this phone (digits as core.phones gives them); the caller sees that it is sent.

    Nobody is looked up: known and unknown phones are one. At most 1 a minute, 5 an hour, 10 a day a phone, and
    `per_minute` for all phones together, or TooOften(phone_code_too_often); for the account that asks (`account_id`,
    where one names a phone) 5 an hour, 10 a day. Codes of `OWN` have budgets of their own, of the same size.
    """
    phone_index = vault.blind_index(PROVEN_FIELD, phone)
    kind = "codes.own" if purpose in OWN else "codes"
    wait = spend("codes.account", account_id.bytes, limits=PER_ACCOUNT, now=now) if account_id else 0
    wait = wait or spend(f"{kind}.phone", phone_index, limits=PER_PHONE, now=now)
    wait = wait or spend(f"{kind}.all", b"", limits=((MINUTE, per_minute),), now=now)
    if wait:
        raise TooOften(PHONE_CODE_TOO_OFTEN, seconds=wait)
    code_id, request, code = uuid7(), secrets.token_urlsafe(24), f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    expires_at = now + LIFETIME
    db.session.add(
        PhoneCode(
            id=code_id,
            request_digest=token_digest(request),
            purpose=purpose,
            phone=vault.seal(CODE_FIELD, phone),
            code_mac=_mac(request, purpose, code),
            code=vault.seal(DIGITS_FIELD, code),
            attempts=0,
            created_at=now,
            expires_at=expires_at,
        )
    )
    db.session.flush()
    return Asked(code_id, request, code, expires_at)


def take_code(*, code_id: uuid.UUID, now: datetime.datetime) -> Taken | None:
    """The phone and the digits of a code, once: commit, then send them, and never again. None when somebody has taken
    them, or when it is over or used. Two at once wait for each other at the row."""
    row = db.session.execute(
        select(PhoneCode.phone, PhoneCode.code)
        .where(
            PhoneCode.id == code_id, PhoneCode.code.is_not(None), PhoneCode.used_at.is_(None),
            PhoneCode.expires_at > now,
        )
        .with_for_update()
    ).first()  # fmt: skip
    if row is None:
        return None
    db.session.execute(update(PhoneCode).where(PhoneCode.id == code_id).values(code=None))
    return Taken(vault.unseal(CODE_FIELD, row.phone), vault.unseal(DIGITS_FIELD, row.code))


def use_code(*, request: str, code: str, purpose: CodeFor, now: datetime.datetime) -> str | Refusal:
    """The phone that was proven. A code works once, for five minutes, for the browser and purpose that it was made for.

    Every try counts, so a wrong one is a Refusal that is committed: phone_code_wrong with the tries that are left, or
    phone_code_over. Two at once wait for each other at the row.
    """
    tried = db.session.execute(
        update(PhoneCode)
        .where(
            PhoneCode.request_digest == token_digest(request), PhoneCode.purpose == purpose,
            PhoneCode.used_at.is_(None), PhoneCode.expires_at > now, PhoneCode.attempts < TRIES,
        )
        .values(attempts=PhoneCode.attempts + 1)
        .returning(PhoneCode.id, PhoneCode.code_mac, PhoneCode.attempts, PhoneCode.phone)
    ).first()  # fmt: skip
    if tried is None:
        return Refusal(PHONE_CODE_OVER)
    if not hmac.compare_digest(tried.code_mac, _mac(request, purpose, code)):
        left = TRIES - tried.attempts
        return Refusal(PHONE_CODE_WRONG, {"left": left}) if left else Refusal(PHONE_CODE_OVER)
    db.session.execute(update(PhoneCode).where(PhoneCode.id == tried.id).values(used_at=now))
    return vault.unseal(CODE_FIELD, tried.phone)


def pending(*, request: str, purpose: CodeFor, now: datetime.datetime) -> Pending | None:
    """What the page that asks for the digits shows; None when there is no code to wait for."""
    row = db.session.execute(
        select(PhoneCode.phone, PhoneCode.created_at, PhoneCode.expires_at).where(
            PhoneCode.request_digest == token_digest(request), PhoneCode.purpose == purpose,
            PhoneCode.used_at.is_(None), PhoneCode.expires_at > now,
        )
    ).first()  # fmt: skip
    if row is None:
        return None
    return Pending(masked_phone(vault.unseal(CODE_FIELD, row.phone)), row.created_at + RESEND_AFTER, row.expires_at)


def prove_phone(*, account_id: AccountId, phone: str, now: datetime.datetime) -> None:
    """This account's person holds that phone now; a former proof is replaced."""
    values = {
        "account_id": account_id,
        "phone": vault.seal(PROVEN_FIELD, phone),
        "phone_index": vault.blind_index(PROVEN_FIELD, phone),
        "proven_at": now,
    }
    statement = insert(ProvenPhone).values(values)
    db.session.execute(statement.on_conflict_do_update(index_elements=[ProvenPhone.account_id], set_=values))


def proven_phone(account_id: AccountId, *, since: datetime.datetime | None = None) -> str | None:
    """The phone that this account proved, in clear; None without one, or when it was proven before `since`."""
    row = db.session.execute(
        select(ProvenPhone.phone, ProvenPhone.proven_at).where(ProvenPhone.account_id == account_id)
    ).first()
    if row is None or (since and row.proven_at < since):
        return None
    return vault.unseal(PROVEN_FIELD, row.phone)


def forget_phone(account_id: AccountId) -> None:
    """Signing in by phone ends for this account until it proves one again."""
    db.session.execute(delete(ProvenPhone).where(ProvenPhone.account_id == account_id))


def own_phone(account_id: AccountId, *, now: datetime.datetime) -> str | None:
    """The phone by which this account is known as a person's: proven within `SIGNS_IN_FOR` and, for a member, not
    another one than the roster's. A number that somebody gave up is not his any more, whatever he once proved."""
    phone = proven_phone(account_id, since=now - SIGNS_IN_FOR)
    recorded = _recorded(account_id)
    return phone if recorded in (None, phone) else None


def on_record(actor: MemberActor | VisitorActor, *, phone: str) -> bool:
    """Is it the number that the roster has of this member? Only then its proof is a proof of the person."""
    return isinstance(actor, MemberActor) and members.phone_number(actor.member_id) == phone


def by_phone(*, phone: str, now: datetime.datetime) -> MemberActor | VisitorActor:
    """Who signs in with a phone that was just proven: the one member whose `own_phone` it is, else a visitor.

    Where several people share the phone, here or in the roster, none of them can be told apart by it: a visitor.
    Locks the member's account until the session is there: an unbinding that comes meanwhile finds it, and ends it.
    """
    of = ProvenPhone.phone_index == vault.blind_index(PROVEN_FIELD, phone)
    rows = db.session.execute(
        select(Account.id, Account.member_id, WechatIdentity.id.label("wechat"))
        .join(ProvenPhone, ProvenPhone.account_id == Account.id)
        .outerjoin(WechatIdentity, WechatIdentity.account_id == Account.id)
        .where(of, ProvenPhone.proven_at >= now - SIGNS_IN_FOR)
        .order_by(Account.id)
    ).all()
    bound = {row.id: row.member_id for row in rows if row.member_id and _recorded(row.id) in (None, phone)}
    if len(bound) == 1 and members.sharing_phone(phone) <= 1:
        account_id, member_id = bound.popitem()
        held = select(Account.member_id).where(Account.id == account_id).with_for_update(read=True)
        if db.session.scalar(held) != member_id:
            raise LostRace
        prove_phone(account_id=account_id, phone=phone, now=now)
        return MemberActor(account_id, MemberId(member_id))
    waiting = [row.id for row in rows if not row.member_id and not row.wechat]
    account_id = AccountId(waiting[-1]) if len(waiting) == 1 else open_account(display_name="", now=now)
    prove_phone(account_id=account_id, phone=phone, now=now)
    return VisitorActor(account_id)


def purge_codes(now: datetime.datetime) -> int:
    """Forgets a batch of codes an hour after their end. Run it until it returns 0."""
    return purging.forget(PhoneCode.expires_at, before=now - datetime.timedelta(hours=1))


def _recorded(account_id: AccountId) -> str | None:
    """What the roster has of the member behind this account."""
    member_id = db.session.scalar(select(Account.member_id).where(Account.id == account_id))
    return members.phone_number(MemberId(member_id)) if member_id else None


def _mac(request: str, purpose: CodeFor, code: str) -> bytes:
    return signer.mac(PURPOSE, f"{purpose}\0{request}\0{code}".encode())
