"""A member's phone on the form of one event, and what stands at its fields."""

import html
import re
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.accounts.types import MemberActor
from services.core import clock
from services.core.errors import Refusal
from services.events.service import signing_up
from services.events.types import Category, Entry, EventId, SignupId
from tests.builders.events import Gathering
from tests.builders.world import World
from tests.http.pages import Reader, forms

At = Callable[..., None]
PAIR = (Category(1, {"zh": "单打"}), Category(2, {"zh": "双打"}, least=2, most=2))


def plain(page: str) -> str:
    """What a page says, without its markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def enter(gathering: Gathering, member: MemberActor, event_id: EventId, **entry: Any) -> SignupId:
    """The member signs up, without a page."""
    done = gathering.world.do(
        lambda: signing_up.sign_up(actor=member, event_id=event_id, entry=Entry(**entry), now=clock.now())
    )
    assert not isinstance(done, Refusal), done
    return done


def csrf(reader: Reader) -> str:
    return re.findall(r'name="csrf" value="([^"]+)"', reader.open("/me"))[0]


class Phone(Reader):
    """A member's, on the form of one event."""

    def __init__(self, client: FlaskClient, world: World, actor: MemberActor, event_id: EventId) -> None:
        super().__init__(client, world, actor)
        self.address = f"/events/{event_id}/sign-up"

    def fill(self, **typed: Any) -> TestResponse:
        """Sends the form as it was shown, with what was typed; `_` in a name stands for `-`."""
        form = next(one for one in forms(self.open(self.address)) if one.action == self.address)
        fields = {name.replace("_", "-"): value for name, value in typed.items()}
        return self.client.post(self.address, data={**form.hidden, **fields})

    def act(self, signup: str, verb: str, **typed: str) -> TestResponse:
        """Presses a button of the entry's page."""
        return self.send(self.open(signup), f"{signup}/{verb}", **typed)


def fault(answer: TestResponse, field: str) -> str:
    """The sentence at a field; empty where there is none."""
    found = re.search(rf'id="{field}-err"[^>]*>.*?<span>(.*?)</span>', answer.text, re.DOTALL)
    return html.unescape(found.group(1)) if found else ""
