"""What waits for officers, and what they get to know: tasks, complaints, receipts, signals, figures."""

import datetime
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from app import permissions
from app.api.complaints import AnswerIn, ComplaintOut
from app.api.figures import DaySumsOut, SumsOut
from app.api.redemptions import ReceiptOut, VoidIn
from app.api.schemas import KEY, Answer, OfficerText, PageIn, Plain, likely, page_request
from app.api.staff import desk, officer, once, scopes
from app.throttle import WRITE, limiter
from services.accounts.types import Capability
from services.complaints import queries as complaints
from services.complaints import service as complaint_verbs
from services.complaints.types import ComplaintId, ForUnion
from services.core import clock
from services.core.calendar import DAY, local_date
from services.core.errors import Invalid, Refusal
from services.core.transaction import in_transaction
from services.redemptions import queries, rules, service, undoing
from services.redemptions.types import Receipt, RedemptionId
from services.reports import figures as reports
from services.reports import tasks as task_reports
from services.signals import queries as signals
from services.signals import rules as signal_rules
from services.signals import service as signal_verbs
from services.signals.types import Signal, SignalId

work_desk = desk("api_staff_work", "The federation's desk: tasks, complaints, receipts, signals")
known = desk("api_staff_figures", "What the federation gets to know", Capability.SEE_DAY)

EARLIEST = datetime.date(2020, 1, 1)


class TaskOut(Answer):
    kind = fields.String(metadata={"description": "dispute, complaint, ended, ending, offer or suspended"})
    shop_id = fields.UUID(attribute="merchant_id")
    shop_name = OfficerText(attribute="merchant_name")
    subject_id = fields.UUID(metadata={"description": "the receipt, the complaint, the offer, or else the shop"})
    at = fields.AwareDateTime(allow_none=True, metadata={"description": "since when it waits"})
    on = fields.Date(allow_none=True, metadata={"description": "an agreement's last day"})
    count = fields.Integer(metadata={"description": "offers of a suspended shop"})


class TasksOut(Answer):
    items = fields.List(fields.Nested(TaskOut))


class ForUnionOut(ComplaintOut):
    masked_name = fields.String()
    union_name = OfficerText()


class ForUnionsOut(Answer):
    overdue = fields.List(fields.Nested(ForUnionOut), metadata={"description": "no answer for a day, the oldest first"})
    young = fields.List(fields.Nested(ForUnionOut), metadata={"description": "the shop still has time"})
    items = fields.List(fields.Nested(ForUnionOut), metadata={"description": "answered, newest first"})
    next = fields.String(allow_none=True)


class CaseOut(ReceiptOut):
    shop_id = fields.UUID()
    union_name = OfficerText()
    clerk_name = fields.String()


class CasesOut(Answer):
    items = fields.List(fields.Nested(CaseOut))
    next = fields.String(allow_none=True)


class ReceiptsIn(PageIn):
    first = fields.Date(load_default=None, validate=likely)
    last = fields.Date(load_default=None, validate=likely)
    number = Plain(load_default="", validate=validate.Length(max=40))
    shop = Plain(load_default="", validate=validate.Length(max=60))


class SpanIn(Schema):
    first = fields.Date(load_default=None, metadata={"description": "the month's first day without it"})
    last = fields.Date(load_default=None, metadata={"description": "today without it"})


class GroupOut(Answer):
    name = OfficerText(allow_none=True, metadata={"description": "null: groups of few people, together"})
    sums = fields.Nested(SumsOut)


class OfferGroupOut(GroupOut):
    shop_name = OfficerText(allow_none=True)


class FiguresOut(Answer):
    first = fields.Date()
    last = fields.Date()
    total = fields.Nested(SumsOut)
    used = fields.Integer(metadata={"description": "members who used something"})
    few = fields.Boolean(
        metadata={"description": "so few used anything that sums tell redemptions only, and hours and groups are empty"}
    )
    members = fields.Integer()
    percent = fields.Integer(allow_none=True)
    days = fields.List(fields.Nested(DaySumsOut))
    hours = fields.List(fields.List(fields.Integer()), metadata={"description": "by weekday, Monday first, and hour"})
    trades = fields.List(fields.Nested(GroupOut))
    towns = fields.List(fields.Nested(GroupOut))
    shops = fields.List(fields.Nested(GroupOut))
    offers = fields.List(fields.Nested(OfferGroupOut))


