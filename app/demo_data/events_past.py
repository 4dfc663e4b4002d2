"""Events of the demo that are over, or were called off."""

import datetime

from app.demo_data.events_season import Season, check_in
from services.events.service import door, drawing, leaving, missing, offering, organising
from services.events.types.door import Tick

DAY, HOUR, MINUTE = datetime.timedelta(days=1), datetime.timedelta(hours=1), datetime.timedelta(minutes=1)
CAME = 24
LATE = 2


def first_aid(season: Season) -> None:
    """The persona was there, as were most, ticked on paper; some missed it, one cancelled too late."""
    crowd, event_id = season.crowd, season.ids["first_aid"]
    begins, ends = season.days.at(-12, "09:00"), season.days.at(-12, "16:30")
    at = season.days.at(-29, "19:10")
    hers = crowd.enter(crowd.hers, event_id, at)
    crowd.told(at, hers)
    entered = crowd.fill(event_id, crowd.moments(32, at, begins - 4 * DAY), crowd.some())
    early, late = begins - 3 * DAY, begins - 20 * HOUR
    for (captain, signup_id), left_at in zip(entered[-5 - LATE : -5], (early, late), strict=False):
        leaving.cancel(actor=crowd.actor(captain, left_at), signup_id=signup_id, now=left_at)
    _close(begins)
    came = entered[:CAME]
    season.attended = [person for person, _ in came]
    if hers:
        check_in(season, event_id, [hers], begins - HOUR / 2, begins)
    sheet = zip(came, crowd.moments(CAME, begins - HOUR / 2, begins), strict=False)
    ticks = [Tick(signup_id, 0, at) for (_, signup_id), at in sheet]
    door.enter_ticks(actor=season.officer, event_id=event_id, ticks=ticks, now=ends)
    crowd.told(begins)
    missing.settle(ends + DAY + MINUTE)


def puppets(season: Season) -> None:
    """Drawn, with the persona among the many; nobody kept the door."""
    crowd, event_id = season.crowd, season.ids["puppets"]
    at, ends = season.days.at(-30, "12:40"), season.days.at(-9, "20:30")
    hers = crowd.enter(crowd.hers, event_id, at)
    crowd.told(at, hers)
    crowd.fill(event_id, season.moments("puppets", 39), crowd.some())
    drawn_at = season.days.at(-21, "10:00")
    drawing.draw(actor=season.officer, event_id=event_id, now=drawn_at)
    crowd.told(drawn_at)
    begins = season.days.at(-9, "19:00")
    _close(begins)
    crowd.told(begins, hers)
    missing.settle(ends + DAY + MINUTE)


def orchard(season: Season) -> None:
    """Called off yesterday."""
    crowd, event_id = season.crowd, season.ids["orchard"]
    called_off = season.days.at(-1, "16:00")
    crowd.fill(event_id, crowd.moments(18, season.days.at(-9, "12:00"), called_off - HOUR), crowd.some())
    note = "山里连日大雨，进园的路封了。改到天气好了再办，届时重新报名。"
    organising.cancel(actor=season.officer, event_id=event_id, note=note, now=called_off)


def _close(begins: datetime.datetime) -> None:
    """The worker's chore, as it would have run by then."""
    while offering.expire(begins):
        pass
