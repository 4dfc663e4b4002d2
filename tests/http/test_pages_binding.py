"""Binding and the officers' tray with scripts off, as somebody new would walk through them."""

import re
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask

from app.partners import Partners
from services.accounts import service as accounts
from services.accounts.service import codes
from services.accounts.types import MemberActor, Role, VisitorActor
from services.bindings import service
from services.bindings.types import Bound
from services.core import clock
from services.unions import queries as unions
from tests.builders.binding import OTHER_PHONE, PHONE, Binding, number
from tests.builders.world import World
from tests.http.pages import Reader, forms
from tests.partners.inbox import SentCodes

Open = Callable[..., Reader]


@pytest.fixture
def sent(app: Flask, monkeypatch: pytest.MonkeyPatch) -> SentCodes:
    codes = SentCodes()
    monkeypatch.setitem(app.extensions, "partners", Partners(None, None, codes))
    return codes


@pytest.fixture
def binding(world: World, sent: SentCodes) -> Binding:
    return Binding(world)


@pytest.fixture
def reader(app: Flask, world: World) -> Open:
    return lambda actor=None: Reader(app.test_client(), world, actor)


def _said(document: str, **more: str) -> dict[str, str]:
    return {
        "name": "李春梅", "document_type": "mainland", "document_number": document, "union_name": "恒沛精密",
        "agree": "2026-11", **more,
    }  # fmt: skip


def _send(reader: Reader, document: str, **more: str) -> object:
    return reader.send(reader.open("/binding"), "/binding", **_said(document, **more))


def test_a_visitor_walks_from_the_phone_to_the_card(binding: Binding, reader: Open, sent: SentCodes) -> None:
    _, document = binding.rostered()
    somebody = reader(binding.visitor(phone=None))
    page = somebody.open("/binding")
    assert "第一步" in page and 'name="document_number"' not in page
    answer = somebody.send(page, "/binding/phone", phone=PHONE)
    assert answer.location == "/binding/code"
    answer = somebody.send(somebody.open("/binding/code"), "/binding/code", code=sent.last)
    assert answer.location == "/binding"
    page = somebody.open("/binding")
    assert "第二步" in page and "100****5678" in page and "证件号码和手机号加密保存" in page
    answer = somebody.send(page, "/binding", **_said(document))
    assert (answer.status_code, answer.location) == (303, "/binding/done")
    assert "李春梅" in somebody.open("/")


def test_a_wrong_code_is_said_and_can_be_tried_again(binding: Binding, reader: Open, sent: SentCodes) -> None:
    somebody = reader(binding.visitor(phone=None))
    somebody.send(somebody.open("/binding"), "/binding/phone", phone=PHONE)
    page = somebody.open("/binding/code")
    wrong = f"{(int(sent.last) + 1) % 10**6:06d}"
    answer = somebody.send(page, "/binding/code", code=wrong)
    assert answer.status_code == 400 and "还可以试 4 次" in answer.text
    assert somebody.send(answer.text, "/binding/code", code=sent.last).location == "/binding"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": " "}, "请填写姓名"),
        ({"document_number": "110101199003070019"}, "最后一位对不上"),
        ({"document_number": ""}, "证件"),
        ({"agree": ""}, "个人信息怎么用"),
        ({"union_name": "没有这个单位"}, "工会"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    binding: Binding, reader: Open, typed: dict[str, str], words: str
) -> None:
    somebody = reader(binding.visitor())
    answer = _send(somebody, **{"document": number(), **typed})  # type: ignore[arg-type]
    assert answer.status_code == 422, answer.text  # type: ignore[attr-defined]
    alert = re.search(r'role="alert"[^>]*>(.*?)</p>', answer.text, re.DOTALL)  # type: ignore[attr-defined]
    assert alert and words in alert.group(1), alert
    assert f'value="{typed.get("union_name", "恒沛精密")}"' in answer.text  # type: ignore[attr-defined]


def test_several_unions_that_fit_are_offered_to_choose_from(binding: Binding, reader: Open) -> None:
    _, document = binding.rostered()
    binding.world.another_union()
    somebody = reader(binding.visitor())
    answer = _send(somebody, document, union_name="高营")
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert "是哪一个工会" in answer.text  # type: ignore[attr-defined]
    chosen = str(binding.world.union.id)
    done = somebody.send(answer.text, "/binding", **_said(document, union=chosen))  # type: ignore[attr-defined]
    assert done.location == "/binding/done"


