"""A browser's manners for the test client: the session's cookie, and forms sent with everything that is in them."""

import html
import re
from dataclasses import dataclass

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.accounts.types import Actor
from tests.builders.world import World

_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_ACTION = re.compile(r'action="([^"]*)"')


@dataclass(frozen=True)
class Form:
    """A form as a page showed it: where it goes and what it carries unseen."""

    action: str
    hidden: dict[str, str]


class Reader:
    """Somebody with a browser, scripts off."""

    def __init__(self, client: FlaskClient, world: World, actor: Actor | None = None, *, proved: bool = False) -> None:
        self.client = client
        if actor:
            client.set_cookie("gonghui", world.token(actor, proved=proved))

    def open(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:400])
        return answer.text

    def send(self, page: str, action: str, **typed: str) -> TestResponse:
        """Sends the form of `page` whose address ends in `action`, with what was typed or pressed."""
        form = next(form for form in forms(page) if form.action.endswith(action))
        return self.client.post(form.action, data={**form.hidden, **typed})


def forms(page: str, own: str = "") -> list[Form]:
    """`own` is the page's address, for forms that name none."""
    found = []
    for attributes, inside in _FORM.findall(page):
        action = _ACTION.search(attributes)
        hidden = {name: html.unescape(value) for name, value in _HIDDEN.findall(inside)}
        found.append(Form(action.group(1) if action else own, hidden))
    return found
