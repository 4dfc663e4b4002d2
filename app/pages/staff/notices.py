"""An officer tells many members something: written, looked at, released by a second one, followed, stopped."""

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.channels import channels
from app.errors import problem, refusal_problem
from app.idempotency import idempotently
from app.pages.paths import page_asked, see_other
from app.pages.sent import whole_number
from app.pages.staff import desk, notices_forms
from app.pages.staff.notices_forms import Form
from app.throttle import WRITE, limiter
from services.accounts import queries as accounts
from services.accounts.types import Capability
from services.core import clock
from services.core.errors import Conflict, Invalid, Refusal
from services.core.transaction import in_transaction
from services.notifications.notices import audience, counting, queries, rules, service
from services.notifications.notices.types import Draft, NoticeId, NoticeView, State
from services.notifications.sms import texts as sms
from services.notifications.templates import TEMPLATES, texts
from services.notifications.types import Channel
from services.unions.types import UnionPath

blueprint = Blueprint("staff_notices", __name__, template_folder="..")
STANDINGS = audience.EVERYBODY


@blueprint.get("")
def notices() -> ResponseReturnValue:
    return desk.page("staff/notices.html", page=queries.page(page_asked(), scopes=_scopes()))


@blueprint.get("/new")
def new_form() -> ResponseReturnValue:
    return _form(notices_forms.blank())


@blueprint.post("/new")
@limiter.limit(WRITE)
def new() -> ResponseReturnValue:
    """The same form sent twice is one draft."""
    _scopes()
    form, officer = notices_forms.sent(), desk.officer()
    draft = notices_forms.read(form)
    if draft is None:
        return _form(form), 422
    said: Draft = draft
    try:
        made, _ = idempotently(
            lambda: service.write(draft=said, officer=officer, now=clock.now()),
            lambda notice_id: {"notice_id": str(notice_id)},
            scope=officer.label,
        )
    except Invalid as error:
        if "field" not in error.facts:
            raise
        form.fault(error)
        return _form(form), 422
    return see_other("staff_notices.one", notice_id=made["notice_id"])


@blueprint.get("/<uuid:notice_id>")
def one(notice_id: UUID) -> ResponseReturnValue:
    return _one(_seen(notice_id))


@blueprint.get("/<uuid:notice_id>/edit")
def edit_form(notice_id: UUID) -> ResponseReturnValue:
    notice = _seen(notice_id)
    return _form(notices_forms.of(notice), notice, seen=notice.revision)


@blueprint.post("/<uuid:notice_id>/edit")
@limiter.limit(WRITE)
def edit(notice_id: UUID) -> ResponseReturnValue:
    """Keeps what was typed; when somebody else has written meanwhile, shows his text beside it and asks again."""
    notice, form, officer = _seen(notice_id), notices_forms.sent(), desk.officer()
    draft, seen = notices_forms.read(form), _revision()
    if draft is None:
        return _form(form, notice, seen=seen), 422
    said: Draft = draft
    try:
        in_transaction(
            lambda: service.change(notice_id=notice.id, draft=said, seen=seen, officer=officer, now=clock.now())
        )
    except Invalid as error:
        form.fault(error)
        return _form(form, notice, seen=seen), 422
    except Conflict as error:
        newer = _seen(notice_id)
        if newer.state not in (State.DRAFT, State.WAITING):
            return _one(newer, error), 409
        return _form(form, newer, seen=newer.revision, newer=newer), 409
    return see_other("staff_notices.one", notice_id=notice_id)


@blueprint.post("/<uuid:notice_id>/ask")
@limiter.limit(WRITE)
def ask(notice_id: UUID) -> ResponseReturnValue:
    seen, above = _revision(), _above()
    return _act(notice_id, lambda **at: service.ask_release(seen=seen, above=above, **at))


@blueprint.post("/<uuid:notice_id>/release")
@limiter.limit(WRITE)
def release(notice_id: UUID) -> ResponseReturnValue:
    """Asks for a new proof that the officer is there. A refusal is kept on record, and said on the page."""
    _seen(notice_id)
    permissions.fresh()
    seen, above = _revision(), _above()
    return _act(notice_id, lambda **at: service.release(seen=seen, above=above, **at))


@blueprint.post("/<uuid:notice_id>/take-back")
@limiter.limit(WRITE)
def take_back(notice_id: UUID) -> ResponseReturnValue:
    return _act(notice_id, service.take_back)


@blueprint.post("/<uuid:notice_id>/drop")
@limiter.limit(WRITE)
def drop(notice_id: UUID) -> ResponseReturnValue:
    return _act(notice_id, service.drop, back="staff_notices.notices")


@blueprint.post("/<uuid:notice_id>/stop")
@limiter.limit(WRITE)
def stop(notice_id: UUID) -> ResponseReturnValue:
    return _act(notice_id, service.stop)


@blueprint.post("/<uuid:notice_id>/withdraw")
@limiter.limit(WRITE)
def withdraw(notice_id: UUID) -> ResponseReturnValue:
    return _act(notice_id, service.withdraw)


