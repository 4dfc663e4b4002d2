"""What leaves the house is whole, fits the platform's fields without being cut, and names nothing on a lock screen."""

import dataclasses
import datetime
import re
import string
from collections.abc import Iterable, Iterator, Mapping

from services.notifications import templates as words_of
from services.notifications.fields import PHRASE, STRING, THING
from services.notifications.sms.texts import LONGEST, signed
from services.notifications.templates import SUBJECTS, TEMPLATES, Template
from services.notifications.templates.layouts import LAYOUTS
from services.notifications.templates.template import Card, Sms, card
from services.notifications.types import Act, Channel, FieldType
from tests.house.test_messages import LANGUAGES, PRIVATE

NOW = datetime.datetime(2026, 11, 20, 4, 5, tzinfo=datetime.UTC)
#: Facts that an officer writes: how long they are is his, and what is too long is cut.
FREE = frozenset({"notice_title", "note"})
PHRASES = re.compile(rf"[\u4e00-\u9fff]{{1,{PHRASE}}}")
STRINGS = re.compile(rf"[!-~]{{1,{STRING}}}")
TIMES = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")


def unfit(templates: Mapping[str, Template]) -> list[str]:
    """Which messages are not fit to go out, and why, in a word each."""
    return [f"{name}: {why}" for name, one in templates.items() for why in _faults(name, one)]


def _faults(name: str, one: Template) -> Iterator[str]:
    if one.card and not one.answers:
        yield "a card that answers no act"
    if (one.sms_text is None) != (one.sms is Sms.NEVER):
        yield "an SMS text and no rule for it, or the other way round"
    missing = _wanted(one) - set(one.sample) - {"told", "saved"}
    if missing:
        yield f"no sample of {', '.join(sorted(missing))}"
        return
    leaving = [*(one.card.fields.values() if one.card else []), *([one.sms_text] if one.sms_text else [])]
    if any(set(text) != set(LANGUAGES) or not all(text.values()) for text in leaving):
        yield "not in both languages"
        return
    if any(word in text for part in leaving for text in part.values() for word in PRIVATE):
        yield "names what a lock screen never names"
    if one.card:
        yield from _card_faults(name, one, one.card)
    if one.sms_text:
        for language in LANGUAGES:
            text = words_of.texts(name, Channel.SMS, one.sample, told_at=NOW, language=language)["text"]
            if len(signed(text, "示例工会")) > LONGEST or re.search(r"https?:|www\.", text):
                yield f"an SMS that a provider refuses ({language})"


def _card_faults(name: str, one: Template, its: Card) -> Iterator[str]:
    layout = LAYOUTS.get(its.layout)
    if layout is None:
        yield "a layout that is none"
        return
    if set(its.fields) != set(layout.fields):
        yield "other fields than its layout's"
        return
    for language in LANGUAGES:
        written = words_of.texts(name, Channel.TEMPLATE, one.sample, told_at=NOW, language=language)
        for field, kind in layout.types(language).items():
            if not set(_places([its.fields[field][language]])) & FREE and not _fits(kind, written[field]):
                yield f"{field} does not fit {kind.value}: {written[field]}"


def _fits(kind: FieldType, text: str) -> bool:
    if kind is FieldType.PHRASE:
        return bool(PHRASES.fullmatch(text))
    if kind is FieldType.THING:
        return 0 < len(text) <= THING
    return bool({FieldType.TIME: TIMES, FieldType.CHARACTER_STRING: STRINGS}[kind].fullmatch(text))


def _wanted(one: Template) -> set[str]:
    """The facts that any of its texts is filled with."""
    parts = [one.title, one.body, one.sms_text or {}, *(one.card.fields.values() if one.card else [])]
    return set(_places(text for part in parts for text in part.values()))


def _places(texts: Iterable[str]) -> list[str]:
    return [name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name]


def test_every_message_that_leaves_the_house_is_fit_for_it() -> None:
    assert unfit(TEMPLATES) == []


def test_every_layout_is_used_and_every_message_has_one_subject() -> None:
    assert {one.card.layout for one in TEMPLATES.values() if one.card} == set(LAYOUTS)
    assert sum(len(part) for part in SUBJECTS.values()) == len(TEMPLATES)


def test_what_is_unfit_is_found() -> None:
    texts = {"what": ("会员卡用过", "Used"), "next": ("点开看", "Open")}
    good = Template(
        {"zh": "字", "en": "w"}, {"zh": "字 {at}", "en": "w {at}"}, answers=Act.REDEEMED,
        card=card("safety", **texts), sample={"at": "2026-11-20T04:05:00+00:00"},
        sms_text={"zh": "字", "en": "w"}, sms=Sms.URGENT,
    )  # fmt: skip
    phrase = card("answer", what=("字", "w"), state=("办好 OK", "Done"), next=("字", "w"))
    amiss = {
        "a card that answers no act": dataclasses.replace(good, answers=None),
        "an SMS text and no rule": dataclasses.replace(good, sms=Sms.NEVER),
        "no sample of at": dataclasses.replace(good, sample={}),
        "not in both languages": dataclasses.replace(good, sms_text={"zh": "字"}),
        "names what": dataclasses.replace(good, card=card("safety", **{**texts, "what": ("困难补助", "w")})),
        "a layout that is none": dataclasses.replace(good, card=card("lottery", **texts)),
        "other fields": dataclasses.replace(good, card=card("answer", **texts)),
        "what does not fit thing": dataclasses.replace(
            good, card=card("safety", **{**texts, "what": ("字" * 21, "w")})
        ),
        "next does not fit thing": dataclasses.replace(
            good, card=card("safety", **{**texts, "next": ("字", "English of one sign more")})
        ),
        "state does not fit phrase": dataclasses.replace(good, card=phrase),
        "an SMS that a provider refuses": dataclasses.replace(good, sms_text={"zh": "https://x.cn", "en": "w"}),
    }
    known = dict(TEMPLATES)
    try:
        for why, one in {"": good, **amiss}.items():
            TEMPLATES["planted"] = one
            found = unfit({"planted": one})
            assert found == [] if not why else [line for line in found if why in line], (why, found)
    finally:
        TEMPLATES.clear()
        TEMPLATES.update(known)
