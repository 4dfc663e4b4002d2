"""Rights over one's own data, the calendar of working days."""

import datetime
import secrets

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Each: name, first and last day off, days of weekends that are worked for it.
# 2025: 国办发明电〔2024〕12号 (12 November 2024). 2026: the State Council's notice of 4 November 2025.
HOLIDAYS = (
    ("元旦", "New Year", "2025-01-01", "2025-01-01", ()),
    ("春节", "Spring Festival", "2025-01-28", "2025-02-04", ("2025-01-26", "2025-02-08")),
    ("清明节", "Qingming", "2025-04-04", "2025-04-06", ()),
    ("劳动节", "Labour Day", "2025-05-01", "2025-05-05", ("2025-04-27",)),
    ("端午节", "Dragon Boat Festival", "2025-05-31", "2025-06-02", ()),
    ("国庆节、中秋节", "National Day and Mid-Autumn", "2025-10-01", "2025-10-08", ("2025-09-28", "2025-10-11")),
    ("元旦", "New Year", "2026-01-01", "2026-01-03", ("2026-01-04",)),
    ("春节", "Spring Festival", "2026-02-15", "2026-02-23", ("2026-02-14", "2026-02-28")),
    ("清明节", "Qingming", "2026-04-04", "2026-04-06", ()),
    ("劳动节", "Labour Day", "2026-05-01", "2026-05-05", ("2026-05-09",)),
    ("端午节", "Dragon Boat Festival", "2026-06-19", "2026-06-21", ()),
    ("中秋节", "Mid-Autumn", "2026-09-25", "2026-09-27", ()),
    ("国庆节", "National Day", "2026-10-01", "2026-10-07", ("2026-09-20", "2026-10-10")),
)


def upgrade() -> None:
    _calendar()
    _corrections()
    op.create_index(
        "ix_audit_entries_member_subject",
        "audit_entries",
        ["subject_id", "id"],
        postgresql_where=sa.text("action LIKE 'member.%'"),
    )
    _describe_unions()
    _count_looks()


def downgrade() -> None:
    op.drop_table("unmask_tallies")
    for check in ("place_whole", "place_on_earth"):
        op.drop_constraint(op.f(f"ck_unions_{check}"), "unions", type_="check")
    for column in ("phone", "address", "latitude", "longitude", "join_token", "closed_at"):
        op.drop_column("unions", column)
    op.drop_index("ix_audit_entries_member_subject", "audit_entries")
    op.drop_table("correction_requests")
    op.drop_table("day_exceptions")


def _corrections() -> None:
    op.create_table(
        "correction_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("union_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=True),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "status IN ('open', 'done', 'refused', 'withdrawn')", name=op.f("ck_correction_requests_status")
        ),
        sa.CheckConstraint("(status = 'open') = (closed_at IS NULL)", name=op.f("ck_correction_requests_closed")),
        sa.CheckConstraint("(status = 'open') = (asked IS NOT NULL)", name=op.f("ck_correction_requests_asked")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_correction_requests_member_id"),
        sa.ForeignKeyConstraint(["union_id"], ["unions.id"], name="fk_correction_requests_union_id"),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name="fk_correction_requests_decided_by"),
        sa.PrimaryKeyConstraint("id", name="pk_correction_requests"),
    )
    open_only = sa.text("status = 'open'")
    op.create_index(
        "uq_correction_requests_member_id_open",
        "correction_requests",
        ["member_id"],
        unique=True,
        postgresql_where=open_only,
    )
    op.create_index(
        "ix_correction_requests_union_id_open",
        "correction_requests",
        ["union_id", "due_at"],
        postgresql_where=open_only,
    )
    op.create_index("ix_correction_requests_member_id_filed_at", "correction_requests", ["member_id", "filed_at"])
    op.create_index("ix_correction_requests_closed_at", "correction_requests", ["closed_at"])


def _calendar() -> None:
    calendar = op.create_table(
        "day_exceptions",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("name", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("day", name="pk_day_exceptions"),
    )
    op.bulk_insert(calendar, [row for holiday in HOLIDAYS for row in _rows(*holiday)])


def _count_looks() -> None:
    """How many records officers read in full."""
    op.create_table(
        "unmask_tallies",
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "day", name="pk_unmask_tallies"),
    )


def _describe_unions() -> None:
    """How a union is reached, and a poster's token of its own for each union there is."""
    op.add_column("unions", sa.Column("phone", sa.String(length=30), nullable=True))
    op.add_column("unions", sa.Column("address", postgresql.JSONB(none_as_null=True), nullable=True))
    op.add_column("unions", sa.Column("latitude", sa.Float(), nullable=True))
    op.add_column("unions", sa.Column("longitude", sa.Float(), nullable=True))
    op.add_column("unions", sa.Column("join_token", sa.String(length=16), nullable=True))
    op.add_column("unions", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    there = op.get_bind().execute(sa.text("SELECT id FROM unions")).scalars().all()
    rows = [{"id": one, "token": _token()} for one in there]
    if rows:
        op.get_bind().execute(sa.text("UPDATE unions SET join_token = :token WHERE id = :id"), rows)
    op.alter_column("unions", "join_token", nullable=False)
    op.create_unique_constraint("uq_unions_join_token", "unions", ["join_token"])
    op.create_check_constraint(op.f("ck_unions_place_whole"), "unions", "(latitude IS NULL) = (longitude IS NULL)")
    op.create_check_constraint(
        op.f("ck_unions_place_on_earth"),
        "unions",
        "latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180",
    )


def _token() -> str:
    """16 characters of Crockford base32, as services/core/ids.py makes them."""
    return "".join(secrets.choice("0123456789ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(16))


def _rows(zh: str, en: str, first: str, last: str, worked: tuple[str, ...]) -> list[dict[str, object]]:
    name = {"zh": zh, "en": en}
    begin = datetime.date.fromisoformat(first)
    length = (datetime.date.fromisoformat(last) - begin).days + 1
    off = [{"day": begin + datetime.timedelta(days=n), "works": False, "name": name} for n in range(length)]
    return off + [{"day": datetime.date.fromisoformat(day), "works": True, "name": name} for day in worked]
