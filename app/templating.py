"""What templates need: money, days, texts of officers, addresses of static files, the choices of the reader."""

import datetime
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, url_for
from markupsafe import Markup

from app import links, wording
from app.language import language, text
from app.pages.ready_answers import answer_words
from app.settings import Settings
from services.accounts.service.sessions import PERSONAS
from services.accounts.types import ClerkActor, MemberActor
from services.core.calendar import local, local_date
from services.core.ids import random_base32
from services.core.money import yuan
from services.notifications import queries as notifications
from services.notifications.templates import Words, words
from services.notifications.types import InboxItem, Recipient, RecipientKind

THEMES, SIZES = ("auto", "light", "dark"), ("normal", "large")


def register(app: Flask) -> None:
    app.jinja_env.filters.update(
        yuan=yuan,
        text=text,
        marked=_marked,
        clock=_clock,
        day=_day,
        moment=_moment,
        fours=_fours,
        china_day=local_date,
        answer_words=answer_words,
    )
    app.jinja_env.globals.update(
        clerk_words=_clerk_words,
        member_words=_member_words,
        notice_words=_notice_words,
        notice_opens=links.opens,
        said_of=_said_of,
        unread_count=_unread_count,
        fresh_key=lambda: random_base32(26),
        asset=_asset,
    )
    app.context_processor(_reader)


def _reader() -> dict[str, Any]:
    theme, size = request.cookies.get("theme"), request.cookies.get("text")
    return {
        "theme": theme if theme in THEMES else "auto",
        "text_size": size if size in SIZES else "normal",
        "language": language(),
        "demo": current_app.config["SETTINGS"].demo,
        "filings": _filings(),
        "persona": PERSONAS.get(type(g.get("actor"))),
    }


def _filings() -> list[tuple[str, str]]:
    """Numbers of the filings with the address where each can be looked up."""
    settings: Settings = current_app.config["SETTINGS"]
    registers = ("https://beian.miit.gov.cn/", "https://beian.mps.gov.cn/")
    numbers = (settings.icp_number, settings.police_number)
    return [(number, register) for number, register in zip(numbers, registers, strict=True) if number]


def _asset(name: str) -> str:
    """Its address with a digest of its content, so that a browser may keep it and still never shows an old one."""
    return _asset_below(request.script_root, name)


@lru_cache(maxsize=128)
def _asset_below(_root: str, name: str) -> str:
    """Kept: a page asks for its icons some fifty times, and building an address costs more than the rest of one."""
    return url_for("static", filename=name, v=_digest(Path(str(current_app.static_folder)) / name))


@lru_cache(maxsize=64)
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]


def _marked(value: Mapping[str, str] | None) -> str:
    """An officer's text for a place where markup can stand: to an English reader, one without English says so."""
    plain = text(value)
    if language() == "zh" or not value or value.get("en"):
        return plain
    return Markup('<span lang="zh-Hans">{}<i class="zh" aria-hidden="true">中文</i></span>').format(plain)


def _clerk_words(refusal: Any) -> str:
    return wording.clerk_words(refusal.code, refusal.facts, language=language())


def _member_words(refusal: Any) -> str:
    return wording.member_words(refusal.code, refusal.facts, language=language())


def _unread_count() -> int:
    """Messages that the member or the shop has not read: the number at the foot. One statement, once a page."""
    if "unread_count" not in g:
        actor, mine = g.get("actor"), None
        if isinstance(actor, MemberActor):
            mine = Recipient(RecipientKind.MEMBER, actor.member_id)
        elif isinstance(actor, ClerkActor):
            mine = Recipient(RecipientKind.BRANCH, actor.branch_id)
        g.unread_count = notifications.unread(mine) if mine else 0
    return int(g.unread_count)


def _said_of(code: str) -> str:
    """A code that needs no facts, in words for the member."""
    return wording.member_words(code, {}, language=language())


def _notice_words(item: InboxItem) -> Words:
    return words(item.template, item.facts, language=language(), version=item.version)


def _clock(instant: datetime.datetime) -> str:
    return f"{local(instant):%H:%M:%S}"


def _day(value: datetime.date | datetime.datetime) -> str:
    return wording.day(local(value).date() if isinstance(value, datetime.datetime) else value, language())


def _moment(instant: datetime.datetime) -> str:
    """Day and minute: "11 月 22 日 12:26"."""
    at = local(instant)
    return f"{at.month} 月 {at.day} 日 {at:%H:%M}" if language() == "zh" else f"{at.day} {at:%b %H:%M}"


def _fours(digits: str) -> str:
    """ "4827 1936" for "48271936"."""
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))
