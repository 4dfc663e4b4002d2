"""Sign-ups of an event as pictures: over time, by union, by category and slot."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.pages.events import words
from app.pages.events.face import shown
from app.pages.staff import desk
from app.pages.staff.events import seen
from app.pages.staff.events_signups_words import STATES
from app.pages.staff.plot import BOTTOM, LEFT, TOP, WIDTH, GridLine, grid_step
from services.core import clock
from services.core.calendar import local
from services.events.queries import draws, figures, signups
from services.events.queries.figures import FEW, Step
from services.events.types import Mode

blueprint = Blueprint("staff_event_figures", __name__, template_folder="..")

LABELS = 8


@dataclass(frozen=True)
class Mark:
    """A step of the curve. `label`: there is room to write its time below it."""

    at: datetime.datetime
    sum: int
    label: bool
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Curve:
    marks: list[Mark]
    grid: list[GridLine]


@blueprint.get("/<uuid:event_id>/figures", endpoint="figures")
def show(event_id: UUID) -> ResponseReturnValue:
    event, now = seen(event_id), clock.now()
    steps, hourly = figures.over_time(event, now)
    unions, others = figures.by_union(event)
    categories, slots = figures.by_choice(event)
    drum = draws.odds(event) if event.terms.mode is Mode.DRAW and not event.drawn_at else None
    tallies = {one: tally for one, tally in signups.tallies(event.id).items() if shown(event, tally.entries)}
    return desk.page(
        "staff/events_figures.html", event=event, curve=curve(steps), hourly=hourly, steps=steps, unions=unions,
        others=others, categories=categories if len(categories) > 1 else [], slots=slots, odds=drum, few=FEW,
        slot_words={one.key: words.slot_words(one) for one in event.terms.slots}, local=local, states=STATES,
        tallies=tallies, most=max((bar.count or 0 for bar in [*unions, *([others] if others else [])]), default=0) or 1,
        taken=shown(event, event.total.taken),
    )  # fmt: skip


def curve(steps: Sequence[Step]) -> Curve | None:
    """A bar for each step, as high as there were entries until then; geometry in the units of the SVG's view box."""
    if not steps:
        return None
    step = grid_step(steps[-1].sum)
    top = step * max(2, -(-steps[-1].sum // step))
    scale, slot, every = (BOTTOM - TOP) / top, (WIDTH - LEFT) / len(steps), -(-len(steps) // LABELS)
    marks = [
        Mark(
            one.at,
            one.sum,
            place % every == 0,
            x=round(LEFT + slot * (place + 0.1), 1),
            y=round(BOTTOM - one.sum * scale, 1),
            width=round(slot * 0.8, 1),
            height=round(one.sum * scale, 1),
        )
        for place, one in enumerate(steps)
    ]
    return Curve(marks, [GridLine(value, round(BOTTOM - value * scale, 1)) for value in range(0, top + 1, step)])
