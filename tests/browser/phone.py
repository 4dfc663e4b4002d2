"""One phone: its page, what it complained of, and what can be seen on its screen."""

import io
from typing import Any

import zxingcpp
from PIL import Image
from playwright.sync_api import ConsoleMessage, Error, Page

#: Milliseconds until something that does not come is given up: a machine that does much else is no fault of a page.
PATIENCE = 60_000
#: How far something sticks out to the right, over the whole page and in what does not scroll by itself.
_OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_SMALL = """() => [...document.querySelectorAll(
    "button, summary, .btn, .chip, .tabs a, .cell[href], .seg > *, .input, .quick a, .more, .back")]
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([one, box]) => box.width && box.height && (box.height < 43.5 || box.width < 43.5))
  .map(([one, box]) => `${one.outerHTML.slice(0, 90)} ${Math.round(box.width)}x${Math.round(box.height)}`)"""


class Phone:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("pageerror", self._error)
        page.on("console", self._said)

    def open(self, path: str) -> "Phone":
        self.page.goto(path)
        return self

    def shows(self, words: str) -> None:
        """Waits until these words can be seen; fails after a minute."""
        self.page.get_by_text(words).first.wait_for(state="visible")

    def has_come(self) -> None:
        """Waits until the page that was gone to is here: between two pages there is nothing to read or measure."""
        self.page.wait_for_load_state()

    def text(self) -> str:
        self.has_come()
        return self.page.inner_text("body")

    def tap(self, words: str) -> None:
        self.page.locator("a:visible, button:visible, summary:visible").get_by_text(words).first.click()

    def read_code(self) -> str:
        """What another phone's camera reads off this screen. Not our code: zxing."""
        png = self.page.locator("svg.qr").screenshot()
        found = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)).convert("L"))
        assert len(found) == 1, "no readable code on the screen"
        return str(found[0].text)

    def requests(self, path: str) -> list[str]:
        """Grows by one for each request that this page makes to `path` from now on."""
        seen: list[str] = []
        self.page.on("request", lambda one: seen.append(one.url) if one.url.endswith(path) else None)
        return seen

    def overflow(self) -> int:
        """Pixels by which the page can be scrolled sideways."""
        self.has_come()
        return int(self.page.evaluate(_OVERFLOW))

    def small_targets(self) -> list[str]:
        """What is meant for a finger and is smaller than 44 pixels."""
        self.has_come()
        found: list[str] = self.page.evaluate(_SMALL)
        return found

    def _error(self, error: Error) -> None:
        self.complaints.append(f"{self.page.url}: {error}")

    def _said(self, message: ConsoleMessage) -> None:
        """A refusal's status is no complaint; anything else that the browser warns of is."""
        harmless: tuple[Any, ...] = ("Failed to load resource",)
        if message.type in ("error", "warning") and not message.text.startswith(harmless):
            self.complaints.append(f"{self.page.url}: {message.text}")
