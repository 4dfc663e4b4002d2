"""Entries at the organiser's desk through the API: read in full, answered, refused; a unit's own; pictures."""

import base64
import io
from typing import Any
from uuid import uuid4

import psycopg
from flask import Flask
from openpyxl import load_workbook
from PIL import Image

from services.accounts.types import Role
from services.core import forms
from services.core.files import files
from services.core.forms import Form, OnlyIf, Question
from services.events.types import EventId, Kind, Mode
from tests.builders.events import Gathering
from tests.builders.world import World
from tests.http.test_api_events import CARD, SECRET, SIZE, Sends, code, entered, gathering, reads, sends
from tests.http.test_api_staff_event_lists import audited, names
from tests.http.test_complaints import of_another_federation

__all__ = ["gathering", "sends"]

PAPER = Question("paper", forms.Kind.FILE, {"zh": "审核材料"}, for_managers=True)
TRANSPORT = Question(
    "seat", forms.Kind.TEXT, {"zh": "座位"}, required=True, only_if=OnlyIf("size", ("m",)), for_managers=True
)


def drawn(colour: str = "red") -> str:
    kept = io.BytesIO()
    Image.new("RGB", (30, 20), colour).save(kept, "PNG")
    return base64.b64encode(kept.getvalue()).decode()


def asking(gathering: Gathering, *more: Question, **terms: Any) -> EventId:
    return gathering.event(form=Form((SIZE, SECRET, PAPER, *more)), **terms)


def acts(sends: Sends, actor: Any, what: str, body: Any = None, key: str | None = None) -> Any:
    return sends(actor, what, body, key=key or str(uuid4()))


def test_an_organiser_answers_his_own_questions_and_the_members_stay(sends: Sends, gathering: Gathering) -> None:
    desk, member, event_id = gathering.officer, gathering.member(), asking(gathering)
    made = entered(sends, member, event_id, answers={"size": "m"})
    path = f"/staff/signups/{made['id']}"
    sent = {"answers": {"remark": "坐前排", "paper": {"data": drawn()}}}
    assert reads(sends(desk, f"PUT {path}/answers", sent))["id"] == made["id"]
    read = reads(sends(desk, f"GET {path}"))
    paper = read["answers"]["paper"]
    assert (read["answers"]["size"], read["answers"]["remark"], paper["media"]) == ("m", "坐前排", "image/jpeg")
    assert (read["event_id"], read["people"][0]["name"]) == (str(event_id), "陈静")
    shown = sends(desk, f"GET {path}/files/paper")
    assert (shown.status_code, shown.headers["Cache-Control"]) == (200, "no-store")
    assert shown.data.startswith(b"\xff\xd8")
    before = set(files.walk())
    stays = {"answers": {"remark": "坐后排", "paper": paper}}
    for _twice in range(2):
        reads(sends(desk, f"PUT {path}/answers", stays))
    assert set(files.walk()) == before, "what is sent as it was read stays"
    reads(sends(desk, f"PUT {path}/answers", {"answers": {"paper": {"data": drawn("blue")}}}))
    read = reads(sends(desk, f"GET {path}"))
    assert "remark" not in read["answers"]
    assert (len(set(files.walk())), set(files.walk()) == before) == (len(before), False), "the old file is gone"
    own = reads(sends(member, f"GET /me/signups/{made['id']}"))["answers"]
    assert own == {"size": "m"}, "never the organiser's"
    reads(sends(desk, f"PUT {path}/answers", {"answers": {}}))
    assert set(files.walk()) == set()
    assert code(sends(desk, f"GET {path}/files/paper"), 404) == "signup_unknown"


def test_what_is_wrong_with_an_organisers_answers_is_said_at_the_question(sends: Sends, gathering: Gathering) -> None:
    desk, event_id = gathering.officer, asking(gathering, TRANSPORT)
    path = f"/staff/signups/{entered(sends, gathering.member(), event_id, answers={'size': 'm'})['id']}/answers"
    for answers, at in (
        ({}, ["answers.seat"]),
        ({"seat": "3", "size": "m"}, ["answers.size"]),
        ({"seat": "3", "paper": {"data": "?"}}, ["answers.paper"]),
        ({"seat": "3", "paper": {"media": "image/jpeg", "size": 9}}, ["answers.paper"]),
    ):
        answer = sends(desk, f"PUT {path}", {"answers": answers})
        assert (code(answer, 422), sorted(answer.json["errors"])) == ("validation_failed", at)
    assert code(sends(desk, f"PUT {path}", {}), 422) == "validation_failed"
    assert set(files.walk()) == set()


