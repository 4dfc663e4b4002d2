import datetime
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from services.members.types import MemberId
from services.unions.types import UnionId, UnionPath

AccountId = NewType("AccountId", uuid.UUID)
SessionId = NewType("SessionId", uuid.UUID)
InvitationId = NewType("InvitationId", uuid.UUID)


class Persona(StrEnum):
    """In which capacity somebody is signed in. One person may have several, each with a session of its own."""

    VISITOR = "visitor"
    MEMBER = "member"
    CLERK = "clerk"
    OFFICER = "officer"


class Via(StrEnum):
    """How somebody signed in."""

    DEMO = "demo"
    MINI_PROGRAM = "mini_program"
    WECHAT = "wechat"
    PHONE = "phone"
    PASSWORD = "password"  # noqa: S105
    DESK = "desk"
    INVITATION = "invitation"


class Ended(StrEnum):
    """Why a session ended before its time."""

    BOND_MOVED = "bond_moved"
    UNBOUND = "unbound"
    CLOSED = "account_closed"
    ELSEWHERE = "signed_out_elsewhere"
    ROLE = "role_ended"
    LEFT_SHOP = "left_shop"


class Lent(StrEnum):
    """What the WeChat platform lends us."""

    TOKEN = "access_token"  # noqa: S105
    TICKET = "jsapi_ticket"


class CodeFor(StrEnum):
    """What a code to a phone is for; it is good for nothing else."""

    SIGN_IN = "sign_in"
    BINDING = "binding"
    FRESH = "fresh"
    OFFICER = "officer"


class Role(StrEnum):
    """What an officer may do (rules.MAY), always within a subtree of unions."""

    GRASSROOTS = "grassroots"  # 基层工会干部
    TOWN = "town"  # 镇街（园区）工会干部
    DISTRICT = "district"  # 区总工会经办
    FINANCE = "finance"  # 财务
    SYSTEM = "system"  # 系统管理员
    AUDITOR = "auditor"  # 安全审计员


class Capability(StrEnum):
    SEE_DAY = "see_day"
    SEE_MEMBERS = "see_members"
    UNMASK = "unmask"
    EDIT_MEMBERS = "edit_members"
    IMPORT_ROSTER = "import_roster"
    DECIDE_BINDINGS = "decide_bindings"
    MANAGE_UNIONS = "manage_unions"
    PRINT = "print"
    MANAGE_SHOPS = "manage_shops"
    INVITE_OFFICERS = "invite_officers"
    RESET_FACTORS = "reset_factors"
    SEE_AUDIT = "see_audit"
    MANAGE_CHANNELS = "manage_channels"
    SEND_NOTICES = "send_notices"
    RELEASE_NOTICES = "release_notices"
    MANAGE_EVENTS = "manage_events"
    ENTER_MEMBERS = "enter_members"


@dataclass(frozen=True)
class Grant:
    role: Role
    scope: UnionPath


@dataclass(frozen=True)
class VisitorActor:
    """Signed in, and not bound to a member yet: may bind, and see where the request stands."""

    account_id: AccountId

    @property
    def label(self) -> str:
        return f"visitor:{self.account_id}"


@dataclass(frozen=True)
class MemberActor:
    account_id: AccountId
    member_id: MemberId

    @property
    def label(self) -> str:
        return f"member:{self.member_id}"


@dataclass(frozen=True)
class ClerkActor:
    """A clerk (店员) of one branch of one shop."""

    account_id: AccountId
    clerk_id: uuid.UUID
    branch_id: uuid.UUID
    merchant_id: uuid.UUID

    @property
    def label(self) -> str:
        return f"clerk:{self.clerk_id}"


@dataclass(frozen=True)
class OfficerActor:
    account_id: AccountId
    grants: tuple[Grant, ...]

    @property
    def label(self) -> str:
        return f"officer:{self.account_id}"

    def scopes(self, capability: Capability) -> tuple[UnionPath, ...]:
        """The subtrees in which the officer may do this: none of them inside another, () when nowhere."""
        paths = sorted(grant.scope for grant in self.grants if capability in MAY[grant.role])
        widest: list[UnionPath] = []
        for path in paths:
            if not any(path == scope or path.startswith(scope + ".") for scope in widest):
                widest.append(path)
        return tuple(widest)

    def may(self, capability: Capability, at: UnionPath) -> bool:
        """May the officer do this in the union at that path?"""
        return any(at == scope or at.startswith(scope + ".") for scope in self.scopes(capability))


Actor = VisitorActor | MemberActor | ClerkActor | OfficerActor

_DESK = frozenset(
    {
        Capability.SEE_MEMBERS, Capability.UNMASK, Capability.EDIT_MEMBERS, Capability.IMPORT_ROSTER,
        Capability.DECIDE_BINDINGS, Capability.PRINT, Capability.SEND_NOTICES,
        Capability.MANAGE_EVENTS, Capability.ENTER_MEMBERS,
    }
)  # fmt: skip
_ABOVE = _DESK | {Capability.MANAGE_UNIONS, Capability.INVITE_OFFICERS}
_FEDERATION = frozenset(
    {
        Capability.SEE_DAY, Capability.RESET_FACTORS, Capability.MANAGE_SHOPS, Capability.RELEASE_NOTICES,
        Capability.MANAGE_CHANNELS,
    }
)  # fmt: skip

MAY: dict[Role, frozenset[Capability]] = {
    Role.GRASSROOTS: _DESK,
    Role.TOWN: _ABOVE,
    Role.DISTRICT: _ABOVE | _FEDERATION,
    Role.FINANCE: frozenset({Capability.SEE_DAY}),
    # Whoever runs the system lets people in and sees nobody's data; whoever audits changes nothing.
    Role.SYSTEM: frozenset({Capability.INVITE_OFFICERS, Capability.RESET_FACTORS, Capability.MANAGE_CHANNELS}),
    Role.AUDITOR: frozenset({Capability.SEE_AUDIT}),
}
"""What each role may do within its subtree."""


@dataclass(frozen=True)
class SignIn:
    """What the caller keeps: the only time that the token is in clear."""

    token: str
    persona: Persona
    expires_at: datetime.datetime


@dataclass(frozen=True)
class Device:
    """One session, as its owner sees it."""

    id: SessionId
    persona: Persona
    via: Via
    device: str
    created_at: datetime.datetime
    expires_at: datetime.datetime
    this: bool


@dataclass(frozen=True)
class Invited:
    """An open invitation, or what somebody finds behind its link."""

    id: InvitationId
    name: str
    role: Role
    union_id: UnionId
    union_path: UnionPath
    union_name: dict[str, str]
    ends_on: datetime.date | None
    expires_at: datetime.datetime
    takes_over_from: AccountId | None
    invited_by: AccountId | None
