"""The terms of an offer in plain words.

`terms` is for a list: what tells offers apart, in a few words. `sentences` says everything. `receipt` is what one use
was decided by. `differences` is what a new version changes. All of them read sentences.by_topic.
"""

import dataclasses
import uuid

from flask_babel import gettext as _

from app.language import language, text
from app.sentences import (
    FOR_WRITERS,
    LISTED,
    NOBODY,
    ON_RECEIPT,
    Names,
    by_topic,
    deal,
    group_words,
    money,
    standing_words,
)
from app.wording import day
from services.merchants import queries as merchants
from services.offers.types import Offer, Terms
from services.unions import queries as unions

__all__ = [
    "NOBODY", "Names", "deal", "differences", "group_words", "line", "money", "names", "receipt", "sentences",
    "standing_words", "terms",
]  # fmt: skip


def names(merchant_id: uuid.UUID, terms: Terms) -> Names:
    """Reads the names that `terms` of this shop point to. Two statements at most."""
    union = unions.office(terms.audience_union_id).name if terms.audience_union_id else None
    branches = merchants.branches_of(merchant_id) if terms.branches else ()
    return Names(union, {branch.id: branch.name for branch in branches})


def terms(offer: Offer) -> list[str]:
    """For a list: what is given, unless the title says it already; when, how often, to whom, until when."""
    said = by_topic(offer)
    if _bare(said["deal"]) in _bare(text(offer.title)):
        del said["deal"]
    return [
        *(said[topic] for topic in LISTED if topic in said),
        _("到 %(date)s为止", date=day(offer.ends_on, language())),
    ]


def sentences(terms: Terms, names: Names = NOBODY) -> list[str]:
    """Everything that a member is told, in reading order: every term in its own sentence."""
    return [said for topic, said in by_topic(terms, names).items() if topic not in FOR_WRITERS]


def receipt(terms: Terms) -> list[str]:
    """By what a use was decided: the terms of that day (redemptions keep their version)."""
    said = by_topic(terms)
    return [said[topic] for topic in ON_RECEIPT if topic in said]


def differences(old: Terms, new: Terms, names: Names = NOBODY, old_names: Names = NOBODY) -> list[tuple[str, str]]:
    """What `new` says otherwise than `old`: pairs of sentences, the empty one where a side says nothing."""
    before, after = by_topic(_bare_terms(old), old_names), by_topic(_bare_terms(new), names)
    topics = [*after, *(topic for topic in before if topic not in after)]
    pairs = [(before.get(topic, ""), after.get(topic, "")) for topic in topics]
    return [pair for pair in pairs if pair[0] != pair[1]]


def line(offer: Terms) -> str:
    """The offer in one line: its title, and what is given unless the title says it."""
    title, given = text(offer.title), deal(offer)
    return title if _bare(given) in _bare(title) else f"{title}{_('：')}{given}"


def _bare_terms(terms: Terms) -> Terms:
    """Without counters, so that a version and a draft are said alike."""
    return Terms(**{one.name: getattr(terms, one.name) for one in dataclasses.fields(Terms)})


def _bare(words: str) -> str:
    """Without spaces and "元": "满 30 减 8" says the same as "满 30 元减 8 元"."""
    return words.replace(" ", "").replace("元", "")
