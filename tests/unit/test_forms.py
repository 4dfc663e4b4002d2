"""Forms: what is answered is tidy or refused at its question, what is not asked leaves no answer, JSON keeps all."""

import datetime
import io
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.core import forms
from services.core.errors import Invalid
from services.core.forms import Answers, Faults, Form, Handed, Kind, OnlyIf, Question
from services.core.forms.handed import JPEG, LARGEST, SIDE, tidied

SIZES = (("s", {"zh": "小号", "en": "Small"}), ("l", {"zh": "大号"}), ("xl", {"zh": "特大号"}))
LARGE, BORN = OnlyIf("size", ("l", "xl")), (datetime.date(2010, 1, 1), datetime.date(2025, 12, 31))
FORM = Form(
    (
        Question("size", Kind.CHOICE, {"zh": "衣服尺码", "en": "Shirt size"}, required=True, options=SIZES),
        Question("height", Kind.NUMBER, {"zh": "身高"}, least=Decimal(50), most=Decimal(250), only_if=LARGE),
        Question("days", Kind.CHOICES, {"zh": "哪几天来"}, options=SIZES, least=1, most=2),
        Question("born", Kind.DATE, {"zh": "孩子生日"}, least=BORN[0], most=BORN[1]),
        Question("call", Kind.PHONE, {"zh": "紧急联系电话"}),
        Question("note", Kind.TEXT, {"zh": "备注"}, least=2, most=150),
        Question("line", Kind.TEXT, {"zh": "单位"}, most=20),
        Question("photo", Kind.FILE, {"zh": "证书"}, only_if=OnlyIf("rules", ("yes",))),
        Question("rules", Kind.CONSENT, {"zh": "我同意活动须知"}),
        Question("paper", Kind.FILE, {"zh": "体检表"}, required=True, only_if=OnlyIf("rules", ("yes",))),
        Question("seat", Kind.TEXT, {"zh": "座位"}, for_managers=True, required=True),
    )
)  # fmt: skip
SCAN = Handed("image/jpeg", 1200, "0" * 26)


def codes(found: Answers | Faults | None) -> dict[str, str]:
    assert isinstance(found, Faults), found
    assert all(fault.facts["field"] == at for at, fault in found.at.items())
    return {at: fault.code for at, fault in found.at.items()}


def answered(given: dict[str, Any], **how: Any) -> Answers:
    found = forms.read(FORM, {"size": "s", **given}, **how)
    assert not isinstance(found, Faults), found
    return found


@pytest.mark.parametrize(
    ("key", "typed", "kept"),
    [
        ("size", ["l"], "l"),
        ("days", "xl", ("xl",)),
        ("days", ["l", "s", "l"], ("s", "l")),
        ("born", "２０２０/5/1", "2020-05-01"),
        ("born", "2020年5月1日", "2020-05-01"),
        ("call", " +86 138-0000-0000 ", "13800000000"),
        ("note", " 吃素\r\n不吃辣 ", "吃素\n不吃辣"),
        ("line", "一\t车间", "一 车间"),
        ("rules", "yes", "yes"),
    ],
)
def test_an_answer_is_kept_tidy(key: str, typed: Any, kept: Any) -> None:
    files = {"paper": SCAN} if key == "rules" else {}
    assert answered({key: typed}, files=files)[key] == kept


@pytest.mark.parametrize(
    ("typed", "kept"), [("172", "172"), ("１７２．５０", "172.5"), ("+060.00", "60"), ("172。5", "172.5")]
)
def test_a_number_is_kept_in_one_way(typed: str, kept: str) -> None:
    assert answered({"size": "l", "height": typed})["height"] == kept


def test_minus_nothing_is_nothing() -> None:
    form = Form((Question("n", Kind.NUMBER, {"zh": "数"}),))
    assert [forms.read(form, {"n": typed}) for typed in ("-0.00", "-1.20", "")] == [{"n": "0"}, {"n": "-1.2"}, {}]


