"""Who has signed up, through the API: listed, found, in figures, as a sheet; many approved; a draw for all."""

import hashlib
import io
from typing import Any
from uuid import uuid4

import psycopg
from flask import Flask
from openpyxl import load_workbook

from services.accounts.types import OfficerActor, Role
from services.core import clock
from services.core.sheets import XLSX_TYPE
from services.events.types import Category, Kind, Mode
from tests.builders.events import HOUR, Gathering
from tests.builders.world import World
from tests.http.test_api_events import Sends, code, entered, gathering, reads, sends
from tests.http.test_complaints import of_another_federation

__all__ = ["gathering", "sends"]


def audited(sql: psycopg.Connection, action: str) -> list[Any]:
    rows = sql.execute("SELECT detail FROM audit_entries WHERE action = %s ORDER BY id", (action,))
    return [row[0] for row in rows]


def names(answer: Any) -> list[str]:
    return [one["people"][0]["name"] for one in reads(answer)["items"]]


def test_entries_are_listed_narrowed_and_go_on_page_by_page(
    sends: Sends, gathering: Gathering, sql: psycopg.Connection
) -> None:
    desk, path = gathering.officer, "GET /staff/events/{}/signups{}"
    event_id = gathering.event(places=2, categories=(Category(1, {"zh": "男组"}), Category(2, {"zh": "女组"})))
    for n, one in enumerate(gathering.members("甲甲", "乙乙", "丙丙")):
        entered(sends, one, event_id, category=1 + n % 2)
    assert names(sends(desk, path.format(event_id, ""))) == ["丙丙", "乙乙", "甲甲"]
    assert names(sends(desk, path.format(event_id, "?state=waiting"))) == ["丙丙"]
    assert names(sends(desk, path.format(event_id, "?category=2"))) == ["乙乙"]
    assert names(sends(desk, path.format(event_id, "?slot=1"))) == []
    first = reads(sends(desk, path.format(event_id, "?limit=2")))
    assert names(sends(desk, path.format(event_id, f"?cursor={first['next']}"))) == ["甲甲"]
    waits = first["items"][0]
    assert (waits["position"], waits["by_unit"], waits["people"][0]["union_name"]) == (1, False, "恒沛精密工会")
    assert not any("phone" in field for field in (*waits, *waits["people"][0]))
    assert code(sends(desk, path.format(event_id, "?cursor=lost")), 422) == "cursor_malformed"
    assert code(sends(desk, path.format(event_id, "?state=lost")), 422) == "validation_failed"
    assert code(sends(desk, path.format(event_id, "?q=甲甲")), 422) == "validation_failed", "no name in an address"
    assert audited(sql, "event.list_read") == []


def test_an_entry_is_found_by_a_part_of_a_name_or_its_number(sends: Sends, gathering: Gathering) -> None:
    desk, event_id = gathering.officer, gathering.event()
    made = [entered(sends, one, event_id) for one in gathering.members("陈静", "王伟")]
    path = f"POST /staff/events/{event_id}/signups/find"
    for words in ("陈", made[0]["number"], made[0]["number"].replace("-", "").lower()):
        assert names(sends(desk, path, {"q": words})) == ["陈静"], words
    assert names(sends(desk, path, {"q": "陈", "state": "waiting"})) == []
    assert code(sends(desk, path, {"q": ""}), 422) == "validation_failed"
    assert code(sends(desk, path, {}), 422) == "validation_failed"


def test_whoever_reads_names_of_a_private_kind_is_on_record(
    sends: Sends, gathering: Gathering, sql: psycopg.Connection
) -> None:
    desk, social = gathering.officer, gathering.event(kind=Kind.SOCIAL)
    entered(sends, gathering.member("陈静"), social)
    assert names(sends(desk, f"GET /staff/events/{social}/signups")) == ["陈静"]
    for words, found in (("无此人", []), ("静", ["陈静"])):
        assert names(sends(desk, f"POST /staff/events/{social}/signups/find", {"q": words})) == found
    assert audited(sql, "event.list_read") == [{"entries": 1}, {"entries": 1}]


