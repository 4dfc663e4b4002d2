"""Events: quotas, entries and their people, draws, misses."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())
NULLABLE_JSONB = postgresql.JSONB(none_as_null=True, astext_type=sa.Text())
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("signup_positions")))
    _events()
    _event_quotas()
    _signups()
    _signup_people()
    _draws()
    _event_misses()
    _pause_rules()
    _attainments()


def downgrade() -> None:
    for table in (
        "attainments",
        "pause_rules",
        "event_misses",
        "draws",
        "signup_people",
        "signups",
        "event_quotas",
        "events",
    ):
        op.drop_table(table)
    op.execute(sa.schema.DropSequence(sa.Sequence("signup_positions")))


def _events() -> None:
    op.create_table(
        "events",
        *_of_events(),
        sa.CheckConstraint("door IN ('staff', 'venue', 'both')", name=op.f("ck_events_door")),
        sa.CheckConstraint("joining IN ('confirm', 'vouched')", name=op.f("ck_events_joining")),
        sa.CheckConstraint(
            "kind IN ('sport', 'social', 'contest', 'lecture', 'clinic', 'checkup', 'training', 'trip', 'show')",
            name=op.f("ck_events_kind"),
        ),
        sa.CheckConstraint("mode IN ('first_come', 'draw', 'approval')", name=op.f("ck_events_mode")),
        sa.CheckConstraint("once IN ('event', 'category')", name=op.f("ck_events_once")),
        sa.CheckConstraint("(cancelled_at IS NULL) = (cancelled_note IS NULL)", name=op.f("ck_events_cancelled_whole")),
        sa.CheckConstraint(
            "published_at IS NULL OR (opens_at < closes_at AND starts_at < ends_at)", name=op.f("ck_events_times")
        ),
        sa.CheckConstraint(
            "waiting_most >= 0 AND offer_minutes > 0 AND offers_end_minutes >= 0", name=op.f("ck_events_waiting")
        ),
        sa.ForeignKeyConstraint(["union_id"], ["unions.id"], name=op.f("fk_events_union_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("door_serial", name=op.f("uq_events_door_serial")),
    )
    op.create_index(op.f("ix_events_starts_at"), "events", ["starts_at"], unique=False)
    op.create_index(op.f("ix_events_union_id_id"), "events", ["union_id", "id"], unique=False)


def _of_events() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("union_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", JSONB, nullable=False),
        sa.Column("text", JSONB, nullable=False),
        sa.Column("place", JSONB, nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("opens_at", TIME, nullable=False),
        sa.Column("closes_at", TIME, nullable=False),
        sa.Column("cancel_until", TIME, nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("waves", JSONB, nullable=False),
        sa.Column("categories", JSONB, nullable=False),
        sa.Column("slots", JSONB, nullable=False),
        sa.Column("eligibility", JSONB, nullable=False),
        sa.Column("once", sa.String(length=40), nullable=False),
        sa.Column("joining", sa.String(length=40), nullable=False),
        sa.Column("waiting_most", sa.Integer(), nullable=False),
        sa.Column("offer_minutes", sa.Integer(), nullable=False),
        sa.Column("offers_end_minutes", sa.Integer(), nullable=False),
        sa.Column("unit_entry", sa.Boolean(), nullable=False),
        sa.Column("walk_ins", sa.Boolean(), nullable=False),
        sa.Column("door", sa.String(length=40), nullable=False),
        sa.Column("form", JSONB, nullable=False),
        sa.Column("series", sa.String(length=40), nullable=True),
        sa.Column("level", sa.SmallInteger(), nullable=True),
        sa.Column("contact", sa.String(length=60), nullable=True),
        sa.Column("picture", sa.String(length=26), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("door_serial", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=60), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("published_at", TIME, nullable=True),
        sa.Column("cancelled_at", TIME, nullable=True),
        sa.Column("cancelled_note", sa.String(length=200), nullable=True),
        sa.Column("drawn_at", TIME, nullable=True),
        sa.Column("settled_at", TIME, nullable=True),
        sa.Column("forgotten_at", TIME, nullable=True),
    ]


def _event_quotas() -> None:
    op.create_table(
        "event_quotas",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("of", JSONB, nullable=False),
        sa.Column("name", NULLABLE_JSONB, nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("(ordinal = 0) = (kind = 'all')", name=op.f("ck_event_quotas_total_first")),
        sa.CheckConstraint(
            "kind IN ('all', 'category', 'slot', 'union', 'sex', 'age', 'trade')", name=op.f("ck_event_quotas_kind")
        ),
        sa.CheckConstraint("unit IN ('people', 'entries')", name=op.f("ck_event_quotas_unit")),
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name=op.f("ck_event_quotas_taken")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_event_quotas_event_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("event_id", "ordinal", name=op.f("pk_event_quotas")),
    )


def _signups() -> None:
    op.create_table(
        "signups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=8), nullable=False),
        sa.Column("category", sa.SmallInteger(), nullable=False),
        sa.Column("slot", sa.SmallInteger(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("captain_id", sa.Uuid(), nullable=False),
        sa.Column("counts", JSONB, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("tickets", sa.SmallInteger(), nullable=True),
        sa.Column("won", sa.Boolean(), nullable=True),
        sa.Column("entered_by", sa.String(length=60), nullable=True),
        sa.Column("entered_union_id", sa.Uuid(), nullable=True),
        sa.Column("answers", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("late_at", TIME, nullable=True),
        sa.Column("refilled", sa.Boolean(), nullable=False),
        sa.Column("offered_at", TIME, nullable=True),
        sa.Column("stood_until", TIME, nullable=True),
        sa.Column("guardian_at", TIME, nullable=True),
        sa.Column("replaced", sa.ARRAY(sa.Uuid()), nullable=True),
        sa.Column("reminded_at", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.CheckConstraint(
            "(due_at IS NOT NULL) <= (state IN ('forming', 'offered', 'confirmed'))", name=op.f("ck_signups_due")
        ),
        sa.CheckConstraint("(state = 'offered') <= (due_at IS NOT NULL)", name=op.f("ck_signups_offer_ends")),
        sa.CheckConstraint("(state = 'waiting') <= (position IS NOT NULL)", name=op.f("ck_signups_waits_in_line")),
        sa.CheckConstraint(
            "state IN ('forming', 'applied', 'entered', 'waiting', 'offered', 'confirmed', 'cancelled', 'declined', "
            "'lapsed', 'refused', 'removed', 'called_off')",
            name=op.f("ck_signups_state"),
        ),
        sa.CheckConstraint("tickets BETWEEN 1 AND 4", name=op.f("ck_signups_tickets")),
        sa.ForeignKeyConstraint(["captain_id"], ["members.id"], name=op.f("fk_signups_captain_id")),
        sa.ForeignKeyConstraint(["entered_union_id"], ["unions.id"], name=op.f("fk_signups_entered_union_id")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_signups_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signups")),
        sa.UniqueConstraint("event_id", "number", name=op.f("uq_signups_event_id_number")),
    )
    _signup_indexes()


def _signup_indexes() -> None:
    op.create_index(op.f("ix_signups_captain_id_id"), "signups", ["captain_id", "id"], unique=False)
    op.create_index(
        "ix_signups_due_at", "signups", ["due_at"], unique=False, postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_index(op.f("ix_signups_event_id_state_id"), "signups", ["event_id", "state", "id"], unique=False)
    op.create_index(
        "ix_signups_waiting",
        "signups",
        ["event_id", "position"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )


def _signup_people() -> None:
    op.create_table(
        "signup_people",
        sa.Column("signup_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("once_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("presence", sa.String(length=40), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("said", sa.LargeBinary(), nullable=True),
        sa.Column("checked_in_at", TIME, nullable=True),
        sa.Column("checked_in_by", sa.String(length=60), nullable=True),
        sa.Column("checked_in_how", sa.String(length=40), nullable=True),
        sa.Column("ticked_at", TIME, nullable=True),
        sa.Column("agreed_at", TIME, nullable=True),
        sa.Column("late_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(role = 'member') = (member_id IS NOT NULL)", name=op.f("ck_signup_people_member")),
        sa.CheckConstraint(
            "checked_in_how IN ('card', 'venue', 'name', 'paper', 'walk_in')",
            name=op.f("ck_signup_people_checked_in_how"),
        ),
        sa.CheckConstraint("presence IN ('in', 'invited', 'declined')", name=op.f("ck_signup_people_presence")),
        sa.CheckConstraint("role IN ('member', 'guest', 'child')", name=op.f("ck_signup_people_role")),
        sa.CheckConstraint(
            "num_nulls(checked_in_at, checked_in_by, checked_in_how) IN (0, 3)",
            name=op.f("ck_signup_people_checked_in_whole"),
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_signup_people_event_id")),
        sa.ForeignKeyConstraint(["late_id"], ["members.id"], name=op.f("fk_signup_people_late_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_signup_people_member_id")),
        sa.ForeignKeyConstraint(
            ["signup_id"], ["signups.id"], name=op.f("fk_signup_people_signup_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("signup_id", "ordinal", name=op.f("pk_signup_people")),
    )
    op.create_index(
        op.f("ix_signup_people_event_id_checked_in_at"), "signup_people", ["event_id", "checked_in_at"], unique=False
    )
    op.create_index(
        op.f("ix_signup_people_member_id_signup_id"), "signup_people", ["member_id", "signup_id"], unique=False
    )
    op.create_index(
        "uq_signup_people_once",
        "signup_people",
        ["once_id", "member_id"],
        unique=True,
        postgresql_where=sa.text("active AND member_id IS NOT NULL"),
    )


def _draws() -> None:
    op.create_table(
        "draws",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("seed", sa.LargeBinary(), nullable=False),
        sa.Column("committed_at", TIME, nullable=False),
        sa.Column("drawn_at", TIME, nullable=True),
        sa.Column("revealed", sa.String(length=64), nullable=True),
        sa.Column("entries", sa.Text(), nullable=True),
        sa.Column("result", NULLABLE_JSONB, nullable=True),
        sa.CheckConstraint("num_nulls(drawn_at, revealed, entries, result) IN (0, 4)", name=op.f("ck_draws_whole")),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_draws_event_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_draws")),
    )


def _event_misses() -> None:
    op.create_table(
        "event_misses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("because", sa.String(length=40), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("cleared_at", TIME, nullable=True),
        sa.Column("cleared_by", sa.String(length=60), nullable=True),
        sa.Column("cleared_note", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("because IN ('no_show', 'late_cancel')", name=op.f("ck_event_misses_because")),
        sa.CheckConstraint(
            "num_nulls(cleared_at, cleared_by, cleared_note) IN (0, 3)", name=op.f("ck_event_misses_cleared_whole")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_event_misses_event_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_event_misses_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_misses")),
        sa.UniqueConstraint("event_id", "member_id", name=op.f("uq_event_misses_event_id_member_id")),
    )
    op.create_index(
        op.f("ix_event_misses_member_id_kind_at"), "event_misses", ["member_id", "kind", "at"], unique=False
    )


def _pause_rules() -> None:
    op.create_table(
        "pause_rules",
        sa.Column("union_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("free", sa.SmallInteger(), nullable=False),
        sa.Column("within_days", sa.SmallInteger(), nullable=False),
        sa.Column("pause_days", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("free >= 0 AND within_days > 0 AND pause_days >= 0", name=op.f("ck_pause_rules_range")),
        sa.ForeignKeyConstraint(["union_id"], ["unions.id"], name=op.f("fk_pause_rules_union_id")),
        sa.PrimaryKeyConstraint("union_id", "kind", name=op.f("pk_pause_rules")),
    )


def _attainments() -> None:
    op.create_table(
        "attainments",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.String(length=40), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_attainments_event_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_attainments_member_id")),
        sa.PrimaryKeyConstraint("member_id", "series", "event_id", name=op.f("pk_attainments")),
    )
