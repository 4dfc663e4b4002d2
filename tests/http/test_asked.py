"""Forms on pages: what was typed stays, faults stand at their fields, files are kept and forgotten; the editor."""

import html
import io
import json
import re
from typing import Any

import pytest
from flask import Flask, render_template_string
from PIL import Image

from app.pages import asked, asked_editor
from services.core import forms
from services.core.errors import NotFound
from services.core.files import files
from services.core.forms import Faults, Form, Handed, Kind, OnlyIf, Question

OPTIONS = (("s", {"zh": "小号", "en": "Small"}), ("l", {"zh": "大号"}))
FORM = Form(
    (
        Question("size", Kind.CHOICE, {"zh": "尺码", "en": "Size"}, required=True, options=OPTIONS),
        Question("days", Kind.CHOICES, {"zh": "哪天<来>"}, options=OPTIONS),
        Question("note", Kind.TEXT, {"zh": "说明"}, hint={"zh": "写几句"}, most=300),
        Question("waist", Kind.NUMBER, {"zh": "腰围"}, required=True, only_if=OnlyIf("size", ("s", "l"))),
        Question("paper", Kind.FILE, {"zh": "证书"}),
        Question("rules", Kind.CONSENT, {"zh": "我同意须知"}, required=True),
        Question("inner", Kind.TEXT, {"zh": "内部备注"}, for_managers=True),
    )
)
GOOD = {"q-size": "l", "q-waist": "80", "q-rules": "yes", "q-days": ["l", "s"]}
DRAW = '{% from "asked.html" import questions with context %}{{ questions(asked) }}'
EDIT = '{% from "asked_editor.html" import editor with context %}{{ editor(one, "/there") }}'


def photo() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (30, 20)).save(kept, "JPEG")
    return kept.getvalue()


def send(app: Flask, typed: dict[str, Any], before: Any = None, **how: Any) -> tuple[asked.Asked, str]:
    """What was made of it, and the page that shows it again."""
    data = {name: (io.BytesIO(one), "x.jpg") if isinstance(one, bytes) else one for name, one in typed.items()}
    with app.test_request_context("/", method="POST", data=data):
        found = asked.sent(FORM, before, **how)
        return found, render_template_string(DRAW, asked=found)


def field(page: str, name: str) -> str:
    """The tag of a field."""
    found = re.search(rf'<(?:input|select|textarea)[^>]*name="{re.escape(name)}"[^>]*>', page)
    assert found, name
    return found[0]


def test_good_answers_are_read(app: Flask) -> None:
    found, _ = send(app, GOOD)
    assert found.answers == {"size": "l", "days": ("s", "l"), "waist": "80", "rules": "yes"}
    assert found.wrong == {}


def test_a_form_with_faults_comes_back_as_it_was_typed(app: Flask) -> None:
    found, page = send(app, {"q-size": "l", "q-days": "s", "q-waist": "so<>weit", "q-note": "两\n行"})
    assert found.answers is None
    assert set(found.wrong) == {"waist", "rules"}
    assert 'value="so&lt;&gt;weit" aria-invalid="true" aria-describedby="q-waist-err q-waist-note"' in page
    assert 'id="q-waist-err" role="alert"' in page
    assert "请只填数字" in page
    assert re.search(r'name="q-size" value="l" checked', page)
    assert re.search(r'name="q-days" value="s" checked', page)
    assert "\n两\n行</textarea>" in page.replace("\r", "")
    assert "哪天&lt;来&gt;" in page


def test_a_question_that_hangs_on_another_says_when_it_is_asked(app: Flask) -> None:
    _, page = send(app, {})
    assert "仅在“尺码”选“小号”或“大号”时填写" in page
    assert 'data-only-if="q-size"' in page
    answers = re.search(r'data-answers="([^"]*)"', page)
    assert answers and json.loads(html.unescape(answers[1])) == ["s", "l"]
    assert page.count("js/asked.js") == 1


def test_every_id_that_describes_a_field_is_on_the_page(app: Flask) -> None:
    for typed in ({}, {**GOOD, "q-note": "x" * 301, "q-paper": b"GIF89a"}):
        _, page = send(app, typed, as_manager=True)
        ids = re.findall(r'\bid="([^"]+)"', page)
        assert len(ids) == len(set(ids))
        named = {one for group in re.findall(r'aria-describedby="([^"]+)"', page) for one in group.split()}
        assert named <= set(ids)
        assert set(re.findall(r'\bfor="([^"]+)"', page)) <= set(ids)


def test_an_english_reader_gets_english(app: Flask) -> None:
    with app.test_request_context("/", headers={"Cookie": "lang=en"}):
        page = render_template_string(DRAW, asked=asked.fill(FORM))
    assert "Size" in page and "Small" in page and "可不填" not in page


