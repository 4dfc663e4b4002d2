"""Verbs: write, publish, pause and withdraw an offer; count its uses."""

from services.offers.service.counting import count, count_past_uses, give_back, take
from services.offers.service.holding import pause, resume, withdraw
from services.offers.service.publishing import discard, draft, publish, redraft

__all__ = [
    "count", "count_past_uses", "discard", "draft", "give_back", "pause", "publish", "redraft", "resume", "take",
    "withdraw",
]  # fmt: skip
