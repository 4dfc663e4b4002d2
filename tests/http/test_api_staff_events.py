"""Events at the desk through the API: written, published, changed, decided, drawn, called off; units enter theirs."""

import datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from services.accounts.types import OfficerActor, Role
from services.core import clock, forms
from services.core.forms import Form, Question
from services.events.types import Category, EventId, Kind, Mode, Quota, QuotaKind
from tests.builders.events import HOUR, PLACES, Gathering, total
from tests.builders.world import DAY, World
from tests.http.test_api_events import Sends, code, entered, gathering, reads, sends
from tests.http.test_complaints import of_another_federation

__all__ = ["gathering", "sends"]


def written(**terms: Any) -> dict[str, Any]:
    """Terms as a partner sends them: a walk with ten places in a week."""
    starts_at = clock.now().replace(microsecond=0) + 7 * DAY

    def said(at: datetime.datetime) -> str:
        return at.isoformat()

    return {
        "kind": "sport",
        "title": {"zh": "沿河健步走"},
        "place": {"zh": "雍河公园南门", "en": "South gate"},
        "starts_at": said(starts_at),
        "ends_at": said(starts_at + 3 * HOUR),
        "opens_at": said(starts_at - 8 * DAY),
        "closes_at": said(starts_at - 2 * DAY),
        "cancel_until": said(starts_at - 2 * DAY),
        "categories": [{"key": 1, "name": {"zh": "个人"}}],
        "quotas": [{"kind": "all", "capacity": PLACES}],
        **terms,
    }


def drafted(sends: Sends, desk: OfficerActor, world: World, **terms: Any) -> dict[str, Any]:
    body = {"union_id": str(world.federation.id), "terms": written(**terms)}
    answer = sends(desk, "POST /staff/events", body, key=str(uuid4()))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


def acts(sends: Sends, desk: OfficerActor, what: str, body: Any = None) -> Any:
    return sends(desk, what, body, key=str(uuid4()))


def test_an_event_is_drafted_published_changed_and_called_off(sends: Sends, gathering: Gathering, world: World) -> None:
    desk, member = gathering.officer, gathering.member()
    body = {"union_id": str(world.federation.id), "terms": written(title={"zh": ""})}
    made = sends(desk, "POST /staff/events", body, key="a-first-draft")
    assert made.status_code == 201, made.text
    assert sends(desk, "POST /staff/events", body, key="a-first-draft").json["id"] == made.json["id"]
    draft, path = made.json, f"/staff/events/{made.json['id']}"
    assert [(one["field"], one["code"]) for one in draft["faults"]] == [("title", "event_title_missing")]
    assert code(acts(sends, desk, f"POST {path}/publish", {"revision": 1}), 422) == "event_title_missing"
    assert code(sends(member, f"GET /events/{draft['id']}"), 404) == "event_unknown"
    better = {"revision": 1, "terms": written(walk_ins=True)}
    assert reads(acts(sends, desk, f"PUT {path}", better))["revision"] == 2
    assert code(acts(sends, desk, f"PUT {path}", better), 409) == "event_changed"
    assert reads(acts(sends, desk, f"POST {path}/publish", {"revision": 2}))["phase"] == "open"
    entered(sends, member, EventId(draft["id"]))
    fixed = acts(sends, desk, f"PUT {path}", {"revision": 2, "terms": written(mode="draw", walk_ins=True)})
    assert (code(fixed, 409), list(fixed.json["errors"])) == ("term_fixed", ["mode"])
    fewer = {"revision": 2, "terms": written(quotas=[{"kind": "all", "capacity": 0}])}
    assert acts(sends, desk, f"PUT {path}", fewer).status_code in (409, 422)
    seen = reads(sends(desk, f"GET {path}"))
    assert (seen["rooms"], seen["revision"]) == ([{"quota": 0, "taken": 1, "left": PLACES - 1}], 2)
    same = {"revision": 2, "terms": {name: seen["terms"][name] for name in seen["terms"]}}
    assert reads(acts(sends, desk, f"PUT {path}", same))["revision"] == 2, "what GET says can be sent back"
    assert code(acts(sends, desk, f"DELETE {path}"), 409) == "event_published"
    assert code(acts(sends, desk, f"POST {path}/cancel", {"note": "雨"}), 422) == "note_length"
    called_off = reads(acts(sends, desk, f"POST {path}/cancel", {"note": "台风，改日再办"}))
    assert (called_off["phase"], called_off["cancelled_note"]) == ("cancelled", "台风，改日再办")
    assert reads(sends(member, "GET /me/signups"))["items"][0]["state"] == "called_off"


