"""The door of an event through the API: strangers, walk-ins, lists, paper, what is taken back; a member at a venue."""

import datetime
from typing import Any
from uuid import uuid4

import psycopg

from services.accounts.types import MemberActor, Role
from services.core import clock
from services.events.types import Category, Door, EventId, Kind, Slot
from tests.builders.events import HOUR, Gathering
from tests.builders.world import DAY, World
from tests.http.test_api_events import Sends, code, entered, gathering, reads, sends
from tests.http.test_api_staff_event_lists import audited
from tests.http.test_complaints import of_another_federation
from tests.http.test_door_pages import soon, venue

__all__ = ["gathering", "sends"]

FAMILY = Category(1, {"zh": "家庭"}, guests=2)
MINUTE = datetime.timedelta(minutes=1)


def shown(gathering: Gathering, event_id: EventId) -> str:
    """The venue's code of this half minute."""
    return venue(gathering, event_id).rpartition("/")[2]


def acts(sends: Sends, actor: Any, what: str, body: Any, key: str | None = None) -> Any:
    return sends(actor, f"POST {what}", body, key=key or str(uuid4()))


def here(sends: Sends, gathering: Gathering, member: MemberActor, event_id: EventId) -> Any:
    return reads(sends(member, "POST /venue", {"code": shown(gathering, event_id)}))


def test_a_stranger_is_told_masked_and_taken_in_with_the_stamp_once(sends: Sends, gathering: Gathering) -> None:
    desk, event_id, member = gathering.officer, soon(gathering, walk_ins=True), gathering.member("王小明")
    answer = sends(desk, f"POST /events/{event_id}/checkins", {"code": gathering.world.code(member)})
    assert code(answer, 409) == "not_signed_up"
    stranger = answer.json["stranger"]
    assert (stranger["masked_name"], stranger["allowed"], stranger["code"]) == ("王*明", True, None)
    path = f"/staff/events/{event_id}/door/walk-ins"
    body = {"member_id": stranger["member_id"], "stamp": stranger["stamp"]}
    taken = acts(sends, desk, path, body, key="take-her-in")
    assert (taken.status_code, taken.json["fresh"], taken.json["person"]["how"]) == (201, True, "walk_in")
    assert acts(sends, desk, path, body, key="take-her-in").json == taken.json
    assert code(acts(sends, desk, path, body), 409) == "already_signed_up"
    assert gathering.seen(event_id).total.taken == 1
    other = {**body, "member_id": str(gathering.member("赵青").member_id)}
    assert code(acts(sends, desk, path, other), 409) == "door_stamp_over", "a stamp is of one member"


def test_where_nobody_is_taken_in_a_stranger_has_no_stamp_and_hears_why(sends: Sends, gathering: Gathering) -> None:
    event_id = soon(gathering)
    body = {"code": gathering.world.code(gathering.member())}
    answer = sends(gathering.officer, f"POST /events/{event_id}/checkins", body)
    stranger = answer.json["stranger"]
    assert (stranger["stamp"], stranger["allowed"], stranger["code"]) == (None, False, "no_walk_ins")
    assert stranger["reason"]


def test_somebody_without_a_phone_is_taken_in_by_name_and_number(sends: Sends, gathering: Gathering) -> None:
    desk, event_id = gathering.officer, soon(gathering, walk_ins=True)
    gathering.member("王小明", phone="10012340000")
    path, said = f"/staff/events/{event_id}/door/walk-ins", {"name": "王小明", "phone": "100 1234 0000"}
    assert code(acts(sends, desk, path, {**said, "name": "王大明"}), 409) == "walk_in_unknown"
    assert list(acts(sends, desk, path, {**said, "phone": "12"}).json["errors"]) == ["phone"]
    for wrong in ({}, {"name": "王小明"}, {**said, "stamp": "x"}, {"member_id": str(uuid4())}):
        assert code(acts(sends, desk, path, wrong), 422) == "validation_failed"
    assert code(acts(sends, desk, path, {**said, "category": 9}), 422) == "category_unknown"
    assert code(sends(desk, f"POST {path}", said), 422) == "idempotency_key_missing"
    taken = acts(sends, desk, path, said)
    assert (taken.status_code, taken.json["person"]["masked_name"]) == (201, "王*明")


