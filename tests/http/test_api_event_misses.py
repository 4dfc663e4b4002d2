"""After an event, through the API: misses and what they cost, cleared with a reason; certificates."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from services.accounts.types import Role
from services.events.types import Kind
from tests.builders.events import Gathering
from tests.builders.world import World
from tests.http.test_api_events import Sends, code, entered, gathering, reads, sends
from tests.http.test_complaints import of_another_federation
from tests.http.test_door_pages import came, missed_somebody, sign_up

__all__ = ["gathering", "sends"]


def acts(sends: Sends, actor: Any, what: str, body: Any, key: str | None = None) -> Any:
    return sends(actor, f"POST {what}", body, key=key or str(uuid4()))


def test_a_member_reads_what_missing_has_cost(sends: Sends, gathering: Gathering) -> None:
    absent = missed_somebody(gathering)
    (record,) = reads(sends(absent, "GET /me/misses"))["items"]
    assert (record["kind"], record["free"], record["next_pauses"], record["paused_until"]) == ("sport", 1, True, None)
    assert [(one["title"], one["because"]) for one in record["misses"]] == [("沿河健步走", "no_show")]
    assert reads(sends(gathering.member("赵青"), "GET /me/misses")) == {"items": []}
    assert code(sends(gathering.officer, "GET /me/misses"), 403) == "not_allowed"


def test_an_officer_finds_a_miss_and_clears_it_once_with_a_reason(sends: Sends, gathering: Gathering) -> None:
    desk, absent = gathering.officer, missed_somebody(gathering)
    (miss,) = reads(sends(desk, "GET /staff/misses"))["items"]
    assert (miss["masked_name"], miss["title"], miss["kind"]) == ("王*明", "沿河健步走", "sport")
    for words, found in (("王小", 1), ("黄", 0)):
        assert len(reads(sends(desk, "POST /staff/misses/find", {"q": words}))["items"]) == found
    assert code(sends(desk, "GET /staff/misses?q=王"), 422) == "validation_failed", "no name in an address"
    assert code(sends(desk, "POST /staff/misses/find", {"q": ""}), 422) == "validation_failed"
    path = f"/staff/misses/{miss['id']}/clear"
    assert code(acts(sends, desk, path, {"note": "啊"}), 422) == "note_length"
    done = acts(sends, desk, path, {"note": "当天加班"}, key="was-at-work-then")
    assert reads(done) == {"id": miss["id"]}
    assert acts(sends, desk, path, {"note": "当天加班"}, key="was-at-work-then").json == done.json
    assert code(acts(sends, desk, path, {"note": "当天加班"}), 409) == "miss_cleared"
    assert reads(sends(desk, "GET /staff/misses"))["items"] == reads(sends(absent, "GET /me/misses"))["items"] == []


def test_a_miss_of_others_people_is_not_there(sends: Sends, gathering: Gathering, world: World) -> None:
    absent = missed_somebody(gathering)
    (miss,) = reads(sends(gathering.officer, "GET /staff/misses"))["items"]
    path, stranger = f"/staff/misses/{miss['id']}/clear", of_another_federation(world)
    assert reads(sends(stranger, "GET /staff/misses"))["items"] == []
    assert code(acts(sends, stranger, path, {"note": "当天加班"}), 404) == "miss_unknown"
    assert code(acts(sends, absent, path, {"note": "当天加班"}), 403) == "not_allowed"
    assert code(acts(sends, None, path, {"note": "当天加班"}), 401) == "not_signed_in"


def test_of_what_another_union_put_on_in_private_only_the_miss_is_told(sends: Sends, gathering: Gathering) -> None:
    missed_somebody(gathering, kind=Kind.CLINIC)
    unit = gathering.another_officer(Role.GRASSROOTS)
    (miss,) = reads(sends(unit, "GET /staff/misses"))["items"]
    assert (miss["masked_name"], miss["because"]) == ("王*明", "no_show")
    assert [miss[name] for name in ("kind", "event_id", "title", "starts_at")] == [None] * 4


def test_only_a_federation_says_what_misses_cost(sends: Sends, gathering: Gathering) -> None:
    desk, town = gathering.officer, gathering.another_officer(Role.TOWN)
    rule = {"kind": "trip", "free": 0, "within_days": 90, "pause_days": 30}
    path = "PUT /staff/pause-rules"
    assert list(sends(desk, path, {**rule, "pause_days": 91}).json["errors"]) == ["pause_days"]
    assert code(sends(desk, path, {**rule, "pause_days": 91}), 422) == "pause_range"
    assert code(sends(desk, path, {**rule, "free": -1}), 422) == "validation_failed"
    for _twice in range(2):
        assert rule in reads(sends(desk, path, rule))["items"]
    read = reads(sends(town, "GET /staff/pause-rules"))
    assert (rule in read["items"], read["may_change"]) == (True, False)
    assert code(sends(town, path, rule), 403) == "not_allowed"
    assert len(read["items"]) == len(Kind)


def test_who_took_part_has_a_certificate_that_anybody_may_check(
    sends: Sends, gathering: Gathering, at: Callable[..., None]
) -> None:
    present, absent = gathering.members("王小明", "赵青")
    event_id = gathering.event(kind=Kind.TRAINING, title={"zh": "电工培训"}, series="电工", level=2)
    mine, other = (sign_up(gathering, event_id, one) for one in (present, absent))
    came(gathering, event_id, mine)
    assert code(sends(present, f"GET /me/signups/{mine}/certificate"), 404) == "certificate_unknown"
    at(gathering.seen(event_id).terms.ends_at)
    read = reads(sends(present, f"GET /me/signups/{mine}/certificate"))
    assert (read["name"], read["title"], read["series"], read["level"]) == ("王小明", "电工培训", "电工", 2)
    assert read["address"].endswith(f"/verify/{read['code'].replace('-', '')}")
    for member, signup_id in ((absent, other), (absent, mine)):
        assert code(sends(member, f"GET /me/signups/{signup_id}/certificate"), 404) == "certificate_unknown"
    checked = reads(sends(None, "POST /certificates/check", {"code": read["code"].lower()}))
    assert (checked["masked_name"], checked["title"]) == ("王*明", "电工培训")
    assert "王小明" not in str(checked)
    forged = read["code"][:-1] + ("0" if read["code"][-1] != "0" else "1")
    for wrong in (forged, "ABC", "U" * 20):
        assert code(sends(None, "POST /certificates/check", {"code": wrong}), 404) == "certificate_unknown"
    assert code(sends(None, "POST /certificates/check", {"code": ""}), 422) == "validation_failed"


def test_a_private_event_certifies_nothing(sends: Sends, gathering: Gathering, at: Callable[..., None]) -> None:
    member, event_id = gathering.member(), gathering.event(kind=Kind.CLINIC)
    made = entered(sends, member, event_id)
    came(gathering, event_id, made["id"])
    at(gathering.seen(event_id).terms.ends_at)
    assert code(sends(member, f"GET /me/signups/{made['id']}/certificate"), 404) == "certificate_unknown"
