"""Role x route: every page of the desk with every role; what lies in another subtree is not there."""

import secrets
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app import permissions
from app.blueprints import BLUEPRINTS
from services.accounts import service
from services.accounts.rules import LEVEL
from services.accounts.service import codes
from services.accounts.types import MAY, AccountId, Capability, Grant, OfficerActor, Role, Via
from services.bindings.rules import CONSENT_VERSION
from services.bindings.service.claim import claim
from services.bindings.types import Bound, Claim, Filed
from services.core import clock
from services.core.files import files
from services.members import documents
from services.members.roster.service import upload
from services.members.roster.types import Kind
from services.rights import service as rights
from services.rights.types import Wish
from services.unions.types import Level, UnionView
from tests.builders.world import World

#: What each page, form or API route of the desk asks for; None: any officer.
NEEDS: dict[str, Capability | None] = {
    **dict.fromkeys(
        (
            *(
                f"api_staff_shops.{view}"
                for view in ("list_shops", "sign", "shop", "change", "hang", "suspend", "resume", "end")
            ),
            *(
                f"api_staff_branches.{view}"
                for view in (
                    "open_one",
                    "change",
                    "close",
                    "reopen",
                    "agreements",
                    "renew",
                    "clerks",
                    "invite_owner",
                    "let_go",
                )
            ),
            *(
                f"api_staff_offers.{view}"
                for view in (
                    "of_shop",
                    "draft",
                    "one",
                    "redraft",
                    "discard",
                    "publish",
                    "pause",
                    "resume",
                    "withdraw",
                    "history",
                )
            ),
            "api_staff_preview.preview",
            *(
                f"api_staff_work.{view}"
                for view in (
                    "tasks",
                    "told",
                    "complaint",
                    "answer",
                    "receipts",
                    "receipt",
                    "void",
                    "settle",
                    "worth_a_look",
                    "look",
                )
            ),
        ),
        Capability.MANAGE_SHOPS,
    ),
    **dict.fromkeys(
        (
            *(
                f"api_staff_events.{view}"
                for view in (
                    "listed",
                    "draft",
                    "one",
                    "rewrite",
                    "discard",
                    "publish",
                    "cancel",
                    "copy",
                    "draw",
                    "picture",
                )
            ),
            *(f"api_staff_signups.{view}" for view in ("one", "file", "answer", "approve", "refuse", "remove")),
            *(
                f"api_staff_event_lists.{view}"
                for view in ("listed", "find", "event_figures", "export", "approve", "refuse")
            ),
            *(
                f"api_staff_doors.{view}"
                for view in ("near", "one", "people", "find", "code", "walk_in", "enter_ticks", "undo")
            ),
            *(f"api_staff_misses.{view}" for view in ("listed", "find", "clear", "pause_rules", "set_rule")),
        ),
        Capability.MANAGE_EVENTS,
    ),
    **dict.fromkeys(
        (
            *(f"staff_events.{view}" for view in ("all_events", "new_form", "new", "edit_form", "edit")),
            *(
                f"staff_event_acts.{view}"
                for view in (
                    "one",
                    "preview",
                    "picture",
                    "poster",
                    "publish",
                    "cancel",
                    "copy",
                    "discard",
                    "hand_in_picture",
                )
            ),
            *(
                f"staff_event_live.{view}"
                for view in ("live", "find", "one", "approve", "refuse", "remove", "note", "file")
            ),
            "staff_event_export.sheet",
            "staff_event_figures.figures",
            "staff_event_draw.draw",
            "staff_event_draw.hold",
        ),
        Capability.MANAGE_EVENTS,
    ),
    **{f"staff_event_units.{view}": Capability.ENTER_MEMBERS for view in ("events", "enter", "look", "put")},
    **{f"api_staff_entries.{view}": Capability.ENTER_MEMBERS for view in ("unit_events", "listed", "look", "enter")},
    "api_staff_figures.figures": Capability.SEE_DAY,
    "staff.day": None,  # whoever may not see it is sent to his own first page
    "staff.inbox": None,
    "staff.mark_read": None,
    "staff_audit.acts": Capability.SEE_AUDIT,
    "staff_corrections.corrections": Capability.EDIT_MEMBERS,
    "staff_corrections.one": Capability.EDIT_MEMBERS,
    "staff_corrections.decide": Capability.EDIT_MEMBERS,
    "staff_members.members": Capability.SEE_MEMBERS,
    "staff_members.find": Capability.SEE_MEMBERS,
    "staff_members.member": Capability.SEE_MEMBERS,
    "staff_members.look": Capability.UNMASK,
    "staff_members.edit_form": Capability.EDIT_MEMBERS,
    "staff_members.edit": Capability.EDIT_MEMBERS,
    "staff_members.standing": Capability.EDIT_MEMBERS,
    "staff_members.unbind": Capability.EDIT_MEMBERS,
    "staff_members.add_form": Capability.EDIT_MEMBERS,
    "staff_members.add": Capability.EDIT_MEMBERS,
    "staff_officers.officers": Capability.INVITE_OFFICERS,
    "staff_officers.withdraw": Capability.INVITE_OFFICERS,
    # one's own role is handed over by anybody; what else may be given is rules.invitable
    "staff_officers.invite_form": None,
    "staff_officers.invite": None,
    "staff_officers.end": None,
    "staff_officers.own_roles": None,
    "staff_officers.ask_reset": Capability.RESET_FACTORS,
    "staff_officers.agree_reset": Capability.RESET_FACTORS,
    **dict.fromkeys(
        (
            *(
                f"staff_door.{view}"
                for view in (
                    "doors",
                    "door_of",
                    "find",
                    "signature",
                    "scan",
                    "tick",
                    "undo",
                    "walk_in",
                    "walk_in_form",
                    "listed",
                    "printed",
                    "paper_form",
                    "paper",
                    "code",
                    "code_part",
                )
            ),
            *(f"staff_misses.{view}" for view in ("listed", "find", "clear", "set_rule")),
        ),
        Capability.MANAGE_EVENTS,
    ),
    "staff_prints.prints": Capability.PRINT,
    "staff_prints.poster": Capability.PRINT,
    "staff_prints.sign": Capability.PRINT,
    **dict.fromkeys(
        (
            *(f"staff_offers.{view}" for view in ("offers", "of_shop", "one", "pause", "resume", "withdraw")),
            *(
                f"staff_offer_drafts.{view}"
                for view in ("new_form", "new", "edit_form", "edit", "preview", "publish", "discard")
            ),
        ),
        Capability.MANAGE_SHOPS,
    ),
    **dict.fromkeys(
        (
            *(
                f"staff_shops.{view}"
                for view in (
                    "shops",
                    "add_form",
                    "add",
                    "shop",
                    "edit_form",
                    "edit",
                    "hang",
                    "suspend",
                    "resume",
                    "end",
                    "invite_owner",
                    "let_go",
                )
            ),
            *(f"staff_branches.{view}" for view in ("new_form", "new", "edit_form", "edit", "close", "reopen")),
            *(f"staff_agreements.{view}" for view in ("renew_form", "renew", "paper", "attach")),
        ),
        Capability.MANAGE_SHOPS,
    ),
    **dict.fromkeys(
        (
            "staff_channels.channels",
            "staff_channels.resume",
            "staff_sending.sending",
            "staff_sending.file",
            *(f"staff_messages.{view}" for view in ("messages", "one", "test", "layouts", "layout", "set_layout")),
            *(
                f"api_staff_messages.{view}"
                for view in (
                    "listed",
                    "one",
                    "colleagues",
                    "test",
                    "layouts",
                    "layout",
                    "set_layout",
                    "pauses",
                    "release",
                )
            ),
        ),
        Capability.MANAGE_CHANNELS,
    ),
    "staff_complaints.complaints": Capability.MANAGE_SHOPS,
    "staff_complaints.one": Capability.MANAGE_SHOPS,
    "staff_complaints.answer": Capability.MANAGE_SHOPS,
    "staff_complaints.pause": Capability.MANAGE_SHOPS,
    "staff_figures.figures": Capability.SEE_DAY,
    "staff_signals.signals": Capability.MANAGE_SHOPS,
    "staff_signals.one": Capability.MANAGE_SHOPS,
    "staff_signals.look": Capability.MANAGE_SHOPS,
    "staff_receipts.receipts": Capability.MANAGE_SHOPS,
    "staff_receipts.one": Capability.MANAGE_SHOPS,
    "staff_receipts.confirm": Capability.MANAGE_SHOPS,
    "staff_receipts.settle": Capability.MANAGE_SHOPS,
    "staff_receipts.undo": Capability.MANAGE_SHOPS,
    "staff_unions.unions": Capability.SEE_MEMBERS,
    "staff_unions.new_form": Capability.MANAGE_UNIONS,
    "staff_unions.new": Capability.MANAGE_UNIONS,
    "staff_unions.edit_form": Capability.MANAGE_UNIONS,
    "staff_unions.edit": Capability.MANAGE_UNIONS,
    "staff_unions.close": Capability.MANAGE_UNIONS,
    "staff_unions.renew_poster": Capability.MANAGE_UNIONS,
    "staff_tasks.tasks": Capability.MANAGE_EVENTS,
    **dict.fromkeys(
        (
            *(
                f"staff_notices.{view}"
                for view in (
                    "notices",
                    "new_form",
                    "new",
                    "one",
                    "edit_form",
                    "edit",
                    "ask",
                    "release",
                    "take_back",
                    "drop",
                    "stop",
                    "withdraw",
                )
            ),
            *(
                f"api_staff_notices.{view}"
                for view in (
                    "listed",
                    "write",
                    "one",
                    "change",
                    "reach",
                    "progress",
                    "ask",
                    "release",
                    "take_back",
                    "drop",
                    "stop",
                    "withdraw",
                )
            ),
        ),
        Capability.SEND_NOTICES,
    ),
    "tray.requests": Capability.DECIDE_BINDINGS,
    "tray.one": Capability.DECIDE_BINDINGS,
    "tray.approve": Capability.DECIDE_BINDINGS,
    "tray.refuse": Capability.DECIDE_BINDINGS,
    "tray.see_phone": Capability.DECIDE_BINDINGS,
    **dict.fromkeys(
        (
            f"staff_roster.{view}"
            for view in (
                "imports",
                "hand_in",
                "one",
                "agree",
                "apply",
                "choose",
                "drop",
                "correct",
                "open_row",
                "take_phone",
                "undo",
                "template",
            )
        ),
        Capability.IMPORT_ROSTER,
    ),
}


