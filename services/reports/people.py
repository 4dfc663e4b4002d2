"""Members and unions for officers: lists, one record, how many are bound. `scopes` are the officer's subtrees."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from services.accounts import queries as accounts
from services.core.db import db
from services.core.paging import Page, PageRequest
from services.members import queries as members
from services.members import search
from services.members.rules import masked_name
from services.members.types import MemberId, Standing
from services.unions import queries as unions
from services.unions.queries import in_scopes, in_subtree
from services.unions.rules import within
from services.unions.types import Level, UnionId, UnionPath, UnionView


@dataclass(frozen=True)
class MemberRow:
    """One line of a list. `bound`: an account acts for this member."""

    id: MemberId
    masked_name: str
    union_id: UnionId
    union_name: dict[str, str]
    standing: Standing
    bound: bool


@dataclass(frozen=True)
class Share:
    """How many of those who have not left are bound, in a union and all below it."""

    union: UnionView
    members: int
    bound: int

    @property
    def percent(self) -> int | None:
        """Rounded down, so that 100 means everybody; None where there is nobody."""
        return self.bound * 100 // self.members if self.members else None


@dataclass(frozen=True)
class Shares:
    """`own` is the union itself with all below it; `below` those directly below; `single` every grass-roots union.

    `closed` are unions that are closed and have members still, who must be moved.
    """

    own: Share
    below: list[Share]
    single: list[Share]
    closed: list[Share]


def page_of_members(
    *,
    scopes: Sequence[UnionPath],
    request: PageRequest,
    text: str = "",
    union_path: UnionPath | None = None,
    bound: bool | None = None,
) -> Page[MemberRow]:
    """Members whom `text` fits, all of them when it is empty; the newest first. One statement."""
    holder = (search.sought(text) if text else members.holders()).subquery()
    bond = accounts.bound_members().subquery()
    query = (
        select(holder, bond.c.account_id)
        .outerjoin(bond, bond.c.member_id == holder.c.member_id)
        .where(in_scopes(holder.c.union_path, scopes))
    )
    if union_path:
        query = query.where(in_subtree(holder.c.union_path, union_path))
    if bound is not None:
        query = query.where(bond.c.account_id.is_not(None) == bound)
    if not text:
        query = query.where(holder.c.standing != Standing.LEFT)
    rows = db.session.execute(request.apply(query, holder.c.member_id)).all()
    items = [
        MemberRow(
            MemberId(row.member_id), masked_name(row.member_name), UnionId(row.union_id), row.union_name,
            Standing(row.standing), row.account_id is not None,
        )
        for row in rows
    ]  # fmt: skip
    return request.page(items, [row.member_id for row in rows])


def shares(at: UnionView) -> Shares:
    """Bound and not bound of a union and below it. Two statements: the open unions, and the counts of each."""
    union, person, bond = (
        unions.unions().subquery(),
        search.headcounts().subquery(),
        accounts.bound_members().subquery(),
    )
    counts = db.session.execute(
        select(
            union.c.union_id,
            union.c.union_path,
            union.c.union_name,
            func.count().label("members"),
            func.count(bond.c.account_id).label("bound"),
        )
        .join(person, person.c.union_id == union.c.union_id)
        .outerjoin(bond, bond.c.member_id == person.c.member_id)
        .where(in_subtree(union.c.union_path, at.path))
        .group_by(union.c.union_id, union.c.union_path, union.c.union_name)
    ).all()
    counted = [(UnionPath(row.union_path), row.members, row.bound) for row in counts]
    alone = {path: (people, bound) for path, people, bound in counted}
    there = unions.subtree(scope=at.path)
    known = {one.path for one in there}
    closed = [
        Share(
            UnionView(UnionId(row.union_id), None, UnionPath(row.union_path), Level.GRASSROOTS, row.union_name),
            row.members, row.bound,
        )
        for row in counts
        if row.union_path not in known
    ]  # fmt: skip
    return Shares(
        _share(at, counted),
        [_share(one, counted) for one in there if one.parent_id == at.id],
        [Share(one, *alone.get(one.path, (0, 0))) for one in there if one.level is Level.GRASSROOTS],
        closed,
    )


def still_in(at: UnionView, *, on: datetime.date) -> tuple[int, int]:
    """How many members and how many officers a union and those below it have on that day. One statement."""
    person, held = search.headcounts().subquery(), accounts.grants_in_force(on=on).subquery()
    union = unions.unions().subquery()
    inside = select(union.c.union_id).where(in_subtree(union.c.union_path, at.path))
    row = db.session.execute(
        select(
            select(func.count()).where(person.c.union_id.in_(inside)).scalar_subquery(),
            select(func.count(held.c.account_id.distinct())).where(held.c.union_id.in_(inside)).scalar_subquery(),
        )
    ).one()
    return int(row[0]), int(row[1])


def _share(union: UnionView, counted: Sequence[tuple[UnionPath, int, int]]) -> Share:
    inside = [(people, bound) for path, people, bound in counted if within(path, union.path)]
    return Share(union, sum(people for people, _ in inside), sum(bound for _, bound in inside))
