"""How messages reach a member: what gets through now, what he wants, who else gets them; right after binding, too."""

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import partners, permissions
from app.channels import channels
from app.idempotency import idempotently
from app.pages.member.reaching_offers import answer, consent_offer, follow_offer, official_app
from app.pages.paths import see_other
from app.settings import Settings
from app.throttle import SCAN, WRITE, limiter
from services.accounts import queries as accounts
from services.accounts.types import MemberActor
from services.cards import picture
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Invalid, NotFound
from services.core.transaction import in_transaction
from services.notifications import queries, service
from services.notifications.service import asking, following
from services.notifications.service.asking import Answer, Tap
from services.notifications.templates import TEMPLATES
from services.notifications.templates.template import Sms
from services.notifications.types import Channel, Group, Language

blueprint = Blueprint("reaching", __name__, template_folder="..")

OFFERED = {
    group: {
        "wechat": any(one.card for one in TEMPLATES.values() if one.group is group),
        "sms": any(one.sms_text and one.sms is not Sms.NEVER for one in TEMPLATES.values() if one.group is group),
    }
    for group in Group
    if group is not Group.SAFETY
}
"""Which channels some message of each group may take at all."""
KEPT = following.SCENE_LIFETIME.total_seconds() - 60
"""Seconds that a browser keeps the code: it must not show one that has run out."""


@blueprint.get("/me/reaching")
def reaching() -> ResponseReturnValue:
    return _page()


@blueprint.post("/me/reaching")
@limiter.limit(WRITE)
def save() -> ResponseReturnValue:
    """All switches of the form at once."""
    account_id, groups = permissions.caller(MemberActor).account_id, _groups()
    on, chosen = set(request.form.getlist("on")), request.form.get("language")

    def work() -> None:
        if chosen in set(Language):
            service.write_in(account_id=account_id, language=Language(chosen))
        for group in groups:
            service.wish(account_id=account_id, group=group, wechat=f"{group}.wechat" in on, sms=f"{group}.sms" in on)

    in_transaction(work)
    return see_other("reaching.reaching", saved=1)


@blueprint.post("/me/reaching/unlink")
@limiter.limit(WRITE)
def unlink() -> ResponseReturnValue:
    """The other WeChat gets nothing any more."""
    account_id = permissions.caller(MemberActor).account_id
    in_transaction(lambda: following.unlink(account_id=account_id))
    return see_other("reaching.reaching")


@blueprint.get("/me/reaching/code.png")
@limiter.limit(WRITE)
def code() -> ResponseReturnValue:
    """The official account's code of this account, as a picture: WeChat reads a long press on a picture only."""
    account_id, appid = permissions.caller(MemberActor).account_id, official_app()
    if appid is None:
        raise NotFound("not_found")
    scene = in_transaction(lambda: following.scene(account_id=account_id, now=clock.now()))
    platform = partners.partners().official_account
    if platform:
        says = platform.qr_ticket(scene, int(following.SCENE_LIFETIME.total_seconds()))
    else:
        says = _settings().public_url + url_for("phone.follow", scene=scene)
    response = Response(picture.png(says), mimetype="image/png")
    response.headers["Cache-Control"] = f"private, max-age={KEPT:.0f}"
    return response


@blueprint.get("/binding/done")
def done() -> ResponseReturnValue:
    """Right after binding. With nothing to offer it is no page at all: on to the card."""
    actor = permissions.caller(MemberActor)
    follow = follow_offer(actor.account_id)
    consent = consent_offer(actor.account_id, tap=Tap.REDEEM, act="bound")
    if follow is None and consent is None:
        return see_other("member.home")
    return answer(render_template("member/reaching_done.html", follow=follow, consent=consent), consent)


@blueprint.get("/me/reaching/signature")
@limiter.limit(SCAN)
def signature() -> ResponseReturnValue:
    """What wx.config takes for a page of ours under the address by which the browser knows it."""
    permissions.caller(MemberActor)
    signed = partners.page_signature(request.args.get("url", ""))
    return {
        "appId": signed.appid,
        "timestamp": signed.timestamp,
        "nonceStr": signed.nonce,
        "signature": signed.signature,
        "jsApiList": ["checkJsApi"],
        "openTagList": ["wx-open-subscribe"],
    }


@blueprint.post("/me/reaching/consent")
@limiter.limit(WRITE)
def consent() -> ResponseReturnValue:
    """What WeChat's component said, sent by the page's script. The same form twice counts once."""
    actor = permissions.caller(MemberActor)
    try:
        results = {request.form["template"][:64]: Answer(request.form["answer"])}
    except (KeyError, ValueError):
        raise Invalid("validation_failed", field="answer") from None

    def work() -> list[str]:
        return asking.answered(
            account_id=actor.account_id, channel=Channel.OA_SUBSCRIBE, providers=channels().providers, results=results,
            now=clock.now(),
        )  # fmt: skip

    body, status = idempotently(work, lambda noted: {"noted": noted}, scope=actor.label)
    return body, status


def _page() -> str:
    actor = permissions.caller(MemberActor)
    providers, appid = channels().providers, official_app()
    groups = _groups()
    return render_template(
        "member/reaching.html",
        ways=queries.ways(actor.account_id, providers=providers, duty=Group.DUTY in groups),
        followed=queries.followed(actor.account_id, appid=appid) if appid else None,
        follow=follow_offer(actor.account_id),
        wishes=queries.wishes(actor.account_id),
        groups={group: offered for group, offered in OFFERED.items() if group in groups and any(offered.values())},
        written_in=queries.language_of(actor.account_id),
        saved="saved" in request.args,
    )


def _groups() -> list[Group]:
    """Those that this member may switch; what officers are told is theirs alone."""
    actor = permissions.caller(MemberActor)
    officer = accounts.officer(actor.account_id, on=local_date(clock.now())) is not None
    return [group for group in OFFERED if officer or group is not Group.DUTY]


def _settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found