def test_who_is_expected_is_listed_part_by_part_found_and_counted(
    sends: Sends, gathering: Gathering, sql: psycopg.Connection
) -> None:
    desk, event_id = gathering.officer, soon(gathering, categories=(FAMILY,))
    entries = [
        entered(sends, one, event_id, companions=[{"role": "guest", "name": "周大山"}])
        for one in gathering.members("安一", "白二")
    ]
    path = f"/staff/events/{event_id}/door"
    first = reads(sends(desk, f"GET {path}/people?limit=3"))
    rest = reads(sends(desk, f"GET {path}/people?limit=3&cursor={first['next']}"))
    assert [one["name"] for one in first["items"] + rest["items"]] == ["安一", "周大山", "白二", "周大山"]
    assert (first["total"], rest["next"]) == (4, None)
    assert code(sends(desk, f"GET {path}/people?cursor=x"), 422) == "cursor_malformed"
    assert code(sends(desk, f"GET {path}/people?q=安一"), 422) == "validation_failed", "no name in an address"
    for words in ("白", entries[1]["number"]):
        found = reads(sends(desk, f"POST {path}/find", {"q": words}))["items"]
        assert [one["name"] for one in found] == ["白二", "周大山"], words
    assert code(sends(desk, f"POST {path}/find", {"q": ""}), 422) == "validation_failed"
    tick = {"signup_id": entries[0]["id"], "ordinals": [0, 1]}
    assert reads(sends(desk, f"POST /events/{event_id}/checkins", tick))["fresh"] is True
    seen = reads(sends(desk, f"GET {path}"))
    assert seen["groups"] == [{"category": 1, "slot": None, "expected": 4, "come": 2}]
    assert (seen["allowed"], seen["walk_ins"], seen["settled"], seen["missed"]) == (True, False, False, 0)
    assert (seen["expected"], seen["come"], seen["absent"], seen["kept"]) == (2, 1, 1, True), "members, each once"
    assert seen["ends_at"] < seen["settles_at"]
    absent = reads(sends(desk, f"GET {path}/people?come=false"))
    assert ([one["name"] for one in absent["items"]], absent["total"]) == (["白二", "周大山"], 2)
    assert audited(sql, "event.list_read") == []


def test_names_at_the_door_of_a_private_kind_are_on_record(
    sends: Sends, gathering: Gathering, sql: psycopg.Connection
) -> None:
    desk, event_id = gathering.officer, soon(gathering, kind=Kind.CLINIC)
    entered(sends, gathering.member("王小明"), event_id)
    reads(sends(desk, f"GET /staff/events/{event_id}/door/people"))
    for words in ("小明", "小黄"):
        reads(sends(desk, f"POST /staff/events/{event_id}/door/find", {"q": words}))
    assert audited(sql, "event.list_read") == [{"entries": 1}] * 2, "whoever found nobody has seen nobody"


def test_ticks_made_on_paper_are_entered_once_with_their_time_and_taken_back(
    sends: Sends, gathering: Gathering, sql: psycopg.Connection
) -> None:
    desk, event_id = gathering.officer, soon(gathering)
    one, two = (entered(sends, member, event_id) for member in gathering.members("甲", "乙"))
    at, path = clock.now().replace(microsecond=0) - 5 * MINUTE, f"/staff/events/{event_id}/door"

    def ticks(when: datetime.datetime, *ids: str) -> dict[str, Any]:
        return {"ticks": [{"signup_id": entry, "ordinal": 0, "at": when.isoformat()} for entry in ids]}

    assert code(acts(sends, desk, f"{path}/ticks", ticks(at - 9 * DAY, one["id"])), 409) == "tick_time"
    done = acts(sends, desk, f"{path}/ticks", ticks(at, one["id"], two["id"], str(uuid4())), key="the-paper-list")
    assert reads(done) == {"fresh": 2, "already": 0, "refused": 1}
    again = acts(sends, desk, f"{path}/ticks", ticks(at, one["id"], two["id"], str(uuid4())), key="the-paper-again")
    assert reads(again) == {"fresh": 0, "already": 2, "refused": 1}
    (row,) = [one for one in reads(sends(desk, f"GET {path}/people"))["items"] if one["name"] == "甲"]
    assert (datetime.datetime.fromisoformat(row["checked_in_at"]), row["how"]) == (at, "paper")
    assert row["ticked_at"] > row["checked_in_at"]
    person = {"signup_id": one["id"], "ordinal": 0}
    back = acts(sends, desk, f"{path}/undo", person, key="not-she-after-all")
    assert reads(back)["checked_in_at"] is None
    assert acts(sends, desk, f"{path}/undo", person, key="not-she-after-all").json == back.json
    assert code(acts(sends, desk, f"{path}/undo", person), 409) == "not_in_yet"
    assert code(acts(sends, desk, f"{path}/undo", {**person, "ordinal": 7}), 404) == "signup_unknown"
    for body in ({"ticks": []}, {"ticks": [{"signup_id": one["id"], "ordinal": 0}]}, {}):
        assert code(acts(sends, desk, f"{path}/ticks", body), 422) == "validation_failed"
    assert len(audited(sql, "event.check_in_undone")) == 1


def test_doors_of_today_are_the_officers_own(sends: Sends, gathering: Gathering) -> None:
    world = gathering.world
    near = soon(gathering, union=world.union)
    soon(gathering)
    gathering.event(union=world.union)
    found = reads(sends(gathering.another_officer(Role.GRASSROOTS), "GET /staff/doors"))["items"]
    assert [(one["id"], one["allowed"]) for one in found] == [(str(near), True)]


