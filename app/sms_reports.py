"""Where the SMS providers report delivery: /sms/aliyun/reports/TOKEN, /sms/tencent/reports/TOKEN.

They sign nothing, so whoever knows the token is believed; it is in no log, for a line there holds the route. Kept and
answered at once, worked on later. Whatever is amiss gets 400, or 404 for a wrong token, and leaves nothing behind.
"""

import hmac

import structlog
from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded

from app.throttle import WRONG, address, limiter
from services.core import clock
from services.core.errors import NotFound
from services.core.transaction import in_transaction
from services.notifications.bodies import Wrong
from services.notifications.sms import settling
from services.notifications.sms.reports import ACCEPTED, LARGEST

log = structlog.get_logger("gonghui.callbacks")
blueprint = Blueprint("sms_reports", __name__)


@blueprint.post("/sms/<any(aliyun, tencent):provider>/reports/<token>")
def take(provider: str, token: str) -> ResponseReturnValue:
    """A push of up to 1,000 reports. No outsider is asked."""
    expected = current_app.config["SETTINGS"].sms_report_token
    if expected is None or not hmac.compare_digest(token.encode(), expected.encode()):
        return _refused("token", 404)
    request.max_content_length = LARGEST
    raw, now = request.get_data(cache=False), clock.now()
    try:
        in_transaction(lambda: settling.keep(provider=provider, raw=raw, now=now))
    except Wrong as wrong:
        return _refused(wrong.why, 400)
    return jsonify(ACCEPTED[provider])


def _refused(why: str, status: int) -> ResponseReturnValue:
    try:
        with limiter.limit(WRONG, key_func=address):
            log.warning("report refused", why=why)
    except RateLimitExceeded:
        # From here on nothing is said of this source, neither to it nor in the log.
        return "", 429
    if status == 404:
        raise NotFound("not_found")
    return "", status
