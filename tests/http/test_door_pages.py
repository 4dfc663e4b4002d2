"""The door on officers' phones, on a screen and on members' phones; certificates and who checks them."""

import datetime
import re
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.accounts.types import MemberActor, OfficerActor, Role
from services.core import clock
from services.core.calendar import local
from services.core.errors import Refusal
from services.events import door_codes
from services.events.queries import door as look
from services.events.service import door, leaving, missing, signing_up
from services.events.types import Category, Companion, Door, Entry, EventId, Kind, SignupId
from services.events.types import Role as Part
from services.events.types.door import Tick
from tests.builders.events import HOUR, Gathering
from tests.builders.world import DAY, World
from tests.http.pages import Reader

MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


def soon(gathering: Gathering, **terms: object) -> EventId:
    """Begins in half an hour, so its door is open."""
    starts_at = clock.now() + 30 * MINUTE
    return gathering.event(
        **{"starts_at": starts_at, "closes_at": starts_at + HOUR, "cancel_until": starts_at, **terms}
    )


def sign_up(gathering: Gathering, event_id: EventId, member: MemberActor, **entry: object) -> SignupId:
    made = gathering.world.do(
        lambda: signing_up.sign_up(actor=member, event_id=event_id, entry=Entry(**entry), now=clock.now())  # type: ignore[arg-type]
    )
    assert not isinstance(made, Refusal), made
    return made


@pytest.fixture
def officer(client: FlaskClient, gathering: Gathering) -> Reader:
    return Reader(client, gathering.world, gathering.officer)


@pytest.fixture
def phone(app: Flask, world: World) -> Callable[[MemberActor], Reader]:
    return lambda member: Reader(app.test_client(), world, member)


def venue(gathering: Gathering, event_id: EventId, at: datetime.datetime | None = None) -> str:
    shown = gathering.world.look(lambda: door_codes.venue_code(look.serial(event_id), now=at or clock.now()))
    return f"/v/{shown.text}"


def came(gathering: Gathering, event_id: EventId, signup_id: SignupId) -> None:
    actor, terms = gathering.officer, gathering.seen(event_id).terms
    tick = Tick(signup_id, 0, terms.starts_at)
    gathering.world.do(lambda: door.enter_ticks(actor=actor, event_id=event_id, ticks=[tick], now=terms.ends_at))


def test_an_officer_scans_a_card_and_then_hears_that_she_is_in(gathering: Gathering, officer: Reader) -> None:
    event_id, member = soon(gathering), gathering.member("王小明")
    sign_up(gathering, event_id, member)
    page = officer.open(f"/staff/door/{event_id}")
    first = officer.send(page, "/scan", code=gathering.world.code(member))
    assert (first.status_code, "签到成功" in first.text, "王*明" in first.text) == (200, True, True)
    second = officer.send(page, "/scan", code=gathering.world.code(member))
    assert (second.status_code, "已签到" in second.text, "沈*（扫码）" in second.text) == (200, True, True)
    assert "王小明" not in first.text + second.text, "the screen is held out to others"


def test_a_bad_code_says_what_to_do(gathering: Gathering, officer: Reader) -> None:
    event_id = soon(gathering)
    answer = officer.send(officer.open(f"/staff/door/{event_id}"), "/scan", code="https://example.cn/x")
    assert (answer.status_code, "不能签到" in answer.text) == (409, True)


def test_a_stranger_is_shown_masked_and_taken_in_by_a_button(gathering: Gathering, officer: Reader) -> None:
    event_id, member = soon(gathering, walk_ins=True), gathering.member("王小明")
    found = officer.send(officer.open(f"/staff/door/{event_id}"), "/scan", code=gathering.world.code(member))
    assert (found.status_code, "没有报名" in found.text, "王小明" in found.text) == (409, True, False)
    taken = officer.send(found.text, "/walk-in")
    assert (taken.status_code, "签到成功" in taken.text) == (200, True)
    assert gathering.seen(event_id).total.taken == 1


def test_somebody_without_a_phone_is_taken_in_by_name_and_number(gathering: Gathering, officer: Reader) -> None:
    event_id = soon(gathering, walk_ins=True)
    gathering.member("王小明", phone="10012340000")
    page = officer.open(f"/staff/door/{event_id}/walk-in")
    wrong = officer.send(page, "/walk-in", name="王大明", phone="10012340000")
    assert (wrong.status_code, "对不上会员资料" in wrong.text, 'value="王大明"' in wrong.text) == (409, True, True)
    assert "签到成功" in officer.send(page, "/walk-in", name="王小明", phone="100 1234 0000").text


