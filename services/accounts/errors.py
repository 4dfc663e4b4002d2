"""Refusals of this package, and what its unique constraints mean."""

from services.core import constraints

NOT_SIGNED_IN = "not_signed_in"
SESSION_ENDED = "session_ended"
SESSION_BOND_MOVED = "session_bond_moved"
SESSION_UNBOUND = "session_unbound"
SESSION_ACCOUNT_CLOSED = "session_account_closed"
SESSION_SIGNED_OUT_ELSEWHERE = "session_signed_out_elsewhere"
SESSION_ROLE_ENDED = "session_role_ended"
SESSION_LEFT_SHOP = "session_left_shop"
NOT_BOUND = "not_bound"
NOT_ALLOWED = "not_allowed"
FRESH_CHECK_NEEDED = "fresh_check_needed"
ACCOUNT_EXISTS = "account_exists"
ROLE_GRANTED_ALREADY = "role_granted_already"
ROLE_UNKNOWN = "role_unknown"
ROLES_APART = "roles_apart"
DEVICE_UNKNOWN = "device_unknown"
LOGIN_TAKEN = "login_taken"
CREDENTIAL_EXISTS = "credential_exists"
SIGN_IN_WRONG = "sign_in_wrong"
SIGN_IN_LOCKED = "sign_in_locked"
NO_ROLE_LEFT = "no_role_left"
PASSWORD_TOO_SHORT = "password_too_short"  # noqa: S105
PASSWORD_TOO_COMMON = "password_too_common"  # noqa: S105
LOGIN_MALFORMED = "login_malformed"
FACTOR_WRONG = "factor_wrong"
LINK_OVER = "link_over"
INVITATION_NOT_YOURS = "invitation_not_yours"
RESET_OPEN_ALREADY = "reset_open_already"
RESET_NEEDS_ANOTHER = "reset_needs_another"
DESK_CODE_OVER = "desk_code_over"
DESK_DIGITS_WRONG = "desk_digits_wrong"
DESK_NOT_BY_DESK = "desk_not_by_desk"
INVITED_NAME_MISSING = "invited_name_missing"
DAY_MALFORMED = "day_malformed"
NO_PHONE_ON_RECORD = "no_phone_on_record"
PHONE_NOT_ON_RECORD = "phone_not_on_record"
NO_ROLE_HERE = "no_role_here"
BUSY_SIGNING_IN = "busy_signing_in"
WECHAT_BUSY = "wechat_busy"
WECHAT_CODE_REFUSED = "wechat_code_refused"
WECHAT_USER_RISKY = "wechat_user_risky"
WECHAT_SNAPSHOT = "wechat_snapshot"
WECHAT_TOO_OFTEN = "wechat_too_often"
WECHAT_MISCONFIGURED = "wechat_misconfigured"
WECHAT_NOT_SET_UP = "wechat_not_set_up"
NOT_OUR_PAGE = "not_our_page"
WECHAT_STATE_WRONG = "wechat_state_wrong"
PHONE_MALFORMED = "phone_malformed"
PHONE_CODES_NOT_SET_UP = "phone_codes_not_set_up"
PHONE_CODE_TOO_OFTEN = "phone_code_too_often"
PHONE_CODE_WRONG = "phone_code_wrong"
PHONE_CODE_OVER = "phone_code_over"
WECHAT_TAKEN = "wechat_taken"

constraints.register(
    {
        "uq_wechat_identities_appid_openid_index": WECHAT_TAKEN,
        "uq_wechat_identities_account_id_appid": WECHAT_TAKEN,
        "uq_phone_codes_request_digest": BUSY_SIGNING_IN,
        "uq_accounts_member_id": ACCOUNT_EXISTS,
        "uq_role_grants_account_id_role_union_id": ROLE_GRANTED_ALREADY,
        "uq_credentials_login": LOGIN_TAKEN,
        "pk_credentials": CREDENTIAL_EXISTS,
        "uq_factor_resets_open": RESET_OPEN_ALREADY,
        "uq_sessions_id": BUSY_SIGNING_IN,
        "uq_invitations_token_digest": BUSY_SIGNING_IN,
        "uq_factor_resets_token_digest": BUSY_SIGNING_IN,
        "uq_desk_sign_ins_browser_digest": BUSY_SIGNING_IN,
    }
)
