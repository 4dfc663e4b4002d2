"""What we hold about people and what they agreed to, for everybody: written from the register, never by hand."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.language import language
from app.retention import inbox_kept
from services.bindings.rules import CONSENT_VERSION
from services.rights import register, rules
from services.rights.register import VIEWERS, Text
from services.rights.register.entries import Kept, Topic

blueprint = Blueprint("privacy", __name__, template_folder=".")


@blueprint.get("/privacy")
def privacy() -> ResponseReturnValue:
    """Every kind of data: what, why, who sees it, how long."""
    shown = [
        {
            "title": _said(topic.title),
            "whose": _said(topic.whose),
            "purpose": _said(topic.purpose),
            "viewers": _viewers(topic),
            "tables": [
                {"what": [_said(label) for label in table.personal.values()], "kept": _kept(table.kept)}
                for table in tables
                if table.kept
            ],
        }
        for topic, tables in register.topics()
    ]
    return render_template("privacy.html", topics=shown, version=register.VERSION, days=rules.CORRECTED_IN)


@blueprint.get("/consent")
def consent() -> ResponseReturnValue:
    """The text that is accepted at the binding, with its version."""
    return render_template("privacy_consent.html", version=CONSENT_VERSION)


@blueprint.get("/closed")
def closed() -> ResponseReturnValue:
    """After an account was closed: what has ended, and what stays until when."""
    return render_template("privacy_closed.html", stays=stays())


def stays() -> list[dict[str, str]]:
    """What closing an account leaves: everything about members that no purge of the account takes with it."""
    return [
        {"what": _join([_said(label) for label in table.personal.values()]), "kept": _kept(table.kept)}
        for table in register.left_after_closing()
        if table.kept
    ]


def _kept(kept: Kept) -> str:
    """What an installation may set is said as it is set here."""
    return _said(kept.during(inbox_kept() if kept.purge == "inbox" else None).words)


def _viewers(topic: Topic) -> list[str]:
    return [_said(VIEWERS[viewer]) for viewer in topic.viewers]


def _join(words: list[str]) -> str:
    return ("、" if language() == "zh" else ", ").join(words)


def _said(text: Text) -> str:
    return text.zh if language() == "zh" else text.en
