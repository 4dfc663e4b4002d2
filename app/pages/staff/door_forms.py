"""What an officer chose or typed at a door, and how the door speaks of people."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from app.language import text
from app.pages.events.words import moment_words, slot_words
from app.pages.sent import whole_number
from services.core import clock
from services.core.calendar import SHANGHAI, YEARS, local
from services.events import rules
from services.events.types import Event, How, Role, SignupId
from services.events.types.door import DoorPerson, Tick

FILTERS = ("come", "slot", "category")
TICKS_MOST = 2000
KEY_MOST = 2**15 - 1


def people(sent: Sequence[str]) -> list[tuple[SignupId, int]]:
    """ "<entry>.<ordinal>" each; what is malformed is nobody."""
    found = []
    for one in sent[:TICKS_MOST]:
        entry, _dot, ordinal = one.partition(".")
        try:
            found.append((SignupId(UUID(entry)), int(ordinal)))
        except ValueError:
            continue
    return found


def filters(sent: Mapping[str, str]) -> dict[str, str]:
    """Which part of the list is looked at, as it stands in the address."""
    return {name: value for name in FILTERS if (value := sent.get(name, "")) and len(value) < 6 and value.isalnum()}


def wanted(chosen: Mapping[str, str]) -> dict[str, Any]:
    """The same for queries.door.expected."""
    come = {"yes": True, "no": False}.get(chosen.get("come", ""))
    return {"come": come, "slot": _key(chosen.get("slot")), "category": _key(chosen.get("category"))}


def _key(sent: str | None) -> int | None:
    """Of a category or slot. There is none beyond the last number that a small column holds: that one stands for it."""
    found = whole_number(sent)
    return None if found is None else min(found, KEY_MOST)


def category_name(event: Event, key: int) -> str:
    found = rules.category_of(event.terms, key)
    return text(found.name) if found else ""


def slot_name(event: Event, key: int | None) -> str:
    found = rules.slot_of(event.terms, key) if key is not None else None
    return slot_words(found) if found else ""


def how_words(how: How) -> str:
    said: str = {
        How.CARD: _("扫码"),
        How.VENUE: _("自己签到"),
        How.NAME: _("按姓名"),
        How.PAPER: _("纸质名单"),
        How.WALK_IN: _("现场报名"),
    }[how]
    return said


def time_words(at: datetime.datetime) -> str:
    """ "09:12", with the day if that is another."""
    today = local(clock.now()).date()
    return f"{local(at):%H:%M}" if local(at).date() == today else moment_words(at, clock.now())


def place_words(event: Event, person: DoorPerson, union: bool) -> str:
    """ "孩子，家庭组，09:00–09:30，恒沛精密工会": of these what there is to say."""
    roles = {Role.GUEST: _("同行"), Role.CHILD: _("孩子")}
    several = len(event.terms.categories) > 1
    parts = (
        roles.get(person.role),
        category_name(event, person.category) if several else "",
        slot_name(event, person.slot),
        text(person.union_name) if union and person.union_name else "",
    )
    said: str = _("，").join(filter(None, parts))
    return said


def at_door(problem: dict[str, Any]) -> dict[str, Any]:
    """A card that is not good, in words for a door: those of the till speak of customers."""
    said = {
        "code_malformed": _("这不是会员码。请会员打开“工惠”首页，扫页面上的码。"),
        "digits_incomplete": _("数字码要 8 位，请对一遍再输。"),
        "code_forged": _("这个码不是工惠发出的。请会员打开“工惠”首页，扫新的码。"),
        "code_key_unknown": _("这个码不是本区工惠发出的。请会员打开“工惠”首页，扫新的码。"),
        "code_expired": _("码过期了（截图或放久了）。请会员等新码出来，再扫一次。"),
        "code_used": _("这个码在别处扫过了。请会员等新码出来，再扫一次。"),
        "card_unknown": _("查不到这张卡。请按姓名找。"),
        "card_frozen": _("这张卡冻结了。会员可以在“工惠”里自己解冻，或者您核对本人后按姓名签到。"),
        "card_replaced": _("这是旧卡的码。请会员打开“工惠”首页，扫新卡的码。"),
        "typed_code_wrong": _("没有这个数字码。请会员点“报 8 位数字”，念新的给您。"),
    }
    return problem | {"detail": said.get(problem["code"], problem["detail"])}


SAYS: dict[str, Any] = {
    "category_name": category_name, "slot_name": slot_name, "how_words": how_words, "time_words": time_words,
    "place_words": place_words,
}  # fmt: skip
"""What templates of the door say by these."""


def on_paper(event: Event, person: DoorPerson) -> str:
    """Group and time of arrival, for a column."""
    several = len(event.terms.categories) > 1
    return " ".join(
        filter(None, (category_name(event, person.category) if several else "", slot_name(event, person.slot)))
    )


@dataclass
class Paper:
    """The form for ticks made on paper, as it was typed."""

    day: str
    time: str
    chosen: set[str] = field(default_factory=set)
    times: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    problem: dict[str, Any] | None = None

    @classmethod
    def blank(cls, event: Event) -> "Paper":
        starts = local(event.terms.starts_at)
        return cls(f"{starts:%Y-%m-%d}", f"{starts:%H:%M}")

    @classmethod
    def sent(cls, form: Any) -> "Paper":
        chosen = set(form.getlist("person")[:TICKS_MOST])
        times = {one: form.get(f"time.{one}", "").strip()[:5] for one in chosen}
        return cls(form.get("day", "")[:10], form.get("time", "").strip()[:5], chosen, times)

    def ticks(self) -> list[Tick] | None:
        """What was ticked when; None: `faults` say what has to be mended."""
        if not self.chosen:
            self.faults["person"] = _("请勾选到了的人。")
        common = self._at(self.time)
        if common is None:
            self.faults["time"] = _("请填日期和时间，例如 09:10。")
        ticks = []
        for one in sorted(self.chosen):
            at = self._at(self.times.get(one) or self.time)
            if at is None and self.times.get(one):
                self.faults[one] = _("时间写成 09:10 这样。")
            elif at is not None:
                ticks += [Tick(signup_id, ordinal, at) for signup_id, ordinal in people([one])]
        return None if self.faults else ticks

    def _at(self, time: str) -> datetime.datetime | None:
        try:
            clock = datetime.time.fromisoformat(time.replace("：", ":").zfill(len("09:00")))
            day = datetime.date.fromisoformat(self.day)
        except ValueError:
            return None
        if day.year not in YEARS:
            return None
        return datetime.datetime.combine(day, clock, SHANGHAI).astimezone(datetime.UTC)