@pytest.mark.parametrize(
    ("key", "typed", "code"),
    [
        ("size", "", "form_choice_left_open"),
        ("size", "m", "form_choice_unknown"),
        ("size", ["s", "l"], "form_answer_malformed"),
        ("size", {"s": 1}, "form_answer_malformed"),
        ("size", 3, "form_answer_malformed"),
        ("days", ["s", "l", "xl"], "form_choices_many"),
        ("days", ["s", "nine"], "form_choice_unknown"),
        ("days", [1], "form_answer_malformed"),
        ("born", "2020-02-30", "form_date_malformed"),
        ("born", "20200201", "form_date_malformed"),
        ("born", "2009-12-31", "form_date_early"),
        ("born", "2026-01-01", "form_date_late"),
        ("call", "12345", "form_phone_wrong"),
        ("call", "13800000000" + " " * 40 + "1", "form_phone_wrong"),
        ("note", "好", "form_text_short"),
        ("note", "好" * 151, "form_text_long"),
        ("note", "好\x00的", "form_signs_unseen"),
        ("note", "好\ud800的", "form_signs_unseen"),
        ("note", "好\u202e的", "form_signs_unseen"),
        ("line", "一\n二", "form_signs_unseen"),
        ("rules", "on", "form_answer_malformed"),
        ("rules", "yes", "form_file_missing"),
        ("seat", "A1", "form_question_unknown"),
        ("nothing", "", "form_question_unknown"),
        ("x" * 400, "", "form_question_unknown"),
    ],
)
def test_a_wrong_answer_is_refused_at_its_question(key: str, typed: Any, code: str) -> None:
    where = {"form_file_missing": "paper"}.get(code, key)[:30]
    assert codes(forms.read(FORM, {"size": "s", key: typed})) == {where: code}


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("49.99", "form_number_low"),
        ("250.01", "form_number_high"),
        ("1.234", "form_number_malformed"),
        ("1e3", "form_number_malformed"),
        ("NaN", "form_number_malformed"),
        ("1" * 13, "form_number_malformed"),
        ("١٧٢", "form_number_malformed"),
    ],
)
def test_a_wrong_number_is_refused(typed: str, code: str) -> None:
    assert codes(forms.read(FORM, {"size": "l", "height": typed})) == {"height": code}


def test_every_fault_comes_at_once() -> None:
    found = forms.read(FORM, {"born": "gestern", "call": "1", "rules": "yes", "other": "1"}, {"elsewhere": SCAN})
    assert set(codes(found)) == {"size", "born", "call", "paper", "other", "elsewhere"}


def test_an_answer_that_is_not_asked_for_is_dropped_unjudged() -> None:
    assert answered({"height": "as tall as a tree"}, files={"paper": SCAN}) == {"size": "s"}


def test_a_condition_is_judged_by_what_was_answered_before() -> None:
    """The photo hangs on a consent that comes after it: it is never asked for, and such a form is refused."""
    assert "photo" not in answered({"rules": "yes"}, files={"paper": SCAN, "photo": SCAN})
    assert codes(forms.faults_of(FORM)) == {"questions.7.only_if": "form_condition_unknown"}


def test_what_hangs_on_a_dropped_answer_is_dropped_too() -> None:
    chain = Form(
        (
            Question("a", Kind.CHOICE, {"zh": "甲"}, options=SIZES),
            Question("b", Kind.CHOICES, {"zh": "乙"}, options=SIZES, only_if=OnlyIf("a", ("s",))),
            Question("c", Kind.TEXT, {"zh": "丙"}, required=True, only_if=OnlyIf("b", ("l", "xl"))),
        )
    )
    typed = {"b": ["s", "xl"], "c": "三"}
    assert forms.read(chain, {"a": "s", **typed}) == {"a": "s", "b": ("s", "xl"), "c": "三"}
    assert forms.read(chain, {"a": "l", **typed}) == {"a": "l"}
    assert [one.key for one in forms.visible(chain, {"a": "l", "b": ("s", "xl")})] == ["a"]


def test_managers_answer_what_members_never_see() -> None:
    assert codes(forms.read(FORM, {"size": "s"}, as_manager=True)) == {"seat": "form_answer_missing"}
    whole = answered({"seat": "A1"}, as_manager=True)
    assert whole["seat"] == "A1"
    assert ("座位", "A1") in forms.shown(FORM, whole, "zh", as_manager=True)
    assert "座位" not in str([forms.shown(FORM, whole, "zh", blanks=blanks) for blanks in (False, True)])
    assert "seat" not in {one.key for one in forms.visible(FORM, whole)}


def test_a_member_who_answers_anew_leaves_what_managers_wrote() -> None:
    before = answered({"seat": "A1", "note": "早的话"}, as_manager=True)
    assert forms.merged(FORM, answered({"note": "晚的话"}), before) == {"size": "s", "note": "晚的话", "seat": "A1"}
    assert forms.merged(FORM, answered({}), before) == {"size": "s", "seat": "A1"}


