"""What the API sends of an officer's notice: no figure of few who did something."""

from dataclasses import replace
from typing import Any

from marshmallow import fields, pre_dump

from app.api.schemas import Answer, BothOut
from services.notifications.notices import rules
from services.notifications.notices.types import NoticeView

FEW = {"description": "null, as all figures here: fewer than five who did something"}


class NoticeUsedOut(Answer):
    shop_id = fields.UUID()
    days = fields.Integer()


class NoticeSignedUpOut(Answer):
    event_id = fields.UUID()
    waiting = fields.Boolean()


class NoticeReadersOut(Answer):
    standings = fields.List(fields.String())
    bound = fields.Boolean()
    used = fields.Nested(NoticeUsedOut, allow_none=True)
    signed_up = fields.Nested(NoticeSignedUpOut, allow_none=True)


class NoticeOut(Answer):
    id = fields.UUID()
    union_id = fields.UUID()
    title = fields.Nested(BothOut)
    body = fields.Nested(BothOut)
    readers = fields.Nested(NoticeReadersOut)
    sms = fields.Boolean()
    mass = fields.Boolean()
    state = fields.String(metadata={"description": "draft, waiting, scheduled, sending, sent, stopped or dropped"})
    revision = fields.Integer()
    second_needed = fields.Boolean()
    people = fields.Integer(
        allow_none=True,
        metadata={"description": "when it was last counted; null: not yet, or fewer than five who did something"},
    )
    created_at = fields.AwareDateTime()
    send_at = fields.AwareDateTime(allow_none=True)
    released_at = fields.AwareDateTime(allow_none=True)
    started_at = fields.AwareDateTime(allow_none=True)
    finished_at = fields.AwareDateTime(allow_none=True)
    stopped_at = fields.AwareDateTime(allow_none=True)
    withdrawn_at = fields.AwareDateTime(allow_none=True)

    @pre_dump
    def not_few(self, notice: NoticeView, **_: Any) -> NoticeView:
        return replace(notice, people=None) if rules.hidden(notice.readers, notice.people) else notice


class NoticesOut(Answer):
    items = fields.List(fields.Nested(NoticeOut))
    next = fields.String(allow_none=True)


class NoticeReachOut(Answer):
    people = fields.Integer(allow_none=True, metadata=FEW)
    wechat = fields.Integer(allow_none=True)
    sms = fields.Integer(allow_none=True)
    inbox_only = fields.Integer(allow_none=True)
    unbound = fields.Integer(allow_none=True)
    unwanted = fields.Integer(allow_none=True)
    without = fields.Integer(allow_none=True, metadata={"description": "no phone, and no WeChat that follows"})


class NoticeProgressOut(Answer):
    told = fields.Integer(allow_none=True, metadata=FEW)
    done = fields.Integer(allow_none=True)
    read = fields.Integer(allow_none=True)
    deliveries = fields.Dict(
        keys=fields.String(), values=fields.Integer(), allow_none=True, metadata={"description": "by status"}
    )
    mass = fields.Dict(
        keys=fields.String(), values=fields.Integer(), allow_none=True, metadata={"description": "people by status"}
    )