def test_the_union_of_a_poster_comes_along_through_the_sign_in(binding: Binding, reader: Open) -> None:
    union = binding.world.another_union()
    token = binding.world.look(lambda: unions.join_token(union.id))
    somebody = reader()
    answer = somebody.client.get(f"/binding?union={token}")
    assert answer.location == "/sign-in"
    somebody.client.set_cookie("gonghui", binding.world.token(binding.visitor()))
    page = somebody.open("/binding")
    assert union.name["zh"] in page and str(union.id) in page and 'name="union_name"' not in page


def test_a_request_says_with_whom_until_when_and_can_be_withdrawn(binding: Binding, reader: Open) -> None:
    somebody = reader(binding.visitor())
    assert _send(somebody, number()).location == "/binding/status"  # type: ignore[attr-defined]
    page = somebody.open("/binding/status")
    assert "工会正在核实" in page and "恒沛精密工会" in page and "最晚处理" in page
    assert somebody.client.get("/binding").location == "/binding/status"
    assert somebody.send(page, "/binding/withdraw").location == "/binding"
    assert "第二步" in somebody.open("/binding")
    assert somebody.send(page, "/binding/withdraw").status_code == 404


def test_an_officer_compares_and_approves_and_the_worker_goes_on_by_himself(binding: Binding, reader: Open) -> None:
    member_id, document = binding.rostered(phone=OTHER_PHONE)
    officer, who = binding.officer(), binding.visitor()
    somebody, desk = reader(who), reader(officer)
    _send(somebody, document)
    page = desk.open("/staff/tray/")
    assert "李*梅" in page and "手机号和名册不一样" in page and "李春梅" not in page
    (path,) = set(re.findall(r'href="(/staff/tray/[0-9a-f-]{36})"', page))
    one = desk.open(path)
    assert "100****5678" in one and "100****0000" in one and "不一样" in one
    assert PHONE not in one and OTHER_PHONE not in one and document not in one
    assert desk.send(one, "/approve", phone="take").location == "/staff/tray/"
    assert "现在没有要处理的申请" in desk.open("/staff/tray/")
    page = somebody.open("/binding/status")
    assert "data-auto" in page
    answer = somebody.send(page, "/binding/enter")
    assert answer.location == "/binding/done"
    assert "李春梅" in somebody.open("/")
    assert member_id


def test_two_officers_at_once_the_second_sees_who_and_when(binding: Binding, reader: Open) -> None:
    _, document = binding.rostered(phone=OTHER_PHONE)
    first, second = reader(binding.officer()), reader(binding.officer(binding.world.town, Role.TOWN))
    _send(reader(binding.visitor()), document)
    page = second.open("/staff/tray/?below=1")
    (path,) = set(re.findall(r'href="(/staff/tray/[0-9a-f-]{36})"', page))
    pages = [first.open(path), second.open(path)]
    assert first.send(pages[0], "/approve").status_code == 303
    for action, typed in (("/approve", {}), ("/refuse", {"reason": "not_ours"})):
        late = second.send(pages[1], action, **typed)
        assert late.status_code == 409
        assert "已经处理过了，处理人：周敏" in late.text
    assert "通过并绑定" not in second.open(path)


def test_the_workers_phone_is_shown_in_full_once_and_on_record(
    binding: Binding, reader: Open, sql: psycopg.Connection
) -> None:
    officer = binding.officer()
    desk = reader(officer)
    filed = binding.filed(binding.visitor(), number())
    page = desk.open(f"/staff/tray/{filed.request_id}")
    assert PHONE not in page
    assert PHONE in desk.send(page, "/phone").text
    assert PHONE not in desk.open(f"/staff/tray/{filed.request_id}")
    seen = sql.execute("SELECT actor, subject_id, detail FROM audit_entries WHERE action = 'binding.phone_seen'")
    assert seen.fetchall() == [(officer.label, filed.request_id, {})]


