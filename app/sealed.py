"""Every column of bytes: sealed, or a digest that says nothing. tests/house finds the one that is missing."""

SEALED: tuple[str, ...] = (
    "members.phone",
    "members.id_number",
    "members.printed_card",
    "phone_codes.phone",
    "proven_phones.phone",
    "credentials.totp_secret",
    "platform_values.value",
    "wechat_identities.openid",
    "wechat_identities.unionid",
    "binding_requests.name",
    "binding_requests.document_number",
    "binding_requests.phone",
    "binding_requests.note",
    "correction_requests.asked",
    "correction_requests.note",
    "roster_imports.file_name",
    "roster_rows.payload",
    "roster_rows.before",
)
"""What `keys rotate` seals anew. The name of the column is the field that its values are sealed under."""

DIGESTS = frozenset(
    {
        "audit_seals.digest",
        "clerk_invites.code_index",
        "desk_sign_ins.browser_digest",
        "desk_sign_ins.code_digest",
        "desk_sign_ins.confirmed_by",
        "factor_resets.token_digest",
        "failed_sign_ins.pair",
        "idempotency_keys.digest",
        "invitations.token_digest",
        "members.id_index",
        "members.phone_index",
        "phone_codes.code_mac",
        "phone_codes.request_digest",
        "proven_phones.phone_index",
        "roster_imports.sha256",
        "roster_rows.id_index",
        "roster_rows.name_index",
        "roster_rows.phone_index",
        "sessions.digest",
        "sign_in_states.browser_digest",
        "sign_in_states.digest",
        "spendings.who",
        "typed_codes.digest",
        "wechat_identities.openid_index",
        "wechat_identities.unionid_index",
    }
)
"""Digests, keyed or of something random: nothing can be read out of them, and no key replaces them."""
