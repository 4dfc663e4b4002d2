"""The roster: documents of members, imports and their rows, the directory of unions."""

import sqlalchemy as sa
from alembic import op

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


def downgrade() -> None:
    op.execute("UPDATE members SET standing = 'suspended' WHERE standing = 'left'")
    with op.batch_alter_table("members", schema=None) as batch_op:
        for check in ("standing", "sex", "id_type", "id_whole"):
            batch_op.drop_constraint(batch_op.f(f"ck_members_{check}"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_members_standing"), f"{STANDINGS})")
        batch_op.drop_constraint(batch_op.f("uq_members_id_index"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_members_phone_index"))
        for column in ("changed_at", "left_on", "printed_card", "id_index", "id_number", "id_type", "born_on", "sex"):
            batch_op.drop_column(column)
