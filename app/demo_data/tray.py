"""Requests to bind that lie in the demo's tray: an old phone, a name written otherwise, somebody the roster lacks."""

import datetime

from app.demo_data.people import Person, document_of
from services.accounts import service as accounts
from services.accounts.service import codes
from services.accounts.types import Via, VisitorActor
from services.bindings import rules, service
from services.bindings.types import Claim
from services.members.documents import Document
from services.unions.types import UnionView

NEW_PHONE, HERS, STRANGER = 3, 4, 90_000


def file_requests(everybody: list[Person], union: UnionView, *, now: datetime.datetime) -> None:
    """Three workers tried to bind, two days, a day and an hour ago."""
    day = datetime.timedelta(days=1)
    _file(everybody[NEW_PHONE].name, document_of(NEW_PHONE), "10098760001", union, now - 2 * day)
    _file(
        everybody[HERS].name[:1] + "小" + everybody[HERS].name[-1:], document_of(HERS), "10098760002", union, now - day
    )
    _file("马腾飞", document_of(STRANGER), "10098760003", union, now - datetime.timedelta(hours=1))


def _file(name: str, document: Document, phone: str, union: UnionView, at: datetime.datetime) -> None:
    visitor = VisitorActor(accounts.open_account(display_name="", now=at))
    codes.prove_phone(account_id=visitor.account_id, phone=phone, now=at)
    said = Claim(name, document, union.id, rules.CONSENT_VERSION, Via.PHONE)
    service.claim(actor=visitor, said=said, now=at)
