"""The entries of an event as a sheet, a person a line, for the page and the API. Each is kept on record."""

import datetime
import re
from collections.abc import Iterator
from urllib.parse import quote

from flask import Response
from flask_babel import gettext as _

from app.language import language, text
from app.pages.events import words
from app.pages.staff.events_signups_words import ROLES, STATES
from services.accounts.types import Capability, OfficerActor
from services.core import audit, forms
from services.core.calendar import local_date
from services.core.sheets import XLSX_TYPE, Cell, Column, Kind, fitted, write_xlsx
from services.core.transaction import in_transaction
from services.events import rules
from services.events.queries import mine, signups
from services.events.types import Event, PersonView, Presence, Signup
from services.members import corrections
from services.members.rules import masked_phone
from services.members.types import LookReason, MemberId
from services.unions.rules import within

TITLE_MOST = 40
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
"""What Windows takes in no name of a file."""


def sheet(event: Event, *, officer: OfficerActor, reason: LookReason | None, now: datetime.datetime) -> Response:
    """All entries, whatever became of them, phones masked. With a reason those of the officer's own members in full:
    each is kept as a look. The caller has seen to it that the event is the officer's."""
    scopes = officer.scopes(Capability.UNMASK) if reason else ()
    found = [one for batch in signups.every(event.id) for one in batch]
    ids = {person.member_id for one in found for person in one.people if person.member_id}
    phones = signups.phones(ids)
    clear = {one for one, (_number, path) in phones.items() if any(within(path, scope) for scope in scopes)}

    def keep() -> None:
        detail = {"entries": len(found), "phones": len(clear)}
        audit.record("event.exported", actor=officer.label, subject_id=event.id, now=now, detail=detail)
        if reason and clear:
            corrections.saw_phones(member_ids=clear, reason=reason, actor=officer.label, scopes=scopes, now=now)

    shown = {one: number if one in clear else masked_phone(number) for one, (number, _path) in phones.items()}
    rows = list(_rows(event, found, shown))
    data = write_xlsx(fitted(_columns(event), rows), rows, name=_("报名名单"))
    in_transaction(keep)
    response = Response(data, content_type=XLSX_TYPE)
    day, name = local_date(event.terms.starts_at), _name(event)
    also = {"filename*": f"UTF-8''{quote(name, safe='')}"}
    response.headers.set("Content-Disposition", "attachment", filename=f"gonghui-signups-{day}.xlsx", **also)
    response.headers["Cache-Control"] = "no-store"
    return response


def _name(event: Event) -> str:
    """Of the file: the day and the title, so that several lie apart in a folder of downloads. The name of a file shows
    on screens and in chats: of a private kind it says no title."""
    title = "" if event.private else " ".join(_UNFIT.sub(" ", event.terms.title["zh"]).split())[:TITLE_MOST]
    return "-".join(filter(None, (local_date(event.terms.starts_at).isoformat(), title, _("报名名单")))) + ".xlsx"


def _columns(event: Event) -> list[Column]:
    asked = forms.shown(event.terms.form, {}, language(), as_manager=True, blanks=True)
    return [
        Column(_("报名号"), width=12), Column(_("状态"), width=16), Column(_("候补位次"), Kind.WHOLE, 10),
        Column(_("组别"), width=16), Column(_("时段"), width=16), Column(_("姓名"), width=14),
        Column(_("身份"), width=12), Column(_("单位"), width=26), Column(_("手机号"), width=16),
        Column(_("确认"), width=12),
        Column(_("单位代报"), width=10), Column(_("报名时间"), Kind.TIME, 20), Column(_("签到时间"), Kind.TIME, 20),
        *(Column(label, width=20) for label, _answer in asked),
    ]  # fmt: skip


def _rows(event: Event, found: list[Signup], phones: dict[MemberId, str]) -> Iterator[list[Cell]]:
    homes = signups.homes(found)
    for signup, answers in _with_answers(event, found):
        category, slot = rules.category_of(event.terms, signup.category), rules.slot_of(event.terms, signup.slot or 0)
        said = forms.shown(event.terms.form, answers, language(), as_manager=True, blanks=True)
        for person in signup.people:
            home = homes.get(person.member_id) if person.member_id else None
            yield [
                signup.number, str(STATES[signup.state][2]), signup.position, text(category.name) if category else None,
                words.slot_words(slot) if slot else None, person.name, str(ROLES[person.role]),
                text(home) if home else None, phones.get(person.member_id) if person.member_id else None,
                _confirmed(person), _("是") if signup.entered_by else None, signup.created_at, person.checked_in_at,
                *((answer if person.ordinal == 0 else None) for _label, answer in said),
            ]  # fmt: skip


def _with_answers(event: Event, found: list[Signup]) -> Iterator[tuple[Signup, forms.Answers]]:
    """A statement for some hundreds."""
    for first in range(0, len(found), signups.BATCH):
        batch = found[first : first + signups.BATCH]
        answers = mine.all_answers([one.id for one in batch]) if event.terms.form.questions else {}
        yield from ((one, answers.get(one.id, {})) for one in batch)


def _confirmed(person: PersonView) -> str:
    said: dict[Presence, str] = {
        Presence.IN: _("是"), Presence.INVITED: _("还没确认"), Presence.DECLINED: _("不参加"),
    }  # fmt: skip
    return str(said[person.presence])
