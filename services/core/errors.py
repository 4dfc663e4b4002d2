"""What can go wrong in the words of the business. Nothing here knows HTTP; app/errors.py holds the only table to it.

A refusal that must leave a trace is *returned* (`Refusal`), so that its attempt row is committed. Everything else is
raised and undoes the transaction. `code` is stable and documented; the wording lives in app/wording.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | int | bool | None


@dataclass(frozen=True)
class Refusal:
    """A no that is kept on record: its stable code, and the facts that the sentence about it needs."""

    code: str
    facts: Mapping[str, Value] = field(default_factory=dict)


class DomainError(Exception):
    """Base of all. `code` says which rule; `facts` fill its sentence."""

    def __init__(self, code: str, **facts: Value) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class Invalid(DomainError):
    """The words of the request make no sense here, whoever says them. `field` names the one to mend."""


class NotFound(DomainError):
    """It does not exist, or the caller may not know that it does."""


class Forbidden(DomainError):
    """The caller is known and may not do this."""


class Conflict(DomainError):
    """The state of things has moved on, or somebody was faster."""


class TooOften(DomainError):
    """Asked more often than a budget allows. The fact `seconds` says when it begins anew."""


class Unavailable(DomainError):
    """A part of the service is down or busy. Nothing was written, unless the connection broke inside a commit."""


class LostRace(Exception):
    """A conditional write found that somebody was faster after all checks had passed.

    core.transaction rolls back and runs the work again, which then sees the new state and says no in plain words.
    """