def test_a_refusal_reaches_the_worker_in_words(binding: Binding, reader: Open) -> None:
    desk, somebody = reader(binding.officer()), reader(binding.visitor())
    _send(somebody, number())
    (path,) = set(re.findall(r'href="(/staff/tray/[0-9a-f-]{36})"', desk.open("/staff/tray/")))
    page = desk.open(path)
    assert "通过并绑定" not in page, "nobody in the roster has the document"
    assert desk.send(page, "/refuse").status_code == 422
    assert desk.send(page, "/refuse", reason="other", note="").status_code == 422
    assert desk.send(page, "/refuse", reason="not_ours", note="请先办理入会").status_code == 303
    page = somebody.open("/binding")
    assert "上一份申请没有通过" in page and "请先办理入会" in page and "第二步" in page


def test_an_officers_own_request_shows_no_buttons(binding: Binding, reader: Open, world: World) -> None:
    officer = binding.officer()
    own = VisitorActor(officer.account_id)
    _, document = binding.rostered(phone=OTHER_PHONE)
    binding.world.do(lambda: codes.prove_phone(account_id=own.account_id, phone=PHONE, now=clock.now()))
    binding.filed(own, document)
    desk = reader(officer)
    (path,) = set(re.findall(r'href="(/staff/tray/[0-9a-f-]{36})"', desk.open("/staff/tray/")))
    assert "要由别的工会干部处理" in desk.open(path)
    assert "通过并绑定" not in desk.open(path)


def test_a_tray_of_another_subtree_is_404(binding: Binding, reader: Open) -> None:
    binding.officer()
    filed = binding.filed(binding.visitor(), number())
    stranger = reader(binding.officer(binding.world.another_union()))
    for path in (f"/staff/tray/{filed.request_id}",):
        assert stranger.client.get(path).status_code == 404
    csrf = re.search(r'name="csrf" value="([^"]+)"', stranger.open("/staff/tray/"))
    assert csrf
    for verb in ("approve", "refuse"):
        data = {"csrf": csrf.group(1), "reason": "not_ours"}
        assert stranger.client.post(f"/staff/tray/{filed.request_id}/{verb}", data=data).status_code == 404


def test_the_old_phone_is_told_that_the_bond_moved_when_and_whom_to_call(binding: Binding, reader: Open) -> None:
    member_id, document = binding.rostered()
    bound = binding.claim(binding.visitor(openid="o-1"), document)
    assert isinstance(bound, Bound)
    old = reader(MemberActor(bound.account_id, member_id))
    assert "李春梅" in old.open("/")
    binding.claim(binding.visitor(openid="o-2"), document)
    answer = old.client.get("/")
    assert answer.location == "/sign-in"
    page = old.open("/sign-in")
    assert "另一个微信上绑定" in page and "时间" in page and "恒沛精密工会" in page
    assert "李春梅" not in page


def test_a_member_unbinds_by_a_fresh_proof_and_binds_again(binding: Binding, reader: Open, sent: SentCodes) -> None:
    _, document = binding.rostered()
    who = binding.visitor(openid="o-1")
    binding.claim(who, document)
    member = reader(binding.world.look(lambda: service.enter(account_id=who.account_id)))
    page = member.open("/me")
    assert "/me/unbind" in page
    page = member.open("/me/unbind")
    (form,) = (form for form in forms(page, "/me/unbind") if "back" in form.hidden)
    answer = member.client.post("/me/unbind", data=form.hidden)
    assert answer.status_code == 303 and answer.location.startswith("/prove/?back=")
    prove = member.open(answer.location)
    member.send(prove, "/prove/send", back="/me/unbind")
    page = member.open("/prove/?back=/me/unbind")
    assert member.send(page, "/prove/check", code=sent.last, back="/me/unbind").location == "/me/unbind"
    answer = member.client.post("/me/unbind", data=form.hidden)
    assert answer.location == "/sign-in"
    assert member.client.get("/").location == "/sign-in"
    assert isinstance(binding.claim(binding.visitor(openid="o-1"), document), Bound)


def test_a_member_has_no_business_at_the_binding(binding: Binding, reader: Open, world: World) -> None:
    member = reader(world.member())
    assert member.client.get("/binding").location == "/"
    assert member.client.get("/binding/status").status_code == 409


def test_no_address_of_the_binding_holds_anything_personal(app: Flask) -> None:
    rules = [
        rule for rule in app.url_map.iter_rules() if "binding" in rule.endpoint or rule.endpoint.startswith("tray")
    ]
    assert len(rules) > 8
    assert {name for rule in rules for name in rule.arguments} <= {"request_id"}


