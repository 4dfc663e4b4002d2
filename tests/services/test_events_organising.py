"""What an organiser does with an event: drafts, changes, publishes, cancels and copies it."""

import dataclasses
import datetime
from typing import Any

import psycopg
import pytest

from services.accounts.types import Role
from services.core import clock, forms
from services.core.errors import Conflict, DomainError, Invalid, NotFound
from services.core.paging import PageRequest
from services.events import errors, rules
from services.events.queries import events
from services.events.queries import organising as lists
from services.events.queries.organising import Shelf
from services.events.service import copying, organising, signing_up
from services.events.types import (
    Category,
    Entry,
    Event,
    EventId,
    Joining,
    Kind,
    Mode,
    Once,
    Phase,
    Quota,
    QuotaKind,
    Slot,
    State,
)
from services.members.documents import Sex
from tests.builders.events import HOUR, Gathering, total
from tests.builders.world import DAY, World

PAIRS = Category(2, {"zh": "双打"}, 2, 2)


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


def enter(gathering: Gathering, event_id: EventId, *, times: int = 1, **entry: Any) -> list[Any]:
    """So many members sign up; what became of each."""
    people = gathering.members(*["陈静"] * times)
    return [
        gathering.world.do(
            lambda one=one: signing_up.sign_up(  # type: ignore[misc]
                actor=one, event_id=event_id, entry=Entry(**entry), now=clock.now()
            )
        )
        for one in people
    ]


def rewrite(gathering: Gathering, event: Event, **terms: Any) -> int:
    written = dataclasses.replace(event.terms, **terms)
    return gathering.world.do(
        lambda: organising.rewrite(
            actor=gathering.officer, event_id=event.id, revision=event.revision, terms=written, now=clock.now()
        )
    )


def refused(gathering: Gathering, event: Event, **terms: Any) -> tuple[str, Any]:
    """Code and field of the first no."""
    with pytest.raises(DomainError) as caught:
        rewrite(gathering, event, **terms)
    return caught.value.code, caught.value.facts.get("field")


def posted(sql: psycopg.Connection, topic: str) -> list[dict[str, Any]]:
    rows = sql.execute("SELECT args FROM procrastinate_jobs WHERE task_name = %s ORDER BY id", (topic,)).fetchall()
    return [row[0]["payload"] for row in rows]


def acts(sql: psycopg.Connection, action: str) -> list[dict[str, Any]]:
    rows = sql.execute("SELECT detail FROM audit_entries WHERE action = %s ORDER BY id", (action,)).fetchall()
    return [row[0] for row in rows]


def test_an_event_that_was_published_is_open_to_everybody(world: World, gathering: Gathering) -> None:
    draft, event = gathering.draft(), gathering.event()
    seen = world.look(lambda: events.public(event))
    assert rules.phase(seen, clock.now()) is Phase.OPEN and seen.total.left == 10
    with pytest.raises(NotFound):
        world.look(lambda: events.public(draft))


def test_terms_come_back_from_the_tables_as_they_were_written(gathering: Gathering) -> None:
    starts_at = clock.now().replace(microsecond=0) + 7 * DAY
    slots = tuple(Slot(n, starts_at + n * HOUR, starts_at + (n + 1) * HOUR) for n in range(2))
    written = gathering.terms(
        kind=Kind.TRAINING, starts_at=starts_at, slots=tuple(dataclasses.replace(s, key=s.key + 1) for s in slots),
        categories=(Category(1, {"zh": "女"}, sex=Sex.FEMALE), PAIRS), contact="0000-1234", series="电工", level=2,
        quotas=(total(), Quota(1, QuotaKind.SLOT, 5, slot=1), Quota(2, QuotaKind.AGE, 5, ages=(18, 35))),
    )  # fmt: skip
    event_id = gathering.event(**vars(written))
    assert gathering.seen(event_id).terms == written


def test_a_draft_may_be_unfinished_and_is_not_published_so(world: World, gathering: Gathering) -> None:
    draft = gathering.draft(title={"zh": ""}, place={"zh": ""}, closes_at=clock.now() - 9 * DAY)
    with pytest.raises(Invalid) as caught:
        world.do(lambda: organising.publish(actor=gathering.officer, event_id=draft, revision=1, now=clock.now()))
    assert (caught.value.code, caught.value.facts["field"]) == (errors.EVENT_TITLE_MISSING, "title")
    assert gathering.seen(draft).published_at is None


