"""What an operator sets at the platform by calls: the menu, QR codes."""

import secrets
from typing import Any

from tests.partners.platform.people import Refused

KINDS = {"view": "url", "click": "key"}
LONGEST_SECONDS = 2_592_000


class Console:
    def __init__(self) -> None:
        self.menu: list[dict[str, Any]] = []
        #: what a QR code says -> the scene that it brings
        self.scenes: dict[str, str] = {}

    def set_menu(self, body: dict[str, Any]) -> dict[str, Any]:
        buttons = body.get("button")
        if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
            raise Refused(40016, "invalid button size")
        for button in buttons:
            _name(button, 16, 40018)
            below = button.get("sub_button")
            if below is None:
                _goes(button, (40017, 40019, 40020))
                continue
            if not isinstance(below, list) or not 1 <= len(below) <= 5:
                raise Refused(40023, "invalid sub button size")
            for one in below:
                _name(one, 60, 40025)
                _goes(one, (40024, 40026, 40027))
        self.menu = buttons
        return {"errcode": 0, "errmsg": "ok"}

    def qr_code(self, body: dict[str, Any]) -> dict[str, Any]:
        scene = body.get("action_info", {}).get("scene", {}).get("scene_str")
        seconds = body.get("expire_seconds", 60)
        if body.get("action_name") != "QR_STR_SCENE" or not isinstance(scene, str) or not 1 <= len(scene) <= 64:
            raise Refused(40053, "invalid action info")
        if not 1 <= seconds <= LONGEST_SECONDS:
            raise Refused(40097, "invalid args expire_seconds")
        url = f"http://weixin.qq.com/q/{secrets.token_urlsafe(16)}"
        self.scenes[url] = scene
        return {"ticket": secrets.token_urlsafe(64), "expire_seconds": seconds, "url": url}


def _name(button: dict[str, Any], most: int, errcode: int) -> None:
    if not 1 <= len(str(button.get("name", "")).encode()) <= most:
        raise Refused(errcode, "invalid button name size")


def _goes(button: dict[str, Any], errcodes: tuple[int, int, int]) -> None:
    kind, key, url = errcodes
    if button.get("type") not in KINDS or set(button) != {"type", "name", KINDS[button["type"]]}:
        raise Refused(kind, "invalid button type")
    if len(str(button.get("key", "")).encode()) > 128:
        raise Refused(key, "invalid button key size")
    if len(str(button.get("url", "")).encode()) > 1024:
        raise Refused(url, "invalid button url size")