def rules(app: Flask) -> Iterator[Rule]:
    guards = {one.blueprint.name: one.guard for one in BLUEPRINTS}
    for rule in app.url_map.iter_rules():
        if guards.get(rule.endpoint.rpartition(".")[0]) is permissions.officer:
            yield rule


def officer(world: World, role: Role) -> OfficerActor:
    at = {Level.FEDERATION: world.federation, Level.TOWN: world.town, Level.GRASSROOTS: world.union}[LEVEL[role]]

    def build() -> AccountId:
        account_id = service.open_account(display_name="邓华", now=clock.now())
        service.grant(account_id=account_id, role=role, union_id=at.id, actor="test", now=clock.now())
        return account_id

    return OfficerActor(world.do(build), (Grant(role, at.path),))


def request_in(world: World, union: UnionView) -> uuid.UUID:
    """Somebody whom the roster does not know asks to be bound in this union, which has an officer of its own."""
    keeper, visitor, now = (
        world.do(lambda: service.open_account(display_name="小何", now=clock.now())),
        world.visitor(),
        clock.now(),
    )

    def file() -> Bound | Filed:
        service.grant(account_id=keeper, role=Role.GRASSROOTS, union_id=union.id, actor="test", now=now)
        codes.prove_phone(account_id=visitor.account_id, phone=f"100{secrets.randbelow(10**8):08}", now=now)
        document = documents.document(documents.DocumentType.PASSPORT, f"E{secrets.randbelow(10**8):08}")
        said = Claim("张三", document, union.id, CONSENT_VERSION, Via.PHONE)  # type: ignore[arg-type]
        return claim(actor=visitor, said=said, now=now)

    filed = world.do(file)
    assert isinstance(filed, Filed)
    return filed.request_id