def test_what_no_table_can_hold_is_no_draft_either(gathering: Gathering) -> None:
    for terms in ({"contact": "字" * 61}, {"title": {"zh": "a\x00"}}, {"quotas": ()}, {"waiting_most": 2**40}):
        with pytest.raises(Invalid):
            gathering.draft(**terms)


def test_nobody_publishes_what_has_closed(gathering: Gathering) -> None:
    with pytest.raises(Invalid) as caught:
        gathering.event(opens_at=clock.now() - 3 * DAY, closes_at=clock.now() - DAY)
    assert caught.value.code == errors.CLOSES_PAST


def test_an_officer_of_another_union_knows_nothing_of_it(world: World, gathering: Gathering) -> None:
    event_id, stranger = gathering.event(), gathering.another_officer(Role.GRASSROOTS)
    own = gathering.draft(union=world.union)
    now = clock.now()
    for act in (
        lambda: organising.publish(actor=stranger, event_id=event_id, revision=1, now=now),
        lambda: organising.cancel(actor=stranger, event_id=event_id, note="天气不好", now=now),
        lambda: organising.discard(actor=stranger, event_id=event_id, now=now),
        lambda: copying.copy(actor=stranger, event_id=event_id, now=now),
        lambda: organising.draft(actor=stranger, union_id=world.town.id, terms=gathering.terms(), now=now),
    ):
        with pytest.raises(NotFound):
            world.do(act)  # type: ignore[arg-type]
    world.do(lambda: organising.publish(actor=stranger, event_id=own, revision=1, now=now))
    assert gathering.seen(own).published_at


def test_publishing_twice_is_once(world: World, gathering: Gathering, sql: psycopg.Connection) -> None:
    event_id = gathering.event(mode=Mode.DRAW)
    first = sql.execute("SELECT commitment, seed FROM draws").fetchall()
    world.do(lambda: organising.publish(actor=gathering.officer, event_id=event_id, revision=1, now=clock.now()))
    assert sql.execute("SELECT commitment, seed FROM draws").fetchall() == first and len(first) == 1
    assert len(acts(sql, "event.published")) == 1


def test_a_published_draw_promises_a_seed_that_nobody_can_read(gathering: Gathering, sql: psycopg.Connection) -> None:
    gathering.event(mode=Mode.DRAW)
    gathering.event()
    ((commitment, seed, revealed),) = sql.execute("SELECT commitment, seed, revealed FROM draws").fetchall()
    assert len(commitment) == 64 and len(seed) == 1 + 12 + 32 + 16 and revealed is None


def test_a_change_moves_the_revision_of_the_event_and_of_all_its_quotas(
    gathering: Gathering, sql: psycopg.Connection
) -> None:
    event_id = gathering.event(quotas=(total(), Quota(1, QuotaKind.SEX, 4, sex=Sex.MALE)))
    before = gathering.seen(event_id)
    assert rewrite(gathering, before, title={"zh": "夜跑"}) == 2
    assert sql.execute("SELECT revision FROM event_quotas").fetchall() == [(2,), (2,)]
    assert gathering.seen(event_id).terms.title == {"zh": "夜跑"}
    assert acts(sql, "event.changed") == [{"revision": 2, "fields": ["title"]}]


def test_whoever_saw_an_older_revision_is_told_and_changes_nothing(gathering: Gathering) -> None:
    event_id = gathering.event()
    old = gathering.seen(event_id)
    rewrite(gathering, old, title={"zh": "夜跑"})
    assert refused(gathering, old, title={"zh": "晨跑"}) == (errors.EVENT_CHANGED, None)
    assert gathering.seen(event_id).terms.title == {"zh": "夜跑"}


def test_saving_the_same_again_is_no_change(gathering: Gathering, sql: psycopg.Connection) -> None:
    event = gathering.seen(gathering.event())
    assert rewrite(gathering, event) == 1 and acts(sql, "event.changed") == []


