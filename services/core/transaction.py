"""The only place that commits. A view opens it; services flush and never commit."""

from collections.abc import Callable
from typing import TypeVar

from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled, SerializationFailure
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.core import constraints
from services.core.db import db
from services.core.errors import LostRace, Unavailable

T = TypeVar("T")
ATTEMPTS = 8


def in_transaction(work: Callable[[], T]) -> T:
    """Runs `work` in one transaction and commits it; any exception undoes all of it.

    `work` may run up to eight times: after LostRace, a deadlock, or a connection that broke before the commit. It
    must therefore do nothing outside the database. Raises Unavailable when the database is away or busy (if the
    connection broke inside the commit, the outcome is unknown to the caller: repeat with the same idempotency key),
    and the domain error of the constraint when a unique constraint was hit.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            result = work()
        except LostRace:
            db.session.rollback()
            if attempt == ATTEMPTS:
                raise Unavailable("busy") from None
        except IntegrityError as error:
            db.session.rollback()
            raise constraints.domain_error(error) from error
        except DBAPIError as error:
            db.session.rollback()
            if attempt == ATTEMPTS or not _worth_repeating(error):
                raise translated(error) from error
        except PoolTimeout as error:
            db.session.rollback()
            raise translated(error) from error
        except BaseException:
            db.session.rollback()
            raise
        else:
            return _commit(result)
    raise AssertionError("unreachable")


def _commit(result: T) -> T:
    try:
        db.session.commit()
    except IntegrityError as error:
        db.session.rollback()
        raise constraints.domain_error(error) from error
    except DBAPIError as error:
        db.session.rollback()
        raise translated(error) from error
    return result


def _worth_repeating(error: DBAPIError) -> bool:
    return error.connection_invalidated or isinstance(error.orig, DeadlockDetected | SerializationFailure)


def translated(error: DBAPIError | PoolTimeout) -> Exception:
    """Unavailable when the database is away or busy; the error itself when it is a fault of ours."""
    if isinstance(error, PoolTimeout):
        return Unavailable("busy")
    busy = isinstance(error.orig, LockNotAvailable | QueryCanceled | DeadlockDetected | SerializationFailure)
    if busy:
        return Unavailable("busy")
    return Unavailable("database_away") if error.connection_invalidated or _cannot_connect(error) else error


def _cannot_connect(error: DBAPIError) -> bool:
    """A refused or failed connect has no SQLSTATE; an error that the server raised has one."""
    return type(error).__name__ == "OperationalError" and getattr(error.orig, "sqlstate", None) is None
