"""The directory of unions, for everybody: which union is mine, where is it, how do I call it; and posters' landing."""

from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.maps import map_link
from app.pages.paths import page_asked
from services.core.paging import Page
from services.unions import queries
from services.unions.rules import SEARCH_MOST
from services.unions.types import UnionId

blueprint = Blueprint("directory", __name__, template_folder=".")


@blueprint.get("/unions")
def unions() -> ResponseReturnValue:
    """With `?q=` the unions that fit; without, the federation with its towns and parks."""
    asked = request.args.get("q", "").strip()[:SEARCH_MOST]
    if asked:
        return render_template("directory_search.html", asked=asked, page=queries.search(asked, page_asked()))
    roots = queries.below(None, page_asked())
    if len(roots.items) == 1 and not roots.next:
        return _union(roots.items[0].id, top=True)
    return render_template("directory_search.html", asked="", page=roots)


@blueprint.get("/unions/<uuid:union_id>")
def union(union_id: UUID) -> ResponseReturnValue:
    """One union with its phone and place, and those below it. 404 for one that is closed."""
    return _union(UnionId(union_id), top=False)


@blueprint.get("/u/<token>")
def poster(token: str) -> ResponseReturnValue:
    """Behind the QR code of a union's poster: whose it is, and the way to the binding. Changes nothing."""
    office = queries.by_join_token(token)
    in_wechat = "MicroMessenger" in request.user_agent.string
    return render_template("directory_poster.html", office=office, token=token.upper(), in_wechat=in_wechat)


def _union(union_id: UnionId, *, top: bool) -> str:
    office = queries.open_office(union_id)
    page = Page([], None) if office.level == "grassroots" else queries.below(office.id, page_asked())
    link = map_link(office.contact.place, office.name)
    return render_template("directory_union.html", office=office, page=page, map_link=link, top=top)