def test_a_draft_becomes_anything_and_moves_to_another_union(world: World, gathering: Gathering) -> None:
    draft = gathering.seen(gathering.draft())
    terms = dataclasses.replace(
        draft.terms, kind=Kind.SHOW, mode=Mode.DRAW, once=Once.CATEGORY, quotas=(total(None),), title={"zh": ""}
    )
    world.do(
        lambda: organising.rewrite(
            actor=gathering.officer, event_id=draft.id, revision=1, terms=terms, now=clock.now(), union_id=world.town.id
        )
    )
    after = gathering.seen(draft.id)
    assert after.terms == terms and after.union_id == world.town.id


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"kind": Kind.TRIP}, "kind"), ({"mode": Mode.APPROVAL}, "mode"), ({"once": Once.CATEGORY}, "once"),
        ({"joining": Joining.VOUCHED}, "joining"),
    ],
)  # fmt: skip
def test_kind_and_mode_stay_once_an_event_is_published(gathering: Gathering, terms: Any, field: str) -> None:
    event = gathering.seen(gathering.event())
    assert refused(gathering, event, **terms) == (errors.TERM_FIXED, field)


def test_a_published_event_takes_no_fault(gathering: Gathering) -> None:
    event = gathering.seen(gathering.event())
    assert refused(gathering, event, title={"zh": ""}) == (errors.EVENT_TITLE_MISSING, "title")
    assert refused(gathering, event, ends_at=event.terms.starts_at) == (errors.ENDS_EARLY, "ends_at")


def test_the_opening_moves_only_before_it_has_come(gathering: Gathering) -> None:
    later = gathering.seen(gathering.event(opens_at=clock.now() + DAY))
    rewrite(gathering, later, opens_at=later.terms.opens_at + HOUR)
    running = gathering.seen(gathering.event())
    assert refused(gathering, running, opens_at=running.terms.opens_at + HOUR) == (errors.OPENED_ALREADY, "opens_at")
    rewrite(gathering, running, closes_at=running.terms.closes_at + HOUR)


def test_a_capacity_does_not_sink_below_what_is_taken(gathering: Gathering) -> None:
    event_id = gathering.event(places=3)
    enter(gathering, event_id, times=2)
    event = gathering.seen(event_id)
    assert refused(gathering, event, quotas=(total(1),)) == (errors.QUOTA_BELOW_TAKEN, "quotas.0.capacity")
    rewrite(gathering, event, quotas=(total(2),))
    assert gathering.seen(event_id).total.left == 0


def test_more_places_go_to_those_who_wait_in_the_same_moment(gathering: Gathering, sql: psycopg.Connection) -> None:
    event_id = gathering.event(places=1)
    enter(gathering, event_id, times=4)
    assert gathering.seen(event_id).waiting == 3
    rewrite(gathering, gathering.seen(event_id), quotas=(total(3),))
    states = [row[0] for row in sql.execute("SELECT state FROM signups ORDER BY id").fetchall()]
    assert states == [State.CONFIRMED, State.OFFERED, State.OFFERED, State.WAITING]
    assert gathering.seen(event_id).total.taken == 3


def test_what_counts_people_stays_once_somebody_is_counted(gathering: Gathering) -> None:
    men, women = Quota(1, QuotaKind.SEX, 5, sex=Sex.MALE), Quota(2, QuotaKind.SEX, 5, sex=Sex.FEMALE)
    event_id = gathering.event(quotas=(total(), men))
    empty = gathering.seen(event_id)
    rewrite(gathering, empty, quotas=(total(), men, women))
    enter(gathering, event_id)
    event = gathering.seen(event_id)
    fixed = errors.TERM_FIXED
    assert refused(gathering, event, quotas=(total(), men)) == (fixed, "quotas.2.of")
    assert refused(gathering, event, quotas=(total(), dataclasses.replace(women, ordinal=1), women)) == (
        fixed,
        "quotas.1.of",
    )
    third = Quota(3, QuotaKind.AGE, 5, ages=(18, 35))
    assert refused(gathering, event, quotas=(total(), men, women, third)) == (fixed, "quotas.3.of")
    pairs = Quota(3, QuotaKind.CATEGORY, 5, category=2)
    rewrite(gathering, event, categories=(*event.terms.categories, PAIRS), quotas=(total(), men, women, pairs))
    assert gathering.seen(event_id).rooms[3].left == 5


def test_a_category_or_slot_that_somebody_has_stays(gathering: Gathering) -> None:
    starts_at = clock.now() + 7 * DAY
    slots = tuple(Slot(n, starts_at + n * HOUR / 2, starts_at + (n + 1) * HOUR / 2) for n in (1, 2))
    categories = (Category(1, {"zh": "单打"}), PAIRS)
    event_id = gathering.event(starts_at=starts_at, slots=slots, categories=categories)
    enter(gathering, event_id, category=1, slot=2)
    event = gathering.seen(event_id)
    assert refused(gathering, event, categories=categories[1:]) == (errors.TERM_FIXED, "categories")
    assert refused(gathering, event, slots=slots[:1]) == (errors.TERM_FIXED, "slots")
    rewrite(gathering, event, categories=categories[:1], slots=slots[1:])