class SignalsIn(PageIn):
    looked = fields.Boolean(load_default=False, metadata={"description": "those that somebody has looked at"})


class LookedOut(Answer):
    at = fields.AwareDateTime()
    note = fields.String()


class SignalOut(Answer):
    id = fields.UUID()
    kind = fields.String(
        metadata={"description": "fast, own_staff, at_reset, often, undone_again or undone_late; none proves anything"}
    )
    day = fields.Date()
    shop_id = fields.UUID(attribute="merchant_id")
    shop_name = OfficerText(attribute="merchant_name")
    branch_name = OfficerText(allow_none=True)
    clerk_name = fields.String(allow_none=True)
    masked_name = fields.String(allow_none=True)
    facts = fields.Dict(keys=fields.String(), values=fields.Integer())
    redemptions = fields.List(fields.UUID())
    found_at = fields.AwareDateTime()
    look = fields.Nested(LookedOut, allow_none=True)


class SignalsOut(Answer):
    items = fields.List(fields.Nested(SignalOut))
    next = fields.String(allow_none=True)


class SettleIn(Schema):
    note = Plain(required=True, validate=validate.Length(rules.NOTE_LEAST, rules.NOTE_MOST))


class LookIn(Schema):
    note = Plain(required=True, validate=validate.Length(signal_rules.NOTE_LEAST, signal_rules.NOTE_MOST))


@work_desk.route("/staff/tasks")
@work_desk.response(200, TasksOut)
def tasks() -> dict[str, Any]:
    """What waits, by kind, the oldest first."""
    return {"items": task_reports.tasks(scopes=scopes(), now=clock.now())}


@work_desk.route("/staff/complaints")
@work_desk.arguments(PageIn, location="query")
@work_desk.response(200, ForUnionsOut)
def told(query: dict[str, Any]) -> dict[str, Any]:
    """What members told about shops: the open ones, and a page of those that have their answer."""
    now, page = clock.now(), complaints.answered(scopes=scopes(), request=page_request(query))
    late, young = complaints.overdue(scopes=scopes(), now=now), complaints.young(scopes=scopes(), now=now)
    return {"overdue": late, "young": young, "items": page.items, "next": page.next}


@work_desk.route("/staff/complaints/<uuid:complaint_id>")
@work_desk.response(200, ForUnionOut)
@work_desk.refusal(404, "no such complaint about a shop of your federation")
def complaint(complaint_id: UUID) -> ForUnion:
    """One of them; the member's name is masked."""
    return complaints.one_of_union(ComplaintId(complaint_id), scopes=scopes())


@work_desk.route("/staff/complaints/<uuid:complaint_id>/answer", methods=["POST"])
@limiter.limit(WRITE)
@work_desk.arguments(AnswerIn)
@work_desk.response(200, ForUnionOut)
@work_desk.refusal(404, "no such complaint about a shop of your federation")
@work_desk.refusal(409, "it has its answer")
def answer(data: dict[str, Any], complaint_id: UUID) -> ForUnion:
    """In the name of the union, once; the member reads it, and the shop too."""
    actor, text = officer(), data["answer"]
    this = ComplaintId(complaint_id)
    in_transaction(lambda: complaint_verbs.answer(actor=actor, complaint_id=this, text=text, now=clock.now()))
    return complaints.one_of_union(this, scopes=scopes())


@work_desk.route("/staff/receipts")
@work_desk.arguments(ReceiptsIn, location="query")
@work_desk.response(200, CasesOut)
def receipts(query: dict[str, Any]) -> dict[str, Any]:
    """What members said was not them and still is open; with any of the four, what was found in 31 days at most."""
    asked, request = [query[name] for name in ("first", "last", "number", "shop")], page_request(query)
    if not any(asked):
        page = queries.disputed(scopes=scopes(), request=request)
    else:
        first, last = _searched(query["first"], query["last"])
        number = rules.receipt_number(query["number"]) if query["number"] else None
        page = queries.found(
            scopes=scopes(), first=first, last=last, number=number, shop=query["shop"], request=request
        )
    return {"items": [_case_body(case) for case in page.items], "next": page.next}


@work_desk.route("/staff/receipts/<uuid:redemption_id>")
@work_desk.response(200, CaseOut)
@work_desk.refusal(404, "no such receipt of a shop of your federation")
def receipt(redemption_id: UUID) -> dict[str, Any]:
    """One receipt; the member's name is masked."""
    return _case_body(queries.case(RedemptionId(redemption_id), scopes=scopes()))