def test_a_name_is_found_and_ticked_and_the_tick_taken_back(gathering: Gathering, officer: Reader) -> None:
    event_id = soon(gathering)
    signup_id = sign_up(gathering, event_id, gathering.member("王小明"))
    key = f"{signup_id}.0"
    door = officer.open(f"/staff/door/{event_id}")
    assert not re.search(r'<form[^>]*method="get"', door)
    found = officer.send(door, f"/{event_id}#found", q="小明").text
    assert key in found
    assert "没有“小黄”" in officer.send(door, f"/{event_id}#found", q="小黄").text
    assert "签到成功" in officer.send(found, "/tick", person=key).text
    listed = officer.open(f"/staff/door/{event_id}/list?come=yes")
    assert "王小明" in listed
    back = officer.client.post(
        f"/staff/door/{event_id}/undo",
        data={**dict(re.findall(r'name="(csrf|come)" value="([^"]+)"', listed)), "person": key},
    )
    assert (back.status_code, back.location) == (303, f"/staff/door/{event_id}/list?come=yes#p{signup_id}")
    assert "王小明" in officer.open(f"/staff/door/{event_id}/list?come=no")


def test_a_tick_in_the_list_stays_in_the_list(gathering: Gathering, officer: Reader) -> None:
    event_id = soon(gathering)
    signup_id = sign_up(gathering, event_id, gathering.member("王小明"))
    page = officer.open(f"/staff/door/{event_id}/list?come=no")
    answer = officer.send(page, "/tick", person=f"{signup_id}.0")
    assert (answer.status_code, answer.location) == (303, f"/staff/door/{event_id}/list?come=no#p{signup_id}")


def test_malformed_people_are_nobody(gathering: Gathering, officer: Reader) -> None:
    event_id = soon(gathering)
    sign_up(gathering, event_id, gathering.member())
    page = officer.open(f"/staff/door/{event_id}/list")
    for person in ("x", f"{event_id}.0", "1.x", ""):
        assert officer.send(page, "/tick", person=person).status_code == 404


def test_a_family_comes_by_one_button(gathering: Gathering, officer: Reader) -> None:
    family = Category(1, {"zh": "家庭"}, guests=1)
    event_id, member = soon(gathering, categories=(family,)), gathering.member("王小明")
    signup_id = sign_up(gathering, event_id, member, companions=(Companion(Part.GUEST, "王大山"),))
    shown = officer.send(officer.open(f"/staff/door/{event_id}"), "/scan", code=gathering.world.code(member)).text
    assert "也到了" in shown
    assert "王*山" in shown
    officer.send(shown, "/tick", person=f"{signup_id}.1")
    assert all(one.in_at for one in gathering.world.look(lambda: look.of_entry(event_id, signup_id)))


def test_paper_comes_back_with_what_was_typed_until_it_is_right(
    gathering: Gathering, officer: Reader, at: Callable[..., None]
) -> None:
    event_id = gathering.event()
    ids = [sign_up(gathering, event_id, one) for one in gathering.members("王小明", "赵青")]
    terms = gathering.seen(event_id).terms
    officer.client.set_cookie("gonghui", gathering.world.token(gathering.officer))
    at(terms.ends_at + HOUR)
    officer.client.set_cookie("gonghui", gathering.world.token(gathering.officer))
    page = officer.open(f"/staff/door/{event_id}/paper")
    first, second = (f"{one}.0" for one in ids)
    starts = local(terms.starts_at)
    day = f"{starts:%Y-%m-%d}"
    assert "请勾选" in officer.send(page, "/paper", day=day, time="09:00").text
    wrong = officer.send(page, "/paper", day=day, time="25:00", person=first)
    assert (wrong.status_code, "checked" in wrong.text, 'value="25:00"' in wrong.text) == (422, True, True)
    assert officer.send(page, "/paper", day="0001-01-01", time="00:00", person=first).status_code == 422
    early = local(terms.starts_at - 2 * HOUR)
    refused = officer.send(page, "/paper", day=f"{early:%Y-%m-%d}", time=f"{early:%H:%M}", person=first)
    assert (refused.status_code, "签到时间要在" in refused.text) == (409, True)
    own = starts + 7 * MINUTE
    done = officer.send(
        page, "/paper", day=day, time=f"{starts:%H:%M}", person=second, **{f"time.{second}": f"{own:%H：%M}"}
    )
    assert "新签到 1 人" in done.text
    person = gathering.world.look(lambda: look.of_entry(event_id, ids[1]))[0]
    assert person.in_at == terms.starts_at + 7 * MINUTE