def test_what_was_answered_keeps_its_question(gathering: Gathering) -> None:
    size = forms.Question("size", forms.Kind.CHOICE, {"zh": "尺码"}, options=(("m", {"zh": "中"}), ("l", {"zh": "大"})))
    event_id = gathering.event(form=forms.Form((size,), keep_days=30))
    enter(gathering, event_id, answers={"size": "m"})
    event = gathering.seen(event_id)
    for form, field in (
        (forms.Form((), 30), "questions"),
        (forms.Form((dataclasses.replace(size, kind=forms.Kind.CHOICES),), 30), "questions.0.kind"),
        (forms.Form((dataclasses.replace(size, options=size.options[:1]),), 30), "questions.0.options"),
        (forms.Form((size,), 60), "keep_days"),
    ):
        assert refused(gathering, event, form=form) == (errors.TERM_FIXED, field)
    more = forms.Question("why", forms.Kind.TEXT, {"zh": "备注"})
    renamed = dataclasses.replace(size, label={"zh": "T 恤尺码"}, options=(*size.options, ("s", {"zh": "小"})))
    rewrite(gathering, event, form=forms.Form((more, renamed), 20))


def test_those_signed_up_are_told_of_another_time_or_place_and_of_nothing_else(
    gathering: Gathering, sql: psycopg.Connection
) -> None:
    event_id = gathering.event()
    rewrite(gathering, gathering.seen(event_id), place={"zh": "北门"})
    assert posted(sql, "events.changed") == []
    enter(gathering, event_id)
    rewrite(gathering, gathering.seen(event_id), title={"zh": "夜跑"}, waiting_most=3)
    assert posted(sql, "events.changed") == []
    event = gathering.seen(event_id)
    rewrite(gathering, event, place={"zh": "南门"}, ends_at=event.terms.ends_at + HOUR)
    assert posted(sql, "events.changed") == [{"event_id": str(event_id), "fields": "ends_at,place"}]


def test_an_offer_ends_before_an_event_that_begins_earlier(gathering: Gathering, sql: psycopg.Connection) -> None:
    event_id = gathering.event(places=1, offer_minutes=7 * 24 * 60)
    enter(gathering, event_id, times=2)
    rewrite(gathering, gathering.seen(event_id), quotas=(total(2),))
    event = gathering.seen(event_id)
    starts_at = event.terms.starts_at - 4 * DAY
    rewrite(gathering, event, starts_at=starts_at, cancel_until=starts_at)
    due = sql.execute("SELECT due_at FROM signups WHERE state = 'offered'").fetchall()
    assert due == [(starts_at - datetime.timedelta(minutes=120),)]


def test_an_event_called_off_frees_everybody_and_tells_them(
    world: World, gathering: Gathering, sql: psycopg.Connection
) -> None:
    event_id = gathering.event(places=2)
    enter(gathering, event_id, times=3)
    cancel = lambda note: organising.cancel(  # noqa: E731
        actor=gathering.officer, event_id=event_id, note=note, now=clock.now()
    )
    for note in (" 雨 ", "字" * 201):
        with pytest.raises(Invalid):
            world.do(lambda note=note: cancel(note))  # type: ignore[misc]
    assert world.do(lambda: cancel(" 台风，\n改期 ")) == 3
    assert world.do(lambda: cancel("又取消")) == 0
    seen = gathering.seen(event_id)
    assert seen.cancelled_note == "台风， 改期" and seen.total.taken == 0 and seen.waiting == 0 and seen.revision == 2
    assert sql.execute(
        "SELECT DISTINCT state, active FROM signups JOIN signup_people ON signup_id = id"
    ).fetchall() == [("called_off", False)]
    assert len(posted(sql, "events.cancelled")) == 1 and acts(sql, "event.cancelled") == [{"entries": 3}]
    assert refused(gathering, seen, title={"zh": "夜跑"}) == (errors.EVENT_CANCELLED, None)