def test_every_term_comes_back_as_it_was_written(sends: Sends, gathering: Gathering, world: World) -> None:
    starts_at = clock.now().replace(microsecond=0) + 30 * DAY
    size = Question("size", forms.Kind.CHOICE, {"zh": "尺码"}, options=(("m", {"zh": "中"}), ("l", {"zh": "大"})))
    note = Question("note", forms.Kind.TEXT, {"zh": "内部备注"}, for_managers=True)
    event_id = gathering.draft(
        kind=Kind.TRAINING, starts_at=starts_at, ends_at=starts_at + 5 * HOUR, series="电工", level=2, walk_ins=True,
        contact="021-5550-0101", waiting_most=7, offer_minutes=60, offers_end_minutes=30, unit_entry=True,
        categories=(Category(1, {"zh": "初级", "en": "Beginners"}, least=1, most=3, women=1, age_from=18, age_to=60),),
        quotas=(
            total(), Quota(1, QuotaKind.CATEGORY, 5, category=1), Quota(2, QuotaKind.UNION, 3, union=world.town.path),
        ),
        form=Form((size, note), keep_days=30),
    )  # fmt: skip
    seen = reads(sends(gathering.officer, f"GET /staff/events/{event_id}"))
    assert [one["key"] for one in seen["terms"]["form"]["questions"]] == ["size", "note"]
    before = gathering.seen(event_id).terms
    back = {"revision": 1, "terms": {**seen["terms"], "walk_ins": False}}
    assert reads(acts(sends, gathering.officer, f"PUT /staff/events/{event_id}", back))["revision"] == 2
    assert {name for name, value in vars(before).items() if value != getattr(gathering.seen(event_id).terms, name)} == {
        "walk_ins"
    }


def asking(**question: Any) -> dict[str, Any]:
    """A form of one question."""
    usual = {"key": "size", "kind": "choice", "label": {"zh": "尺码"}, "required": True}
    return {"keep_days": 30, "questions": [usual | question]}


@pytest.mark.parametrize(
    ("wrong", "said", "field"),
    [
        ({"starts_at": "0001-01-01T00:00:00+00:00"}, "validation_failed", "terms"),
        ({"starts_at": "2027-01-01T00:00:00"}, "validation_failed", "terms"),
        ({"quotas": []}, "validation_failed", "terms"),
        ({"price": 3}, "validation_failed", "terms"),
        ({"walk_ins": "yes"}, "validation_failed", "terms"),
        ({"form": {"questions": [{"key": 7}]}}, "form_malformed", "questions.0.kind"),
        ({"text": {"zh": "\u0000"}}, "form_signs_unseen", "text"),
        ({"form": asking(key="a\u0000")}, "form_signs_unseen", "questions.0.key"),
        ({"form": asking(label={"zh": "名" * 99 + "\ud800"})}, "form_signs_unseen", "questions.0.label"),
        (
            {"form": asking(options=[{"key": "\u0000", "label": {"zh": "中"}}])},
            "form_signs_unseen",
            "questions.0.options",
        ),
        ({"form": asking(only_if={"key": "b", "answers": ["\ud800"]})}, "form_signs_unseen", "questions.0.only_if"),
        ({"title": {"zh": "长" * 60}}, "event_words_long", "title"),
    ],
)
def test_a_fault_that_no_draft_can_have_names_its_field(
    sends: Sends, gathering: Gathering, world: World, wrong: dict[str, Any], said: str, field: str
) -> None:
    body = {"union_id": str(world.federation.id), "terms": written(**wrong)}
    answer = acts(sends, gathering.officer, "POST /staff/events", body)
    assert (code(answer, 422), list(answer.json["errors"])) == (said, [field])