def test_managers_questions_are_for_managers(app: Flask) -> None:
    _, page = send(app, GOOD)
    assert "内部" not in page
    found, page = send(app, {**GOOD, "q-inner": "x"}, as_manager=True)
    assert found.answers and found.answers["inner"] == "x"
    assert "内部备注" in page
    found, _ = send(app, {**GOOD, "q-inner": "x"})
    assert set(found.wrong) == {"inner"}


def test_forms_of_several_people_stand_apart(app: Flask) -> None:
    typed = {**GOOD, "q2-size": "s", "q2-waist": "60", "q2-rules": "yes", "csrf": "t", "key": "k"}
    first, _ = send(app, typed)
    second, page = send(app, typed, prefix="q2")
    assert first.answers and first.answers["size"] == "l"
    assert second.answers == {"size": "s", "waist": "60", "rules": "yes"}
    assert 'name="q2-size"' in page and 'data-only-if="q2-size"' in page


def test_a_file_is_kept_shown_replaced_and_forgotten(app: Flask) -> None:
    found, _ = send(app, {**GOOD, "q-paper": photo()})
    with app.app_context():
        first = found.keep()
        paper = first["paper"]
        assert isinstance(paper, Handed) and paper.key
    with app.test_request_context("/"):
        answer = asked.served(paper, name="certificate")
        answer.direct_passthrough = False
        assert answer.data.startswith(b"\xff\xd8\xff")
        assert answer.headers["Cache-Control"] == "no-store"
        page = render_template_string(DRAW, asked=asked.fill(FORM, first))
    assert "已交：图片" in page

    again, _ = send(app, GOOD, first)
    assert again.answers and again.answers["paper"] == paper, "nothing new came: the old one stays"
    gone, _ = send(app, {**GOOD, "q-paper.gone": "1"}, first)
    assert gone.answers is not None and "paper" not in gone.answers

    other, _ = send(app, {**GOOD, "q-paper": b"%PDF-1.7"}, first)
    with app.app_context():
        second = other.keep()
        new = second["paper"]
        assert isinstance(new, Handed) and new.key != paper.key
        asked.drop(first, but=first)
        assert files.get(paper.key)
        asked.drop(first, but=second)
        assert files.get(new.key) == b"%PDF-1.7"
        with pytest.raises(NotFound):
            files.get(paper.key)
    with app.test_request_context("/"):
        assert "attachment" in asked.served(new, name="certificate").headers["Content-Disposition"]


def test_another_file_is_refused_and_a_good_one_must_be_chosen_again(app: Flask) -> None:
    found, page = send(app, {**GOOD, "q-paper": b"GIF89a"})
    assert set(found.wrong) == {"paper"}
    assert "只收图片" in page and 'aria-invalid="true"' in field(page, "q-paper")
    _, page = send(app, {"q-paper": photo()})
    assert "文件要再选一次" in page


def test_a_file_for_a_question_that_is_not_asked_is_not_looked_at(app: Flask) -> None:
    form = Form((FORM.questions[5], Question("paper", Kind.FILE, {"zh": "证书"}, only_if=OnlyIf("rules", ("yes",)))))
    for typed, wrong in (({}, {"rules"}), ({"q-rules": "yes"}, {"paper"}), ({"q-rules": " yes "}, {"paper"})):
        data = {**typed, "q-paper": (io.BytesIO(b"GIF89a"), "x.gif")}
        with app.test_request_context("/", method="POST", data=data):
            assert set(asked.sent(form).wrong) == wrong


def test_what_was_not_kept_cannot_be_kept(app: Flask) -> None:
    found, _ = send(app, {})
    with pytest.raises(ValueError, match="no answers"):
        found.keep()


# The editor


def edit(app: Flask, typed: dict[str, str], before: Form = FORM) -> tuple[asked_editor.Editor, str]:
    with app.test_request_context("/", method="POST", data=typed):
        one = asked_editor.sent(before)
        return one, render_template_string(EDIT, one=one)


def typed_of(page: str) -> dict[str, str]:
    """What a browser would send of the page, no button pressed."""
    typed = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            typed[name[1]] = html.unescape(value[1]) if value else ""
    for name, inside in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL):
        typed[name] = html.unescape(inside)
    for name, inside in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inside)
        typed[name] = html.unescape(chosen[1]) if chosen else re.findall(r'value="([^"]*)"', inside)[0]
    return typed


def opened(app: Flask, form: Form) -> dict[str, str]:
    with app.test_request_context("/"):
        return typed_of(render_template_string(EDIT, one=asked_editor.fill(form)))