@work_desk.route("/staff/receipts/<uuid:redemption_id>/void", methods=["POST"])
@limiter.limit(WRITE)
@work_desk.arguments(VoidIn())
@work_desk.response(200, ReceiptOut())
@work_desk.refusal(404, "no such receipt of a shop of your federation")
@work_desk.refusal(409, "it was undone already")
@work_desk.doc(parameters=[KEY])
def void(data: dict[str, Any], redemption_id: UUID) -> Response:
    """Undoes a redemption, at any time. The member is told; limits, stock and budget get back what it took."""
    actor, found = officer(), queries.case(RedemptionId(redemption_id), scopes=scopes()).receipt.id
    reason, note = undoing.reason_of(data["reason"], Plain().deserialize(data["note"]))

    def work() -> Receipt | Refusal:
        return service.void(actor=actor, redemption_id=found, reason=reason, note=note, now=clock.now())

    return once(work, ReceiptOut(), f"void {redemption_id}", status=200)


@work_desk.route("/staff/receipts/<uuid:redemption_id>/settle", methods=["POST"])
@limiter.limit(WRITE)
@work_desk.arguments(SettleIn)
@work_desk.response(200, ReceiptOut)
@work_desk.refusal(404, "no such receipt of a shop of your federation")
@work_desk.refusal(409, "nobody disputed it, or it was undone")
def settle(data: dict[str, Any], redemption_id: UUID) -> Receipt:
    """Closes a dispute: it stands and counts again; the member is told `note`. Twice is once: the first note stays."""
    actor, found = officer(), queries.case(RedemptionId(redemption_id), scopes=scopes()).receipt.id
    return in_transaction(lambda: service.settle(actor=actor, redemption_id=found, note=data["note"], now=clock.now()))


@work_desk.route("/staff/signals")
@work_desk.arguments(SignalsIn, location="query")
@work_desk.response(200, SignalsOut)
def worth_a_look(query: dict[str, Any]) -> Any:
    """What is worth a look at shops, newest first. It blocks nobody."""
    return signals.page_of_signals(scopes=scopes(), looked=query["looked"], request=page_request(query))


@work_desk.route("/staff/signals/<uuid:signal_id>/look", methods=["POST"])
@limiter.limit(WRITE)
@work_desk.arguments(LookIn)
@work_desk.response(200, SignalOut)
@work_desk.refusal(404, "no such signal about a shop of your federation")
@work_desk.refusal(409, "somebody has looked already")
def look(data: dict[str, Any], signal_id: UUID) -> Signal:
    """The officer has looked, and says what he found."""
    actor, mine, this = officer(), scopes(), SignalId(signal_id)
    in_transaction(
        lambda: signal_verbs.look(actor=actor, scopes=mine, signal_id=this, note=data["note"], now=clock.now())
    )
    return signals.one(this, scopes=mine)


@known.route("/staff/figures")
@known.arguments(SpanIn, location="query")
@known.response(200, FiguresOut)
def figures(query: dict[str, Any]) -> dict[str, Any]:
    """Days from `first` to `last` in China, a year at most: counted for members of the officer's unions."""
    today = local_date(clock.now())
    last = query["last"] or today
    first = query["first"] or last.replace(day=1)
    if not EARLIEST <= first <= last <= today or (last - first).days >= reports.LONGEST:
        raise Invalid("date_malformed", field="first")
    found = reports.period(scopes=permissions.scopes(Capability.SEE_DAY), first=first, last=last)
    days = [{"day": day, "sums": sums} for day, sums in found.days]
    offers = [{"name": group.name, "sums": group.sums, "shop_name": shop} for group, shop in found.offers]
    return {**vars(found), "percent": found.percent, "days": days, "offers": offers}


def _searched(first: datetime.date | None, last: datetime.date | None) -> tuple[datetime.date, datetime.date]:
    """The days asked for; the last month where none were."""
    today, month = local_date(clock.now()), (rules.MOST_DAYS - 1) * DAY
    if first is None:
        last = last or today
        return last - month, last
    return first, last or min(max(today, first), first + month)


def _case_body(case: queries.Case) -> dict[str, Any]:
    of = {"shop_id": case.merchant_id, "union_name": case.union_name, "clerk_name": case.clerk_name}
    return {**vars(case.receipt), "number": case.receipt.number, **of}