def test_shelves_hold_what_lies_in_the_officers_unions(sends: Sends, gathering: Gathering, world: World) -> None:
    town = gathering.another_officer(Role.TOWN)
    whole, own = gathering.event(), gathering.event(union=world.town)
    draft = gathering.draft(union=world.town)

    def found(desk: OfficerActor, query: str) -> list[str]:
        return [one["id"] for one in reads(sends(desk, f"GET /staff/events?{query}"))["items"]]

    assert found(gathering.officer, "") == [str(whole), str(own)]
    assert found(town, "shelf=coming") == [str(own)]
    assert found(town, "shelf=drafts") == [str(draft)]
    assert code(sends(town, f"GET /staff/events/{whole}"), 404) == "event_unknown"
    first = reads(sends(gathering.officer, "GET /staff/events?limit=1"))
    assert found(gathering.officer, f"cursor={first['next']}") == [str(own)]
    strange = {"union_id": str(world.federation.id), "terms": written()}
    assert code(acts(sends, town, "POST /staff/events", strange), 404) == "union_unknown"


def test_a_draft_is_copied_and_discarded(sends: Sends, gathering: Gathering, world: World) -> None:
    desk = gathering.officer
    event_id = gathering.event()
    copied = acts(sends, desk, f"POST /staff/events/{event_id}/copy")
    assert copied.status_code == 201, copied.text
    assert copied.json["phase"] == "draft" and copied.json["id"] != str(event_id)
    path = f"/staff/events/{copied.json['id']}"
    gone = sends(desk, f"DELETE {path}", key="one-draft-less")
    assert reads(gone)["id"] == copied.json["id"]
    assert reads(sends(desk, f"DELETE {path}", key="one-draft-less")) == gone.json, (
        "an answer that was lost comes again"
    )
    assert code(acts(sends, desk, f"DELETE {path}"), 404) == "event_unknown"
    assert code(sends(desk, f"GET {path}"), 404) == "event_unknown"


def test_applications_are_decided_and_entries_taken_out(sends: Sends, gathering: Gathering) -> None:
    desk, event_id = gathering.officer, gathering.event(mode=Mode.APPROVAL, places=1, waiting_most=1)
    people = gathering.members("冯一", "冯二", "冯三", "冯四")
    made = [entered(sends, one, event_id)["id"] for one in people]
    paths = [f"POST /staff/signups/{one}" for one in made]
    outcomes = [reads(acts(sends, desk, f"{path}/approve"))["outcome"] for path in (*paths[:3], paths[0])]
    assert outcomes == ["placed", "waiting", "full", "already"]
    refused = acts(sends, desk, f"{paths[2]}/refuse", {"reason": "conditions"})
    assert reads(refused)["outcome"] == "refused"
    assert code(acts(sends, desk, f"{paths[2]}/approve"), 409) == "not_applied"
    assert code(acts(sends, desk, f"{paths[3]}/refuse", {"reason": "other"}), 422) == "note_length"
    assert code(acts(sends, desk, f"{paths[3]}/refuse", {"reason": "mood"}), 422) == "validation_failed"
    body = {"reason": "other", "note": "场地改小了"}
    assert reads(acts(sends, desk, f"{paths[0]}/remove", body))["state"] == "removed"
    told = reads(sends(people[0], f"GET /me/signups/{made[0]}"))
    assert (told["reason"], told["note"]) == ("other", "场地改小了")
    assert reads(sends(people[1], f"GET /me/signups/{made[1]}"))["state"] == "offered", "the place went on"
    assert code(acts(sends, desk, f"POST /staff/signups/{uuid4()}/approve"), 404) == "signup_unknown"