def _act(notice_id: UUID, verb: Any, *, back: str = "") -> ResponseReturnValue:
    """One verb; a no is said on the notice's page."""
    notice, officer = _seen(notice_id), desk.officer()
    try:
        result = in_transaction(lambda: verb(notice_id=notice.id, officer=officer, now=clock.now()))
    except (Conflict, Invalid) as error:
        return _one(_seen(notice_id), error), 409
    if isinstance(result, Refusal):
        return _one(_seen(notice_id), result), 409
    return see_other(back) if back else see_other("staff_notices.one", notice_id=notice_id)


def _form(form: Form, notice: NoticeView | None = None, *, seen: int = 0, newer: NoticeView | None = None) -> str:
    scope = notice.union_path if notice else _scopes()[0]
    return desk.page(
        "staff/notices_form.html", form=form, given=form.given, wrong=form.wrong, notice=notice, seen=seen, newer=newer,
        standings=STANDINGS, rules=rules, with_shops=bool(desk.officer().scopes(Capability.MANAGE_SHOPS)),
        with_sms=Channel.SMS in channels().ports, month=_month(scope, notice),
        events=notices_forms.choices(form.given.get("event", "")),
    )  # fmt: skip


def _one(notice: NoticeView, error: Conflict | Invalid | Refusal | None = None) -> str:
    wrong = None
    if isinstance(error, Refusal):
        wrong = refusal_problem(error)
    elif error:
        wrong = problem(error.code, 409, {name: fact for name, fact in error.facts.items() if name != "field"})
    begun = notice.state in (State.SENDING, State.SENT, State.STOPPED)
    return desk.page(
        "staff/notices_one.html", notice=notice, wrong=wrong, states=State, begun=begun, standings=STANDINGS,
        preview=_preview(notice), shop_name=notices_forms.shop_name(notice),
        event_title=notices_forms.event_title(notice), few=rules.FEW, hidden=rules.hidden,
        word=rules.on_lock_screen(notice.title), names=_names(notice),
        progress=queries.progress(notice) if begun else None, **({} if begun else _next(notice)),
    )  # fmt: skip


def _next(notice: NoticeView) -> dict[str, Any]:
    """What this officer may do with it now, and how far it would reach."""
    officer, now, above = desk.officer(), clock.now(), _above()
    count = counting.count(
        notice.readers, scope=notice.union_path, sms=notice.sms, mass=notice.mass, providers=channels().providers,
        now=now,
    )  # fmt: skip
    writers = queries.writers(notice)
    wrote = officer.account_id in writers
    releases = officer.may(Capability.RELEASE_NOTICES, notice.union_path)
    own = 0 if releases and not wrote else queries.released_alone(officer.account_id, now=now)
    needed = rules.second_needed(people=count.people, own_today=own, above=above)
    no = rules.refusal(needed=needed, wrote=wrote, releases=releases)
    others = queries.others_who_release(scope=notice.union_path, but=sorted(writers), now=now) if no else 1
    return {
        "count": count, "needed": needed, "wrote": wrote, "alone": others == 0, "above": above, "now": now,
        "may_release": no is None and (wrote or notice.state is State.WAITING),
        "month": _month(notice.union_path, notice),
    }  # fmt: skip


def _preview(notice: NoticeView) -> dict[str, Any]:
    """What leaves the house, as it is read outside: on a lock screen, and of an SMS its pieces and what each costs."""
    settings, facts = current_app.config["SETTINGS"], {"notice_title": notice.title}
    if not notice.sms:
        card = TEMPLATES[audience.template_of(notice.readers, sms=False)].card
        return {"locked": card.fields["what"]["zh"].format_map({"notice_title": notice.title["zh"]})} if card else {}
    said = texts(audience.TEXTED, Channel.SMS, facts, told_at=clock.now(), language="zh")["text"]
    sign = settings.sms.sign if settings.sms else "工惠"
    fen = sms.cost_fen(said, sign, fen=settings.sms_bounds.fen_per_message)
    said_aloud = sms.signed(said, sign)
    return {
        "locked": said_aloud,
        "sms": said_aloud,
        "pieces": sms.segments(said, sign),
        "fen": fen,
        "most": settings.sms_bounds,
    }


def _names(notice: NoticeView) -> dict[str, str]:
    return accounts.display_names({one for one in (notice.author, notice.released_by) if one})


def _month(scope: UnionPath, notice: NoticeView | None) -> queries.MassMonth | None:
    """None where the official account is not set up."""
    if channels().mass is None:
        return None
    return queries.mass_month(scope=scope, now=clock.now(), but=notice.id if notice else None, hold=False)


def _seen(notice_id: UUID) -> NoticeView:
    return queries.one(NoticeId(notice_id), scopes=_scopes())


def _scopes() -> tuple[UnionPath, ...]:
    return permissions.scopes(Capability.SEND_NOTICES)


def _above() -> int:
    found: int = current_app.config["SETTINGS"].notice_second_above
    return found


def _revision() -> int:
    """The version that this officer looked at; one that nobody has where the form does not say."""
    return whole_number(request.form.get("seen")) or 0
