"""What somebody's device calls itself, in a few words that its owner will recognise.

Nothing is decided by it that must be safe: anybody may call himself anything.
"""

from flask import request

_BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("HarmonyOS", "HarmonyOS"), ("Windows", "Windows"),
    ("Mac OS", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def in_wechat() -> bool:
    """Is this WeChat's own browser?"""
    return "MicroMessenger" in request.user_agent.string


def device() -> str:
    """ "微信 · Android"; "" for what says nothing known."""
    said = request.user_agent.string
    known = (next((name for sign, name in signs if sign in said), "") for signs in (_BROWSERS, _SYSTEMS))
    return " · ".join(filter(None, known))
