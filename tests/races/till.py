"""A clerk at a till: reads cards and redeems through the JSON API, from any thread."""

import itertools
from dataclasses import dataclass
from typing import Any

import psycopg

from services.accounts.types import ClerkActor, MemberActor
from services.cards import service as cards
from services.cards.types import TypedCodeView
from services.core import clock
from services.offers.types import OfferId
from tests.builders.world import World

BILL = 4650
_keys = itertools.count()


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, Any]

    @property
    def code(self) -> str:
        """ "done", or the code of the refusal."""
        return "done" if self.status < 300 else str(self.body["code"])


class Till:
    def __init__(self, world: World, clerk: ClerkActor) -> None:
        self._world, self._headers = world, world.bearer(clerk)

    def scan(self, code: str) -> Answer:
        return self._post("/api/v1/shop/scan", {"code": code})

    def scanned(self, member: MemberActor) -> str:
        """The id of a good scan of this member's card: by typed digits, so that there may be many in one minute."""
        answer = self.scan(digits(self._world, member))
        assert answer.code == "done", answer
        return str(answer.body["scan_id"])

    def redeem(self, scan_id: str, offer_id: OfferId, *, key: str | None = None, amount_fen: int = BILL) -> Answer:
        body = {"scan_id": scan_id, "offer_id": str(offer_id), "amount_fen": amount_fen}
        return self._post("/api/v1/redemptions", body, {"Idempotency-Key": key or f"race-{next(_keys):08d}"})

    def _post(self, path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> Answer:
        response = self._world.app.test_client().post(path, json=body, headers={**self._headers, **(headers or {})})
        return Answer(response.status_code, response.json)


def digits(world: World, member: MemberActor) -> str:
    """Eight digits that are good for one scan."""
    code = world.do(lambda: cards.typed_code(member_id=member.member_id, now=clock.now()))
    assert isinstance(code, TypedCodeView)
    return code.digits


def count(sql: psycopg.Connection, query: str, *values: object) -> int:
    row = sql.execute(query, values).fetchone()  # type: ignore[call-overload]
    return int(row[0])


def attempts(sql: psycopg.Connection, code: str) -> int:
    return count(sql, "SELECT count(*) FROM attempts WHERE code = %s", code)
