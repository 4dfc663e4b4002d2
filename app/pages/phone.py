"""The demo's phone: what would have gone out, as phones would show it. Only with DEMO=1, so never in production."""

import datetime
import secrets
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from app import demo, permissions
from app.pages.paths import see_other
from app.throttle import WRITE, limiter
from services.accounts.types import AccountId, MemberActor, Persona
from services.core import clock
from services.core.errors import NotFound
from services.core.transaction import in_transaction
from services.notifications import queries
from services.notifications.local import local_provider
from services.notifications.queries import LocalShown
from services.notifications.reach import LOCAL
from services.notifications.service import following, settling
from services.notifications.service.callbacks import Event
from services.notifications.templates.layouts import LAYOUTS
from services.notifications.types import Channel

blueprint = Blueprint("phone", __name__, template_folder=".")


def _(text: str) -> str:
    """Marks a text for translation."""
    return text


LABELS = {
    "what": _("事项"), "when": _("时间"), "number": _("流水号"), "next": _("提示"), "state": _("进度"),
}  # fmt: skip
"""What WeChat's library calls our fields."""
SHOWN, LOCKED = 30, 4
PEOPLE = {"member": Persona.MEMBER, "officer": Persona.OFFICER}
OA, MP = local_provider(Channel.TEMPLATE), local_provider(Channel.MP_SUBSCRIBE)


@dataclass(frozen=True)
class Shown:
    """A message as a phone shows it. `rows`: label and value of a WeChat card; `text`: the whole of an SMS."""

    channel: Channel
    title: str
    text: str
    rows: list[tuple[str, str]]
    link: str
    at: datetime.datetime


@blueprint.get("/phone")
def phone() -> ResponseReturnValue:
    """Newest first; ?who=member or officer for one of them, ?who=codes for what went to a phone by number."""
    demo.only()
    who = request.args.get("who", "")
    people = _people()
    wanted = [people[who]] if who in people else None
    found = queries.local_messages(limit=SHOWN, accounts=wanted)
    shown = [_shown(one) for one in found if who != "codes" or one.account_id is None]
    return render_template(
        "phone.html",
        who=who,
        locked=shown[:LOCKED],
        wechat=[one for one in shown if one.channel.of_wechat],
        texts=[one for one in shown if not one.channel.of_wechat],
        follows={name: queries.followed(account, appid=OA) for name, account in people.items()},
        labels=LABELS,
        sign=_sign(),
        now=clock.now(),
    )


@blueprint.post("/phone/<any(member, officer):who>/follow")
@limiter.limit(WRITE)
def follow_as(who: str) -> ResponseReturnValue:
    """This person follows, or leaves: the same event that the platform would tell us."""
    demo.only()
    account_id = _people().get(who)
    if account_id is None:
        raise NotFound("demo_not_loaded")
    name = "unsubscribe" if request.form.get("stop") else "subscribe"
    in_transaction(lambda: _happens(account_id, OA, name, {}))
    return see_other("phone.phone", who=who)


@blueprint.post("/phone/<any(member, officer):who>/consent")
@limiter.limit(WRITE)
def consent_as(who: str) -> ResponseReturnValue:
    """This person tapped "allow" in the mini program, once for each template."""
    demo.only()
    account_id = _people().get(who)
    if account_id is None:
        raise NotFound("demo_not_loaded")
    said = [{"TemplateId": f"{LOCAL}-{layout}", "SubscribeStatusString": "accept"} for layout in LAYOUTS]
    in_transaction(lambda: _happens(account_id, MP, "subscribe_msg_popup_event", {"List": said}))
    return see_other("phone.phone", who=who, allowed=1)


@blueprint.get("/follow/<scene>")
def follow(scene: str) -> ResponseReturnValue:
    """Where the code on somebody's page leads: WeChat's own page to follow the official account, played."""
    demo.only()
    return render_template("phone_follow.html", scene=scene, done=False, own=_own() is not None)


@blueprint.post("/follow/<scene>")
@limiter.limit(WRITE)
def followed(scene: str) -> ResponseReturnValue:
    """By the WeChat of whoever is signed in here, or by another one that nobody knows."""
    demo.only()
    own = _own() if "own" in request.form else None
    body = {"EventKey": f"qrscene_{scene}"}
    if own:
        in_transaction(lambda: _happens(own, OA, "subscribe", body))
    else:
        stranger = f"{OA}-{secrets.token_hex(16)}"
        in_transaction(lambda: _say(OA, "subscribe", {**body, "FromUserName": stranger}))
    return render_template("phone_follow.html", scene=scene, done=True, own=own is not None)


def _happens(account_id: AccountId, appid: str, name: str, body: dict[str, Any]) -> None:
    """Something that this account's WeChat does."""
    demo.give_wechat(account_id, now=clock.now())
    _say(appid, name, {**body, "FromUserName": demo.openid(appid, account_id)})


def _say(appid: str, name: str, body: dict[str, Any]) -> None:
    handlers = {**following.HANDLERS, **settling.HANDLERS}
    now = clock.now()
    handlers[name](Event(source=appid, name=name, body=body, happened_at=now, now=now))


def _people() -> dict[str, AccountId]:
    """The personas that messages go to. A shop is told at its till."""
    found = {}
    for name, persona in PEOPLE.items():
        actor = demo.actor_if_any(persona, now=clock.now())
        if actor:
            found[name] = actor.account_id
    return found


def _own() -> AccountId | None:
    actor = permissions.caller_if_any()
    return actor.account_id if isinstance(actor, MemberActor) else None


def _shown(one: LocalShown) -> Shown:
    shown = one.shown
    fields = shown.get("fields", {})
    layout = LAYOUTS.get(str(shown.get("template", "")).removeprefix(f"{LOCAL}-")) if one.channel.of_wechat else None
    rows = [(LABELS[name], str(fields.get(name, ""))) for name in layout.fields] if layout else []
    text = str(fields.get("text") or shown.get("title", ""))
    title = layout.name["zh"] if layout else str(shown.get("title", ""))
    return Shown(one.channel, title, text, rows, str(shown.get("link", "")), one.created_at)


def _sign() -> str:
    account = current_app.config["SETTINGS"].sms
    return account.sign if account else "工惠"
