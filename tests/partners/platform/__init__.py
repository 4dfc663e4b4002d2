"""A strict stand-in of the WeChat platform on loopback: what it answers, and what it refuses, as research found it.

By hand: `python -m tests.partners.platform --port 8765` prints the settings for an application that uses it; what it
took stands on its page /sent.
"""

from tests.partners.platform.memory import MENU, QR_CODE, USER_INFO, StandIn
from tests.partners.platform.people import PEOPLE, App, Code, Fault, For, Person, Refused, Status, Trouble
from tests.partners.platform.sending import (
    BIZSEND,
    MASS,
    PRESETS,
    SUBSCRIBE,
    TEMPLATE,
    Sent,
    as_json,
    as_xml,
    template_id,
)
from tests.partners.platform.serving import environment, running

__all__ = [
    "BIZSEND", "MASS", "MENU", "PEOPLE", "PRESETS", "QR_CODE", "SUBSCRIBE", "TEMPLATE", "USER_INFO", "App", "Code",
    "Fault", "For", "Person", "Refused", "Sent", "StandIn", "Status", "Trouble", "as_json", "as_xml", "environment",
    "running", "template_id",
]  # fmt: skip
