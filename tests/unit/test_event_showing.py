"""Which figures of a private kind are everybody's."""

import datetime
import uuid

import pytest

from services.events.showing import place_shown, rooms_shown
from services.events.types import Category, Event, EventId, Kind, Quota, QuotaKind, Room, Terms
from services.members.documents import Sex
from services.unions.types import UnionId, UnionPath

DAY = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
MEN, WOMEN = Quota(1, QuotaKind.SEX, 15, sex=Sex.MALE), Quota(2, QuotaKind.SEX, 15, sex=Sex.FEMALE)
FIRST, SECOND = Quota(1, QuotaKind.SLOT, 15, slot=1), Quota(2, QuotaKind.SLOT, 15, slot=2)
ALL, TOTAL, NONE = frozenset({0, 1, 2}), frozenset({0}), frozenset[int]()


def event(kind: Kind, total: int, *taken: int, quotas: tuple[Quota, ...] = (MEN, WOMEN)) -> Event:
    rooms = (Room(Quota(0, QuotaKind.ALL, 30), total), *(Room(*one) for one in zip(quotas, taken, strict=False)))
    terms = Terms(
        kind=kind, title={}, text={}, place={}, starts_at=DAY, ends_at=DAY, opens_at=DAY, closes_at=DAY,
        cancel_until=DAY, categories=(Category(1, {}),), quotas=tuple(one.quota for one in rooms),
    )  # fmt: skip
    return Event(
        id=EventId(uuid.uuid4()), union_id=UnionId(uuid.uuid4()), union_path=UnionPath("fed"), union_name={},
        terms=terms, rooms=rooms, revision=1, published_at=DAY, cancelled_at=None, cancelled_note=None, drawn_at=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("taken", "shown"),
    [
        ((4, 4, 0), NONE), ((5, 5, 0), TOTAL), ((9, 7, 2), TOTAL), ((9, 2, 7), TOTAL), ((10, 5, 5), ALL),
        ((14, 5, 5), TOTAL), ((15, 5, 5), ALL),
    ],
)  # fmt: skip
def test_one_small_figure_hides_all_but_the_total(taken: tuple[int, ...], shown: frozenset[int]) -> None:
    assert rooms_shown(event(Kind.SOCIAL, *taken)) == shown
    assert rooms_shown(event(Kind.CHECKUP, *taken, quotas=(FIRST, SECOND))) == shown
    assert rooms_shown(event(Kind.TRIP, *taken)) == ALL


def test_what_a_quota_leaves_of_the_total_is_not_said_either() -> None:
    assert rooms_shown(event(Kind.SOCIAL, 9, 7)) == TOTAL, "two are women"
    assert rooms_shown(event(Kind.SOCIAL, 12, 7)) == frozenset({0, 1})
    assert rooms_shown(event(Kind.SOCIAL, 7, 7)) == frozenset({0, 1}), "nobody is nobody's secret"


def test_a_full_quota_gives_no_rest_away() -> None:
    assert rooms_shown(event(Kind.SOCIAL, 18, 3, 15)) == NONE, "fifteen women of eighteen are three men"
    assert rooms_shown(event(Kind.SOCIAL, 20, 5, 15)) == ALL


@pytest.mark.parametrize(("place", "shown"), [(1, None), (5, None), (6, 6), (None, None)])
def test_a_place_in_the_line_with_few_before_it_is_not_said(place: int | None, shown: int | None) -> None:
    assert place_shown(True, place) == shown
    assert place_shown(False, place) == place