def test_the_printed_list_has_boxes_and_names(gathering: Gathering, officer: Reader) -> None:
    event_id = soon(gathering)
    sign_up(gathering, event_id, gathering.member("王小明"))
    page = officer.open(f"/staff/door/{event_id}/print")
    assert ("王小明" in page, "roll__box" in page) == (True, True)


def test_the_venues_screen_renews_itself_and_of_a_private_event_says_nothing(
    gathering: Gathering, officer: Reader
) -> None:
    event_id = soon(gathering, title={"zh": "心理义诊"}, kind=Kind.CLINIC)
    page = officer.open(f"/staff/door/{event_id}/code")
    assert 'http-equiv="refresh"' in page
    assert "心理义诊" not in page
    part = officer.open(f"/staff/door/{event_id}/code/part")
    left, good = (float(re.search(rf'data-{name}="([\d.]+)"', part)[1]) for name in ("left", "good"))  # type: ignore[index]
    assert 0 < left <= 30 < good <= 60


def test_a_member_reads_the_code_and_presses_once(gathering: Gathering, phone: Callable[[MemberActor], Reader]) -> None:
    event_id, member = soon(gathering), gathering.member()
    signup_id = sign_up(gathering, event_id, member)
    reader = phone(member)
    page = reader.open(venue(gathering, event_id))
    assert gathering.world.look(lambda: look.of_entry(event_id, signup_id))[0].in_at is None, "looking changes nothing"
    assert "签到成功" in reader.send(page, "/v/check-in").text
    assert "已签到" in reader.send(page, "/v/check-in").text
    assert "已签到" in reader.open(venue(gathering, event_id))
    upper = venue(gathering, event_id).upper()
    assert "已签到" in reader.open(upper), "a scanner reads capitals"


def test_the_page_of_one_phone_is_no_good_on_another(
    gathering: Gathering, phone: Callable[[MemberActor], Reader]
) -> None:
    event_id, here, away = soon(gathering), gathering.member(), gathering.member("赵青")
    for one in (here, away):
        sign_up(gathering, event_id, one)
    shown = phone(here).open(venue(gathering, event_id))
    stamp = re.search(r'name="stamp" value="([^"]+)"', shown)
    assert stamp
    elsewhere = phone(away)
    own = elsewhere.open(venue(gathering, event_id))
    csrf = re.search(r'name="csrf" value="([^"]+)"', own)
    assert csrf
    answer = elsewhere.client.post("/v/check-in", data={"csrf": csrf[1], "event": str(event_id), "stamp": stamp[1]})
    assert (answer.status_code, "开得太久" in answer.text) == (409, True)


def test_an_old_photo_of_the_code_and_a_wrong_one_are_told_apart(
    gathering: Gathering, phone: Callable[[MemberActor], Reader]
) -> None:
    event_id, member = soon(gathering), gathering.member()
    reader = phone(member)
    assert "过期" in reader.open(venue(gathering, event_id, clock.now() - 2 * MINUTE), 409)
    assert "不是活动现场" in reader.open("/v/ABC", 409)


def test_whoever_has_not_signed_up_may_do_so_where_the_event_takes_people(
    gathering: Gathering, phone: Callable[[MemberActor], Reader]
) -> None:
    member = gathering.member()
    reader = phone(member)
    assert "没有报这个活动" in reader.open(venue(gathering, soon(gathering)), 409)
    event_id = soon(gathering, walk_ins=True)
    page = reader.open(venue(gathering, event_id))
    assert "签到成功" in reader.send(page, "/v/walk-in").text
    assert gathering.seen(event_id).total.taken == 1
    staffed = soon(gathering, walk_ins=True, door=Door.STAFF)
    reader.open(venue(gathering, staffed), 409)


def test_whose_entry_has_ended_may_come_after_all_where_the_event_takes_people(
    gathering: Gathering, phone: Callable[[MemberActor], Reader]
) -> None:
    event_id, member = soon(gathering, walk_ins=True), gathering.member()
    signup_id = sign_up(gathering, event_id, member)
    gathering.world.do(lambda: leaving.cancel(actor=member, signup_id=signup_id, now=clock.now()))
    reader = phone(member)
    page = reader.open(venue(gathering, event_id))
    assert "您没有报上这个活动" in page and "签到成功" in reader.send(page, "/v/walk-in").text


