"""Events through the API, as a member meets them: found, read, signed up for, waited for, given up; and never more."""

import base64
import datetime
import io
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from PIL import Image

from services.accounts.types import MemberActor
from services.core import clock, forms
from services.core.files import files
from services.core.forms import Form, Question
from services.events.queries import mine
from services.events.service import leaving
from services.events.types import Category, EventId, Joining, Kind, Mode, Once, Quota, QuotaKind, SignupId, Slot, Wave
from services.members.documents import Sex
from tests.builders.events import HOUR, Gathering, total
from tests.builders.world import DAY, World
from tests.harness.statements import statements
from tests.http.test_api_shops import Sends, reads

CARD = Question("card", forms.Kind.FILE, {"zh": "证书照片"}, required=True)
SIZE = Question("size", forms.Kind.CHOICE, {"zh": "衣服尺码"}, required=True, options=(("m", {"zh": "中"}),))
SECRET = Question("remark", forms.Kind.TEXT, {"zh": "内部备注"}, for_managers=True)


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


@pytest.fixture
def sends(app: Flask, world: World) -> Sends:
    """sends(actor, "GET /events", {...}): one request of that person, now."""
    tokens: dict[Any, dict[str, str]] = {}

    def send(actor: Any, what: str, body: Any = None, *, key: str | None = None) -> Any:
        method, path = what.split(" ", 1)
        if actor and actor not in tokens:
            tokens[actor] = world.bearer(actor)
        headers = {**tokens.get(actor, {}), **({"Idempotency-Key": key} if key else {})}
        return app.test_client().open(f"/api/v1{path}", method=method, json=body, headers=headers)

    return send


