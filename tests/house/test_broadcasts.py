"""What answers no act of the member goes by no service message of WeChat: whoever does that loses the interface."""

import dataclasses
from collections.abc import Mapping

from services.notifications.notices import audience
from services.notifications.templates import TEMPLATES, Template
from services.notifications.templates.template import card
from services.notifications.types import Act

CARD = card("change", what=("字", "w"), next=("字", "w"))


def without_an_act(templates: Mapping[str, Template]) -> list[str]:
    """Templates with a WeChat message that answer nothing."""
    return sorted(name for name, one in templates.items() if one.card and one.answers is None)


def broadcasts_amiss(templates: Mapping[str, Template], kinds: Mapping[str, audience.Kind]) -> list[str]:
    """Templates of broadcasts that could leave by WeChat, and kinds of audiences whose template answers another act."""
    loose = [name for name in audience.BROADCASTS if templates[name].card or templates[name].answers]
    other = [kind.template for kind in kinds.values() if templates[kind.template].answers is not kind.answers]
    shared = [kind.template for kind in kinds.values() if kind.template in audience.BROADCASTS]
    return sorted({*loose, *other, *shared})


def test_no_template_without_an_act_has_a_wechat_message() -> None:
    assert without_an_act(TEMPLATES) == []


def test_a_broadcast_can_leave_by_sms_only() -> None:
    assert broadcasts_amiss(TEMPLATES, audience.KINDS) == []


def test_a_wechat_message_that_answers_nothing_is_found() -> None:
    planted = dataclasses.replace(TEMPLATES["notice.member"], card=CARD)
    assert without_an_act({**TEMPLATES, "notice.member": planted}) == ["notice.member"]
    assert broadcasts_amiss({**TEMPLATES, "notice.member": planted}, audience.KINDS) == ["notice.member"]


def test_a_broadcast_that_claims_an_act_is_found() -> None:
    planted = dataclasses.replace(TEMPLATES["notice.texted"], answers=Act.REDEEMED)
    assert broadcasts_amiss({**TEMPLATES, "notice.texted": planted}, audience.KINDS) == ["notice.texted"]


def test_an_audience_whose_template_answers_another_act_is_found() -> None:
    kind = audience.KINDS["used_shop"]
    planted = {
        "asked": dataclasses.replace(kind, answers=Act.ASKED),
        "all": dataclasses.replace(kind, template="notice.member"),
    }
    assert broadcasts_amiss(TEMPLATES, planted) == ["notice.member", "notice.used"]
