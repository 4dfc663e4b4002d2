"""What is worth a look at partner shops, and that somebody looked; disputes that an officer has settled."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())
TIME = sa.DateTime(timezone=True)
LABEL = sa.String(length=60)


def upgrade() -> None:
    op.create_table(
        "signals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("subject", sa.String(length=140), nullable=False),
        sa.Column("merchant_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=True),
        sa.Column("clerk_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("redemptions", JSONB, nullable=False),
        sa.Column("found_at", TIME, nullable=False),
        sa.Column("looked_by", LABEL, nullable=True),
        sa.Column("looked_at", TIME, nullable=True),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "kind IN ('fast', 'own_staff', 'at_reset', 'often', 'undone_again', 'undone_late')",
            name=op.f("ck_signals_kind"),
        ),
        sa.CheckConstraint("num_nulls(looked_by, looked_at, note) IN (0, 3)", name=op.f("ck_signals_look_whole")),
        *(
            sa.ForeignKeyConstraint([f"{one}_id"], [f"{table}.id"], name=op.f(f"fk_signals_{one}_id"))
            for one, table in (
                ("merchant", "merchants"), ("branch", "branches"), ("clerk", "clerks"), ("member", "members"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signals")),
        sa.UniqueConstraint("kind", "day", "subject", name=op.f("uq_signals_kind_day_subject")),
    )  # fmt: skip
    undone = sa.text("voided_at IS NOT NULL")
    op.create_index(op.f("ix_redemptions_voided_at"), "redemptions", ["voided_at"], postgresql_where=undone)
    op.create_index(op.f("ix_signals_member_id"), "signals", ["member_id"])
    op.create_index(op.f("ix_signals_merchant_id_id"), "signals", ["merchant_id", "id"])
    _settlements()


def _settlements() -> None:
    op.add_column("redemptions", sa.Column("settled_at", TIME, nullable=True))
    op.drop_index(op.f("ix_redemptions_disputed_at"), "redemptions")
    still = sa.text("disputed_at IS NOT NULL AND settled_at IS NULL AND voided_at IS NULL")
    op.create_index(op.f("ix_redemptions_disputed_at"), "redemptions", ["disputed_at"], postgresql_where=still)
    op.create_table(
        "settlements",
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("settled_at", TIME, nullable=False),
        sa.Column("actor", LABEL, nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["redemption_id"], ["redemptions.id"], name=op.f("fk_settlements_redemption_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("redemption_id", name=op.f("pk_settlements")),
    )


def downgrade() -> None:
    op.drop_table("settlements")
    op.drop_index(op.f("ix_redemptions_disputed_at"), "redemptions")
    open_dispute = sa.text("disputed_at IS NOT NULL AND voided_at IS NULL")
    op.create_index(op.f("ix_redemptions_disputed_at"), "redemptions", ["disputed_at"], postgresql_where=open_dispute)
    op.drop_column("redemptions", "settled_at")
    op.drop_table("signals")
    op.drop_index(op.f("ix_redemptions_voided_at"), "redemptions")