def test_answers_are_said_in_the_readers_language() -> None:
    answers = answered({"days": ["s", "l"], "rules": "yes"}, files={"paper": SCAN})
    assert forms.shown(FORM, answers, "zh") == [
        ("衣服尺码", "小号"), ("哪几天来", "小号、大号"), ("我同意活动须知", "同意"), ("体检表", "图片"),
    ]  # fmt: skip
    assert forms.shown(FORM, answers, "en")[:2] == [("Shirt size", "Small"), ("哪几天来", "Small, 大号")]


def test_an_export_has_the_same_columns_for_everybody() -> None:
    rows = [forms.shown(FORM, one, "zh", as_manager=True, blanks=True) for one in ({}, answered({"line": "一车间"}))]
    assert [[label for label, _ in row] for row in rows] == [[one.label["zh"] for one in FORM.questions]] * 2
    assert [text for _, text in rows[0]] == [""] * len(FORM.questions)


def test_an_option_that_has_gone_is_shown_by_its_key() -> None:
    fewer = replace(FORM, questions=(replace(FORM.questions[0], options=SIZES[1:]),))
    assert forms.shown(fewer, {"size": "s"}, "zh") == [("衣服尺码", "s")]


# What an officer may get wrong

PLAIN = Question("q", Kind.TEXT, {"zh": "问"})
PICK = Question("q", Kind.CHOICE, {"zh": "问"}, options=SIZES)


@pytest.mark.parametrize(
    ("questions", "where", "code"),
    [
        ([PLAIN] * 2, "1.key", "form_key_twice"),
        ([replace(PLAIN, key="2q")], "0.key", "form_key_malformed"),
        ([replace(PLAIN, key="q" * 31)], "0.key", "form_key_malformed"),
        ([replace(PLAIN, label={"en": "Why"})], "0.label", "form_label_missing"),
        ([replace(PLAIN, label={"zh": "问" * 81})], "0.label", "form_label_long"),
        ([replace(PLAIN, label={"zh": "问", "en": "w" * 161})], "0.label", "form_label_long"),
        ([replace(PLAIN, label={"zh": "问\x00"})], "0.label", "form_signs_unseen"),
        ([replace(PLAIN, hint={"zh": "问" * 201})], "0.hint", "form_label_long"),
        ([replace(PICK, options=())], "0.options", "form_options_missing"),
        ([replace(PICK, options=(*SIZES, SIZES[0]))], "0.options", "form_option_twice"),
        ([replace(PICK, options=(*SIZES, ("other", {"zh": "小号"})))], "0.options", "form_option_twice"),
        ([replace(PICK, options=((" s", {"zh": "小号"}),))], "0.options", "form_key_malformed"),
        (
            [replace(PICK, options=tuple((str(at), {"zh": str(at)}) for at in range(51)))],
            "0.options",
            "form_options_many",
        ),
        ([replace(PLAIN, most=2001)], "0.most", "form_bound_malformed"),
        ([replace(PLAIN, least=Decimal(1))], "0.least", "form_bound_malformed"),
        ([replace(PLAIN, least=201)], "0.most", "form_bounds_order"),
        ([replace(PICK, kind=Kind.CHOICES, most=4)], "0.most", "form_bound_malformed"),
        ([replace(PLAIN, kind=Kind.NUMBER, least=Decimal(2), most=Decimal("1.5"))], "0.most", "form_bounds_order"),
        ([replace(PLAIN, kind=Kind.DATE, least=1)], "0.least", "form_bound_malformed"),
        ([PICK, replace(PLAIN, key="r", only_if=OnlyIf("x", ("s",)))], "1.only_if", "form_condition_unknown"),
        ([replace(PICK, only_if=OnlyIf("q", ("s",)))], "0.only_if", "form_condition_unknown"),
        ([PLAIN, replace(PLAIN, key="r", only_if=OnlyIf("q", ("s",)))], "1.only_if", "form_condition_kind"),
        ([PICK, replace(PLAIN, key="r", only_if=OnlyIf("q", ("m",)))], "1.only_if", "form_condition_answer"),
        ([PICK, replace(PLAIN, key="r", only_if=OnlyIf("q", ()))], "1.only_if", "form_condition_answer"),
        (
            [replace(PICK, for_managers=True), replace(PLAIN, key="r", only_if=OnlyIf("q", ("s",)))],
            "1.only_if",
            "form_condition_hidden",
        ),
    ],
)
def test_a_form_that_makes_no_sense_is_refused(questions: list[Question], where: str, code: str) -> None:
    assert codes(forms.faults_of(Form(tuple(questions)))) == {f"questions.{where}": code}