def test_who_reads_an_entry_of_a_private_kind_is_on_record(
    sends: Sends, gathering: Gathering, sql: psycopg.Connection
) -> None:
    event_id = gathering.event(kind=Kind.CLINIC, form=Form((CARD,)))
    made = entered(sends, gathering.member(), event_id, answers={"card": {"data": drawn()}})
    reads(sends(gathering.officer, f"GET /staff/signups/{made['id']}"))
    assert sends(gathering.officer, f"GET /staff/signups/{made['id']}/files/card").status_code == 200
    assert audited(sql, "event.list_read") == [{"entries": 1}] * 2


def test_many_applications_are_refused_for_one_reason(sends: Sends, gathering: Gathering) -> None:
    desk, event_id = gathering.officer, gathering.event(mode=Mode.APPROVAL)
    people = gathering.members("陈静", "王伟")
    ids = [entered(sends, one, event_id)["id"] for one in people]
    path, body = f"POST /staff/events/{event_id}/refuse", {"signup_ids": ids, "reason": "full"}
    assert code(acts(sends, desk, path, {**body, "reason": "other"}), 422) == "note_length"
    assert code(acts(sends, desk, path, {"signup_ids": ids}), 422) == "validation_failed"
    done = acts(sends, desk, path, body, key="refuse-them-all")
    assert reads(done) == {"refused": ids, "already": [], "gone": []}
    assert acts(sends, desk, path, body, key="refuse-them-all").json == done.json
    assert reads(acts(sends, desk, path, body)) == {"refused": [], "already": ids, "gone": []}
    told = reads(sends(people[0], f"GET /me/signups/{ids[0]}"))
    assert (told["state"], told["reason"]) == ("refused", "full")


def test_a_list_is_narrowed_to_a_union_and_all_below_it(sends: Sends, gathering: Gathering, world: World) -> None:
    desk, event_id, elsewhere = gathering.officer, gathering.event(), world.another_union()
    for one in (gathering.member("甲甲"), gathering.member("乙乙", union=elsewhere)):
        entered(sends, one, event_id)
    path = f"GET /staff/events/{event_id}/signups?union_id="
    assert names(sends(desk, f"{path}{world.town.id}")) == ["甲甲"]
    assert names(sends(desk, f"{path}{elsewhere.id}")) == ["乙乙"]
    assert code(sends(desk, f"{path}{uuid4()}"), 404) == "union_unknown"


def test_phones_are_in_the_sheet_for_a_reason_and_each_is_a_look(
    sends: Sends, gathering: Gathering, sql: psycopg.Connection
) -> None:
    event_id, desk = gathering.event(), gathering.officer
    entered(sends, gathering.member("王伟", phone="10030000001"), event_id)
    path = f"POST /staff/events/{event_id}/export"
    for wrong in ("other", "because"):
        assert code(sends(desk, path, {"phones": wrong}), 422) == "validation_failed"
    answer = sends(desk, path, {"phones": "contact"})
    rows = load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True)
    assert "10030000001" in [cell for row in rows for cell in row]
    assert audited(sql, "event.exported") == [{"entries": 1, "phones": 1}]


def test_a_unit_sees_where_it_may_enter_people_and_whom_it_has_entered(
    sends: Sends, gathering: Gathering, world: World
) -> None:
    unit, stranger = gathering.another_officer(Role.GRASSROOTS), of_another_federation(world)
    event_id, closed = gathering.event(unit_entry=True), gathering.event()
    found = reads(sends(unit, "GET /staff/unit-events"))["items"]
    assert [(one["id"], one["allowed"]) for one in found] == [(str(event_id), None)]
    assert reads(sends(stranger, "GET /staff/unit-events"))["items"] == []
    member = gathering.member("陈静")
    entered(sends, gathering.member("王伟"), event_id)
    path = f"/staff/events/{event_id}/entries"
    made = acts(sends, unit, f"POST {path}", {"members": [str(member.member_id)]}).json
    listed = reads(sends(unit, f"GET {path}"))["items"]
    assert [(one["id"], one["by_unit"]) for one in listed] == [(made["id"], True)]
    assert code(sends(unit, f"GET /staff/events/{closed}/entries"), 409) == "unit_entry_off"
    assert code(sends(stranger, f"GET {path}"), 404) == "event_unknown"
    assert code(sends(member, f"GET {path}"), 403) == "not_allowed"


