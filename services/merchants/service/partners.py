"""A shop becomes a partner, its facts change, its agreement is renewed."""

import datetime

from sqlalchemy import exists, select, update

from services.core import audit
from services.core.calendar import local_date
from services.core.db import db
from services.core.errors import Conflict, Invalid, NotFound
from services.core.ids import uuid7
from services.merchants.errors import AGREEMENT_UNKNOWN, PAPER_KEPT, TRADE_UNKNOWN
from services.merchants.models import Agreement, Merchant, Trade
from services.merchants.rules import check_agreement, renewed
from services.merchants.service.locking import assign, locked
from services.merchants.types import AgreementId, MerchantId, TradeCode
from services.unions.types import UnionId


def sign(
    *,
    union_id: UnionId,
    name: dict[str, str],
    trade: TradeCode,
    agreement_from: datetime.date,
    agreement_until: datetime.date,
    signed_by: str,
    actor: str,
    now: datetime.datetime,
    signed_on: datetime.date | None = None,
    about: dict[str, str] | None = None,
    paper_key: str | None = None,
) -> MerchantId:
    """A new partner of a federation under its first agreement; it opens no branch yet. Audited as merchant.signed.

    Days in China, both included; `signed_on` is today unless given. Raises Invalid(trade_unknown, agreement_dates,
    agreement_too_long, signed_later). Not idempotent: the door keeps a key.
    """
    signed_on = signed_on or local_date(now)
    check_agreement(agreement_from, agreement_until, signed_on=signed_on, today=local_date(now))
    _check_trade(trade)
    merchant = Merchant(
        id=uuid7(), union_id=union_id, name=name, trade=trade, about=about, agreement_from=agreement_from,
        agreement_until=agreement_until,
    )  # fmt: skip
    db.session.add(merchant)
    db.session.flush()
    _record(merchant, agreement_from, agreement_until, signed_on, signed_by, paper_key, actor, now)
    audit.record("merchant.signed", actor=actor, subject_id=merchant.id, now=now)
    return MerchantId(merchant.id)


def change(
    *,
    merchant_id: MerchantId,
    name: dict[str, str],
    trade: TradeCode,
    about: dict[str, str] | None,
    actor: str,
    now: datetime.datetime,
) -> None:
    """Sets name, trade and what the shop is, as a whole; the same changes nothing. Locks the shop.

    Audited as merchant.changed, by field. Raises NotFound(merchant_unknown), Invalid(trade_unknown).
    """
    merchant = locked(merchant_id)
    _check_trade(trade)
    if changed := assign(merchant, {"name": name, "trade": trade, "about": about}):
        audit.record("merchant.changed", actor=actor, subject_id=merchant.id, now=now, detail={"changed": changed})


def hang(
    *,
    merchant_id: MerchantId,
    plaque_number: str | None,
    plaque_hung_on: datetime.date | None,
    door_sign_on: datetime.date | None,
    actor: str,
    now: datetime.datetime,
) -> None:
    """Sets the plaque's number and day, and the day on which the door sign was handed over, as a whole.

    The same changes nothing. Locks the shop. Audited as merchant.hung. Raises NotFound(merchant_unknown),
    Conflict(plaque_taken) for a number that another shop has.
    """
    merchant = locked(merchant_id)
    values = {"plaque_number": plaque_number, "plaque_hung_on": plaque_hung_on, "door_sign_on": door_sign_on}
    if changed := assign(merchant, values):
        audit.record("merchant.hung", actor=actor, subject_id=merchant.id, now=now, detail={"changed": changed})


def renew(
    *,
    merchant_id: MerchantId,
    starts_on: datetime.date,
    ends_on: datetime.date,
    signed_by: str,
    actor: str,
    now: datetime.datetime,
    signed_on: datetime.date | None = None,
    paper_key: str | None = None,
) -> AgreementId:
    """Another agreement of a partner; the days with cards follow. Twice the same dates is once: the first one's id.

    It begins at the latest on the day after the running one ends, and extends it; once that has ended it may begin
    anew on any later day. A partnership that was ended begins again. A suspension stays. Locks the shop. Audited as
    agreement.signed. Raises NotFound(merchant_unknown), Invalid(agreement_gap, agreement_no_longer, agreement_dates,
    agreement_too_long, signed_later).
    """
    merchant, today = locked(merchant_id), local_date(now)
    same = select(Agreement.id).where(
        Agreement.merchant_id == merchant_id, Agreement.starts_on == starts_on, Agreement.ends_on == ends_on
    )
    holds = merchant.ended_at is None and merchant.agreement_until >= ends_on
    if holds and (known := db.session.scalars(same).first()):
        return AgreementId(known)
    signed_on = signed_on or today
    check_agreement(starts_on, ends_on, signed_on=signed_on, today=today)
    runs = (merchant.agreement_from, merchant.agreement_until)
    merchant.agreement_from, merchant.agreement_until = renewed(runs, (starts_on, ends_on), today=today)
    merchant.ended_at = merchant.ended_reason = None
    agreement_id = _record(merchant, starts_on, ends_on, signed_on, signed_by, paper_key, actor, now)
    detail = {"agreement": str(agreement_id), "until": ends_on.isoformat()}
    audit.record("agreement.signed", actor=actor, subject_id=merchant.id, now=now, detail=detail)
    return agreement_id


def attach_paper(
    *, agreement_id: AgreementId, merchant_id: MerchantId, paper_key: str, actor: str, now: datetime.datetime
) -> None:
    """Keeps the signed paper of an agreement that was recorded without one. Audited as agreement.paper_kept.

    Raises NotFound(agreement_unknown), also for another shop's; Conflict(paper_kept) where there is one, also for the
    slower of two.
    """
    of = (Agreement.id == agreement_id) & (Agreement.merchant_id == merchant_id)
    kept = update(Agreement).where(of, Agreement.paper_key.is_(None)).values(paper_key=paper_key)
    if db.session.execute(kept.returning(Agreement.id)).first() is None:
        known = db.session.scalar(select(exists().where(of)))
        raise Conflict(PAPER_KEPT) if known else NotFound(AGREEMENT_UNKNOWN)
    detail = {"agreement": str(agreement_id)}
    audit.record("agreement.paper_kept", actor=actor, subject_id=merchant_id, now=now, detail=detail)


def _record(
    merchant: Merchant, starts_on: datetime.date, ends_on: datetime.date, signed_on: datetime.date, signed_by: str,
    paper_key: str | None, actor: str, now: datetime.datetime,
) -> AgreementId:  # fmt: skip
    agreement = Agreement(
        id=uuid7(), merchant_id=merchant.id, starts_on=starts_on, ends_on=ends_on, signed_on=signed_on,
        signed_by=signed_by, paper_key=paper_key, recorded_by=actor, recorded_at=now,
    )  # fmt: skip
    db.session.add(agreement)
    db.session.flush()
    return AgreementId(agreement.id)


def _check_trade(trade: TradeCode) -> None:
    if not db.session.scalar(select(exists().where(Trade.code == trade))):
        raise Invalid(TRADE_UNKNOWN, field="trade")