def test_a_form_has_its_limits() -> None:
    many = tuple(replace(PLAIN, key=f"q{at}") for at in range(31))
    assert codes(forms.faults_of(Form(many, keep_days=731))) == {
        "questions": "form_questions_many",
        "keep_days": "form_keep_days_range",
    }
    assert forms.faults_of(Form(many[:30], keep_days=0)) is None
    files = tuple(replace(one, kind=Kind.FILE) for one in many[:4])
    assert codes(forms.faults_of(Form(files))) == {"questions": "form_files_many"}


# As JSON


def test_a_form_is_the_same_after_json() -> None:
    assert forms.loaded(json.loads(json.dumps(forms.dumped(FORM)))) == FORM
    assert forms.loaded({}) == Form()


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ([], "form"),
        ({"questons": []}, "form"),
        ({"questions": {}}, "questions"),
        ({"keep_days": True}, "keep_days"),
        ({"questions": [{"key": "q", "kind": "radio", "label": {"zh": "问"}}]}, "questions.0.kind"),
        ({"questions": [{"kind": "text", "label": {"zh": "问"}}]}, "questions.0.key"),
        ({"questions": [{"key": "q", "kind": "text", "label": "问"}]}, "questions.0.label"),
        ({"questions": [{"key": "q", "kind": "text", "label": {"fr": "x"}}]}, "questions.0.label"),
        ({"questions": [{"key": "q", "kind": "text", "label": {"zh": "问"}, "most": "9"}]}, "questions.0.most"),
        ({"questions": [{"key": "q", "kind": "date", "label": {"zh": "问"}, "most": 9}]}, "questions.0.most"),
        ({"questions": [{"key": "q", "kind": "number", "label": {"zh": "问"}, "most": "x"}]}, "questions.0.most"),
        ({"questions": [{"key": "q", "kind": "text", "label": {"zh": "问"}, "only_if": "r"}]}, "questions.0.only_if"),
    ],
)
def test_a_malformed_form_is_refused(value: Any, field: str) -> None:
    with pytest.raises(Invalid, match="form_malformed") as refused:
        forms.loaded(value)
    assert refused.value.facts == {"field": field}


def test_malformed_answers_are_refused() -> None:
    for value in ([], {"a": 1}, {"a": {"media": "x"}}, {"a": [1]}):
        with pytest.raises(Invalid, match="form_malformed"):
            forms.loaded_answers(value)


TEXTS = st.text() | st.sampled_from(["s", "l", "xl", "yes", "172", "2020-05-01", "13800000000", " 好的 "])
GIVEN = st.dictionaries(
    st.sampled_from([one.key for one in FORM.questions]) | st.text(max_size=3), TEXTS | st.lists(TEXTS, max_size=3)
)
LIKELY = st.fixed_dictionaries(
    {"size": st.sampled_from(["s", "l"])},
    optional={
        "height": st.decimals(50, 250, places=2).map(str),
        "days": st.lists(st.sampled_from(["s", "l", "xl"]), max_size=2),
        "born": st.dates(*BORN).map(str),
        "call": st.integers(10**10, 2 * 10**10 - 1).map(str),
        "note": st.text(min_size=2, max_size=160),
        "line": st.text(max_size=20),
        "rules": st.sampled_from(["yes", ""]),
        "seat": st.text(min_size=1, max_size=9),
    },
)
FILES = st.dictionaries(st.sampled_from(["paper", "photo", "size", "other"]), st.just(SCAN))
LEAF = st.none() | st.booleans() | st.integers() | TEXTS
WORDS = st.dictionaries(st.sampled_from(["zh", "en"]), st.text())
QUESTION = st.fixed_dictionaries(
    {"key": TEXTS, "kind": st.sampled_from(list(Kind)), "label": WORDS},
    optional={
        "hint": WORDS, "required": st.booleans(), "least": LEAF, "most": LEAF, "for_managers": st.booleans(),
        "options": st.lists(st.fixed_dictionaries({"key": TEXTS, "label": WORDS}), max_size=3),
        "only_if": st.fixed_dictionaries({"key": TEXTS, "answers": st.lists(TEXTS, max_size=2)}),
    },
)  # fmt: skip
JSON = (
    st.fixed_dictionaries({}, optional={"questions": st.lists(QUESTION | LEAF, max_size=4), "keep_days": LEAF}) | LEAF
)