@pytest.mark.parametrize("path", ["/", "/me", "/inbox", "/history"])
def test_a_visitor_who_opens_a_members_page_comes_to_the_binding(binding: Binding, reader: Open, path: str) -> None:
    somebody = reader(binding.visitor())
    assert somebody.client.get(path).location == "/binding"
    answer = somebody.client.get(path, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["code"]) == (403, "not_bound")  # type: ignore[index]


def test_a_proof_that_ran_out_while_the_form_was_filled_in_is_asked_for_again(
    binding: Binding, reader: Open, at: Callable[..., None]
) -> None:
    somebody = reader(binding.visitor())
    page = somebody.open("/binding")
    at(clock.now() + codes.PROVEN_FOR)
    answer = somebody.send(page, "/binding", **_said(number()))
    assert answer.status_code == 409
    assert "请先验证手机号" in answer.text and "第一步" in answer.text


@pytest.mark.usefixtures("same_moment")
def test_one_wechat_with_many_sessions_has_one_budget_of_codes(binding: Binding, reader: Open, sent: SentCodes) -> None:
    who = binding.visitor(openid="o-1", phone=None)
    said = []
    for session in range(3):
        somebody = reader(who)
        page = somebody.open("/binding")
        said += [
            somebody.send(page, "/binding/phone", phone=f"100{session:02d}{turn:06d}").status_code for turn in range(4)
        ]
    assert said == [303] * 5 + [429] * 7
    assert len(sent.codes) == 5


def test_a_request_of_another_unions_member_is_passed_on_and_says_so(binding: Binding, reader: Open) -> None:
    document, other = number(), binding.world.another_union()
    own, desk = reader(binding.officer()), reader(binding.officer(other))
    filed = binding.filed(binding.visitor(phone=OTHER_PHONE), document, union=other)
    binding.rostered(document=document)
    page = desk.open(f"/staff/tray/{filed.request_id}")
    assert "是别的工会的会员" in page and "通过并绑定" not in page and "100****5678" not in page
    answer = desk.send(page, "/approve")
    assert answer.status_code == 409 and "申请已转给本人所在工会" in answer.text
    assert desk.client.get(f"/staff/tray/{filed.request_id}").status_code == 404
    assert own.send(own.open(f"/staff/tray/{filed.request_id}"), "/approve").status_code == 303


def test_an_officer_is_told_to_hand_over_before_he_unbinds(binding: Binding, reader: Open, world: World) -> None:
    _, document = binding.rostered()
    bound = binding.claim(binding.visitor(openid="o-1"), document)
    assert isinstance(bound, Bound)
    held = {"account_id": bound.account_id, "role": Role.GRASSROOTS, "union_id": world.union.id, "actor": "test"}
    world.do(lambda: accounts.grant(**held, now=clock.now()))
    member = reader(MemberActor(bound.account_id, bound.member_id))
    cookie = member.client.get_cookie("gonghui")
    assert cookie
    (form,) = (form for form in forms(member.open("/me/unbind"), "/me/unbind") if "back" in form.hidden)
    bearer = {"Authorization": f"Bearer {cookie.value}"}
    unproven = member.client.delete("/api/v1/me/binding", headers=bearer)
    assert (unproven.status_code, unproven.json["code"]) == (401, "fresh_check_needed")  # type: ignore[index]
    world.do(lambda: accounts.prove(cookie.value, now=clock.now()))
    answer = member.client.post("/me/unbind", data=form.hidden)
    assert answer.status_code == 409 and "先把工作交给接手的人" in answer.text
    refused = member.client.delete("/api/v1/me/binding", headers=bearer)
    assert (refused.status_code, refused.json["code"]) == (409, "unbind_holds_role")  # type: ignore[index]
    assert "李春梅" in member.open("/")


def test_an_account_with_a_role_is_told_why_it_cannot_be_bound(binding: Binding, reader: Open) -> None:
    _, document = binding.rostered()
    officer = binding.officer()
    binding.world.do(lambda: codes.prove_phone(account_id=officer.account_id, phone=PHONE, now=clock.now()))
    answer = _send(reader(VisitorActor(officer.account_id)), document)
    assert answer.status_code == 409 and "先收回职责" in answer.text  # type: ignore[attr-defined]
