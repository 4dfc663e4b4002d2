"""A form of questions in a real browser: what is not asked is not there and is not sent."""

from urllib.parse import parse_qs

from flask import Flask, render_template_string
from playwright.sync_api import Route

from app.pages import asked, asked_editor
from services.core.forms import Form, Kind, OnlyIf, Question
from tests.browser.conftest import Phones
from tests.browser.phone import Phone

YES_NO = (("y", {"zh": "带"}), ("n", {"zh": "不带"}))
FORM = Form(
    (
        Question("kid", Kind.CHOICE, {"zh": "带孩子来吗"}, required=True, options=YES_NO),
        Question("meals", Kind.CHOICES, {"zh": "孩子吃哪餐"}, options=YES_NO, only_if=OnlyIf("kid", ("y",))),
        Question("no", Kind.TEXT, {"zh": "孩子忌口"}, only_if=OnlyIf("meals", ("y", "n"))),
        Question("photo", Kind.FILE, {"zh": "孩子照片"}, only_if=OnlyIf("kid", ("y",))),
    )
)
PAGE = """{% extends "base.html" %}{% from "asked.html" import questions with context %}
{% from "asked_editor.html" import editor with context %}
{% block head %}<link rel="stylesheet" href="{{ asset('console.css') }}">{% endblock %}
{% block main %}<form method="post" action="/a-form">{{ questions(shown) if shown else editor(built, '/a-form') }}
<p><button class="btn">Send</button></p></form>{% endblock %}"""


def show(app: Flask, one: Phone, **shown: object) -> list[dict[str, list[str]]]:
    """Opens the page, under the house's own security policy; what is sent from it grows the list."""
    with app.test_request_context("/"):
        page = render_template_string(PAGE, **shown)
    policy = app.test_client().get("/").headers["Content-Security-Policy"]
    sent: list[dict[str, list[str]]] = []

    def answer(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(parse_qs(route.request.post_data or "", keep_blank_values=True))
        headers = {"Content-Security-Policy": policy, "Content-Type": "text/html; charset=utf-8"}
        route.fulfill(body=page, headers=headers)

    one.page.route("**/a-form*", answer)
    one.open("/a-form")
    one.page.wait_for_load_state("networkidle")
    return sent


def test_questions_come_and_go_with_the_answer_they_hang_on(app: Flask, phone: Phones) -> None:
    one = phone()
    sent, page = show(app, one, shown=asked.fill(FORM)), one.page
    assert "忌口" not in one.text() and "照片" not in one.text()
    page.check("[name=q-kid][value=y]")
    page.check("[name=q-meals][value=y]")
    page.fill("[name=q-no]", "花生")
    assert "照片" in one.text() and "仅在" not in one.text()
    assert one.overflow() == 0 and one.small_targets() == []

    page.check("[name=q-kid][value=n]")
    assert "忌口" not in one.text() and "照片" not in one.text(), "what hangs on a hidden one goes with it"
    page.check("[name=q-kid][value=y]")
    assert page.input_value("[name=q-no]") == "花生", "nothing typed is lost"
    page.check("[name=q-kid][value=n]")
    with page.expect_navigation():
        page.click("button.btn")
    assert sent == [{"q-kid": ["n"]}]


def test_enter_in_the_editor_saves_and_moves_nothing(app: Flask, phone: Phones) -> None:
    one = phone()
    sent, page = show(app, one, built=asked_editor.fill(FORM)), one.page
    assert page.locator("#ask-0-options").is_visible() and not page.locator("#ask-2-options").is_visible()
    page.select_option("#ask-2-kind", "choice")
    assert page.locator("#ask-2-options").is_visible()
    assert one.overflow() == 0 and one.small_targets() == []
    with page.expect_navigation():
        page.press("#ask-1-label", "Enter")
    page.click("fieldset#ask-1 >> text=上移")
    page.wait_for_url("**/a-form#ask-0")
    assert [one.get("ask-do") for one in sent] == [None, ["up-1"]]
    assert sent[0]["ask-1-label"] == ["孩子吃哪餐"]