def test_whoever_is_not_signed_in_is_brought_back(client: FlaskClient, gathering: Gathering) -> None:
    address = venue(gathering, soon(gathering))
    answer = client.get(address)
    assert answer.status_code == 302
    assert f"after={address}" in answer.headers["Set-Cookie"]


def test_anothers_door_is_not_there(gathering: Gathering, app: Flask) -> None:
    event_id, officer = soon(gathering), gathering.another_officer(Role.GRASSROOTS)
    headers, seen = gathering.world.bearer(officer), []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("staff_door.") and rule.arguments:
            path = app.url_map.bind("").build(rule.endpoint, {"event_id": event_id})
            method = "POST" if "POST" in (rule.methods or ()) else "GET"
            seen.append(app.test_client().open(path, method=method, headers=headers).status_code)
    assert set(seen) == {404}
    assert len(seen) > 10


def test_both_check_in_over_the_api(gathering: Gathering, client: FlaskClient) -> None:
    world, member = gathering.world, gathering.member("王小明")
    event_id = soon(gathering)
    signup_id = sign_up(gathering, event_id, member)
    route = f"/api/v1/events/{event_id}/checkins"
    code = venue(gathering, event_id).rpartition("/")[2]
    mine = client.post(route, json={"code": code}, headers=world.bearer(member))
    assert (mine.status_code, mine.get_json()["fresh"], mine.get_json()["person"]["how"]) == (200, True, "venue")
    headers = world.bearer(gathering.officer)
    for body in ({"code": world.code(member)}, {"signup_id": str(signup_id), "ordinals": [0]}):
        answer = client.post(route, json=body, headers=headers)
        assert (answer.status_code, answer.get_json()["fresh"]) == (200, False)
        assert answer.get_json()["person"]["masked_name"] == "王*明"
    stranger = client.post(route, json={"code": world.code(gathering.member())}, headers=headers)
    assert (stranger.status_code, stranger.get_json()["code"]) == (409, "not_signed_up")
    for wrong in ({}, {"code": "x", "signup_id": str(signup_id)}, {"signup_id": str(signup_id)}):
        assert client.post(route, json=wrong, headers=headers).status_code == 422
    entry = {"signup_id": str(signup_id), "ordinals": [0]}
    assert client.post(route, json=entry, headers=world.bearer(member)).status_code == 403


def missed_somebody(gathering: Gathering, **terms: object) -> MemberActor:
    event_id, absent = gathering.event(**terms), gathering.member("王小明")
    sign_up(gathering, event_id, absent)
    came(gathering, event_id, sign_up(gathering, event_id, gathering.member("来了")))
    at = gathering.seen(event_id).terms.ends_at + DAY
    gathering.world.do(lambda: missing.settle(at))
    return absent


def test_an_officer_clears_a_miss_with_a_reason(gathering: Gathering, officer: Reader) -> None:
    missed_somebody(gathering)
    page = officer.open("/staff/misses")
    assert ("王*明" in page, "沿河健步走" in page) == (True, True)
    short = officer.send(page, "/clear", note="啊")
    assert (short.status_code, 'value="啊"' in short.text) == (422, True)
    assert officer.send(page, "/clear", note="当天加班").status_code == 303
    assert "王*明" not in officer.open("/staff/misses")
    assert officer.send(page, "/clear", note="当天加班").status_code == 409


def test_who_missed_is_looked_for_without_an_address_that_names_them(gathering: Gathering, officer: Reader) -> None:
    missed_somebody(gathering)
    page = officer.open("/staff/misses")
    assert 'method="get"' not in page
    assert "王*明" in officer.send(page, "/misses", q="王小明").text
    nobody = officer.send(page, "/misses", q="黄小明").text
    assert ("王*明" in nobody, "没有找到" in nobody, 'value="黄小明"' in nobody) == (False, True, True)
    assert "王*明" in officer.open("/staff/misses?q=黄小明")


def test_whoever_reads_names_at_the_door_of_a_private_kind_is_on_record(
    gathering: Gathering, officer: Reader, sql: psycopg.Connection
) -> None:
    event_id, walk = soon(gathering, kind=Kind.CLINIC), soon(gathering)
    for one in (event_id, walk):
        sign_up(gathering, one, gathering.member("王小明"))
        door = officer.open(f"/staff/door/{one}")
        for view in ("list", "print", "paper"):
            assert "王小明" in officer.open(f"/staff/door/{one}/{view}")
        officer.send(door, f"/{one}#found", q="小明")
        officer.send(door, f"/{one}#found", q="小黄")
    looks = sql.execute("SELECT subject_id, detail FROM audit_entries WHERE action = 'event.list_read'").fetchall()
    assert looks == [(event_id, {"entries": 1})] * 4


