"""A phone read in the tray is a look like any other: it counts for the alarm, and the member reads of it."""

import psycopg

from services.bindings import service
from services.core import clock
from services.core.paging import PageRequest
from services.members.corrections import MANY_LOOKS
from services.rights import queries
from tests.builders.binding import OTHER_PHONE, Binding, number
from tests.builders.world import World


def told(sql: psycopg.Connection) -> list[tuple[int]]:
    query = "SELECT args->'payload'->'looks' FROM procrastinate_jobs WHERE task_name = 'members.unmasked_often'"
    return sql.execute(query).fetchall()


def test_the_member_whose_document_was_named_reads_who_saw_the_phone_of_the_request(world: World) -> None:
    binding = Binding(world)
    officer, (member_id, document) = binding.officer(), binding.rostered()
    filed = binding.filed(binding.visitor(phone=OTHER_PHONE), document)
    world.do(lambda: service.see_phone(actor=officer, request_id=filed.request_id, now=clock.now()))
    (look,) = world.look(lambda: queries.looks(member_id, PageRequest(limit=5))).items
    assert (look.action, look.roles, look.union_name) == ("member.phone_seen", ("grassroots",), world.union.name)


def test_many_phones_of_one_day_are_told_above_whoever_they_belong_to(world: World, sql: psycopg.Connection) -> None:
    binding, now = Binding(world), clock.now()
    officer, filed = binding.officer(), binding.filed(binding.visitor(), number())
    for _ in range(MANY_LOOKS - 1):
        world.do(lambda: service.see_phone(actor=officer, request_id=filed.request_id, now=now))
    assert told(sql) == []
    world.do(lambda: service.see_phone(actor=officer, request_id=filed.request_id, now=now))
    assert told(sql) == [(MANY_LOOKS,)]