def test_a_draw_is_held_once_and_not_early(sends: Sends, gathering: Gathering, world: World, at: Any) -> None:
    desk, members = gathering.officer, gathering.members("褚一", "褚二", "褚三")
    event_id = gathering.event(kind=Kind.SHOW, mode=Mode.DRAW, places=2, closes_at=clock.now() + HOUR / 3)
    for one in members:
        entered(sends, one, event_id)
    assert code(acts(sends, desk, f"POST /events/{event_id}/draw"), 409) == "draw_too_early"
    at(clock.now() + HOUR / 3)
    desk = gathering.another_officer(Role.DISTRICT)  # the first one's session has ended meanwhile
    drawn = sends(desk, f"POST /events/{event_id}/draw", key="hold-the-draw")
    assert reads(drawn) == {"won": 2, "waiting": 1, "lapsed": 0}
    assert sends(desk, f"POST /events/{event_id}/draw", key="hold-the-draw").json == drawn.json
    assert code(acts(sends, desk, f"POST /events/{event_id}/draw"), 409) == "drawn_already"
    assert code(acts(sends, desk, f"POST /events/{gathering.event()}/draw"), 409) == "not_a_draw"


def test_a_unit_looks_at_its_list_and_enters_its_people(sends: Sends, gathering: Gathering, world: World) -> None:
    unit = gathering.another_officer(Role.GRASSROOTS)
    event_id = gathering.event(unit_entry=True, categories=(Category(1, {"zh": "拔河"}, least=2, most=2),), places=2)
    one, two = gathering.member("卫一", phone="19900000011"), gathering.member("卫二", phone="19900000012")
    people = [
        {"name": "卫一", "phone": "199-0000-0011"}, {"name": "卫二", "phone": "19900000012"},
        {"name": "没有", "phone": "19900000013"}, {"name": "卫一", "phone": "12"},
    ]  # fmt: skip
    path = f"POST /staff/events/{event_id}/entries"
    looked = reads(sends(unit, f"{path}/look", {"people": people}))["items"]
    assert [row["verdict"] for row in looked] == ["found", "found", "nobody", "phone"]
    assert [row["member_id"] for row in looked[:2]] == [str(one.member_id), str(two.member_id)]
    team = {"members": [row["member_id"] for row in looked[:2]]}
    made = sends(unit, path, team, key="enter-the-team")
    assert made.status_code == 201, made.text
    assert made.json["state"] == "confirmed"
    assert sends(unit, path, team, key="enter-the-team").json == made.json
    assert code(acts(sends, unit, path, team), 409) == "already_signed_up"
    assert code(acts(sends, unit, path, {"members": []}), 422) == "validation_failed"
    assert reads(sends(two, f"GET /me/signups/{made.json['id']}"))["by_unit"] is True
    off = gathering.event()
    assert code(acts(sends, unit, f"POST /staff/events/{off}/entries", team), 409) == "unit_entry_off"


def test_no_officer_of_another_federation_gets_near(
    app: Flask, sends: Sends, gathering: Gathering, world: World
) -> None:
    stranger, event_id = of_another_federation(world), gathering.event(unit_entry=True)
    entry = entered(sends, gathering.member(), event_id)["id"]
    for what, body in (
        (f"GET /staff/events/{event_id}", None),
        (f"PUT /staff/events/{event_id}", {"revision": 1, "terms": written()}),
        (f"POST /staff/events/{event_id}/publish", {"revision": 1}),
        (f"POST /staff/events/{event_id}/cancel", {"note": "路过的"}),
        (f"POST /staff/events/{event_id}/copy", None),
        (f"DELETE /staff/events/{event_id}", None),
        (f"POST /events/{event_id}/draw", None),
        (f"POST /staff/signups/{entry}/approve", None),
        (f"POST /staff/signups/{entry}/remove", {"reason": "other", "note": "路过的"}),
        (f"POST /staff/events/{event_id}/entries", {"members": [str(uuid4())]}),
    ):
        assert acts(sends, stranger, what, body).status_code == 404, what
