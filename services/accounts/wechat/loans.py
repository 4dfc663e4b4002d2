"""What the platform lends this process for a while: fetched by one process, waited for by the others."""

import datetime
import threading
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from services.accounts.service import lending
from services.accounts.types import Lent
from services.accounts.wechat.wire import Failed

PATIENCE, POLL = 12.0, 0.1
"""Seconds for which one waits for another's renewal: a lease and a little; and between two looks."""
MARGIN, SHORTEST = 300, 60
"""A value is renewed 5 minutes before the platform ends it, and kept a minute at least."""
AT_HAND = datetime.timedelta(seconds=5)
"""How long a process uses a token without asking the database: of many sends in a row only the first does."""
Transact = Callable[[Callable[[], Any]], Any]
Loan = tuple[str, int]
"""The value, and for how many seconds it is lent."""
Fetch = Callable[[float | None], Loan | Failed]
"""Asks the platform, until a time of time.monotonic if one is given."""


class Loans:
    """Of one app. Fine for many threads."""

    def __init__(self, appid: str, transact: Transact, clock: Callable[[], datetime.datetime]) -> None:
        self._appid, self._transact, self._clock = appid, transact, clock
        self._lock = threading.Lock()
        self._kept: tuple[str, datetime.datetime] | None = None

    def at_hand(self, fetch: Fetch, *, rejected: str | None, until: float) -> str | Failed:
        """The token, from memory if it was borrowed a few seconds ago and is not the `rejected` one."""
        with self._lock:
            if self._kept and self._kept[0] != rejected and self._clock() < self._kept[1]:
                return self._kept[0]
            self._kept = None
            found = self.lent(Lent.TOKEN, fetch, rejected=rejected, until=until)
            if isinstance(found, str):
                self._kept = found, self._clock() + AT_HAND
            return found

    def lent(
        self, kind: Lent, fetch: Fetch, *, rejected: str | None = None, until: float | None = None
    ) -> str | Failed:
        """Waits, with no connection in hand, while another process renews; gives up at `until` or after PATIENCE."""
        holder, patience = uuid.uuid4(), until if until is not None else time.monotonic() + PATIENCE
        while True:
            found = self._transact(
                partial(
                    lending.borrow, appid=self._appid, kind=kind, rejected=rejected, holder=holder, now=self._clock()
                )
            )
            if isinstance(found, str):
                return found
            if found is lending.Renewal.YOURS:
                return self._renew(kind, holder, partial(fetch, until))
            if time.monotonic() > patience:
                return Failed(None)
            time.sleep(POLL)

    def _renew(self, kind: Lent, holder: uuid.UUID, fetch: Callable[[], Loan | Failed]) -> str | Failed:
        give_back = partial(lending.give_back, appid=self._appid, kind=kind, holder=holder)
        try:
            loan = fetch()
        except BaseException:
            self._transact(give_back)
            raise
        if isinstance(loan, Failed):
            self._transact(give_back)
            return loan
        value, seconds = loan
        expires_at = self._clock() + datetime.timedelta(seconds=max(seconds - MARGIN, SHORTEST))
        self._transact(
            partial(
                lending.keep, appid=self._appid, kind=kind, value=value, expires_at=expires_at, holder=holder
            )
        )  # fmt: skip
        return value
