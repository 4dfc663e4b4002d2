"""Which unique constraint means which domain error. A test asks PostgreSQL whether the map is complete."""

from collections.abc import Mapping

from sqlalchemy.exc import IntegrityError

from services.core.errors import Conflict

_meaning: dict[str, str] = {}


def register(meaning: Mapping[str, str]) -> None:
    """Each package's errors.py names its constraints and the stable code a clash with them has."""
    _meaning.update(meaning)


def known() -> frozenset[str]:
    return frozenset(_meaning)


def constraint_name(error: IntegrityError) -> str | None:
    diagnostics = getattr(error.orig, "diag", None)
    return getattr(diagnostics, "constraint_name", None)


def domain_error(error: IntegrityError) -> Exception:
    """Conflict with the registered code; the database's own error when the constraint is none of ours."""
    code = _meaning.get(constraint_name(error) or "")
    return Conflict(code) if code else error
