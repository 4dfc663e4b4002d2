"""The tree of unions and its directory: found by what workers type, changed by verbs that leave a trace."""

import datetime
import uuid

import psycopg
import pytest

from services.core import clock
from services.core.errors import Conflict, Invalid, NotFound
from services.core.paging import PageRequest
from services.unions import queries, service
from services.unions.rules import address_of, asked_words, name_of, phone_of, place_of
from services.unions.types import Contact, Level, Place, UnionId, UnionView
from tests.builders.world import World
from tests.harness.statements import statements

ACT = {"actor": "officer:test"}


def found_by(world: World, text: str) -> list[str]:
    page = world.look(lambda: queries.search(text, PageRequest()))
    return [office.name["zh"] for office in page.items]


def now() -> datetime.datetime:
    return clock.now()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("恒沛", ["恒沛精密工会"]),
        ("恒沛精密制造有限公司", ["恒沛精密工会"]),
        ("恒沛精密有限责任公司工会委员会", ["恒沛精密工会"]),
        ("柳渡镇", ["柳渡镇总工会", "恒沛精密工会"]),
        ("高营镇 纺织", ["高营纺织工会"]),
        ("高营　纺织", ["高营纺织工会"]),
        ("ｙｏｎｇｈｅ 高营镇总工会", ["高营镇总工会", "高营纺织工会"]),
        ("兴业路", ["高营纺织工会"]),
        ("没有这家", []),
        ("%", []),
        ("_", []),
        ("", []),
    ],
)
def test_a_union_is_found_by_employer_or_place(world: World, typed: str, expected: list[str]) -> None:
    union = world.another_union()
    contact = Contact(address={"zh": "高营镇兴业路 9 号"})
    world.do(lambda: service.describe(union_id=union.id, contact=contact, now=now(), **ACT))
    assert found_by(world, typed) == expected


def test_a_search_is_one_statement_and_comes_in_pages(world: World) -> None:
    names = [{"zh": f"第{number:03d}车间工会"} for number in range(30)]
    world.do(lambda: service.found_many(names=names, level=Level.GRASSROOTS, parent=world.town))
    with statements() as sent:
        first = world.look(lambda: queries.search("车间", PageRequest()))
    assert len(sent) == 1 and len(first.items) == 20 and first.next
    rest = world.look(lambda: queries.search("车间", PageRequest(cursor=first.next)))
    assert [office.name for office in [*first.items, *rest.items]] == names and rest.next is None
    with pytest.raises(Invalid, match="cursor_malformed"):
        world.look(lambda: queries.search("车间", PageRequest(cursor="%' OR 1=1")))


def test_what_an_officer_changes_is_kept_and_in_the_audit_trail(world: World, sql: psycopg.Connection) -> None:
    contact = Contact("010-12345678", {"zh": "柳渡镇大桥路 3 号"}, Place(31.2, 121.5))
    for _ in range(2):  # the second time changes nothing and leaves no trace
        world.do(lambda: service.describe(union_id=world.union.id, contact=contact, now=now(), **ACT))
        world.do(lambda: service.rename(union_id=world.union.id, name={"zh": "恒沛工会"}, now=now(), **ACT))
    office = world.look(lambda: queries.office(world.union.id))
    assert (office.name, office.contact, office.above) == ({"zh": "恒沛工会"}, contact, world.town.name)
    told = sql.execute("SELECT action, actor, subject_id FROM audit_entries ORDER BY id").fetchall()
    assert told == [
        ("union.described", "officer:test", world.union.id),
        ("union.renamed", "officer:test", world.union.id),
    ]
    world.do(lambda: service.describe(union_id=world.union.id, contact=Contact(), now=now(), **ACT))
    assert sql.execute("SELECT phone, address, latitude FROM unions WHERE id = %s", [world.union.id]).fetchall() == [
        (None, None, None)
    ]


def test_a_union_is_added_where_its_level_may_stand(world: World, sql: psycopg.Connection) -> None:
    def add(level: Level, parent: UnionView) -> UnionView:
        return world.do(lambda: service.add(name={"zh": "新工会"}, level=level, parent_id=parent.id, now=now(), **ACT))

    union = add(Level.GRASSROOTS, world.town)
    assert union.path.startswith(f"{world.town.path}.") and found_by(world, "新工会") == ["新工会"]
    for level, parent in ((Level.FEDERATION, world.town), (Level.TOWN, world.town), (Level.GRASSROOTS, world.union)):
        with pytest.raises(Invalid, match="union_level"):
            add(level, parent)
    actions = sql.execute("SELECT action, subject_id FROM audit_entries").fetchall()
    assert actions == [("union.founded", union.id)]


