"""Sheets to print, A4, black on white: a union's binding poster, a shop's door sign."""

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.language import read_in_chinese
from app.pages.paths import page_asked
from app.pages.staff import desk
from app.terms import line
from services.accounts.types import Capability
from services.cards.picture import QUIET_ZONE, Drawing, draw
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import NotFound
from services.core.paging import Page, PageRequest
from services.merchants import queries as merchants
from services.merchants import records
from services.merchants.types import MerchantId, State
from services.offers import queries as offers
from services.unions import queries as unions
from services.unions.types import Level, Office, UnionId, UnionPath

blueprint = Blueprint("staff_prints", __name__, template_folder="..")

LINES = 6
"""Offers on a door sign: so many fit on the sheet with long titles."""
SHEETS = 30
"""Posters of one page; more come with the next."""


@dataclass(frozen=True)
class Poster:
    office: Office
    drawing: Drawing


@blueprint.get("")
def prints() -> ResponseReturnValue:
    """What can be printed: the posters of the officer's unions, the door signs of all shops."""
    own = [unions.at(scope) for scope in permissions.scopes(Capability.PRINT)]
    known = records.of_federations(_federations())
    shops = [shop for shop in merchants.shops(on=local_date(clock.now())) if shop.id in known]
    return desk.page("staff/prints.html", own=own, shops=shops)


@blueprint.get("/unions/<uuid:union_id>")
def poster(union_id: UUID) -> ResponseReturnValue:
    """The poster of one union; with `?below=1` of each directly below it, a page of them at a time."""
    read_in_chinese()
    office = unions.office_within(UnionId(union_id), scopes=permissions.scopes(Capability.PRINT))
    page = Page([office], None)
    below = bool(request.args.get("below")) and office.level is not Level.GRASSROOTS
    if below:
        page = unions.below(office.id, PageRequest(page_asked().cursor, SHEETS))
    tokens = unions.join_tokens([one.id for one in page.items])
    address = current_app.config["SETTINGS"].public_url
    posters = [Poster(one, draw(f"{address}/u/{tokens[one.id]}")) for one in page.items if not one.closed_at]
    return render_template(
        "staff/prints_poster.html", office=office, posters=posters, page=page, below=below, quiet=QUIET_ZONE
    )


@blueprint.get("/shops/<uuid:merchant_id>")
def sign(merchant_id: UUID) -> ResponseReturnValue:
    """The door sign of a shop that takes cards today, with what it gives and the way to its page."""
    federations, today = _federations(), local_date(clock.now())
    read_in_chinese()
    shop = records.record(MerchantId(merchant_id), scopes=federations, on=today)
    if shop.state not in (State.OPEN, State.ENDING):
        raise NotFound("not_found")
    lines = [line(offer) for offer in offers.of_shop(merchant_id=shop.id, today=today)]
    drawing = draw(f"{current_app.config['SETTINGS'].public_url}/shops/{shop.id}")
    return render_template(
        "staff/prints_sign.html", shop=shop, lines=lines[:LINES], more=len(lines) > LINES, drawing=drawing,
        quiet=QUIET_ZONE,
    )  # fmt: skip


def _federations() -> tuple[UnionPath, ...]:
    """The federations above the officer's unions: their shops are all members' shops. Raises Forbidden(not_allowed)."""
    scopes = permissions.scopes(Capability.PRINT)
    return tuple({UnionPath(scope.partition(".")[0]) for scope in scopes})