def test_only_what_is_published_and_not_over_is_called_off_or_changed(
    world: World, gathering: Gathering, at: Any
) -> None:
    cancel = lambda event_id: organising.cancel(  # noqa: E731
        actor=gathering.officer, event_id=event_id, note="天气不好", now=clock.now()
    )
    draft, event = gathering.draft(), gathering.seen(gathering.event())
    with pytest.raises(Conflict) as caught:
        world.do(lambda: cancel(draft))
    assert caught.value.code == errors.EVENT_NOT_PUBLISHED
    at(event.terms.ends_at)
    with pytest.raises(Conflict) as caught:
        world.do(lambda: cancel(event.id))
    assert caught.value.code == errors.EVENT_OVER
    assert refused(gathering, event, title={"zh": "夜跑"}) == (errors.EVENT_OVER, None)


def test_a_draft_nobody_wants_goes_and_a_published_event_does_not(
    world: World, gathering: Gathering, sql: psycopg.Connection
) -> None:
    draft, event = gathering.draft(), gathering.event()
    discard = lambda event_id: organising.discard(  # noqa: E731
        actor=gathering.officer, event_id=event_id, now=clock.now()
    )
    world.do(lambda: discard(draft))
    with pytest.raises(Conflict):
        world.do(lambda: discard(event))
    assert sql.execute("SELECT id FROM events").fetchall() == [(event,)] and len(acts(sql, "event.discarded")) == 1


def test_a_copy_is_a_draft_on_the_same_weekday_a_year_later(world: World, gathering: Gathering) -> None:
    starts_at = clock.now().replace(microsecond=0) + 7 * DAY
    slots = (Slot(1, starts_at, starts_at + HOUR),)
    old = gathering.seen(gathering.event(starts_at=starts_at, slots=slots, picture="0" * 26))
    made = gathering.seen(world.do(lambda: copying.copy(actor=gathering.officer, event_id=old.id, now=clock.now())))
    assert made.published_at is None and made.revision == 1 and made.union_id == old.union_id
    assert made.terms == copying.moved(old.terms, by=364 * DAY)
    assert made.terms.starts_at.weekday() == old.terms.starts_at.weekday() and made.terms.picture == "0" * 26


def test_a_copy_of_what_was_years_ago_is_to_come(gathering: Gathering) -> None:
    terms = gathering.terms()
    for weeks, years in ((0, 1), (51, 1), (52, 2), (120, 3)):
        now = terms.starts_at + datetime.timedelta(weeks=weeks)
        assert copying.later(terms, now=now).starts_at == terms.starts_at + years * 364 * DAY > now


def test_each_event_lies_on_one_shelf_in_its_order(world: World, gathering: Gathering) -> None:
    now = clock.now()
    soon, late = gathering.event(), gathering.event(starts_at=now + 9 * DAY)
    running = gathering.event(starts_at=now - HOUR, cancel_until=now - HOUR, closes_at=now + HOUR)
    off = gathering.event()
    drafts = [gathering.draft() for _ in range(3)]
    world.do(lambda: organising.cancel(actor=gathering.officer, event_id=off, note="天气不好", now=now))

    def shelf(shelf: Shelf, at: datetime.datetime = now, **asked: Any) -> list[EventId]:
        scopes = [world.federation.path]
        page = world.look(lambda: lists.page(PageRequest(**asked), shelf=shelf, scopes=scopes, now=at))
        assert bool(page.next) == ("limit" in asked)
        return [one.id for one in page.items]

    assert shelf(Shelf.COMING) == [soon, late] and shelf(Shelf.RUNNING) == [running] and shelf(Shelf.PAST) == [off]
    assert shelf(Shelf.DRAFTS) == drafts[::-1]
    assert shelf(Shelf.COMING, limit=1) == [soon] and shelf(Shelf.COMING, cursor=soon.hex) == [late]
    assert shelf(Shelf.DRAFTS, limit=2) == drafts[:0:-1] and shelf(Shelf.DRAFTS, cursor=drafts[1].hex) == drafts[:1]
    past = shelf(Shelf.PAST, now + 30 * DAY)
    assert past[0] == late and set(past[1:3]) == {soon, off} and past[3] == running


def test_a_shelf_holds_the_events_of_ones_own_subtree_only(world: World, gathering: Gathering) -> None:
    beside = world.another_union()
    own, _ = gathering.event(union=world.union), gathering.event(union=beside)
    page = world.look(lambda: lists.page(PageRequest(), shelf=Shelf.COMING, scopes=[world.town.path], now=clock.now()))
    assert [one.id for one in page.items] == [own]