def test_a_closed_union_leaves_the_directory_and_changes_no_more(world: World) -> None:
    token = world.look(lambda: queries.join_token(world.union.id))
    with pytest.raises(Conflict, match="union_has_branches"):
        world.do(lambda: service.close(union_id=world.town.id, now=now(), **ACT))
    with pytest.raises(Conflict, match="union_is_root"):
        world.do(lambda: service.close(union_id=world.federation.id, now=now(), **ACT))
    world.do(lambda: service.close(union_id=world.union.id, now=now(), **ACT))
    assert found_by(world, "恒沛") == []
    assert world.look(lambda: queries.below(world.town.id, PageRequest())).items == []
    for look in (lambda: queries.by_join_token(token), lambda: queries.open_office(world.union.id)):
        with pytest.raises(NotFound, match="union_unknown"):
            world.look(look)
    with pytest.raises(Conflict, match="union_closed"):
        world.do(lambda: service.rename(union_id=world.union.id, name={"zh": "又来"}, now=now(), **ACT))
    with pytest.raises(Conflict, match="union_closed"):
        world.do(lambda: service.add(name={"zh": "x"}, level=Level.TOWN, parent_id=world.union.id, now=now(), **ACT))
    world.do(lambda: service.close(union_id=world.town.id, now=now(), **ACT))
    assert world.look(lambda: queries.office(world.union.id)).closed_at is not None


def test_a_poster_replaced_leads_nowhere_any_more(world: World) -> None:
    before = world.look(lambda: queries.join_token(world.union.id))
    assert len(before) == 16 and world.look(lambda: queries.by_join_token(before.lower())).id == world.union.id
    world.do(lambda: service.renew_join_token(union_id=world.union.id, now=now(), **ACT))
    after = world.look(lambda: queries.join_token(world.union.id))
    assert after != before and world.look(lambda: queries.by_join_token(after)).id == world.union.id
    with pytest.raises(NotFound, match="union_unknown"):
        world.look(lambda: queries.by_join_token(before))


def test_a_scope_is_the_end_of_what_is_seen(world: World) -> None:
    elsewhere = world.another_union()
    inside = world.look(lambda: queries.office_within(world.union.id, scopes=[world.town.path]))
    assert inside.id == world.union.id
    for scopes in ([], [elsewhere.path], [elsewhere.path, world.union.path]):
        with pytest.raises(NotFound, match="union_unknown"):
            world.look(lambda scopes=scopes: queries.office_within(world.town.id, scopes=scopes))
    with pytest.raises(NotFound, match="union_unknown"):
        world.look(lambda: queries.office(UnionId(uuid.uuid4())))
    assert [union.name["zh"] for union in world.look(lambda: queries.above(world.union.path))] == [
        "雍河区总工会",
        "柳渡镇总工会",
        "恒沛精密工会",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("恒沛精密制造股份有限公司", ["恒沛精密制造"]),
        ("远帆（集团）有限公司", ["远帆"]),
        ("工会", ["工会"]),
        ("Ｙｏｎｇｈｅ，工会", ["yonghe"]),
        ("a b c d e f g", ["a", "b", "c", "d", "e"]),
        (" 、。", []),
    ],
)
def test_what_is_typed_becomes_words_to_look_for(text: str, words: list[str]) -> None:
    assert asked_words(text) == words


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("121.473701,31.230416", Place(31.230416, 121.473701)),
        ("31.230416 121.473701", Place(31.230416, 121.473701)),
        ("１２１．４７，３１．２３", Place(31.23, 121.47)),
        ("", None),
        ("  ", None),
    ],
)
def test_a_place_is_read_as_maps_write_it(text: str, place: Place | None) -> None:
    assert place_of(text) == place


@pytest.mark.parametrize("text", ["121.47", "0,0", "nan,nan", "121,nan", "inf,31", "200,31", "北京,31", "1,2,3"])
def test_what_is_no_place_in_china_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="union_place_malformed"):
        place_of(text)


def test_phones_names_and_addresses_as_they_are_stored() -> None:
    assert phone_of(" ０１０－１２３４５６７８ ") == "010-12345678" and phone_of("(010)12345678") == "010-12345678"
    assert phone_of("") is None and address_of(" ", "only English") is None
    assert name_of(" 恒沛  工会 ", "") == {"zh": "恒沛 工会"} and name_of("甲", "A") == {"zh": "甲", "en": "A"}
    for text in ("电话", "12;34", "1" * 40, "javascript:alert(1)"):
        with pytest.raises(Invalid, match="union_phone_malformed"):
            phone_of(text)
    with pytest.raises(Invalid, match="union_name_missing"):
        name_of("  ")
    with pytest.raises(Invalid, match="union_text_too_long"):
        name_of("长" * 61)