def test_the_venues_code_leads_a_member_in_with_those_who_came_along(sends: Sends, gathering: Gathering) -> None:
    member, event_id = gathering.member("王小明"), soon(gathering, categories=(FAMILY,))
    guests = [{"role": "guest", "name": name} for name in ("王大山", "王小山")]
    entered(sends, member, event_id, companions=guests)
    told = reads(sends(gathering.officer, f"GET /staff/events/{event_id}/door/code"))
    assert told["address"].upper().endswith(told["code"].upper())
    assert told["renew_at"] < told["expires_at"]
    for text in (told["code"], told["address"]):
        seen = reads(sends(member, "POST /venue", {"code": text}))
        assert [one["masked_name"] for one in seen["people"]] == ["王*明", "王*山", "王*山"]
    assert (seen["event"]["id"], seen["walk_in"]) == (str(event_id), False)
    assert [one["checked_in_at"] for one in seen["people"]] == [None] * 3, "looking changes nothing"
    route, body = f"POST /events/{event_id}/checkins", {"stamp": seen["stamp"], "ordinals": [2]}
    came = reads(sends(member, route, body))
    assert (came["fresh"], [one["checked_in_at"] is None for one in came["others"]]) == (True, [True, False])
    assert reads(sends(member, route, body))["fresh"] is False
    other = gathering.member("赵青")
    assert code(sends(other, route, body), 409) == "door_stamp_over", "a stamp is of one member"
    assert code(sends(gathering.officer, route, body), 403) == "not_allowed"
    for wrong in ({"stamp": "x", "code": "y"}, {"code": "y", "ordinals": [1]}, {"ordinals": [1]}):
        assert code(sends(member, route, wrong), 422) == "validation_failed"


def test_a_code_of_no_venue_is_none(sends: Sends, gathering: Gathering) -> None:
    member, event_id = gathering.member(), soon(gathering)
    assert code(sends(member, "POST /venue", {"code": "ABC"}), 409) == "door_code_unknown"
    old = venue(gathering, event_id, clock.now() - 2 * MINUTE).rpartition("/")[2]
    assert code(sends(member, "POST /venue", {"code": old}), 409) == "door_code_expired"
    assert code(sends(member, "POST /venue", {"code": ""}), 422) == "validation_failed"
    assert code(sends(gathering.officer, "POST /venue", {"code": "ABC"}), 403) == "not_allowed"
    assert code(sends(None, "POST /venue", {"code": "ABC"}), 401) == "not_signed_in"


def test_a_member_signs_up_at_the_venue_once(sends: Sends, gathering: Gathering) -> None:
    member, begins = gathering.member(), clock.now() + 30 * MINUTE
    slots = (Slot(1, begins, begins + HOUR),)
    event_id = soon(gathering, walk_ins=True, starts_at=begins, cancel_until=begins, slots=slots)
    seen = here(sends, gathering, member, event_id)
    assert (seen["walk_in"], seen["people"]) == (True, [])
    path, body = f"/events/{event_id}/walk-ins", {"stamp": seen["stamp"], "slot": 1}
    assert code(acts(sends, member, path, {"stamp": seen["stamp"]}), 422) == "slot_missing"
    assert code(acts(sends, member, path, {"slot": 1}), 422) == "validation_failed"
    taken = acts(sends, member, path, body, key="here-i-am-now")
    assert (taken.status_code, taken.json["person"]["how"]) == (201, "walk_in")
    assert acts(sends, member, path, body, key="here-i-am-now").json == taken.json
    assert code(acts(sends, member, path, body), 409) == "already_signed_up"
    assert here(sends, gathering, member, event_id)["walk_in"] is False
    assert gathering.seen(event_id).total.taken == 1
    staffed = soon(gathering, walk_ins=True, door=Door.STAFF)
    assert here(sends, gathering, gathering.member("赵青"), staffed)["walk_in"] is False


def test_anothers_door_is_not_there(sends: Sends, gathering: Gathering, world: World) -> None:
    event_id, member = soon(gathering, walk_ins=True), gathering.member("陈静", phone="10012340001")
    one, path = entered(sends, gathering.member("王伟"), event_id), f"/staff/events/{event_id}/door"
    person = {"signup_id": one["id"], "ordinal": 0}

    def asks(actor: Any, path: str) -> list[Any]:
        return [
            *(sends(actor, f"GET {path}{part}") for part in ("", "/people", "/code")),
            sends(actor, f"POST {path}/find", {"q": "陈"}),
            acts(sends, actor, f"{path}/walk-ins", {"name": "陈静", "phone": "10012340001"}),
            acts(sends, actor, f"{path}/ticks", {"ticks": [{**person, "at": clock.now().isoformat()}]}),
            acts(sends, actor, f"{path}/undo", person),
        ]

    for stranger in (of_another_federation(world), gathering.another_officer(Role.TOWN)):
        assert [code(answer, 404) for answer in asks(stranger, path)] == ["event_unknown"] * 7
    assert {answer.status_code for answer in asks(member, path)} == {403}
    assert {answer.status_code for answer in asks(None, path)} == {401}
    draft = f"/staff/events/{gathering.draft(walk_ins=True)}/door"
    assert [code(answer, 404) for answer in asks(gathering.officer, draft)] == ["event_unknown"] * 7
    assert gathering.seen(event_id).total.taken == 1
