"""The same town for both sides: shops with branches, clerks and offers; members with cards. Ours first, then a copy."""

import dataclasses
import datetime
import random

import psycopg
from flask import Flask
from psycopg import sql

from benchmarks import floor
from services.accounts import service as accounts
from services.accounts.types import ClerkActor
from services.core import clock
from services.core.calendar import Hours, local_date
from services.core.ids import uuid7
from services.core.transaction import in_transaction
from services.members.types import Standing
from services.merchants import service as merchants
from services.merchants.types import MerchantId, TradeCode
from services.offers import service as offers
from services.offers.types import AmountPolicy, Holidays, OfferId, OfferKind, Terms
from services.unions import service as unions
from services.unions.types import Level, UnionView

SHOPS, BRANCHES, CLERKS, MEMBERS = 20, 4, 5, 60_000
TOWNS, UNIONS = 8, 10
TRADES = ("dining", "entertainment", "sport", "leisure", "appliances", "car_repair", "training", "weddings")
DAY = datetime.timedelta(days=1)


@dataclasses.dataclass(frozen=True)
class Town:
    #: per clerk: a session's token, and the offer that he gives
    clerks: list[list[str]]
    serials: list[int]


def build(app: Flask, ours: str, theirs: str | None, *, shops: int = SHOPS, members: int = MEMBERS) -> Town:
    """Fills the two databases, given as libpq URLs; without the floor's there is none. Takes some seconds."""
    with app.app_context():
        federation, homes = in_transaction(_tree)
        clerks = [clerk for number in range(shops) for clerk in in_transaction(lambda n=number: _shop(n, federation))]
    serials = random.sample(range(1 << 35), members)
    now, since = clock.now(), datetime.date(2020, 1, 1)
    people = [(uuid7(), uuid7(), number, serial) for number, serial in enumerate(serials)]
    with psycopg.connect(ours) as connection:
        _copy(
            connection,
            "members (id, name, union_id, standing, joined_on)",
            (
                (member, f"李{number:05d}", homes[number % len(homes)].id, "active", since)
                for member, _, number, _ in people
            ),
        )
        _copy(
            connection,
            "cards (id, member_id, number, serial, status, issued_at)",
            ((card, member, f"{number:012d}", serial, "active", now) for member, card, number, serial in people),
        )
    with psycopg.connect(ours, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    if theirs:
        _floor(ours, theirs)
    return Town([[token, str(offer_id)] for token, _, offer_id in clerks], serials)


def _tree() -> tuple[UnionView, list[UnionView]]:
    """A federation with towns, and the grass-roots unions whose members there are."""
    federation = unions.found(name={"zh": "雍河区总工会"}, level=Level.FEDERATION)
    homes = []
    for town_number in range(TOWNS):
        town = unions.found(name={"zh": f"柳渡 {town_number} 镇总工会"}, level=Level.TOWN, parent=federation)
        for number in range(UNIONS):
            name = {"zh": f"恒沛精密 {town_number}-{number} 工会"}
            homes.append(unions.found(name=name, level=Level.GRASSROOTS, parent=town))
    return federation, homes


def _shop(number: int, federation: UnionView) -> list[tuple[str, ClerkActor, OfferId]]:
    """A shop with five offers; what is given is the first, which has every kind of limit there is."""
    now = clock.now()
    today = local_date(now)
    merchant_id = merchants.sign(
        union_id=federation.id, name={"zh": f"老灶牛肉面 {number}"}, trade=TradeCode(TRADES[number % len(TRADES)]),
        agreement_from=today - 30 * DAY, agreement_until=today + 300 * DAY, signed_by="店主", actor="bench", now=now,
    )  # fmt: skip
    given, *_ = [_offer(merchant_id, terms, today, now) for terms in _terms(federation)]
    clerks = []
    for branch in range(BRANCHES):
        branch_id = merchants.open_branch(
            merchant_id=merchant_id, name={"zh": f"高营 {branch} 店"}, address={"zh": "高营路 8 号"}, actor="bench",
            now=now,
        )  # fmt: skip
        for _ in range(CLERKS):
            account_id = accounts.open_account(display_name="小唐", now=now)
            clerk_id = merchants.take_on_clerk(
                branch_id=branch_id, account_id=account_id, name="小唐", actor="bench", now=now
            )
            actor = ClerkActor(account_id, clerk_id, branch_id, merchant_id)
            clerks.append((accounts.sign_in(actor, now=now).token, actor, given))
    return clerks


def _terms(federation: UnionView) -> list[dict[str, object]]:
    percent, gift = {"kind": OfferKind.PERCENT, "percent_off": 10}, {"kind": OfferKind.GIFT, "gift": {"zh": "豆浆"}}
    every_limit = {
        "per_member_daily": 300, "per_member_weekly": 600, "per_member_monthly": 800, "per_member_total": 999,
        "stock_total": 1_000_000, "budget_fen": 2_000_000_000,
    }  # fmt: skip
    every_rule = {
        "weekdays": (1, 2, 3, 4, 5, 6, 7), "hours": (Hours(0, 720), Hours(720, 1440)),
        "audience_union_id": federation.id, "audience_standings": (Standing.ACTIVE, Standing.RETIRED),
    }  # fmt: skip
    return [
        {**percent, **every_limit, **every_rule},
        {**percent, "per_member_daily": 1, "holidays": Holidays.NOT},
        {**gift, "per_member_daily": 50, "per_member_total": 500, "stock_total": 1_000_000},
        {"kind": OfferKind.AMOUNT_OFF, "threshold_fen": 10_000, "off_fen": 1500, "per_member_total": 3},
        {**gift, "audience_union_id": federation.id, "first_use": True},
    ]


def _offer(merchant_id: MerchantId, terms: dict[str, object], today: datetime.date, now: datetime.datetime) -> OfferId:
    common: dict[str, object] = {
        "title": {"zh": "堂食 9 折", "en": "10% off"},
        "starts_on": today - 30 * DAY,
        "ends_on": today + 30 * DAY,
        "amount_policy": AmountPolicy.REQUIRED,
    }
    written = Terms(**{**common, **terms})  # type: ignore[arg-type]
    offer_id = offers.draft(merchant_id=merchant_id, terms=written, actor="bench", now=now)
    offers.publish(offer_id=offer_id, seen=1, actor="bench", now=now)
    return offer_id


def _floor(ours: str, theirs: str) -> None:
    """Copies what the floor needs to know."""
    copies = {
        "sessions": "SELECT digest, clerk_id, branch_id, merchant_id, expires_at FROM sessions",
        "shops": "SELECT b.id, m.name, b.name FROM branches b JOIN merchants m ON m.id = b.merchant_id",
        "members": "SELECT m.id, m.name, u.name FROM members m JOIN unions u ON u.id = m.union_id ORDER BY m.id",
        "cards": "SELECT id, member_id, serial FROM cards ORDER BY id",
        "offers": "SELECT o.id, o.merchant_id, v.title, v.kind, v.amount_policy, v.percent_off "
        "FROM offers o JOIN offer_versions v ON v.id = o.version_id",
    }
    with psycopg.connect(ours, autocommit=True) as source:
        source.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(floor.DATABASE)))
        with psycopg.connect(theirs, autocommit=True) as target:
            target.execute(floor.SCHEMA)
            for table, query in copies.items():
                with (
                    source.cursor().copy(f"COPY ({query}) TO STDOUT") as reader,
                    target.cursor().copy(f"COPY {table} FROM STDIN") as writer,
                ):
                    for block in reader:
                        writer.write(block)
            target.execute("VACUUM ANALYZE")


def _copy(connection: psycopg.Connection, table: str, rows: object) -> None:
    with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:  # type: ignore[attr-defined]
            copy.write_row(row)
