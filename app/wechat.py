"""Where the platform calls us back: /wechat/oa and /wechat/mp. Verified, kept, answered at once; worked on later.

Whatever is amiss gets 400 or 403, nothing else, and leaves nothing behind; of the body nothing is ever logged. The
right ones are never slowed down: only the wrong ones are counted, by where they come from.
"""

import structlog
from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded

from app.callbacks import HANDLERS
from app.settings import Settings
from app.throttle import WRONG, address, limiter
from app.wechat_answers import answer, by_key, keyword, welcome
from services.core import clock
from services.core.errors import NotFound
from services.core.transaction import in_transaction
from services.notifications import envelope
from services.notifications.bodies import LARGEST, Wrong
from services.notifications.envelope import Door, Incoming, Mode
from services.notifications.service import callbacks

log = structlog.get_logger("gonghui.callbacks")
blueprint = Blueprint("wechat_callbacks", __name__)
DONE = "success"


@blueprint.get("/wechat/oa")
@blueprint.get("/wechat/mp")
def check() -> ResponseReturnValue:
    """The console asks whether this address is ours: it wants its own text back."""
    try:
        return _text(envelope.echo(_door(), request.args, now=clock.now()))
    except Wrong as wrong:
        return _refused(wrong)


@blueprint.post("/wechat/oa")
@blueprint.post("/wechat/mp")
def take() -> ResponseReturnValue:
    """One message or event. Three statements at most, and no outsider."""
    door, now = _door(), clock.now()
    request.max_content_length = LARGEST
    try:
        signature = envelope.check_signature(door, request.args, now=now)
        incoming = envelope.open_body(door, request.args, request.get_data(cache=False), now=now)
        in_transaction(lambda: callbacks.take(incoming, signature=signature, handlers=HANDLERS, now=now))
    except Wrong as wrong:
        return _refused(wrong)
    words = _words(incoming) if request.path.endswith("/oa") else None
    if words is None:
        return _text(DONE)
    return Response(envelope.reply(door, incoming, words, now=now), mimetype="application/xml")


def _words(incoming: Incoming) -> str | None:
    """What is answered at once; None for what wants no answer."""
    url = _settings().public_url
    if incoming.event == "text":
        return answer(keyword(incoming.text("Content")), url)
    if incoming.event == "CLICK":
        subject = by_key(incoming.text("EventKey"))
        return answer(subject, url) if subject else None
    return welcome(url) if incoming.event == "subscribe" else None


def _door() -> Door:
    """Raises NotFound where this app is not called back."""
    settings = _settings()
    oa = request.path.endswith("/oa")
    app, push = (settings.wechat_oa, settings.wechat_oa_push) if oa else (settings.wechat_mp, settings.wechat_mp_push)
    if app is None or push is None:
        raise NotFound("not_found")
    token, keys, mode = push
    return Door(app[0], token, keys, Mode(mode))


def _settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found


def _refused(wrong: Wrong) -> ResponseReturnValue:
    status = 403 if wrong.forged else 400
    try:
        with limiter.limit(WRONG, key_func=address):
            log.warning("callback refused", route=str(request.url_rule), why=wrong.why)
    except RateLimitExceeded:
        # From here on nothing is said of this source, neither to it nor in the log.
        status = 429
    return _text("", status)


def _text(text: str, status: int = 200) -> Response:
    return Response(text, status=status, mimetype="text/plain")
