"""Wherever the official account sends somebody, there is a whole page."""

import re

import pytest
from flask.testing import FlaskClient

from app import wechat_answers, wechat_menu
from tests.builders.world import World

HERE = "https://gh.example.cn"


def ways() -> set[str]:
    """Paths of the menu's buttons, and of the links in every answer."""
    buttons = [one for button in wechat_menu.menu(HERE) for one in button.get("sub_button", [button])]
    answers = [wechat_answers.answer(keyword, HERE) for keyword in wechat_answers.Keyword]
    links = [link for said in [*answers, wechat_answers.welcome(HERE)] for link in re.findall(r'href="([^"]+)"', said)]
    found = {url.removeprefix(HERE) for url in [*links, *(one["url"] for one in buttons if "url" in one)]}
    assert len(found) > 4
    return found


@pytest.mark.parametrize("persona", ["member", None])
def test_every_way_leads_to_a_whole_page(client: FlaskClient, world: World, persona: str | None) -> None:
    world.member()
    if persona:
        client.post("/demo", data={"persona": persona})
    for path in sorted(world.look(ways)):
        page = client.get(path, follow_redirects=True)
        assert page.status_code == 200 and "<main" in page.text and "<title>" in page.text, path
