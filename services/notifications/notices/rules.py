"""Pure decisions about notices: what may be written, who may release, what a lock screen must not show."""

import datetime
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from services.core.errors import Invalid
from services.core.keyboard import one_line
from services.notifications.notices import errors
from services.notifications.notices.types import Draft, Readers

TITLE_MOST, BODY_MOST = 40, 600
TEXTED_MOST = 35
"""The title is a variable of the SMS: providers take no longer one, and none with a link or a number to call."""
DAYS_MOST = 180
"""Of an audience that used a shop."""
SCHEDULED_MOST = datetime.timedelta(days=60)
OWN_DAY = datetime.timedelta(days=1)
TYPING = datetime.timedelta(minutes=30)
"""A time that passed while the form was open means now."""
MASS_A_MONTH = 4
"""群发: how many each follower of a service account may get in a calendar month."""
FEW = 5
"""Fewer people than that are not counted out: of who used a shop, a number might point at somebody."""
_PRIVATE = re.compile(
    # hardship
    r"困难|救助|特困|低保|贫困|帮扶|慰问金|补助|补贴|津贴|失业|丧[葬事假]|治丧|奔丧"
    r"|hardship|\baid\b|poverty|subsid|allowance|unemploy|funeral|bereave"
    # illness
    r"|病|癌|住院|残疾|手术|illness|disease|cancer|disabilit|hospital"
    # sums
    r"|[0-9０-９零一二三四五六七八九十百千万]+\s*元|[0-9二两三四五六七八九十百千万]+\s*块|[¥￥]|[0-9]+\s*(?:yuan|rmb)"
    r"|[零壹贰貳叁參肆伍陆陸柒捌玖拾佰仟万萬亿億]+\s*[元圆圓块]|奖金|工资|薪|\bbonus(?:es)?\b|wage|salary",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"https?:|www\.|[a-z0-9-]\.(?:com|cn|net|org|gov|info|top|vip|shop|xyz|club|link|cc|io|me)(?![a-z0-9])",
    re.IGNORECASE,
)
_DAY_OR_YEAR = re.compile(
    r"(?<!\d)20\d\d(?:[-/.年 ]?(?:0?[1-9]|1[0-2])[-/.月 ]?(?:0?[1-9]|[12]\d|3[01])日?|[-~至]20\d\d)?(?!\d)"
)
_TO_CALL = re.compile(
    # seven digits or more, however they are set apart; hotlines (12351, 95588, 96110), unless something is counted
    r"\d(?:[-() ]{0,2}\d){6,}|(?<!\d)(?:12\d{3}|9[56]\d{3,4})(?!\d| ?[人名份张个次])"
)
_NO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
_BETWEEN_HAN = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def hidden(readers: Readers, people: int | None) -> bool:
    """Are these so few who did something that no figure of them is shown?"""
    return readers.act is not None and people is not None and people < FEW


def on_lock_screen(title: Mapping[str, str]) -> str | None:
    """The first word of a title that names hardship, illness or a sum; None when a lock screen may show it."""
    for text in title.values():
        found = _PRIVATE.search(_BETWEEN_HAN.sub("", _NO_WIDTH.sub("", text)))
        if found:
            return found.group()
    return None


def not_in_sms(title: Mapping[str, str]) -> str | None:
    """The first link or number to call in a title; None when a provider takes it. Days and years are no numbers."""
    for text in title.values():
        half = unicodedata.normalize("NFKC", _NO_WIDTH.sub("", text))
        found = _LINK.search(half) or _TO_CALL.search(_DAY_OR_YEAR.sub("日", half))
        if found:
            return found.group()
    return None


def checked(draft: Draft, *, now: datetime.datetime) -> Draft:
    """The draft with its texts tidied. Raises Invalid, with the field, for the first thing that cannot be."""
    title = {name: one_line(text) for name, text in draft.title.items() if one_line(text)}
    body = {name: _lines(text) for name, text in draft.body.items() if _lines(text)}
    _length(title, TITLE_MOST, errors.NOTICE_TITLE_LENGTH, "title")
    _length(body, BODY_MOST, errors.NOTICE_BODY_LENGTH, "body")
    act = draft.readers.act
    used = draft.readers.used
    if used and not 1 <= used.days <= DAYS_MOST:
        raise Invalid(errors.NOTICE_DAYS_WRONG, field="days", most=DAYS_MOST)
    if act and (draft.sms or draft.mass):
        raise Invalid(errors.NOTICE_ONE_WAY, field="sms")
    if draft.send_at and not now - TYPING <= draft.send_at <= now + SCHEDULED_MOST:
        raise Invalid(errors.NOTICE_TIME_WRONG, field="send_at", most=SCHEDULED_MOST.days)
    word = on_lock_screen(title)
    if word and (draft.sms or draft.mass or act):
        raise Invalid(errors.NOTICE_TITLE_PRIVATE, field="title", word=word)
    if draft.sms:
        _texted(title)
    return Draft(draft.union_id, title, body, draft.readers, draft.sms, draft.mass, draft.send_at)


def second_needed(*, people: int, own_today: int, above: int) -> bool:
    """Does a second officer have to look? What one officer released alone within a day counts together, so that a
    large notice cannot go out as many small ones."""
    return people + own_today > above


def refusal(*, needed: bool, wrote: bool, releases: bool) -> str | None:
    """Why this officer may not release it; None: he may."""
    if not needed:
        return None
    if wrote:
        return errors.NOTICE_OWN
    return None if releases else errors.NOTICE_NEEDS_RELEASER


def mass_left(sent: int) -> int:
    return max(MASS_A_MONTH - sent, 0)


def dumped(readers: Readers) -> dict[str, Any]:
    """As it stands in the database."""
    return {"standings": list(readers.standings), "bound": readers.bound, "act": _dumped_act(readers)}


def _dumped_act(readers: Readers) -> dict[str, Any] | None:
    if readers.used:
        return {"kind": "used_shop", "shop": str(readers.used.shop_id), "days": readers.used.days}
    if readers.signed_up:
        act = readers.signed_up
        return {"kind": "signed_up", "event": str(act.event_id), "waiting": act.waiting, "private": act.private}
    return None


def _texted(title: Mapping[str, str]) -> None:
    if len(title["zh"]) > TEXTED_MOST:
        raise Invalid(errors.NOTICE_TITLE_SMS_LENGTH, field="title", most=TEXTED_MOST)
    piece = not_in_sms(title)
    if piece:
        raise Invalid(errors.NOTICE_TITLE_SMS, field="title", piece=piece)


def _lines(text: str) -> str:
    """Paragraphs stay; what nobody can see does not."""
    lines = [" ".join(_UNSEEN.sub(" ", line).split()) for line in text.replace("\r\n", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _length(text: Mapping[str, str], most: int, code: str, field: str) -> None:
    """English takes about three letters where Chinese takes one."""
    if not text.get("zh") or len(text["zh"]) > most:
        raise Invalid(code, field=field, most=most)
    if len(text.get("en", "")) > 3 * most:
        raise Invalid(code, field=f"{field}_en", most=3 * most)
