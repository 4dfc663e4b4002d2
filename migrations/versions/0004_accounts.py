"""Signing in: identities, codes, binding, officers, devices."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROLES = "role IN ('grassroots', 'town', 'district', 'finance', 'system', 'auditor')"
PERSONA = (
    "CASE persona WHEN 'member' THEN member_id IS NOT NULL WHEN 'clerk' THEN clerk_id IS NOT NULL "
    "AND branch_id IS NOT NULL AND merchant_id IS NOT NULL ELSE persona {others} END"
)
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _officers_and_sessions()
    _wechat_codes_and_binding()


def downgrade() -> None:
    _drop_wechat_codes_and_binding()
    _drop_officers_and_sessions()


def _officers_and_sessions() -> None:
    # Nobody stays signed in over this change: the old rows do not say how and where.
    op.execute("DELETE FROM sessions")
    for name, kind, nullable in (
        ("id", sa.Uuid(), False), ("via", sa.String(40), False), ("device", sa.String(60), False),
        ("seen_at", AT, False), ("proved_at", AT, True), ("ended_at", AT, True), ("ended_because", sa.String(40), True),
    ):  # fmt: skip
        op.add_column("sessions", sa.Column(name, kind, nullable=nullable))
    op.create_unique_constraint("uq_sessions_id", "sessions", ["id"])
    op.create_index("ix_sessions_account_id", "sessions", ["account_id"])
    op.drop_constraint(op.f("ck_sessions_persona"), "sessions", type_="check")
    op.create_check_constraint(
        op.f("ck_sessions_persona"), "sessions", PERSONA.format(others="IN ('officer', 'visitor')")
    )
    op.create_index("ix_audit_entries_action_id", "audit_entries", ["action", "id"])
    op.add_column("accounts", sa.Column("officer_seen_at", AT))
    op.add_column("role_grants", sa.Column("granted_at", AT, nullable=False, server_default=sa.func.now()))
    op.alter_column("role_grants", "granted_at", server_default=None)
    op.add_column("role_grants", sa.Column("ended_at", AT))
    op.drop_constraint(op.f("ck_role_grants_role"), "role_grants", type_="check")
    op.create_check_constraint(op.f("ck_role_grants_role"), "role_grants", ROLES)
    op.drop_constraint("uq_role_grants_account_id_role", "role_grants", type_="unique")
    op.create_index(
        "uq_role_grants_account_id_role_union_id", "role_grants", ["account_id", "role", "union_id"],
        unique=True, postgresql_where="ended_at IS NULL",
    )  # fmt: skip
    op.create_table(
        "credentials",
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("accounts.id", name="fk_credentials_account_id")),
        sa.Column("login", sa.String(40), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=False),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("changed_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_credentials"),
        sa.UniqueConstraint("login", name="uq_credentials_login"),
    )
    op.create_table(
        "failed_sign_ins",
        sa.Column("pair", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", AT),
        sa.Column("last_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("pair", name="pk_failed_sign_ins"),
    )
    op.create_index("ix_failed_sign_ins_last_at", "failed_sign_ins", ["last_at"])
    op.create_table(
        "invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("union_id", sa.Uuid(), nullable=False),
        sa.Column("ends_on", sa.Date()),
        sa.Column("invited_by", sa.Uuid()),
        sa.Column("takes_over_from", sa.Uuid()),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("withdrawn_at", AT),
        sa.Column("accepted_at", AT),
        sa.Column("account_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("token_digest", name="uq_invitations_token_digest"),
        sa.ForeignKeyConstraint(["union_id"], ["unions.id"], name="fk_invitations_union_id"),
        sa.ForeignKeyConstraint(["invited_by"], ["accounts.id"], name="fk_invitations_invited_by"),
        sa.ForeignKeyConstraint(["takes_over_from"], ["accounts.id"], name="fk_invitations_takes_over_from"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_invitations_account_id"),
    )
    op.create_index("ix_invitations_union_id", "invitations", ["union_id"])
    op.create_table(
        "factor_resets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("agreed_by", sa.Uuid()),
        sa.Column("agreed_at", AT),
        sa.Column("token_digest", sa.LargeBinary()),
        sa.Column("closed_at", AT),
        sa.PrimaryKeyConstraint("id", name="pk_factor_resets"),
        sa.UniqueConstraint("token_digest", name="uq_factor_resets_token_digest"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_factor_resets_account_id"),
        sa.ForeignKeyConstraint(["asked_by"], ["accounts.id"], name="fk_factor_resets_asked_by"),
        sa.ForeignKeyConstraint(["agreed_by"], ["accounts.id"], name="fk_factor_resets_agreed_by"),
        sa.CheckConstraint("agreed_by <> asked_by AND asked_by <> account_id AND agreed_by <> account_id", name="two"),
    )
    op.create_index(
        "uq_factor_resets_open", "factor_resets", ["account_id"], unique=True, postgresql_where="closed_at IS NULL"
    )
    op.create_table(
        "desk_sign_ins",
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("browser_digest", sa.LargeBinary(), nullable=False),
        sa.Column("digits", sa.String(2), nullable=False),
        sa.Column("device", sa.String(60), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("confirmed_by", sa.LargeBinary()),
        sa.Column("used_at", AT),
        sa.PrimaryKeyConstraint("code_digest", name="pk_desk_sign_ins"),
        sa.UniqueConstraint("browser_digest", name="uq_desk_sign_ins_browser_digest"),
    )
    op.create_index("ix_desk_sign_ins_expires_at", "desk_sign_ins", ["expires_at"])
    op.add_column("clerks", sa.Column("owner", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("clerks", "owner", server_default=None)
    op.create_table(
        "clerk_invites",
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("owner", sa.Boolean(), nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("code_index", name="pk_clerk_invites"),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_clerk_invites_branch_id"),
    )
    op.create_index("ix_clerk_invites_expires_at", "clerk_invites", ["expires_at"])


def _drop_officers_and_sessions() -> None:
    op.drop_table("clerk_invites")
    op.drop_column("clerks", "owner")
    for table in ("desk_sign_ins", "factor_resets", "invitations", "failed_sign_ins", "credentials"):
        op.drop_table(table)
    op.drop_index("uq_role_grants_account_id_role_union_id", table_name="role_grants")
    # What the old schema has no word for cannot be kept.
    op.execute("DELETE FROM role_grants WHERE role <> 'district' OR ended_at IS NOT NULL")
    op.execute(
        "DELETE FROM role_grants WHERE id NOT IN (SELECT min(id::text)::uuid FROM role_grants GROUP BY account_id)"
    )
    op.create_unique_constraint("uq_role_grants_account_id_role", "role_grants", ["account_id", "role"])
    op.drop_constraint(op.f("ck_role_grants_role"), "role_grants", type_="check")
    op.create_check_constraint(op.f("ck_role_grants_role"), "role_grants", "role IN ('district')")
    op.drop_column("role_grants", "ended_at")
    op.drop_column("role_grants", "granted_at")
    op.drop_column("accounts", "officer_seen_at")
    op.drop_index("ix_audit_entries_action_id", table_name="audit_entries")
    op.execute("DELETE FROM sessions")
    op.drop_constraint(op.f("ck_sessions_persona"), "sessions", type_="check")
    op.create_check_constraint(op.f("ck_sessions_persona"), "sessions", PERSONA.format(others="= 'officer'"))
    op.drop_index("ix_sessions_account_id", table_name="sessions")
    op.drop_constraint("uq_sessions_id", "sessions", type_="unique")
    for name in ("ended_because", "ended_at", "proved_at", "seen_at", "device", "via", "id"):
        op.drop_column("sessions", name)


# The platform, phone codes and binding: written below.


def _wechat_codes_and_binding() -> None:
    op.create_table(
        "spendings",
        sa.Column("who", sa.LargeBinary(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("begins_at", AT, nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("who", "seconds", "begins_at", name="pk_spendings"),
    )
    op.create_index("ix_spendings_begins_at", "spendings", ["begins_at"])
    _wechat()
    _phone_codes()
    _bonds()
    _binding_requests()


def _wechat() -> None:
    op.create_table(
        "platform_values",
        sa.Column("appid", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("value", sa.LargeBinary()),
        sa.Column("expires_at", AT),
        sa.Column("leased_until", AT),
        sa.Column("lease_holder", sa.Uuid()),
        sa.PrimaryKeyConstraint("appid", "kind", name="pk_platform_values"),
    )
    op.create_table(
        "wechat_identities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appid", sa.String(32), nullable=False),
        sa.Column("openid", sa.LargeBinary(), nullable=False),
        sa.Column("openid_index", sa.LargeBinary(), nullable=False),
        sa.Column("unionid", sa.LargeBinary()),
        sa.Column("unionid_index", sa.LargeBinary()),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wechat_identities"),
        sa.UniqueConstraint("appid", "openid_index", name="uq_wechat_identities_appid_openid_index"),
        sa.UniqueConstraint("account_id", "appid", name="uq_wechat_identities_account_id_appid"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_wechat_identities_account_id"),
    )
    op.create_index("ix_wechat_identities_unionid_index", "wechat_identities", ["unionid_index"])
    op.create_table(
        "sign_in_states",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("browser_digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("used_at", AT),
        sa.PrimaryKeyConstraint("digest", name="pk_sign_in_states"),
    )
    op.create_index("ix_sign_in_states_expires_at", "sign_in_states", ["expires_at"])


def _phone_codes() -> None:
    op.create_table(
        "phone_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_digest", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("code_mac", sa.LargeBinary(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("used_at", AT),
        sa.PrimaryKeyConstraint("id", name="pk_phone_codes"),
        sa.UniqueConstraint("request_digest", name="uq_phone_codes_request_digest"),
    )
    op.create_index("ix_phone_codes_expires_at", "phone_codes", ["expires_at"])
    op.create_table(
        "proven_phones",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("proven_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_proven_phones"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_proven_phones_account_id"),
    )
    op.create_index("ix_proven_phones_phone_index", "proven_phones", ["phone_index"])


def _bonds() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(40), nullable=False),
        sa.Column("version", sa.String(20), nullable=False),
        sa.Column("how", sa.String(40), nullable=False),
        sa.Column("accepted_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_consents_account_id"),
    )
    op.create_index("ix_consents_account_id", "consents", ["account_id"])
    op.create_table(
        "bonds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("how", sa.String(40), nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.Column("ended_at", AT),
        sa.Column("ended_because", sa.String(40)),
        sa.PrimaryKeyConstraint("id", name="pk_bonds"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_bonds_member_id"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_bonds_account_id"),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_because IS NULL)", name="end"),
    )
    for column in ("member_id", "account_id"):
        op.create_index(f"uq_bonds_{column}_open", "bonds", [column], unique=True, postgresql_where="ended_at IS NULL")
    op.create_index("ix_bonds_member_id_made_at", "bonds", ["member_id", "made_at"])
    # Whoever has an account as a member is bound already; how is not known.
    op.execute(
        "INSERT INTO bonds (id, member_id, account_id, how, made_at) "
        "SELECT gen_random_uuid(), member_id, id, 'before', created_at FROM accounts WHERE member_id IS NOT NULL"
    )


def _binding_requests() -> None:
    op.create_table(
        "binding_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid()),
        sa.Column("union_id", sa.Uuid(), nullable=False),
        sa.Column("named_union_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.String(40), nullable=False),
        sa.Column("crowded", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("name", sa.LargeBinary()),
        sa.Column("document_kind", sa.String(40), nullable=False),
        sa.Column("document_number", sa.LargeBinary()),
        sa.Column("phone", sa.LargeBinary()),
        sa.Column("filed_at", AT, nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("nudged_at", AT),
        sa.Column("raised_at", AT),
        sa.Column("closed_at", AT),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("bound_account_id", sa.Uuid()),
        sa.Column("reason", sa.String(40)),
        sa.Column("note", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name="pk_binding_requests"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_binding_requests_account_id"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_binding_requests_member_id"),
        sa.ForeignKeyConstraint(["union_id"], ["unions.id"], name="fk_binding_requests_union_id"),
        sa.ForeignKeyConstraint(["named_union_id"], ["unions.id"], name="fk_binding_requests_named_union_id"),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name="fk_binding_requests_decided_by"),
        sa.ForeignKeyConstraint(["bound_account_id"], ["accounts.id"], name="fk_binding_requests_bound_account_id"),
        sa.CheckConstraint("status IN ('open', 'approved', 'refused', 'withdrawn')", name="status"),
        sa.CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed"),
    )
    op.create_index(
        "uq_binding_requests_account_id_open", "binding_requests", ["account_id"],
        unique=True, postgresql_where="status = 'open'",
    )  # fmt: skip
    for name, columns in (("union_id", ["union_id", "due_at"]), ("due_at", ["due_at"])):
        op.create_index(
            f"ix_binding_requests_{name}_open", "binding_requests", columns, postgresql_where="status = 'open'"
        )
    op.create_index("ix_binding_requests_account_id_filed_at", "binding_requests", ["account_id", "filed_at"])
    op.create_index("ix_binding_requests_closed_at", "binding_requests", ["closed_at"])


def _drop_wechat_codes_and_binding() -> None:
    for table in (
        "binding_requests", "bonds", "consents", "proven_phones", "phone_codes", "sign_in_states",
        "wechat_identities", "platform_values", "spendings",
    ):  # fmt: skip
        op.drop_table(table)