def test_a_picture_is_handed_in_shown_to_all_and_taken_back(app: Flask, sends: Sends, gathering: Gathering) -> None:
    desk, event_id = gathering.officer, gathering.event()
    path, body = f"PUT /staff/events/{event_id}/picture", {"revision": 1, "picture": drawn()}
    done = acts(sends, desk, path, body, key="a-first-picture")
    assert (reads(done)["picture"], done.json["revision"]) == (True, 2)
    assert acts(sends, desk, path, body, key="a-first-picture").json == done.json
    (first,) = files.walk()
    address = reads(sends(None, f"GET /events/{event_id}"))["picture"]
    assert app.test_client().get(address).content_type == "image/jpeg"
    assert code(acts(sends, desk, path, body), 409) == "event_changed"
    for wrong, why in (("?", "form_picture_broken"), (base64.b64encode(b"GIF89a").decode(), "event_picture_kind")):
        answer = acts(sends, desk, path, {"revision": 2, "picture": wrong})
        assert (code(answer, 422), list(answer.json["errors"])) == (why, ["picture"])
    assert list(files.walk()) == [first]
    other = reads(acts(sends, desk, path, {"revision": 2, "picture": drawn("blue")}))
    assert [other["revision"], list(files.walk()) == [first], len(list(files.walk()))] == [3, False, 1]
    assert reads(acts(sends, desk, path, {"revision": 3, "picture": None}))["picture"] is False
    assert list(files.walk()) == []
    assert reads(sends(None, f"GET /events/{event_id}"))["picture"] is None


def test_the_picture_of_a_draft_goes_with_it_unless_a_copy_shows_it(sends: Sends, gathering: Gathering) -> None:
    desk, event_id = gathering.officer, gathering.draft()
    reads(acts(sends, desk, f"PUT /staff/events/{event_id}/picture", {"revision": 1, "picture": drawn()}))
    copied = acts(sends, desk, f"POST /staff/events/{event_id}/copy").json
    assert copied["picture"] is True
    for one, left in ((event_id, 1), (copied["id"], 0)):
        reads(acts(sends, desk, f"DELETE /staff/events/{one}"))
        assert len(list(files.walk())) == left


def test_everybody_reads_the_chances_while_a_draw_is_to_come(sends: Sends, gathering: Gathering) -> None:
    show = gathering.event(kind=Kind.SHOW, mode=Mode.DRAW, places=1)
    for one in gathering.members(*"甲乙"):
        entered(sends, one, show)
    drum = reads(sends(None, f"GET /events/{show}/draw"))["drum"]
    assert (drum["entries"], drum["people"], drum["places"], len(drum["chances"])) == (2, 2, 1, 4)


def test_nobody_elses_officer_reads_or_changes_an_entry(sends: Sends, gathering: Gathering, world: World) -> None:
    member, event_id = gathering.member(), asking(gathering, mode=Mode.APPROVAL)
    path = f"/staff/signups/{entered(sends, member, event_id, answers={'size': 'm'})['id']}"
    event = f"/staff/events/{event_id}"

    def asks(actor: Any) -> list[Any]:
        return [
            sends(actor, f"GET {path}"),
            sends(actor, f"GET {path}/files/paper"),
            sends(actor, f"PUT {path}/answers", {"answers": {}}),
            acts(sends, actor, f"POST {event}/refuse", {"signup_ids": [str(uuid4())], "reason": "full"}),
            acts(sends, actor, f"PUT {event}/picture", {"revision": 1, "picture": drawn()}),
        ]

    for stranger in (of_another_federation(world), gathering.another_officer(Role.TOWN)):
        assert [code(answer, 404) for answer in asks(stranger)] == ["signup_unknown"] * 3 + ["event_unknown"] * 2
    assert {answer.status_code for answer in asks(member)} == {403}
    assert {answer.status_code for answer in asks(None)} == {401}
    assert list(files.walk()) == []
