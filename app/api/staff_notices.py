"""Notices of officers: written, counted, released by a second officer, followed, stopped."""

import datetime
from typing import Any
from uuid import UUID

from flask import Response, current_app
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from app import permissions
from app.api.notice_shapes import NoticeOut, NoticeProgressOut, NoticeReachOut, NoticesOut
from app.api.schemas import KEY, BothIn, PageIn, moment, page_request
from app.api.staff import desk, officer, once
from app.channels import channels
from app.throttle import WRITE, limiter
from services.accounts.types import Capability
from services.core import clock
from services.core.errors import Refusal
from services.members.types import Standing
from services.notifications.notices import counting, queries, rules, service
from services.notifications.notices.types import Draft, NoticeId, NoticeView, Readers, SignedUp, UsedShop
from services.unions.types import UnionId, UnionPath

notices = desk("api_staff_notices", "Notices of officers to members", Capability.SEND_NOTICES)

SEEN = {"description": "the revision that the caller looked at"}


class NoticeTextIn(Schema):
    """A text of several lines."""

    zh = fields.String(required=True, validate=validate.Length(max=4000))
    en = fields.String(load_default="", validate=validate.Length(max=4000))


class NoticeUsedIn(Schema):
    shop_id = fields.UUID(required=True)
    days = fields.Integer(required=True, strict=True, validate=validate.Range(1, rules.DAYS_MOST))


class NoticeSignedUpIn(Schema):
    event_id = fields.UUID(required=True)
    waiting = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class NoticeReadersIn(Schema):
    standings = fields.List(
        fields.Enum(Standing, by_value=True, validate=validate.NoneOf([Standing.LEFT])),
        load_default=list, validate=validate.Length(max=len(Standing)),
        metadata={"description": "none: everybody who has not left"},
    )  # fmt: skip
    bound = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    used = fields.Nested(NoticeUsedIn, load_default=None, allow_none=True)
    signed_up = fields.Nested(NoticeSignedUpIn, load_default=None, allow_none=True)

    @validates_schema
    def one_act(self, data: dict[str, Any], **_: Any) -> None:
        if data["used"] and data["signed_up"]:
            raise ValidationError("one of used and signed_up", "signed_up")


EVERYBODY: dict[str, object] = {"standings": [], "bound": False, "used": None, "signed_up": None}


class NoticeIn(Schema):
    union_id = fields.UUID(required=True, metadata={"description": "it goes to this union and all below it"})
    title = fields.Nested(BothIn, required=True)
    body = fields.Nested(NoticeTextIn, required=True)
    readers = fields.Nested(NoticeReadersIn, load_default=lambda: dict(EVERYBODY))
    sms = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    mass = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    send_at = moment(load_default=None, allow_none=True)


class NoticeChangeIn(NoticeIn):
    seen = fields.Integer(required=True, strict=True, metadata=SEEN)


class NoticeSeenIn(Schema):
    seen = fields.Integer(required=True, strict=True, metadata=SEEN)


@notices.route("/staff/notices")
@notices.arguments(PageIn, location="query")
@notices.response(200, NoticesOut)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """Newest first, without what was dropped."""
    page = queries.page(page_request(query), scopes=_scopes())
    return {"items": page.items, "next": page.next}


@notices.route("/staff/notices", methods=["POST"])
@notices.arguments(NoticeIn)
@notices.response(201, NoticeOut)
@notices.doc(parameters=[KEY])
@limiter.limit(WRITE)
def write(body: dict[str, Any]) -> Response:
    """A draft: nobody gets it yet. A title that leaves the house names no hardship, illness or sum."""
    draft, who, now = _draft(body), officer(), clock.now()
    return once(
        lambda: queries.view_of(service.write(draft=draft, officer=who, now=now)), NoticeOut(), "write"
    )  # fmt: skip


@notices.route("/staff/notices/<uuid:notice_id>")
@notices.response(200, NoticeOut)
def one(notice_id: UUID) -> NoticeView:
    return _seen(notice_id)


@notices.route("/staff/notices/<uuid:notice_id>", methods=["PUT"])
@notices.arguments(NoticeChangeIn)
@notices.response(200, NoticeOut)
@notices.doc(parameters=[KEY])
@limiter.limit(WRITE)
def change(body: dict[str, Any], notice_id: UUID) -> Response:
    """Another version; whoever was asked to release it is asked again."""
    seen, draft = body.pop("seen"), _draft(body)
    return _act(notice_id, service.change, "change", draft=draft, seen=seen)