def test_only_a_federation_says_what_misses_cost(gathering: Gathering, officer: Reader, app: Flask) -> None:
    page = officer.open("/staff/misses")
    typed = {"kind": "trip", "free": "0", "within_days": "90", "pause_days": "91"}
    wrong = officer.send(page, "/rules", **typed)
    assert (wrong.status_code, 'value="91"' in wrong.text) == (422, True)
    assert officer.send(page, "/rules", **{**typed, "pause_days": "x"}).status_code == 422
    assert officer.send(page, "/rules", **{**typed, "pause_days": "30"}).status_code == 303
    assert "90 天内第 1 次起，暂停 30 天" in officer.open("/staff/misses")
    town = Reader(app.test_client(), gathering.world, gathering.another_officer(Role.TOWN))
    shown = town.open("/staff/misses")
    assert ("由区总工会规定" in shown, "/rules" in shown) == (True, False)


def test_a_door_nobody_kept_says_that_nobody_is_blamed(
    gathering: Gathering, officer: Reader, at: Callable[..., None]
) -> None:
    event_id = gathering.event()
    sign_up(gathering, event_id, gathering.member())
    at(gathering.seen(event_id).terms.ends_at + HOUR)
    officer.client.set_cookie("gonghui", gathering.world.token(gathering.officer))
    assert "不会记任何人爽约" in officer.open(f"/staff/door/{event_id}")


def test_doors_of_today_are_one_list_and_anothers_are_not_in_it(gathering: Gathering, app: Flask) -> None:
    soon(gathering, union=gathering.world.union, title={"zh": "单位拔河"})
    soon(gathering, title={"zh": "全区合唱"})
    gathering.event(union=gathering.world.union, title={"zh": "下周的讲座"})
    grassroots: OfficerActor = gathering.another_officer(Role.GRASSROOTS)
    page = Reader(app.test_client(), gathering.world, grassroots).open("/staff/door")
    assert [name in page for name in ("单位拔河", "全区合唱", "下周的讲座")] == [True, False, False]


def test_who_took_part_has_a_certificate_that_anybody_may_check(
    gathering: Gathering, phone: Callable[[MemberActor], Reader], client: FlaskClient, at: Callable[..., None]
) -> None:
    present, absent = gathering.member("王小明"), gathering.member("赵青")
    event_id = gathering.event(kind=Kind.TRAINING, title={"zh": "电工培训"}, series="电工", level=2)
    mine, other = (sign_up(gathering, event_id, one) for one in (present, absent))
    came(gathering, event_id, mine)
    phone(present).open(f"/me/events/{mine}/certificate", 404)
    at(gathering.seen(event_id).terms.ends_at)
    page = phone(present).open(f"/me/events/{mine}/certificate")
    found = re.search(r"核对码 <b>([0-9A-Z-]{23})</b>", page)
    assert found
    assert all(words in page for words in ("王小明", "电工培训", "第 2 级"))
    phone(absent).open(f"/me/events/{other}/certificate", 404)
    phone(absent).open(f"/me/events/{mine}/certificate", 404)
    code = found[1]
    shown = client.get(f"/verify/{code.lower()}")
    assert (shown.status_code, "王*明" in shown.text, "王小明" in shown.text) == (200, True, False)
    assert client.get("/verify", query_string={"code": code}).location == f"/verify/{code}"
    forged = code[:-1] + ("0" if code[-1] != "0" else "1")
    for wrong in (forged, "ABC", "x" * 300, "U" * 20):
        assert client.get(f"/verify/{wrong}").status_code == 404


def test_a_private_event_certifies_nothing(
    gathering: Gathering, phone: Callable[[MemberActor], Reader], at: Callable[..., None]
) -> None:
    member = gathering.member()
    event_id = gathering.event(kind=Kind.CLINIC)
    signup_id = sign_up(gathering, event_id, member)
    came(gathering, event_id, signup_id)
    at(gathering.seen(event_id).terms.ends_at)
    page = phone(member).open(f"/me/events/{signup_id}/certificate", 404)
    assert "没有这份证明" in page
