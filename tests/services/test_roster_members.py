"""A member's document: sealed, found again by its number, and nobody else's."""

import datetime

import psycopg
import pytest

from services.core import clock
from services.core.errors import Conflict
from services.members import queries, service
from services.members.documents import Document, DocumentType, document
from services.members.types import MemberId, NewMember, Standing
from tests.builders.world import World

NUMBER = "120199199003070035"
PHONE = "10012345678"


def paper(text: str = NUMBER) -> Document:
    found = document(None, text)
    assert isinstance(found, Document)
    return found


def enrol(world: World, name: str = "李春梅", document: Document | None = None) -> MemberId:
    person = NewMember(
        name, world.union.id, datetime.date(2020, 1, 1), PHONE, document=document or paper(), printed_card="8000123"
    )
    return world.do(lambda: service.enrol_many([person]))[0]


def test_a_member_is_found_by_document_however_it_is_written(world: World) -> None:
    member_id = enrol(world)
    found = world.look(lambda: queries.by_document(paper(" 120199 19900307 0035")))
    assert found is not None
    assert (found.member_id, found.name, found.standing, found.phone) == (member_id, "李春梅", Standing.ACTIVE, PHONE)
    assert (found.union_id, found.union_path) == (world.union.id, world.union.path)
    assert world.look(lambda: queries.by_document(paper("E12345678"))) is None


def test_a_document_belongs_to_one_member(world: World) -> None:
    enrol(world)
    with pytest.raises(Conflict, match="document_taken"):
        enrol(world, "王伟")


def test_number_phone_and_card_are_sealed_and_sex_and_birth_date_are_known(
    world: World, sql: psycopg.Connection
) -> None:
    enrol(world)
    row = sql.execute("SELECT id_number, printed_card, phone, sex, born_on, id_type FROM members").fetchone()
    assert row is not None
    assert not any(text.encode() in bytes(sealed) for sealed in row[:3] for text in (NUMBER, "8000123", PHONE))
    assert row[3:] == ("male", datetime.date(1990, 3, 7), DocumentType.MAINLAND)


def test_who_shares_a_phone_is_counted_without_those_who_left(world: World) -> None:
    enrol(world)
    gone = enrol(world, "王伟", paper("E12345678"))
    assert world.look(lambda: queries.sharing_phone(PHONE)) == 2
    world.do(lambda: service.change_standing(member_id=gone, standing=Standing.LEFT, actor="test", now=clock.now()))
    assert world.look(lambda: queries.sharing_phone(PHONE)) == 1


def test_who_leaves_has_a_day_of_leaving_until_he_comes_back(world: World, sql: psycopg.Connection) -> None:
    member_id = enrol(world)
    for standing, gone in ((Standing.LEFT, True), (Standing.ACTIVE, False)):
        world.do(
            lambda to=standing: service.change_standing(member_id=member_id, standing=to, actor="t", now=clock.now())
        )
        row = sql.execute("SELECT left_on, changed_at FROM members").fetchone()
        assert row is not None
        assert (row[0] is not None, row[1] is not None) == (gone, True)
