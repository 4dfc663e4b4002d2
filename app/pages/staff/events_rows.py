"""The lists in the form of an event: categories, slots, quotas, releases; rows come and go by buttons."""

import datetime
from collections.abc import Mapping

from flask_babel import gettext as _

from app.pages.staff.events_typed import ROWS_MOST, Row, Typed
from services.core.calendar import SHANGHAI
from services.core.keyboard import half_width
from services.events.types import Slot, Wave

WAVE_HOURS = (12, 20, 23)
"""So that neither shift is beaten to it."""
SEVERAL = ("cat", "slot", "quota", "wave")


def act(typed: Typed, pressed: str) -> str:
    """ "slot-add", "slot-drop-2", "slot-make", "wave-make"; anything else does nothing. Returns where to look next."""
    name, _dash, rest = pressed.partition("-")
    verb, _dash, number = rest.partition("-")
    if name not in SEVERAL:
        return ""
    rows = typed.rows(name)
    if verb == "add" and len(rows) < ROWS_MOST:
        rows.append({"of": ""} if name == "quota" else {"at": ""} if name == "wave" else {"key": ""})
    elif verb == "drop" and number.isascii() and number.isdigit() and int(number) < len(rows):
        del rows[int(number)]
    elif pressed == "slot-make":
        rows = _slots_made(typed) or rows
    elif pressed == "wave-make":
        rows = _waves_made(typed) or rows
    typed.put_rows(name, rows)
    return name


def _slots_made(typed: Typed) -> list[Row]:
    """From the first hour to the last, each as long, with as many places; the places of the event are their sum."""
    first, last = typed.clock("gen_first"), typed.clock("gen_last")
    minutes, places = typed.number("gen_minutes"), typed.number("gen_places")
    if first is None or last is None or not minutes or minutes < 5:
        typed.cannot_read("gen_first", _("请填第一段几点开始、最后几点结束、每段几分钟（至少 5 分钟）。"))
        return []
    begin, end = (one.hour * 60 + one.minute for one in (first, last))
    starts = range(begin, end - minutes + 1, minutes)[:ROWS_MOST]
    if not starts:
        typed.cannot_read("gen_first", _("最后结束的时间要晚于第一段开始。"))
        return []
    if places:
        typed.typed["places"], typed.typed["no_limit"] = str(places * len(starts)), ""
    typed.typed["from"], typed.typed["until"] = _spelled(begin), _spelled(starts[-1] + minutes)
    share = str(places) if places else ""
    return [
        {"key": "", "day": "", "from": _spelled(at), "to": _spelled(at + minutes), "places": share} for at in starts
    ]


def _spelled(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def _waves_made(typed: Typed) -> list[Row]:
    """Noon, 20:00 and 23:00 of the day on which sign-up opens, a third each."""
    opens, places = typed.minute("opens"), typed.number("places")
    if opens is None or not places or places < len(WAVE_HOURS):
        typed.cannot_read("waves", _("先填报名开始的时间和总名额，再按时间分批。"))
        return []
    day = opens.astimezone(SHANGHAI)
    shares = [places // 3 + (at < places % 3) for at in range(len(WAVE_HOURS))]
    if day.hour * 60 + day.minute > WAVE_HOURS[0] * 60:
        day += datetime.timedelta(days=1)
    return [
        {"at": f"{day:%Y-%m-%d}T{hour:02}:00", "places": str(share)}
        for hour, share in zip(WAVE_HOURS, shares, strict=True)
    ]


def keys(rows: list[Row], known: Mapping[int, object]) -> list[int]:
    """The key of each row: its own, or the next that nobody has."""
    taken = [int(row["key"]) for row in rows if row.get("key", "").isascii() and row.get("key", "").isdigit()]
    taken = [key for key in taken if key < 10_000]
    fresh = max([0, *taken, *known]) + 1
    found = []
    for row in rows:
        own = row.get("key", "")
        if own.isascii() and own.isdigit() and int(own) in taken and int(own) not in found:
            found.append(int(own))
        else:
            found.append(fresh)
            fresh += 1
    return found


def slots(typed: Typed, first: datetime.date, before: Mapping[int, Slot], moved: datetime.timedelta) -> list[Slot]:
    """The slots; one whose day was not touched goes along when the day of the event moves."""
    rows = typed.rows("slot")
    found = []
    for at, key in enumerate(keys(rows, before)):
        name, was = f"slot-{at}", before.get(key)
        said = typed.day(f"{name}-day")
        same = said is not None and was is not None and was.begins_at.astimezone(SHANGHAI).date() == said
        day = (said + moved if same else said) if said else first
        begins, ends = typed.clock(f"{name}-from"), typed.clock(f"{name}-to")
        if begins is None or ends is None:
            typed.cannot_read(f"{name}-from", _("请填时间，比如 14:00。"))
            continue
        instants = [datetime.datetime.combine(day, one, SHANGHAI).astimezone(datetime.UTC) for one in (begins, ends)]
        found.append(Slot(key, instants[0], instants[1], was.name if was else None))
    return found


def waves(typed: Typed) -> list[Wave]:
    found = []
    for at, _row in enumerate(typed.rows("wave")):
        begins, places = typed.minute(f"wave-{at}-at"), typed.number(f"wave-{at}-places")
        if begins is None or places is None:
            typed.cannot_read("waves", _("每一批都要填时间和名额。"))
        else:
            found.append(Wave(begins, places))
    return found


def tidy(typed: Typed) -> None:
    """Rows that nobody wrote anything into are none; those that are left are numbered from 0."""
    said = {"cat": ("name", "name_en", "places"), "slot": ("from", "to"), "quota": ("of",), "wave": ("at", "places")}
    for name, parts in said.items():
        rows = typed.rows(name)
        kept = [row for row in rows if any(half_width(row.get(part, "")).strip() for part in parts)]
        typed.put_rows(name, kept if kept or name != "cat" else rows)
