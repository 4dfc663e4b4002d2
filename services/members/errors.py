"""Refusals of this package."""

MEMBER_SUSPENDED = "member_suspended"
MEMBER_UNKNOWN = "member_unknown"