@given(LIKELY, st.booleans())
def test_answers_sent_again_are_the_same_answers(typed: dict[str, Any], as_manager: bool) -> None:
    found = forms.read(FORM, typed, {"paper": SCAN}, as_manager=as_manager)
    if isinstance(found, Faults):
        return
    back = forms.loaded_answers(json.loads(json.dumps(forms.dumped_answers(found))))
    assert back == found
    assert forms.read(FORM, forms.given_of(back), forms.files_of(back), as_manager=as_manager) == found
    assert forms.merged(FORM, found, found) == found


@given(GIVEN | LIKELY, FILES, st.booleans())
def test_whatever_is_sent_no_hidden_question_has_an_answer(
    typed: dict[str, Any], files: dict[str, Handed], as_manager: bool
) -> None:
    found = forms.read(FORM, typed, files, as_manager=as_manager)
    if isinstance(found, Faults):
        assert found.at
    else:
        asked = [one.key for one in forms.visible(FORM, found, as_manager=as_manager)]
        assert set(found) <= set(asked)
        assert {one.key for one in FORM.questions if one.required} & set(asked) <= set(found)


@given(JSON)
def test_whatever_json_comes_it_is_a_form_or_refused(value: Any) -> None:
    try:
        form = forms.loaded(value)
    except Invalid:
        return
    forms.faults_of(form)
    assert forms.loaded(forms.dumped(form)) == form


# Files


def picture(kind: str, size: tuple[int, int] = (40, 20), mode: str = "RGB", **saved: Any) -> bytes:
    kept = io.BytesIO()
    Image.new(mode, size, {"RGB": (200, 30, 40), "RGBA": (0, 0, 0, 0)}.get(mode, 0)).save(kept, kind, **saved)
    return kept.getvalue()


def test_a_photo_stands_upright_and_says_nothing_of_its_place() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "海棠里 3 号"
    exif.get_ifd(0x8825)[1] = "N"
    media, kept = tidied(picture("JPEG", exif=exif, comment=b"a private word"), field="photo")
    assert media == JPEG
    with Image.open(io.BytesIO(kept)) as clean:
        assert clean.size == (20, 40)
        assert not clean.getexif()
        assert {"comment", "exif", "icc_profile"}.isdisjoint(clean.info)
    assert b"private" not in kept


def test_what_an_odd_camera_wrote_beside_the_picture_is_no_reason_to_lose_it() -> None:
    """A width in letters: it can be read, and never be written again."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "hi!"
    odd = picture("JPEG", exif=exif).replace(b"\x01\x0e\x00\x02", b"\x01\x00\x00\x02")
    with Image.open(io.BytesIO(odd)) as came:
        assert came.getexif()[0x0100] == "hi!"
    with Image.open(io.BytesIO(tidied(odd, field="photo")[1])) as clean:
        assert clean.size == (20, 40)


def test_a_large_picture_is_made_smaller_and_a_clear_one_white() -> None:
    with Image.open(io.BytesIO(tidied(picture("PNG", (3000, 600), "RGBA"), field="photo")[1])) as clean:
        assert clean.size == (SIDE, SIDE // 5)
        assert clean.getpixel((5, 5)) == (255, 255, 255)


def test_a_pdf_is_kept_as_it_is() -> None:
    assert tidied(b"%PDF-1.7 text", field="photo") == ("application/pdf", b"%PDF-1.7 text")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "form_file_kind"),
        (b"<svg onload=alert(1)>", "form_file_kind"),
        (b"%PDF-" + bytes(LARGEST), "form_file_large"),
        (picture("JPEG")[:200], "form_picture_broken"),
        (picture("PNG")[:60], "form_picture_broken"),
        (b"\xff\xd8\xff and no more", "form_picture_broken"),
    ],
)
def test_other_files_are_refused(data: bytes, code: str) -> None:
    with pytest.raises(Invalid, match=code) as refused:
        tidied(data, field="photo")
    assert refused.value.facts["field"] == "photo"


def test_a_picture_that_would_fill_the_memory_is_refused() -> None:
    for bomb in (picture("PNG", (5000, 4000)), picture("JPEG", (8000, 8000)), picture("PNG", (8000, 8000), "L")):
        assert len(bomb) < LARGEST
        with pytest.raises(Invalid, match="form_picture_broken"):
            tidied(bomb, field="photo")


def test_a_photo_of_the_largest_phone_is_kept_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(io.BytesIO(tidied(picture("JPEG", (8000, 6000), exif=exif), field="photo")[1])) as clean:
        assert clean.size == (SIDE * 3 // 4, SIDE)
