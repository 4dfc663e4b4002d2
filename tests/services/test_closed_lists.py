"""A column that holds one of a closed list refuses everything else, and the list is the one of the code."""

import re
from enum import StrEnum

import psycopg
import pytest

from services.accounts.types import Role
from services.cards.types import CardStatus
from services.core.db import Base
from services.members.types import Standing
from services.notifications.types import DeliveryStatus, RecipientKind
from services.offers.types import AmountPolicy, Holidays
from services.redemptions.types import Capacity, VoidReason

LISTS: dict[str, type[StrEnum]] = {
    "cards.status": CardStatus,
    "deliveries.status": DeliveryStatus,
    "inbox_messages.recipient_kind": RecipientKind,
    "members.standing": Standing,
    "offer_versions.amount_policy": AmountPolicy,
    "offer_versions.holidays": Holidays,
    "role_grants.role": Role,
    "voids.capacity": Capacity,
    "voids.reason": VoidReason,
}


@pytest.mark.parametrize("column", LISTS)
def test_a_closed_list_is_the_one_of_the_code(sql: psycopg.Connection, column: str) -> None:
    table, name = column.split(".")
    row = sql.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND conname = %s",
        [table, f"ck_{table}_{name}"],
    ).fetchone()
    assert row is not None
    assert set(re.findall(r"'(\w+)'", row[0])) == set(LISTS[column])
    assert not Base.metadata.tables[table].columns[name].nullable, "a check that comes to NULL passes"
