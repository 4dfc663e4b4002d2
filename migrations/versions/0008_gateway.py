"""The messaging gateway: ways to people, consents, callbacks, pauses, officers' notices; deliveries by account."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())
TIME = sa.DateTime(timezone=True)
STATUSES = (
    "'created', 'sending', 'sent', 'delivered', 'read', 'expired', 'temporary_failure', "
    "'permanent_failure', 'technical_failure', 'unknown'"
)


def upgrade() -> None:
    _channel_templates()
    _credits()
    _follow_scenes()
    _followers()
    _message_wishes()
    _officer_notices()
    _mass_sends()
    _callbacks()
    _sending_hours()
    _small()
    _deliveries()
    _inboxes()
    op.add_column("phone_codes", sa.Column("code", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("phone_codes", "code")
    op.drop_index("ix_inbox_messages_next_step_at", "inbox_messages")
    for column in ("next_step_at", "archived_at", "version"):
        op.drop_column("inbox_messages", column)
    # Constraints and indexes of a column go with it.
    op.execute("DELETE FROM deliveries")
    for column in (
        "account_id", "reason", "at_once", "deadline_at", "address_index", "template_id", "credit_id", "provider_id",
        "notice_id",
    ):  # fmt: skip
        op.drop_column("deliveries", column)
    op.create_unique_constraint(op.f("uq_deliveries_inbox_id_channel"), "deliveries", ["inbox_id", "channel"])
    op.drop_constraint(op.f("ck_deliveries_status"), "deliveries", type_="check")
    before = "status IN ('created', 'sending', 'sent', 'failed', 'unknown')"
    op.create_check_constraint(op.f("ck_deliveries_status"), "deliveries", before)
    for table in (
        "mass_sends", "officer_notices", "message_languages", "message_wishes", "followers", "follow_scenes", "told_days",
        "sending_hours", "pauses", "local_messages", "credits", "channel_templates", "callbacks", "callback_nonces", "blocks",
    ):  # fmt: skip
        op.drop_table(table)


def _channel_templates() -> None:
    op.create_table(
        "channel_templates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("layout", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("platform_id", sa.String(length=64), nullable=False),
        sa.Column("keys", JSONB, nullable=False),
        sa.Column("long_term", sa.Boolean(), nullable=False),
        sa.Column("set_by", sa.String(length=60), nullable=False),
        sa.Column("set_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.CheckConstraint(
            "channel IN ('template', 'oa_subscribe', 'mp_subscribe', 'sms')", name=op.f("ck_channel_templates_channel")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_templates")),
        sa.UniqueConstraint(
            "channel",
            "provider",
            "layout",
            "language",
            "version",
            name=op.f("uq_channel_templates_channel_provider_layout_language_version"),
        ),
    )
    op.create_index(
        "uq_channel_templates_channel_layout_language",
        "channel_templates",
        ["channel", "provider", "layout", "language"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _credits() -> None:
    op.create_table(
        "credits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appid", sa.String(length=32), nullable=False),
        sa.Column("openid_index", sa.LargeBinary(), nullable=False),
        sa.Column("template_id", sa.String(length=64), nullable=False),
        sa.Column("granted", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("spent", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("provisional", sa.Integer(), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.CheckConstraint("granted >= reserved + spent + lost", name=op.f("ck_credits_covered")),
        sa.CheckConstraint(
            "least(granted, reserved, spent, lost, provisional) >= 0", name=op.f("ck_credits_not_negative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credits")),
        sa.UniqueConstraint(
            "appid", "openid_index", "template_id", name=op.f("uq_credits_appid_openid_index_template_id")
        ),
    )


def _follow_scenes() -> None:
    op.create_table(
        "follow_scenes",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_follow_scenes_account_id")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_follow_scenes")),
    )
    op.create_index(op.f("ix_follow_scenes_expires_at"), "follow_scenes", ["expires_at"])


def _followers() -> None:
    op.create_table(
        "followers",
        sa.Column("appid", sa.String(length=32), nullable=False),
        sa.Column("openid_index", sa.LargeBinary(), nullable=False),
        sa.Column("openid", sa.LargeBinary(), nullable=True),
        sa.Column("following", sa.Boolean(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_followers_account_id")),
        sa.PrimaryKeyConstraint("appid", "openid_index", name=op.f("pk_followers")),
    )
    op.create_index(op.f("ix_followers_account_id"), "followers", ["account_id"])


def _message_wishes() -> None:
    op.create_table(
        "message_wishes",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("group", sa.String(length=40), nullable=False),
        sa.Column("wechat", sa.Boolean(), nullable=False),
        sa.Column("sms", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_message_wishes_account_id")),
        sa.PrimaryKeyConstraint("account_id", "group", name=op.f("pk_message_wishes")),
    )
    op.create_table(
        "message_languages",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_message_languages_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_message_languages")),
    )


def _officer_notices() -> None:
    op.create_table(
        "officer_notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("union_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Uuid(), nullable=False),
        sa.Column("title", JSONB, nullable=False),
        sa.Column("body", JSONB, nullable=False),
        sa.Column("audience", JSONB, nullable=False),
        sa.Column("sms", sa.Boolean(), nullable=False),
        sa.Column("mass", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("second_needed", sa.Boolean(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("send_at", TIME, nullable=True),
        sa.Column("released_by", sa.Uuid(), nullable=True),
        sa.Column("released_at", TIME, nullable=True),
        sa.Column("started_at", TIME, nullable=True),
        sa.Column("finished_at", TIME, nullable=True),
        sa.Column("stopped_at", TIME, nullable=True),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.CheckConstraint(
            "status IN ('draft', 'waiting', 'dropped') OR released_by IS NOT NULL",
            name=op.f("ck_officer_notices_released_before_sending"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'waiting', 'scheduled', 'sending', 'sent', 'stopped', 'dropped')",
            name=op.f("ck_officer_notices_status"),
        ),
        sa.CheckConstraint(
            "released_by IS DISTINCT FROM author OR NOT second_needed", name=op.f("ck_officer_notices_two_people")
        ),
        sa.ForeignKeyConstraint(["author"], ["accounts.id"], name=op.f("fk_officer_notices_author")),
        sa.ForeignKeyConstraint(["released_by"], ["accounts.id"], name=op.f("fk_officer_notices_released_by")),
        sa.ForeignKeyConstraint(["union_id"], ["unions.id"], name=op.f("fk_officer_notices_union_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_notices")),
    )
    op.create_index(
        "ix_officer_notices_due",
        "officer_notices",
        ["send_at"],
        postgresql_where=sa.text("status IN ('scheduled', 'sending')"),
    )
    op.create_index("ix_officer_notices_union_id_id", "officer_notices", ["union_id", "id"])


def _mass_sends() -> None:
    op.create_table(
        "mass_sends",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("chunk", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("leased_until", TIME, nullable=True),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("provider_id", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "status IN ('created', 'sending', 'sent', 'delivered', 'expired', 'temporary_failure', 'permanent_failure', 'technical_failure', 'unknown')",
            name=op.f("ck_mass_sends_status"),
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["officer_notices.id"], name=op.f("fk_mass_sends_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mass_sends")),
        sa.UniqueConstraint("notice_id", "chunk", name=op.f("uq_mass_sends_notice_id_chunk")),
    )


def _callbacks() -> None:
    op.create_table(
        "callbacks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("event_digest", sa.LargeBinary(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("happened_at", TIME, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("next_try_at", TIME, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("handled_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callbacks")),
        sa.UniqueConstraint("source", "event_digest", name=op.f("uq_callbacks_source_event_digest")),
    )
    op.create_index("ix_callbacks_open", "callbacks", ["next_try_at"], postgresql_where=sa.text("handled_at IS NULL"))


def _sending_hours() -> None:
    op.create_table(
        "sending_hours",
        sa.Column("hour", TIME, nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("under_100", sa.Integer(), nullable=False),
        sa.Column("under_300", sa.Integer(), nullable=False),
        sa.Column("under_1000", sa.Integer(), nullable=False),
        sa.Column("under_3000", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "channel", "outcome", "reason", name=op.f("pk_sending_hours")),
    )


def _small() -> None:
    op.create_table(
        "blocks",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.PrimaryKeyConstraint("channel", "address_index", name=op.f("pk_blocks")),
    )
    op.create_table(
        "callback_nonces",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_callback_nonces")),
    )
    op.create_index(op.f("ix_callback_nonces_seen_at"), "callback_nonces", ["seen_at"])
    op.create_table(
        "local_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("shown", JSONB, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_messages")),
    )
    op.create_table(
        "pauses",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("until", TIME, nullable=True),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "subject", name=op.f("pk_pauses")),
    )
    op.create_table(
        "told_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "template", name=op.f("pk_told_days")),
    )


def _deliveries() -> None:
    # What is there went to the worker's log and to nobody: no account, no channel.
    op.execute("DELETE FROM deliveries")
    op.add_column("deliveries", sa.Column("account_id", sa.Uuid(), nullable=False))
    op.add_column("deliveries", sa.Column("reason", sa.String(length=60), nullable=True))
    op.add_column("deliveries", sa.Column("at_once", sa.Boolean(), nullable=False))
    op.add_column("deliveries", sa.Column("deadline_at", TIME, nullable=True))
    op.add_column("deliveries", sa.Column("address_index", sa.LargeBinary(), nullable=True))
    op.add_column("deliveries", sa.Column("template_id", sa.Uuid(), nullable=True))
    op.add_column("deliveries", sa.Column("credit_id", sa.Uuid(), nullable=True))
    op.add_column("deliveries", sa.Column("provider_id", sa.String(length=64), nullable=True))
    op.add_column("deliveries", sa.Column("notice_id", sa.Uuid(), nullable=True))
    op.drop_constraint(op.f("uq_deliveries_inbox_id_channel"), "deliveries", type_="unique")
    op.create_index(
        "ix_deliveries_notice_id",
        "deliveries",
        ["notice_id", "status"],
        postgresql_where=sa.text("notice_id IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_provider_id", "deliveries", ["provider_id"], postgresql_where=sa.text("provider_id IS NOT NULL")
    )
    op.create_index(
        "ix_deliveries_unknown", "deliveries", ["address_index"], postgresql_where=sa.text("status = 'unknown'")
    )
    op.create_unique_constraint(
        op.f("uq_deliveries_inbox_id_account_id_channel"), "deliveries", ["inbox_id", "account_id", "channel"]
    )
    op.drop_constraint(op.f("ck_deliveries_status"), "deliveries", type_="check")
    op.create_check_constraint(op.f("ck_deliveries_status"), "deliveries", f"status IN ({STATUSES})")


def _inboxes() -> None:
    op.add_column("inbox_messages", sa.Column("version", sa.SmallInteger(), server_default="1", nullable=False))
    op.alter_column("inbox_messages", "version", server_default=None)
    op.add_column("inbox_messages", sa.Column("archived_at", TIME, nullable=True))
    op.add_column("inbox_messages", sa.Column("next_step_at", TIME, nullable=True))
    op.create_index(
        "ix_inbox_messages_next_step_at",
        "inbox_messages",
        ["next_step_at"],
        postgresql_where=sa.text("next_step_at IS NOT NULL"),
    )
