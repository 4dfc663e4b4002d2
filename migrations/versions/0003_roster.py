"""The roster: documents of members, imports and their rows, the directory of unions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STANDINGS = "standing IN ('active', 'grace', 'moving', 'retired', 'suspended'"


def upgrade() -> None:
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sex", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("born_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("id_type", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("id_number", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("id_index", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("printed_card", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("left_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_members_phone_index"), ["phone_index"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_members_id_index"), ["id_index"])
        batch_op.drop_constraint(batch_op.f("ck_members_standing"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_members_standing"), f"{STANDINGS}, 'left')")
        batch_op.create_check_constraint(batch_op.f("ck_members_sex"), "sex IN ('male', 'female')")
        batch_op.create_check_constraint(
            batch_op.f("ck_members_id_type"),
            "id_type IN ('mainland', 'hk_macao', 'taiwan', 'passport', 'foreign_permit')",
        )
        batch_op.create_check_constraint(batch_op.f("ck_members_id_whole"), "(id_type IS NULL) = (id_index IS NULL)")
    _roster_imports()
    _roster_rows()


def _roster_imports() -> None:
    op.create_table(
        "roster_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("union_id", sa.Uuid(), nullable=False),
        sa.Column("reach", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("file_name", sa.LargeBinary(), nullable=True),
        sa.Column("file_key", sa.String(length=26), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("run", sa.Uuid(), nullable=True),
        sa.Column("fault", sa.String(length=40), nullable=True),
        sa.Column("fault_facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("outcomes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("members_before", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_by", sa.String(), nullable=True),
        sa.Column("applied_by", sa.String(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undo_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('additions', 'whole')", name=op.f("ck_roster_imports_kind")),
        sa.CheckConstraint(
            "state IN ('reading', 'refused', 'checked', 'applying', 'applied', 'undoing', 'undone', 'dropped')",
            name=op.f("ck_roster_imports_state"),
        ),
        sa.ForeignKeyConstraint(["union_id"], ["unions.id"], name=op.f("fk_roster_imports_union_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_imports")),
    )
    with op.batch_alter_table("roster_imports", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roster_imports_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_roster_imports_union_id"), ["union_id"], unique=False)


def _roster_rows() -> None:
    op.create_table(
        "roster_rows",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("own_verdict", sa.String(length=40), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("notes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("id_index", sa.LargeBinary(), nullable=True),
        sa.Column("name_index", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("before", sa.LargeBinary(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("phone_taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("action IN ('enrol', 'change', 'leave', 'nothing')", name=op.f("ck_roster_rows_action")),
        sa.CheckConstraint(
            "outcome IN ('applied', 'moved_on', 'officers', 'undone', 'kept')", name=op.f("ck_roster_rows_outcome")
        ),
        sa.ForeignKeyConstraint(["import_id"], ["roster_imports.id"], name=op.f("fk_roster_rows_import_id")),
        sa.PrimaryKeyConstraint("import_id", "line", name=op.f("pk_roster_rows")),
    )
    with op.batch_alter_table("roster_rows", schema=None) as batch_op:
        batch_op.create_index("ix_roster_rows_import_id_id_index", ["import_id", "id_index"], unique=False)
        batch_op.create_index("ix_roster_rows_import_id_member_id", ["import_id", "member_id"], unique=False)
        batch_op.create_index("ix_roster_rows_import_id_phone_index", ["import_id", "phone_index"], unique=False)
        batch_op.create_index("ix_roster_rows_import_id_verdict_line", ["import_id", "verdict", "line"], unique=False)


def downgrade() -> None:
    op.drop_table("roster_rows")
    op.drop_table("roster_imports")
    op.execute("UPDATE members SET standing = 'suspended' WHERE standing = 'left'")
    with op.batch_alter_table("members", schema=None) as batch_op:
        for check in ("standing", "sex", "id_type", "id_whole"):
            batch_op.drop_constraint(batch_op.f(f"ck_members_{check}"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_members_standing"), f"{STANDINGS})")
        batch_op.drop_constraint(batch_op.f("uq_members_id_index"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_members_phone_index"))
        for column in ("changed_at", "left_on", "printed_card", "id_index", "id_number", "id_type", "born_on", "sex"):
            batch_op.drop_column(column)
