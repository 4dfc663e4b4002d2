import datetime
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from services.members.types import MemberId
from services.unions.types import UnionPath

AccountId = NewType("AccountId", uuid.UUID)


class Persona(StrEnum):
    """In which capacity somebody is signed in. One person may have several, each with a session of its own."""

    MEMBER = "member"
    CLERK = "clerk"
    OFFICER = "officer"


class Role(StrEnum):
    """What an officer may do, always within a subtree of unions."""

    DISTRICT = "district"  # 区总工会经办


@dataclass(frozen=True)
class Grant:
    role: Role
    scope: UnionPath


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

    @property
    def scope(self) -> UnionPath:
        """The officer's subtree: there is one role, and a role is given for one subtree."""
        return self.grants[0].scope


Actor = MemberActor | ClerkActor | OfficerActor


@dataclass(frozen=True)
class SignIn:
    """What the caller keeps: the only time that the token is in clear."""

    token: str
    persona: Persona
    expires_at: datetime.datetime