def test_figures_are_those_of_the_page_and_of_a_private_kind_none_under_five(
    sends: Sends, gathering: Gathering
) -> None:
    desk, walk, social = gathering.officer, gathering.event(), gathering.event(kind=Kind.SOCIAL)
    people = gathering.members(*"甲乙丙丁戊己")
    for one in people:
        entered(sends, one, walk)
    for one in people[:4]:
        entered(sends, one, social)
    open_ = reads(sends(desk, f"GET /staff/events/{walk}/figures"))
    assert (open_["taken"], open_["states"]) == (6, [{"state": "confirmed", "entries": 6}])
    assert open_["unions"] == [{"name": "恒沛精密工会", "count": 6}]
    assert (sum(one["new"] for one in open_["steps"]), open_["steps"][-1]["sum"]) == (6, 6)
    assert [(one["key"], one["count"]) for one in open_["categories"]] == [(1, 6)]
    quiet = reads(sends(desk, f"GET /staff/events/{social}/figures"))
    assert (quiet["taken"], quiet["states"], quiet["steps"], quiet["unions"]) == (None, [], [], [])
    assert (quiet["others"], [one["count"] for one in quiet["categories"]]) == ({"count": None}, [None])
    entered(sends, people[4], social)
    five = reads(sends(desk, f"GET /staff/events/{social}/figures"))
    assert (five["taken"], five["states"]) == (5, [{"state": "confirmed", "entries": 5}])
    assert five["unions"] == [{"name": "恒沛精密工会", "count": 5}]


def test_chances_are_told_while_a_draw_is_to_come(sends: Sends, gathering: Gathering) -> None:
    desk, people = gathering.officer, gathering.members(*"甲乙丙")
    show = gathering.event(kind=Kind.SHOW, mode=Mode.DRAW, places=1)
    for one in people:
        entered(sends, one, show)
    drum = reads(sends(desk, f"GET /staff/events/{show}/figures"))["drum"]
    assert (drum["entries"], drum["people"], drum["places"], len(drum["chances"])) == (3, 3, 1, 4)
    assert drum["chances"] == sorted(drum["chances"]) and 0 < drum["chances"][0] < 1
    assert reads(sends(desk, f"GET /staff/events/{gathering.event()}/figures"))["drum"] is None


def test_the_sheet_has_a_line_for_each_person_phones_masked_and_is_on_record(
    sends: Sends, gathering: Gathering, sql: psycopg.Connection
) -> None:
    event_id = gathering.event()
    entered(sends, gathering.member("=1+1", phone="10030000001"), event_id)
    by_a_link = sends(gathering.officer, f"GET /staff/events/{event_id}/export?phones=contact")
    assert by_a_link.status_code == 405 and audited(sql, "event.exported") == []
    answer = sends(gathering.officer, f"POST /staff/events/{event_id}/export", {})
    assert (answer.status_code, answer.content_type) == (200, XLSX_TYPE), answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    rows = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True))
    cells = [cell for row in rows for cell in row]
    assert "=1+1" in cells and "100****0001" in cells and "10030000001" not in cells
    assert audited(sql, "event.exported") == [{"entries": 1, "phones": 0}]
    assert audited(sql, "member.phone_seen") == []


def test_many_applications_are_approved_at_once_in_order_of_arrival(sends: Sends, gathering: Gathering) -> None:
    desk, event_id = gathering.officer, gathering.event(places=1, waiting_most=1, mode=Mode.APPROVAL)
    people = gathering.members("陈静", "王伟", "周洁")
    one, two, three = (entered(sends, member, event_id)["id"] for member in people)
    elsewhere = entered(sends, people[0], gathering.event(mode=Mode.APPROVAL))["id"]
    path, body = f"POST /staff/events/{event_id}/approve", {"signup_ids": [three, elsewhere, two, one]}
    done = sends(desk, path, body, key="approve-them-all")
    assert reads(done) == {"placed": [one], "waiting": [two], "full": [three], "already": [], "gone": []}
    assert sends(desk, path, body, key="approve-them-all").json == done.json
    again = reads(sends(desk, path, {"signup_ids": [one, two]}, key=str(uuid4())))
    assert (again["placed"], again["already"]) == ([], [one, two])
    lost = sends(desk, path, {"signup_ids": [elsewhere]}, key=str(uuid4()))
    assert code(lost, 409) == "not_applied", "an entry of another event is none of this one"
    assert reads(sends(people[0], f"GET /me/signups/{elsewhere}"))["state"] == "applied"
    assert code(sends(desk, path, {"signup_ids": []}, key=str(uuid4())), 422) == "validation_failed"