def code(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    said: str = answer.json["code"]
    return said


def enters(sends: Sends, member: MemberActor, event_id: EventId, key: str | None = None, **entry: Any) -> Any:
    return sends(member, f"POST /events/{event_id}/signups", entry, key=key or str(uuid4()))


def entered(sends: Sends, member: MemberActor, event_id: EventId, **entry: Any) -> Any:
    answer = enters(sends, member, event_id, **entry)
    assert answer.status_code == 201, answer.text
    return answer.json


def test_everybody_finds_events_by_kind_time_and_words(sends: Sends, gathering: Gathering) -> None:
    walk = gathering.event()
    late = clock.now() + 90 * DAY
    lecture = gathering.event(
        kind=Kind.LECTURE, title={"zh": "护心讲座"}, starts_at=late, ends_at=late + HOUR, cancel_until=late
    )
    gathering.draft(title={"zh": "还没写完"})

    def found(query: str) -> list[str]:
        return [one["id"] for one in reads(sends(None, f"GET /events?{query}"))["items"]]

    assert found("") == [str(walk), str(lecture)]
    assert found("kind=lecture") == found("when=later") == found("q=护心") == [str(lecture)]
    assert found("when=past") == []
    first = reads(sends(None, "GET /events?limit=1"))
    assert [one["id"] for one in reads(sends(None, f"GET /events?cursor={first['next']}"))["items"]] == [str(lecture)]
    assert code(sends(None, "GET /events?cursor=nonsense"), 422) == "cursor_malformed"
    assert code(sends(None, "GET /events?kind=party"), 422) == "validation_failed"


def test_one_event_says_its_terms_and_rooms_and_never_a_managers_question(
    sends: Sends, gathering: Gathering, world: World
) -> None:
    event_id = gathering.event(
        form=Form((SIZE, SECRET)), places=3,
        quotas=(
            total(3), Quota(1, QuotaKind.UNION, 2, union=world.town.path), Quota(2, QuotaKind.AGE, 1, ages=(18, 35)),
        ),
    )  # fmt: skip
    read = reads(sends(None, f"GET /events/{event_id}"))
    assert [one["key"] for one in read["terms"]["form"]["questions"]] == ["size"]
    assert [one["kind"] for one in read["terms"]["quotas"]] == ["all", "union", "age"]
    assert read["terms"]["quotas"][1]["union_id"] == str(world.town.id)
    assert (read["terms"]["quotas"][2]["age_from"], read["terms"]["quotas"][2]["age_to"]) == (18, 35)
    assert read["rooms"][0] == {"quota": 0, "taken": 0, "left": 3, "full": False}
    assert (read["phase"], read["allowed"], read["choices"]) == ("open", None, None)
    for unknown in (gathering.draft(), uuid4()):
        assert code(sends(None, f"GET /events/{unknown}"), 404) == "event_unknown"


def test_a_member_reads_why_not_by_category(sends: Sends, gathering: Gathering) -> None:
    pairs = (Category(1, {"zh": "男单"}, sex=Sex.MALE), Category(2, {"zh": "女单"}, sex=Sex.FEMALE))
    event_id = gathering.event(categories=pairs, once=Once.CATEGORY)
    lin, unknown = gathering.member("林秀", sex=Sex.FEMALE, age=30), gathering.member("吴凡")
    read = reads(sends(lin, f"GET /events/{event_id}"))
    assert read["allowed"] is True
    assert [(one["category"], one["allowed"], one["code"]) for one in read["choices"]] == [
        (1, False, "event_not_for_sex"),
        (2, True, None),
    ]
    assert all(one["reason"] for one in read["choices"] if not one["allowed"])
    assert reads(sends(unknown, f"GET /events/{event_id}"))["code"] == "sex_unknown"
    assert [one["code"] for one in reads(sends(unknown, "GET /events"))["items"]] == ["sex_unknown"]
    made = entered(sends, lin, event_id, category=2)
    read = reads(sends(lin, f"GET /events/{event_id}"))
    assert [one["code"] for one in read["choices"]] == ["event_not_for_sex", "already_signed_up"]
    assert [one["id"] for one in read["entries"]] == [made["id"]]


def test_small_figures_of_something_private_are_nobodys(sends: Sends, gathering: Gathering) -> None:
    kinds = (total(20), Quota(1, QuotaKind.SEX, 10, sex=Sex.MALE), Quota(2, QuotaKind.SEX, 10, sex=Sex.FEMALE))
    event_id = gathering.event(kind=Kind.SOCIAL, quotas=kinds)
    women = gathering.members(*(f"女{number}" for number in "一二三四五"), sex=Sex.FEMALE)
    for one in women[:4]:
        entered(sends, one, event_id)
    read = reads(sends(None, f"GET /events/{event_id}"))
    assert (read["taken"], read["left"], read["waiting"]) == (None, None, None)
    assert [one["taken"] for one in read["rooms"]] == [None, None, None]
    entered(sends, women[4], event_id)
    read = reads(sends(None, f"GET /events/{event_id}"))
    assert (read["taken"], read["left"]) == (5, 15)
    assert [one["taken"] for one in read["rooms"]] == [5, None, None], "the men would be what is left"


def test_a_place_in_the_line_of_something_private_says_nothing_of_how_few_there_are(
    sends: Sends, gathering: Gathering
) -> None:
    event_id, walk = gathering.event(kind=Kind.SOCIAL, places=1), gathering.event(places=1)
    people = gathering.members(*(f"周{number}" for number in "一二三四五六七"))
    made = [entered(sends, one, event_id) for one in people]
    assert [one["position"] for one in made] == [None] * 6 + [6], "five are before the last"
    own = reads(sends(people[1], f"GET /me/signups/{made[1]['id']}"))
    assert (own["state"], own["position"]) == ("waiting", None)
    assert [entered(sends, one, walk)["position"] for one in people[:2]] == [None, 1]


def test_signing_up_is_once_for_a_key_and_once_for_a_person(sends: Sends, gathering: Gathering) -> None:
    event_id, chen = gathering.event(), gathering.member()
    first = enters(sends, chen, event_id, key="the-same-key")
    assert (first.status_code, first.json["state"], first.json["position"]) == (201, "confirmed", None)
    again = enters(sends, chen, event_id, key="the-same-key")
    assert (again.status_code, again.json) == (201, first.json)
    assert code(enters(sends, chen, event_id, key="the-same-key", wait=False), 422) == "idempotency_key_reused"
    other = gathering.event()
    assert enters(sends, chen, other, key="the-same-key").json["id"] != first.json["id"]
    assert code(enters(sends, chen, event_id), 409) == "already_signed_up"
    assert code(sends(chen, f"POST /events/{event_id}/signups", {}), 422) == "idempotency_key_missing"
    assert gathering.seen(event_id).total.taken == 1


def test_a_refusal_has_its_facts_and_is_kept_for_its_key(sends: Sends, gathering: Gathering) -> None:
    soon = clock.now().replace(microsecond=0) + HOUR
    event_id = gathering.event(opens_at=soon)
    answer = enters(sends, gathering.member(), event_id)
    assert code(answer, 409) == "sign_up_not_open"
    assert answer.json["detail"] and answer.json["member_detail"]
    read = reads(sends(None, f"GET /events/{event_id}"))
    assert (read["closed_code"], read["phase"]) == ("sign_up_not_open", "coming")
    waves = (Wave(clock.now() - HOUR, 1), Wave(soon, 1))
    waved = gathering.event(places=2, waves=waves)
    entered(sends, gathering.member("李一"), waved)
    assert code(enters(sends, gathering.member("李二"), waved), 409) == "wave_gone"
    read = reads(sends(None, f"GET /events/{waved}"))
    assert (read["left"], read["full"], read["next_wave_at"]) == (0, True, soon.isoformat())


def test_whoever_waits_is_offered_the_place_and_accepts_or_declines(
    sends: Sends, gathering: Gathering, world: World
) -> None:
    event_id = gathering.event(places=1)
    holder, one, two = gathering.members("赵一", "赵二", "赵三")
    place = entered(sends, holder, event_id)
    waits = [entered(sends, member, event_id) for member in (one, two)]
    assert [(entry["state"], entry["position"]) for entry in waits] == [("waiting", 1), ("waiting", 2)]
    assert code(enters(sends, gathering.member("赵四"), event_id, wait=False), 409) == "waiting_not_wanted"
    accept = f"POST /signups/{waits[0]['id']}/accept"
    assert code(sends(one, accept), 409) == "not_offered"
    assert sends(holder, f"DELETE /signups/{place['id']}").status_code == 204
    assert code(sends(holder, f"DELETE /signups/{place['id']}"), 409) == "signup_over"
    mine_now = reads(sends(one, f"GET /me/signups/{waits[0]['id']}"))
    assert mine_now["state"] == "offered" and mine_now["due_at"]
    declined = reads(sends(one, f"POST /signups/{waits[0]['id']}/decline"))
    assert declined["state"] == "declined"
    assert reads(sends(two, f"POST /signups/{waits[1]['id']}/accept"))["state"] == "confirmed"
    assert reads(sends(two, f"POST /signups/{waits[1]['id']}/accept"))["state"] == "confirmed", "twice is no error"
    for stranger in (holder, one):
        for what in (f"GET /me/signups/{waits[1]['id']}", f"DELETE /signups/{waits[1]['id']}"):
            assert code(sends(stranger, what), 404) == "signup_unknown"
        for verb in ("accept", "decline", "join", "turn-down"):
            assert code(sends(stranger, f"POST /signups/{waits[1]['id']}/{verb}"), 404) == "signup_unknown"


def test_a_pair_confirms_turns_down_and_is_mended(sends: Sends, gathering: Gathering) -> None:
    event_id = gathering.event(
        categories=(Category(1, {"zh": "双打"}, least=2, most=2),), joining=Joining.CONFIRM, places=4
    )
    captain = gathering.member("周一", phone="19900000001")
    mate, other = gathering.member("周二", phone="19900000002"), gathering.member("周三", phone="19900000003")
    wrong = enters(sends, captain, event_id, mates=[{"name": "周二", "phone": "12"}])
    assert (code(wrong, 422), list(wrong.json["errors"])) == ("form_phone_wrong", ["mates.0.phone"])
    assert code(enters(sends, captain, event_id), 409) == "too_few_mates"
    unknown = [{"name": "无人", "phone": "19900000009"}]
    assert code(enters(sends, captain, event_id, mates=unknown), 409) == "mate_unknown"
    made = entered(sends, captain, event_id, mates=[{"name": "周二", "phone": "199 0000 0002"}])
    assert made["state"] == "forming"
    path = f"/signups/{made['id']}"
    seen = reads(sends(mate, f"GET /me{path}"))
    assert [(one["name"], one["presence"], one["me"]) for one in seen["people"]] == [
        ("周一", "in", False),
        ("周二", "invited", True),
    ]
    assert seen["captain"] is False
    assert code(sends(mate, f"DELETE {path}"), 404) == "signup_unknown", "only the captain gives up the whole"
    assert reads(sends(mate, f"POST {path}/turn-down"))["people"][1]["presence"] == "declined"
    swap = {"name": "周三", "phone": "19900000003"}
    assert code(sends(mate, f"PUT {path}/people/1", swap), 409) == "not_captain"
    assert code(sends(captain, f"PUT {path}/people/1", unknown[0]), 409) == "mate_unknown"
    assert reads(sends(captain, f"PUT {path}/people/1", swap))["people"][1]["name"] == "周三"
    for _twice in range(2):
        joined = reads(sends(other, f"POST {path}/join"))
        assert (joined["state"], [one["agreed"] for one in joined["people"]]) == ("confirmed", [True, True])
    assert code(sends(captain, f"PUT {path}/people/99999", swap), 404) == "signup_unknown"


def test_a_family_comes_with_its_children_in_a_slot(sends: Sends, gathering: Gathering) -> None:
    event = gathering.terms(kind=Kind.TRIP)
    slots = (Slot(1, event.starts_at, event.starts_at + HOUR), Slot(2, event.starts_at + HOUR, event.ends_at))
    event_id = gathering.event(
        kind=Kind.TRIP, starts_at=event.starts_at, ends_at=event.ends_at, slots=slots,
        categories=(Category(1, {"zh": "亲子"}, guests=1, children=1, child_from=3, child_to=12),),
    )  # fmt: skip
    parent = gathering.member("钱月")
    child = {"role": "child", "name": "小满", "born_on": "2019-05-01"}
    family = [child, {"role": "guest", "name": "钱父"}]
    assert code(enters(sends, parent, event_id, companions=family), 422) == "slot_missing"
    grown = [{**child, "born_on": "2001-05-01"}]
    assert code(enters(sends, parent, event_id, slot=2, companions=grown, guardian=True), 409) == "child_age"
    unsaid = enters(sends, parent, event_id, slot=2, companions=family)
    assert code(unsaid, 422) == "guardian_missing"
    assert code(enters(sends, parent, event_id, companions=[{**child, "role": "member"}]), 422) == "validation_failed"
    made = entered(sends, parent, event_id, slot=2, companions=family, guardian=True)
    seen = reads(sends(parent, f"GET /me/signups/{made['id']}"))
    assert (seen["slot"], [one["name"] for one in seen["people"]]) == (2, ["钱月", "小满", "钱父"])
    assert "2019" not in str(seen["people"])


def _picture() -> str:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(data, "PNG")
    return base64.b64encode(data.getvalue()).decode()


def test_answers_come_with_their_files_or_every_fault_is_named(
    sends: Sends, gathering: Gathering, world: World
) -> None:
    event_id, member = gathering.event(form=Form((SIZE, CARD, SECRET))), gathering.member()

    def wrong(answers: dict[str, Any]) -> list[str]:
        answer = enters(sends, member, event_id, answers=answers)
        assert code(answer, 422) == "validation_failed"
        return sorted(answer.json["errors"])

    assert wrong({}) == ["answers.card", "answers.size"]
    assert wrong({"size": "xl", "card": {"data": "no base64!"}}) == ["answers.card", "answers.size"]
    assert wrong({"size": "m", "card": {"data": base64.b64encode(b"GIF89a").decode()}}) == ["answers.card"]
    assert wrong({"size": "m", "card": {"file": "x"}, "remark": "x"}) == ["answers.card", "answers.remark"]
    assert wrong({"size": 7, "card": {"data": _picture()}}) == ["answers.size"]
    assert list(files.walk()) == []
    answers = {"size": "m", "card": {"data": _picture()}}
    made = enters(sends, member, event_id, key="with-a-picture", answers=answers)
    assert made.status_code == 201, made.text
    assert enters(sends, member, event_id, key="with-a-picture", answers=answers).json == made.json
    assert code(enters(sends, member, event_id, answers=answers), 409) == "already_signed_up"
    kept = world.look(lambda: mine.answers(SignupId(UUID(made.json["id"]))))
    assert [one.key for one in forms.files_of(kept).values()] == list(files.walk()), "one file, and it is the entry's"
    seen = reads(sends(member, f"GET /me/signups/{made.json['id']}"))["answers"]
    assert seen["size"] == "m" and seen["card"]["media"] == "image/jpeg" and "key" not in seen["card"]


def test_a_large_body_is_for_answers_with_files_only(sends: Sends, gathering: Gathering) -> None:
    large = {"answers": {"card": {"data": "A" * 3_000_000}}}
    event_id, member = gathering.event(form=Form((CARD,))), gathering.member()
    assert code(enters(sends, member, event_id, **large), 422) == "validation_failed"
    assert code(sends(member, f"PUT /signups/{uuid4()}/people/1", large), 413) == "body_too_large"


def test_my_entries_are_listed_by_state(sends: Sends, gathering: Gathering) -> None:
    member = gathering.member()
    made = [entered(sends, member, gathering.event())["id"] for _ in range(3)]
    gathering.world.do(lambda: leaving.cancel(actor=member, signup_id=SignupId(made[0]), now=clock.now()))

    def found(query: str) -> list[str]:
        return [one["id"] for one in reads(sends(member, f"GET /me/signups{query}"))["items"]]

    assert found("") == made[::-1]
    assert found("?state=active") == found("?state=confirmed") == made[:0:-1]
    assert found("?state=cancelled") == made[:1]
    first = reads(sends(member, "GET /me/signups?limit=2"))
    assert found(f"?cursor={first['next']}") == made[:1]
    assert code(sends(member, "GET /me/signups?state=lost"), 422) == "validation_failed"
    assert reads(sends(gathering.member("旁人"), "GET /me/signups"))["items"] == []
    assert code(sends(None, "GET /me/signups"), 401) == "not_signed_in"


def test_a_draw_and_an_application_take_no_place_yet(sends: Sends, gathering: Gathering) -> None:
    draw, approval = gathering.event(kind=Kind.SHOW, mode=Mode.DRAW), gathering.event(mode=Mode.APPROVAL)
    member = gathering.member()
    assert entered(sends, member, draw)["state"] == "entered"
    assert entered(sends, member, approval)["state"] == "applied"
    assert gathering.seen(draw).total.taken == gathering.seen(approval).total.taken == 0


STRAIGHT, WAITING, REFUSED = 9, 13, 4
LIST, ONE = 8, 9


def test_signing_up_stays_within_its_statements(sends: Sends, gathering: Gathering) -> None:
    event_id, (one, two, three) = gathering.event(places=1, waiting_most=1), gathering.members("孙一", "孙二", "孙三")
    for member, most in ((one, STRAIGHT), (two, WAITING), (three, REFUSED)):
        sends(member, "GET /me/signups")
        with statements() as sent:
            enters(sends, member, event_id)
        assert len(sent) <= most, (len(sent), sent)


def test_a_fresh_answer_says_what_its_repetition_reads_back(sends: Sends, gathering: Gathering) -> None:
    """The first is not read from the database again."""
    pair = (Category(1, {"zh": "双打"}, 2, 2),)
    double = gathering.event(categories=pair, joining=Joining.CONFIRM)
    one, two = gathering.member("沈一", phone="19900000031"), gathering.member("沈二")
    mates = [{"name": "沈一", "phone": "19900000031"}]
    full = gathering.event(places=1)
    entered(sends, one, full)
    for event_id, state, position, entry in ((double, "forming", None, {"mates": mates}), (full, "waiting", 1, {})):
        made = enters(sends, two, event_id, key="said-the-same", **entry)
        assert (made.json["state"], made.json["position"]) == (state, position), made.text
        assert (made.json["due_at"] is None) is (state == "waiting")
        assert enters(sends, two, event_id, key="said-the-same", **entry).json == made.json


def test_reading_events_stays_within_its_statements(sends: Sends, gathering: Gathering) -> None:
    event_id, member = gathering.event(), gathering.member()
    for _ in range(3):
        gathering.event()
    entered(sends, member, event_id)
    for path, most in (("/events", LIST), (f"/events/{event_id}", ONE)):
        with statements() as sent:
            reads(sends(member, f"GET {path}"))
        assert len(sent) <= most, (path, len(sent), sent)


def test_the_moment_of_an_offer_is_in_the_future(sends: Sends, gathering: Gathering) -> None:
    event_id = gathering.event(places=1)
    holder, waits = gathering.members("郑一", "郑二")
    place, entry = entered(sends, holder, event_id), entered(sends, waits, event_id)
    sends(holder, f"DELETE /signups/{place['id']}")
    offered = reads(sends(waits, "GET /me/signups?state=offered"))["items"][0]
    assert offered["id"] == entry["id"]
    assert datetime.datetime.fromisoformat(offered["due_at"]) > clock.now()
