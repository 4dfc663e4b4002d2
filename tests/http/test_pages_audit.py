"""The auditor's page: every kind of act is on it, or there is a reason why not."""

import ast

from flask import Flask
from flask.testing import FlaskClient

from app.pages.staff.audit import KINDS
from services.accounts import service
from services.accounts.types import AccountId, Grant, OfficerActor, Role
from services.core import clock
from tests.builders.world import World
from tests.house.tree import CODE, ROOT, sources
from tests.http.pages import Reader

#: Acts that are daily life, or steps of an act that is on the page.
EXCUSED = {
    "redemption.recorded", "redemption.disputed", "complaint.made", "card.issued", "card.ended",
    "card.frozen", "card.unfrozen", "card.reissued", "session.ended", "sessions.ended", "binding.filed",
    "binding.withdrawn", "correction.asked", "correction.withdrawn", "member.enrolled", "member.imported",
    "member.left", "member.import_undone", "roster.checked", "roster.refused", "roster.dropped", "roster.chosen",
    "roster.row_corrected", "roster.apply_begun", "roster.undo_begun", "union.described",
    "union.poster_renewed", "agreement.paper_kept",
}  # fmt: skip


def recorded() -> set[str]:
    """The first word of every audit.record(...) and Act(...) in the house."""
    return {
        node.args[0].value
        for _, module in sources(ROOT, *CODE)
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
        if ast.unparse(node.func) in ("audit.record", "audit.Act", "Act", "record", "_written")
        if isinstance(node.args[0].value, str)
    }


def test_every_kind_of_act_is_on_the_page_or_excused() -> None:
    assert recorded() - set(KINDS) - EXCUSED == set()
    assert set(KINDS) <= recorded(), "a kind that nobody records"


def test_the_auditor_reads_who_did_what_page_by_page(client: FlaskClient, world: World, app: Flask) -> None:
    def build() -> AccountId:
        account_id = service.open_account(display_name="何平", now=clock.now())
        for number in range(25):
            union = world.town if number else world.federation
            role = Role.AUDITOR if not number else None
            if role:
                service.grant(account_id=account_id, role=role, union_id=union.id, actor="command", now=clock.now())
            else:
                person = service.open_account(display_name=f"张{number}", now=clock.now())
                service.grant(
                    account_id=person, role=Role.TOWN, union_id=union.id, actor=f"officer:{account_id}", now=clock.now()
                )
        return account_id

    account_id = world.do(build)
    auditor = Reader(client, world, OfficerActor(account_id, (Grant(Role.AUDITOR, world.federation.path),)))
    page = auditor.open("/staff/audit/?kind=role.granted")
    assert page.count("何平") >= 20 and "更早的" in page
    assert "这一类还没有记录" in auditor.open("/staff/audit/?kind=nonsense")