def correction_in(world: World, union: UnionView) -> uuid.UUID:
    member = world.member("张三", union=union)
    return world.do(lambda: rights.ask_correction(actor=member, wish=Wish(words="改一下"), now=clock.now()))


def import_of(world: World, union: UnionView) -> uuid.UUID:
    return world.do(
        lambda: upload.hand_in(
            union_id=union.id, kind=Kind.ADDITIONS, file_name="名单.csv", file_key=files.put(b"x"), data=b"x",
            scopes=(union.path,), actor="test", now=clock.now(),
        )
    )  # fmt: skip


def things(world: World, union: UnionView) -> dict[str, Callable[[], Any]]:
    """How to make one of everything that an address may name, in this union."""
    return {
        "member_id": lambda: world.member("张三", union=union).member_id,
        "union_id": lambda: union.id,
        "merchant_id": lambda: world.shop().merchant_id,
        "offer_id": lambda: world.offer(world.shop()),
        "request_id": lambda: request_in(world, union),
        "correction_id": lambda: correction_in(world, union),
        "import_id": lambda: import_of(world, union),
    }


def knock(
    app: Flask, world: World, rule: Rule, method: str, actor: OfficerActor, named: dict[str, Callable[[], Any]]
) -> int:
    values = {
        name: named[name]() if name in named else 1 if _counts(rule, name) else uuid.uuid4() for name in rule.arguments
    }
    path = app.url_map.bind("").build(rule.endpoint, values)
    with app.test_client().open(path, method=method, headers=world.bearer(actor)) as answer:
        status = answer.status_code
    for limiter in app.extensions["limiter"]:
        limiter.reset()
    return status