def test_a_draw_is_promised_to_everybody_and_then_told_with_its_files(
    app: Flask, sends: Sends, gathering: Gathering, at: Any
) -> None:
    members = gathering.members("褚一", "褚二", "褚三")
    event_id = gathering.event(kind=Kind.SHOW, mode=Mode.DRAW, places=2, closes_at=clock.now() + HOUR / 3)
    numbers = {entered(sends, one, event_id)["number"] for one in members}
    before = reads(sends(None, f"GET /events/{event_id}/draw"))
    promise = before["commitment"]
    unknown = ("drawn_at", "seed", "entries", "quotas", "winners", "waiting")
    assert [before[name] for name in unknown] == [None] * len(unknown)
    program = f"/events/{event_id}/draw/draw.py"
    assert before["files"] == {"entries": None, "record": None, "program": program}
    at(clock.now() + HOUR / 3)
    desk = gathering.another_officer(Role.DISTRICT)
    reads(sends(desk, f"POST /events/{event_id}/draw", key=str(uuid4())))
    after = reads(sends(None, f"GET /events/{event_id}/draw"))
    said = f"gonghui-draw/1|commitment|{event_id}|{after['seed']}"
    assert promise == after["commitment"] == hashlib.sha256(said.encode()).hexdigest()
    assert (after["entries"], len(after["winners"]), len(after["waiting"])) == (3, 2, 1)
    assert {*after["winners"], *after["waiting"]} == numbers
    assert after["quotas"] == [{"label": "Q0", "capacity": 2}]
    found = [app.test_client().get(after["files"][name]) for name in ("entries", "record", "program")]
    assert [one.status_code for one in found] == [200, 200, 200]
    assert found[1].json["winners"] == after["winners"]
    assert found[0].text.count("\n") == 4


def test_what_has_no_draw_or_is_a_draft_has_none_to_read(sends: Sends, gathering: Gathering) -> None:
    for event_id, why in (
        (gathering.event(), "not_a_draw"),
        (gathering.draft(mode=Mode.DRAW), "event_unknown"),
        (uuid4(), "event_unknown"),
    ):
        assert code(sends(None, f"GET /events/{event_id}/draw"), 404) == why


def test_nobody_elses_officer_reads_a_list_or_decides(
    sends: Sends, gathering: Gathering, world: World, sql: psycopg.Connection
) -> None:
    social = gathering.event(kind=Kind.SOCIAL, mode=Mode.APPROVAL)
    member = gathering.member("陈静")
    one = entered(sends, member, social)["id"]
    path, strangers = f"/staff/events/{social}", [of_another_federation(world), gathering.another_officer(Role.TOWN)]

    def asks(actor: Any) -> list[Any]:
        return [
            sends(actor, f"GET {path}/signups"),
            sends(actor, f"POST {path}/signups/find", {"q": "陈"}),
            sends(actor, f"GET {path}/figures"),
            sends(actor, f"POST {path}/export", {}),
            sends(actor, f"POST {path}/approve", {"signup_ids": [one]}, key=str(uuid4())),
        ]

    for stranger in strangers:
        assert isinstance(stranger, OfficerActor)
        assert [code(answer, 404) for answer in asks(stranger)] == ["event_unknown"] * 5
    assert {answer.status_code for answer in asks(member)} == {403}
    assert {answer.status_code for answer in asks(None)} == {401}
    assert audited(sql, "event.list_read") == audited(sql, "event.exported") == []
    assert reads(sends(member, f"GET /me/signups/{one}"))["state"] == "applied"