@notices.route("/staff/notices/<uuid:notice_id>/reach")
@notices.response(200, NoticeReachOut)
def reach(notice_id: UUID) -> dict[str, int | None]:
    """How many it would reach now, and by what."""
    notice = _seen(notice_id)
    found = counting.count(
        notice.readers, scope=notice.union_path, sms=notice.sms, mass=notice.mass, providers=channels().providers,
        now=clock.now(),
    )  # fmt: skip
    hidden = rules.hidden(notice.readers, found.people)
    return {name: None if hidden else number for name, number in vars(found).items()}


@notices.route("/staff/notices/<uuid:notice_id>/progress")
@notices.response(200, NoticeProgressOut)
def progress(notice_id: UUID) -> dict[str, Any]:
    """How far it has come."""
    notice = _seen(notice_id)
    found = queries.progress(notice)
    hidden = rules.hidden(notice.readers, found.told)
    return {name: None if hidden else one for name, one in {**vars(found), "done": found.done}.items()}


@notices.route("/staff/notices/<uuid:notice_id>/ask", methods=["POST"])
@notices.arguments(NoticeSeenIn)
@notices.response(200, NoticeOut)
@notices.doc(parameters=[KEY])
@limiter.limit(WRITE)
def ask(body: dict[str, int], notice_id: UUID) -> Response:
    """It waits for a second officer."""
    return _act(notice_id, service.ask_release, "ask", seen=body["seen"], above=_above())


@notices.route("/staff/notices/<uuid:notice_id>/release", methods=["POST"])
@notices.arguments(NoticeSeenIn)
@notices.response(200, NoticeOut)
@notices.doc(parameters=[KEY])
@limiter.limit(WRITE)
def release(body: dict[str, int], notice_id: UUID) -> Response:
    """Lets it go out. To many people: by an officer of the federation who wrote no version of it. Asks for a fresh
    proof of who is there."""
    _seen(notice_id)
    permissions.fresh()
    return _act(notice_id, service.release, "release", seen=body["seen"], above=_above())


@notices.route("/staff/notices/<uuid:notice_id>/take-back", methods=["POST"])
@notices.response(200, NoticeOut)
@notices.doc(parameters=[KEY])
@limiter.limit(WRITE)
def take_back(notice_id: UUID) -> Response:
    """What waits, or was released and has not begun, is a draft again."""
    return _act(notice_id, service.take_back, "take back")


@notices.route("/staff/notices/<uuid:notice_id>/drop", methods=["POST"])
@notices.response(200, NoticeOut)
@notices.doc(parameters=[KEY])
@limiter.limit(WRITE)
def drop(notice_id: UUID) -> Response:
    """A draft that nobody wants."""
    return _act(notice_id, service.drop, "drop")


@notices.route("/staff/notices/<uuid:notice_id>/stop", methods=["POST"])
@notices.response(200, NoticeOut)
@notices.doc(parameters=[KEY])
@limiter.limit(WRITE)
def stop(notice_id: UUID) -> Response:
    """No channel goes on with it; what stands in inboxes stays."""
    return _act(notice_id, service.stop, "stop")


@notices.route("/staff/notices/<uuid:notice_id>/withdraw", methods=["POST"])
@notices.response(200, NoticeOut)
@notices.doc(parameters=[KEY])
@limiter.limit(WRITE)
def withdraw(notice_id: UUID) -> Response:
    """Its text is shown nowhere any more."""
    return _act(notice_id, service.withdraw, "withdraw")


def _act(notice_id: UUID, verb: Any, name: str, **said: Any) -> Response:
    """One verb, once for each key; the notice as it stands then."""
    notice, who, now = _seen(notice_id), officer(), clock.now()

    def work() -> NoticeView | Refusal:
        result = verb(notice_id=notice.id, officer=who, now=now, **said)
        return result if isinstance(result, Refusal) else queries.view_of(notice.id)

    return once(work, NoticeOut(), f"{name} {notice_id}", status=200)


def _draft(body: dict[str, Any]) -> Draft:
    given, used, signed_up = body["readers"], body["readers"]["used"], body["readers"]["signed_up"]
    act: UsedShop | SignedUp | None = UsedShop(used["shop_id"], used["days"]) if used else None
    if signed_up:
        act = SignedUp(signed_up["event_id"], signed_up["waiting"])
    readers = Readers(tuple(one for one in Standing if one in given["standings"]), given["bound"], act)
    send_at: datetime.datetime | None = body["send_at"]
    return Draft(
        UnionId(body["union_id"]), body["title"], body["body"], readers, body["sms"], body["mass"],
        send_at.astimezone(datetime.UTC) if send_at else None,
    )  # fmt: skip


def _seen(notice_id: UUID) -> NoticeView:
    return queries.one(NoticeId(notice_id), scopes=_scopes())


def _scopes() -> tuple[UnionPath, ...]:
    return permissions.scopes(Capability.SEND_NOTICES)


def _above() -> int:
    found: int = current_app.config["SETTINGS"].notice_second_above
    return found
