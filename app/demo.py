"""The demo's personas: whom DEMO=1 lets in without a password. Refused in production by app/settings.py."""

import datetime

from flask import current_app

from services.accounts import queries as accounts
from services.accounts import service
from services.accounts.service import wechat
from services.accounts.types import AccountId, Actor, MemberActor, Persona, SignIn
from services.accounts.wechat import WechatUser
from services.core.calendar import local_date
from services.core.errors import NotFound
from services.merchants import queries as merchants
from services.notifications.local import local_provider
from services.notifications.types import Channel

APPS = (local_provider(Channel.TEMPLATE), local_provider(Channel.MP_SUBSCRIBE))
"""The apps of the local platform."""


def only() -> None:
    """Raises NotFound where there is no demo."""
    if not current_app.config["SETTINGS"].demo:
        raise NotFound("not_found")


def sign_in(persona: Persona, *, now: datetime.datetime) -> SignIn:
    """The persona gets a WeChat of the local platform at once, so that what it is told shows on the demo's phone.

    It counts as a proof that the person is there: a persona has no phone for a code. Raises NotFound(member_unknown)
    while there is no demo data.
    """
    actor = actor_of(persona, now=now)
    give_wechat(actor.account_id, now=now)
    return service.sign_in(actor, now=now, proved=True)


def actor_of(persona: Persona, *, now: datetime.datetime) -> Actor:
    actor = actor_if_any(persona, now=now)
    if actor is None:
        raise NotFound("demo_not_loaded")
    return actor


def actor_if_any(persona: Persona, *, now: datetime.datetime) -> Actor | None:
    """None while there is no demo data."""
    if persona is Persona.CLERK:
        return merchants.first_clerk()
    if persona is Persona.OFFICER:
        return accounts.first_officer(on=local_date(now))
    found = accounts.first_member()
    return MemberActor(*found) if found else None


def give_wechat(account_id: AccountId, *, now: datetime.datetime) -> None:
    """A WeChat of the local platform for this account. A second time changes nothing."""
    for appid in APPS:
        user = WechatUser(appid, openid(appid, account_id), None)
        wechat.give_wechat(account_id=account_id, user=user, now=now)


def openid(appid: str, account_id: AccountId) -> str:
    return f"{appid}-{account_id.hex}"