def test_a_form_that_is_saved_as_it_was_is_the_same_form(app: Flask) -> None:
    one, _ = edit(app, opened(app, FORM))
    assert one.wrong == {}
    assert one.form == FORM


def test_an_officer_builds_a_form_with_buttons_alone(app: Flask) -> None:
    _, page = edit(app, {"ask-do": "add", "ask-keep_days": "30"}, Form())
    typed = typed_of(page) | {
        "ask-0-label": "穿几号",
        "ask-0-kind": "choice",
        "ask-0-options": "小号 | Small\n大号｜Large\n",
    }
    one, page = edit(app, {**typed, "ask-do": "add"}, Form())
    assert one.acted and one.form is None
    key = typed["ask-0-key"]
    assert f'value="{key}:大号"' in page
    typed = typed_of(page) | {"ask-1-label": "腰围", "ask-1-kind": "number", "ask-1-least": "50", "ask-1-required": "1"}
    typed |= {"ask-1-only_if": f"{key}:大号"}
    one, _ = edit(app, typed, Form())
    assert one.form is not None
    first, second = one.form.questions
    assert (one.form.keep_days, first.key, first.options) == (
        30, key, (("小号", {"zh": "小号", "en": "Small"}), ("大号", {"zh": "大号", "en": "Large"})),
    )  # fmt: skip
    assert (second.kind, second.required, str(second.least)) == (Kind.NUMBER, True, "50")
    assert second.only_if == OnlyIf(key, ("大号",))
    assert second.key != key


def test_questions_are_moved_and_removed_with_all_that_was_typed(app: Flask) -> None:
    typed = opened(app, FORM) | {"ask-1-label": "改过"}
    one, _ = edit(app, {**typed, "ask-do": "up-1"})
    assert [row["label"] for row in one.rows][:2] == ["改过", "尺码"]
    one, _ = edit(app, {**typed, "ask-do": "down-0"})
    assert [row["label"] for row in one.rows][:2] == ["改过", "尺码"]
    one, _ = edit(app, {**typed, "ask-do": "drop-0"})
    assert [row["label"] for row in one.rows][:2] == ["改过", "说明"]
    for nonsense in ("up-99", "drop-", "drop--1", "drop-²", "else"):
        one, _ = edit(app, {**typed, "ask-do": nonsense})
        assert len(one.rows) == len(FORM.questions)


def test_a_condition_whose_question_has_gone_is_said_and_not_lost(app: Flask) -> None:
    """The one of two answers is kept as it was; without its question it is a fault in its own field."""
    one, page = edit(app, {**opened(app, FORM), "ask-do": "drop-0"})
    one, page = edit(app, typed_of(page))
    assert one.form is None
    assert set(one.wrong) == {"ask-2-only_if"}
    assert 'id="ask-2-only_if-err"' in page and "和原来一样" in page


def test_what_an_officer_got_wrong_stands_at_its_field(app: Flask) -> None:
    typed = opened(app, FORM) | {"ask-0-options": "", "ask-2-most": "many", "ask-3-label": "", "ask-keep_days": "9999"}
    one, page = edit(app, {**typed, "ask-3-hint": "h"})
    assert set(one.wrong) == {
        "ask-0-options", "ask-2-most", "ask-3-label", "ask-3-only_if", "ask-keep_days",
    }  # fmt: skip
    for name in one.wrong:
        assert f'id="{name}-err"' in page
        assert 'aria-invalid="true"' in field(page, name)
    assert 'value="many"' in page and 'value="9999"' in page


def test_a_blank_question_is_none(app: Flask) -> None:
    _, page = edit(app, {**opened(app, FORM), "ask-do": "add"})
    one, _ = edit(app, typed_of(page))
    assert one.form == FORM


def test_renaming_a_question_keeps_its_key_and_an_option_its_own(app: Flask) -> None:
    typed = opened(app, FORM) | {"ask-0-label": "穿几号", "ask-0-options": "大号\n小号\n加大"}
    one, _ = edit(app, typed)
    assert one.form is not None
    assert one.form.questions[0].key == "size"
    assert [key for key, _ in one.form.questions[0].options] == ["l", "s", "加大"]


def test_no_more_than_thirty_questions_are_added(app: Flask) -> None:
    full = Form(tuple(Question(f"q{at}", Kind.TEXT, {"zh": f"问{at}"}) for at in range(30)))
    assert forms.faults_of(full) is None and not isinstance(forms.read(full, {}), Faults)
    one, _ = edit(app, {**opened(app, full), "ask-do": "add"}, full)
    assert len(one.rows) == 30