def _counts(rule: Rule, name: str) -> bool:
    return type(rule._converters[name]).__name__ == "IntegerConverter"


def every(app: Flask) -> list[tuple[Rule, str]]:
    return [(rule, method) for rule in rules(app) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]


def test_every_page_of_the_desk_says_what_it_asks_for(app: Flask) -> None:
    assert {rule.endpoint for rule in rules(app)} == set(NEEDS)


@pytest.mark.parametrize("role", Role)
def test_a_role_gets_what_it_may_and_nothing_else(app: Flask, world: World, role: Role) -> None:
    actor, wrong = officer(world, role), []
    for rule, method in every(app):
        named = things(world, world.union)
        status = knock(app, world, rule, method, actor, named)
        needs = NEEDS[rule.endpoint]
        allowed = needs is None or needs in MAY[role]
        own = "union_id" in rule.arguments or "member_id" in rule.arguments or "request_id" in rule.arguments
        missing = status == 404 and own and allowed
        if status >= 500 or status == 401 or (status == 403) == allowed or missing:
            wrong.append(f"{method} {rule}: {status}")
    assert wrong == []


@pytest.mark.parametrize("role", [Role.GRASSROOTS, Role.TOWN])
def test_another_subtree_is_not_there(app: Flask, world: World, role: Role) -> None:
    actor, elsewhere, seen = officer(world, role), world.another_union(), []
    named = things(world, elsewhere)
    del named["merchant_id"]  # shops belong to no union yet
    for rule, method in every(app):
        needs = NEEDS[rule.endpoint]
        if needs in MAY[role] and set(rule.arguments) & set(named):
            status = knock(app, world, rule, method, actor, named)
            if status != 404:
                seen.append(f"{method} {rule}: {status}")
    assert seen == []
