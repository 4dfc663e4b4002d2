"""Partner shops in full: trades as rows, agreements, versions of offers, undoing, complaints."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())
NULLABLE_JSONB = postgresql.JSONB(none_as_null=True, astext_type=sa.Text())
TIME = sa.DateTime(timezone=True)
LABEL = sa.String(length=60)

# 八大行业: the federation's own list of its partner shops' trades.
TRADES = (
    ("dining", "餐饮美食", "Food and drink", "food"),
    ("entertainment", "影视娱乐", "Film and fun", "draw"),
    ("sport", "体育健身", "Sport and fitness", "cup"),
    ("leisure", "休闲旅游", "Leisure and travel", "pin"),
    ("appliances", "家电数码", "Appliances and digital", "cart"),
    ("car_repair", "汽车维修", "Car care", "car"),
    ("training", "教育培训", "Training and education", "file"),
    ("weddings", "婚庆摄影", "Weddings and photos", "camera"),
)
TERMS = (
    "title", "kind", "percent_off", "threshold_fen", "off_fen", "gift", "amount_policy", "starts_on", "ends_on",
    "per_member_daily", "per_member_total", "stock_total", "audience_union_id",
)  # fmt: skip
OLD_CHECKS = {
    "terms": "coalesce(CASE kind WHEN 'percent' THEN percent_off BETWEEN 1 AND 99 WHEN 'amount_off' THEN off_fen "
    "BETWEEN 1 AND threshold_fen WHEN 'gift' THEN gift IS NOT NULL END, false)",
    "amount_policy": "amount_policy IN ('required', 'optional', 'not_asked')",
    "limits": "per_member_daily > 0 AND per_member_total > 0",
    "dates": "starts_on <= ends_on",
}
# What only versions can say. An offer that says any of it must not be given without it: going down withdraws it.
NEW_TERMS = (
    "kind IN ('fixed_price', 'member_price') OR paused_at IS NOT NULL OR holidays <> 'any' OR first_use "
    "OR num_nonnulls(most_off_fen, per_member_weekly, per_member_monthly, v.budget_fen) > 0 "
    "OR '[]' <> ANY (ARRAY[weekdays, hours, branches, audience_groups, audience_standings])"
)
WHOLE = {"suspension": ("suspended_on", "suspension_reason"), "ending": ("ended_at", "ended_reason")}


def upgrade() -> None:
    op.add_column("unions", sa.Column("trade_group", sa.String(length=40), nullable=True))
    op.create_check_constraint(
        op.f("ck_unions_trade_group"),
        "unions",
        "trade_group IN ('manufacturing', 'construction', 'couriers', 'riders', 'drivers', 'sanitation', 'care', "
        "'services', 'education', 'health', 'public')",
    )
    _trades()
    _merchants()
    _agreements()
    _branches()
    _versions()
    _move_terms()
    _counters()
    _voids()
    _complaints()


def downgrade() -> None:
    op.drop_table("complaints")
    op.execute("DELETE FROM redemptions WHERE voided_at IS NOT NULL")
    op.drop_table("voids")
    op.drop_index(op.f("ix_redemptions_disputed_at"), "redemptions")
    op.drop_index(op.f("ix_redemptions_merchant_id_redeemed_at"), "redemptions")
    op.drop_constraint(op.f("fk_redemptions_version_id"), "redemptions", type_="foreignkey")
    op.drop_column("redemptions", "version_id")
    op.drop_column("redemptions", "voided_at")
    op.drop_constraint(op.f("ck_allowances_used"), "allowances", type_="check")
    op.drop_table("branch_stocks")
    _offers_as_before()
    for column in ("phone", "latitude", "longitude", "hours"):
        op.drop_column("branches", column)
    op.drop_table("agreements")
    _merchants_as_before()
    op.drop_table("trades")
    op.drop_column("unions", "trade_group")


def _trades() -> None:
    trades = op.create_table(
        "trades",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", JSONB, nullable=False),
        sa.Column("icon", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_trades")),
    )
    rows = [
        {"code": code, "name": {"zh": zh, "en": en}, "icon": icon, "position": position}
        for position, (code, zh, en, icon) in enumerate(TRADES, start=1)
    ]
    op.bulk_insert(trades, rows)
    op.drop_constraint(op.f("ck_merchants_trade"), "merchants", type_="check")
    op.create_foreign_key(op.f("fk_merchants_trade"), "merchants", "trades", ["trade"], ["code"])


def _merchants() -> None:
    for name, kind in (
        ("union_id", sa.Uuid()), ("about", NULLABLE_JSONB), ("suspended_on", sa.Date()),
        ("suspension_reason", sa.String(length=200)), ("plaque_number", sa.String(length=30)),
        ("plaque_hung_on", sa.Date()), ("door_sign_on", sa.Date()), ("ended_at", TIME),
        ("ended_reason", sa.String(length=200)),
    ):  # fmt: skip
        op.add_column("merchants", sa.Column(name, kind, nullable=True))
    # Until now no row said whose partner a shop is: it is the oldest federation's.
    op.execute("UPDATE merchants SET union_id = (SELECT id FROM unions WHERE parent_id IS NULL ORDER BY id LIMIT 1)")
    op.alter_column("merchants", "union_id", nullable=False)
    op.create_foreign_key(op.f("fk_merchants_union_id"), "merchants", "unions", ["union_id"], ["id"])
    op.create_index(op.f("ix_merchants_union_id"), "merchants", ["union_id"])
    op.execute(
        "UPDATE merchants SET suspended_on = (suspended_at AT TIME ZONE 'Asia/Shanghai')::date, suspension_reason = '' "
        "WHERE suspended_at IS NOT NULL"
    )
    op.drop_column("merchants", "suspended_at")
    for name, (one, other) in WHOLE.items():
        whole = f"({one} IS NULL) = ({other} IS NULL)"
        op.create_check_constraint(op.f(f"ck_merchants_{name}_whole"), "merchants", whole)
    op.create_unique_constraint(op.f("uq_merchants_plaque_number"), "merchants", ["plaque_number"])


def _agreements() -> None:
    op.create_table(
        "agreements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("signed_by", LABEL, nullable=False),
        sa.Column("paper_key", sa.String(length=26), nullable=True),
        sa.Column("recorded_by", LABEL, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.Column("told_at", TIME, nullable=True),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_agreements_dates")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_agreements_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
    )
    op.create_index(op.f("ix_agreements_merchant_id"), "agreements", ["merchant_id"])
    op.execute(
        "INSERT INTO agreements (id, merchant_id, starts_on, ends_on, signed_on, signed_by, recorded_by, recorded_at) "
        "SELECT id, id, agreement_from, agreement_until, agreement_from, '', 'job:migration', now() FROM merchants"
    )


def _branches() -> None:
    of_branches = {"phone": sa.String(30), "latitude": sa.Float(), "longitude": sa.Float(), "hours": NULLABLE_JSONB}
    for name, kind in of_branches.items():
        op.add_column("branches", sa.Column(name, kind, nullable=True))
    op.create_check_constraint(op.f("ck_branches_place_whole"), "branches", "(latitude IS NULL) = (longitude IS NULL)")
    op.create_check_constraint(
        op.f("ck_branches_place_on_earth"), "branches", "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180"
    )


def _merchants_as_before() -> None:
    # Constraints and indexes of a column go with it.
    op.add_column("merchants", sa.Column("suspended_at", TIME, nullable=True))
    op.execute("UPDATE merchants SET suspended_at = suspended_on::timestamp AT TIME ZONE 'Asia/Shanghai'")
    known = ", ".join(f"'{code}'" for code, *_ in TRADES)
    op.execute(f"UPDATE merchants SET trade = 'leisure' WHERE trade NOT IN ({known})")  # noqa: S608
    for column in (
        "union_id", "about", "suspended_on", "suspension_reason", "plaque_number", "plaque_hung_on", "door_sign_on",
        "ended_at", "ended_reason",
    ):  # fmt: skip
        op.drop_column("merchants", column)
    op.drop_constraint(op.f("fk_merchants_trade"), "merchants", type_="foreignkey")
    op.create_check_constraint(op.f("ck_merchants_trade"), "merchants", f"trade IN ({known})")


def _versions() -> None:
    op.create_table(
        "offer_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", JSONB, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("amount_policy", sa.String(length=40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=True)
            for name in ("percent_off", "most_off_fen", "threshold_fen", "off_fen", "price_fen", "list_fen")
        ),
        sa.Column("gift", NULLABLE_JSONB, nullable=True),
        sa.Column("note", NULLABLE_JSONB, nullable=True),
        sa.Column("weekdays", JSONB, nullable=False),
        sa.Column("hours", JSONB, nullable=False),
        sa.Column("holidays", sa.String(length=40), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=True)
            for name in (
                "per_member_daily", "per_member_weekly", "per_member_monthly", "per_member_total", "stock_total",
            )
        ),
        sa.Column("branches", JSONB, nullable=False),
        sa.Column("budget_fen", sa.Integer(), nullable=True),
        sa.Column("audience_union_id", sa.Uuid(), nullable=True),
        sa.Column("audience_groups", JSONB, nullable=False),
        sa.Column("audience_standings", JSONB, nullable=False),
        sa.Column("first_use", sa.Boolean(), nullable=False),
        sa.Column("stacks", sa.Boolean(), nullable=False),
        sa.Column("drafted_by", LABEL, nullable=False),
        sa.Column("drafted_at", TIME, nullable=False),
        sa.Column("published_by", LABEL, nullable=True),
        sa.Column("published_at", TIME, nullable=True),
        *_version_rules(),
    )  # fmt: skip
    op.create_index(
        "uq_offer_versions_offer_id_draft", "offer_versions", ["offer_id"], unique=True,
        postgresql_where="published_at IS NULL",
    )  # fmt: skip


def _move_terms() -> None:
    op.add_column("offers", sa.Column("version_id", sa.Uuid(), nullable=True))
    named = ", ".join(TERMS)
    op.execute(
        f"INSERT INTO offer_versions (id, offer_id, number, revision, {named}, weekdays, hours, holidays, branches, "  # noqa: S608
        "audience_groups, audience_standings, first_use, stacks, drafted_by, drafted_at, published_by, published_at) "
        f"SELECT id, id, 1, 1, {named}, '[]', '[]', 'any', '[]', '[]', '[]', false, false, 'job:migration', now(), "
        "'job:migration', now() FROM offers"
    )
    op.execute("UPDATE offers SET version_id = id")
    op.create_foreign_key(
        op.f("fk_offers_version_id"), "offers", "offer_versions", ["version_id"], ["id"], deferrable=True,
        initially="DEFERRED",
    )  # fmt: skip
    for check in OLD_CHECKS:
        op.drop_constraint(op.f(f"ck_offers_{check}"), "offers", type_="check")
    for column in set(TERMS) - {"stock_total"}:
        op.drop_column("offers", column)
    op.add_column("offers", sa.Column("budget_fen", sa.Integer(), nullable=True))
    op.add_column("offers", sa.Column("budget_spent_fen", sa.Integer(), server_default="0", nullable=False))
    op.alter_column("offers", "budget_spent_fen", server_default=None)
    op.add_column("offers", sa.Column("drafts_written", sa.Integer(), server_default="1", nullable=False))
    op.alter_column("offers", "drafts_written", server_default=None)
    op.add_column("offers", sa.Column("paused_at", TIME, nullable=True))
    for column in ("paused_by_shop", "proposed"):
        op.add_column("offers", sa.Column(column, sa.Boolean(), server_default="false", nullable=False))
        op.alter_column("offers", column, server_default=None)
    op.create_check_constraint(
        op.f("ck_offers_budget"), "offers", "budget_spent_fen >= 0 AND budget_spent_fen <= budget_fen"
    )


def _version_rules() -> tuple[sa.Constraint, ...]:
    return (
        sa.CheckConstraint(
            "coalesce(CASE kind WHEN 'percent' THEN percent_off BETWEEN 1 AND 99 WHEN 'amount_off' THEN off_fen "
            "BETWEEN 1 AND threshold_fen WHEN 'fixed_price' THEN price_fen > 0 WHEN 'member_price' THEN price_fen "
            "BETWEEN 1 AND list_fen - 1 AND amount_policy = 'not_asked' WHEN 'gift' THEN gift IS NOT NULL END, false)",
            name=op.f("ck_offer_versions_terms"),
        ),
        sa.CheckConstraint(OLD_CHECKS["amount_policy"], name=op.f("ck_offer_versions_amount_policy")),
        sa.CheckConstraint("holidays IN ('any', 'not', 'only')", name=op.f("ck_offer_versions_holidays")),
        sa.CheckConstraint(OLD_CHECKS["dates"], name=op.f("ck_offer_versions_dates")),
        sa.CheckConstraint(
            "most_off_fen > 0 AND stock_total >= 0 AND budget_fen >= 0", name=op.f("ck_offer_versions_ranges")
        ),
        sa.CheckConstraint(
            "per_member_daily > 0 AND per_member_weekly > 0 AND per_member_monthly > 0 AND per_member_total > 0",
            name=op.f("ck_offer_versions_limits"),
        ),
        sa.CheckConstraint(
            "budget_fen IS NULL OR kind = 'member_price' OR amount_policy = 'required'",
            name=op.f("ck_offer_versions_budget_known"),
        ),
        sa.CheckConstraint(
            "(published_at IS NULL) = (published_by IS NULL)", name=op.f("ck_offer_versions_published_whole")
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_offer_versions_offer_id")),
        sa.ForeignKeyConstraint(["audience_union_id"], ["unions.id"], name=op.f("fk_offer_versions_audience_union_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_versions")),
        sa.UniqueConstraint("offer_id", "number", name=op.f("uq_offer_versions_offer_id_number")),
    )


def _offers_as_before() -> None:
    """Terms that only versions can say are lost: those offers are withdrawn. What was never published goes."""
    # First, since it is judged at commit: with a row still to be judged the table could not be altered.
    op.drop_constraint(op.f("fk_offers_version_id"), "offers", type_="foreignkey")
    op.execute(
        "UPDATE offers SET withdrawn_at = now() FROM offer_versions v "  # noqa: S608
        f"WHERE v.id = offers.version_id AND withdrawn_at IS NULL AND ({NEW_TERMS})"
    )
    op.drop_constraint(op.f("ck_offers_budget"), "offers", type_="check")
    for column in ("budget_fen", "budget_spent_fen", "paused_at", "drafts_written", "paused_by_shop", "proposed"):
        op.drop_column("offers", column)
    types = {"title": JSONB, "gift": NULLABLE_JSONB, "kind": sa.String(40), "amount_policy": sa.String(40)}
    types |= {"starts_on": sa.Date(), "ends_on": sa.Date(), "audience_union_id": sa.Uuid()}
    columns = [name for name in TERMS if name != "stock_total"]
    for name in columns:
        op.add_column("offers", sa.Column(name, types.get(name, sa.Integer()), nullable=True))
    said = ", ".join(f"{name} = v.{name}" for name in columns)
    op.execute(f"UPDATE offers SET {said} FROM offer_versions v WHERE v.id = offers.version_id")  # noqa: S608
    op.drop_table("offer_versions")
    op.drop_column("offers", "version_id")
    op.execute("DELETE FROM offers WHERE kind IS NULL")
    # Redemptions refer to them, so they stay: as the nearest thing that the old table knows.
    op.execute("UPDATE offers SET kind = 'gift', gift = title WHERE kind IN ('fixed_price', 'member_price')")
    for name in ("title", "kind", "amount_policy", "starts_on", "ends_on"):
        op.alter_column("offers", name, nullable=False)
    op.create_foreign_key(op.f("fk_offers_audience_union_id"), "offers", "unions", ["audience_union_id"], ["id"])
    for name, rule in OLD_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_offers_{name}"), "offers", rule)


def _counters() -> None:
    op.create_table(
        "branch_stocks",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("taken >= 0 AND taken <= total", name=op.f("ck_branch_stocks_stock")),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_branch_stocks_branch_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_branch_stocks_offer_id")),
        sa.PrimaryKeyConstraint("offer_id", "branch_id", name=op.f("pk_branch_stocks")),
    )
    op.create_check_constraint(op.f("ck_allowances_used"), "allowances", "used >= 0")


def _voids() -> None:
    op.add_column("redemptions", sa.Column("version_id", sa.Uuid(), nullable=True))
    op.execute("UPDATE redemptions SET version_id = offer_id")
    op.alter_column("redemptions", "version_id", nullable=False)
    op.create_foreign_key(op.f("fk_redemptions_version_id"), "redemptions", "offer_versions", ["version_id"], ["id"])
    op.add_column("redemptions", sa.Column("voided_at", TIME, nullable=True))
    op.create_index(op.f("ix_redemptions_merchant_id_redeemed_at"), "redemptions", ["merchant_id", "redeemed_at"])
    open_dispute = sa.text("disputed_at IS NOT NULL AND voided_at IS NULL")
    op.create_index(op.f("ix_redemptions_disputed_at"), "redemptions", ["disputed_at"], postgresql_where=open_dispute)
    op.create_table(
        "voids",
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("voided_at", TIME, nullable=False),
        sa.Column("actor", LABEL, nullable=False),
        sa.Column("capacity", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.CheckConstraint("capacity IN ('clerk', 'owner', 'officer')", name=op.f("ck_voids_capacity")),
        sa.CheckConstraint(
            "reason IN ('wrong_amount', 'wrong_offer', 'wrong_customer', 'returned', 'not_given', 'other')",
            name=op.f("ck_voids_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["redemption_id"], ["redemptions.id"], name=op.f("fk_voids_redemption_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("redemption_id", name=op.f("pk_voids")),
    )


def _complaints() -> None:
    op.create_table(
        "complaints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("offer_title", JSONB, nullable=False),
        sa.Column("happened_at", TIME, nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.Column("told_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("raised_at", TIME, nullable=True),
        sa.Column("answer", sa.String(length=200), nullable=True),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("answered_by", LABEL, nullable=True),
        sa.Column("answered_as", sa.String(length=40), nullable=True),
        sa.CheckConstraint("answered_as IN ('owner', 'union')", name=op.f("ck_complaints_answered_as")),
        sa.CheckConstraint(
            "num_nulls(answer, answered_at, answered_by, answered_as) IN (0, 4)",
            name=op.f("ck_complaints_answer_whole"),
        ),
        *(
            sa.ForeignKeyConstraint([f"{one}_id"], [f"{table}.id"], name=op.f(f"fk_complaints_{one}_id"))
            for one, table in (
                ("member", "members"), ("merchant", "merchants"), ("branch", "branches"), ("offer", "offers"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaints")),
        sa.UniqueConstraint(
            "member_id", "offer_id", "happened_on", name=op.f("uq_complaints_member_id_offer_id_happened_on")
        ),
    )  # fmt: skip
    op.create_index(op.f("ix_complaints_member_id"), "complaints", ["member_id"])
    op.create_index(op.f("ix_complaints_merchant_id_id"), "complaints", ["merchant_id", "id"])
    op.create_index("ix_complaints_open", "complaints", ["due_at"], postgresql_where="answered_at IS NULL")
