"""Every verdict that a row can get, each provoked by a cell of a real sheet, all in one import."""

import datetime
from typing import Any

import pytest
from openpyxl import Workbook

from services.core import clock
from services.members import service as members
from services.members.documents import Document as Paper
from services.members.documents import DocumentType, check_digit
from services.members.roster.types import Note, Verdict, Weight
from services.members.types import NewMember, Standing
from services.unions import service as unions
from services.unions.types import Level
from tests.builders.rosters import HEADERS, Office, number, row, saved
from tests.builders.world import World

V = Verdict
JOINED = datetime.date(2020, 1, 1)
WIDE = (*HEADERS, "入会时间", "出生日期")


def faulty_digit(ordinal: int) -> str:
    good = number(ordinal)
    return good[:17] + ("1" if good[17] == "0" else "0")


def with_check(head: str) -> str:
    return head + check_digit(head)


def luhn() -> str:
    return next(f"62220000000000{n:02d}" for n in range(100) if _luhn(f"62220000000000{n:02d}"))


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


#: what is in the row beside a good one's cells -> verdict. Rows that belong together stand together.
ROWS: list[tuple[dict[str, Any], Verdict]] = [
    ({}, V.NEW),
    ({"name": "王 伟", "number": "ｅ１２３４５６７８", "kind": "护照"}, V.NEW),
    ({"kind": "", "number": "H01234567"}, V.NEW),
    ({"kind": "台胞证", "number": "01234567"}, V.NEW),
    ({"kind": "外国人永久居留身份证", "number": "ABC123456789012"}, V.NEW),
    ({"kind": "港澳居民居住证", "number": with_check("81000019900307101")}, V.NEW),
    ({"number": "120199900307115"}, V.NEW),
    ({"phone": "+86 100-0000-0077"}, V.NEW),
    ({"phone": "", "card": "", "sex": "", "joined": ""}, V.NEW),
    ({"joined": "2019年5月"}, V.NEW),
    ({"joined": 43831, "card": "GH-1"}, V.NEW),
    ({"card": luhn()}, V.NEW),
    ({"sex": "女", "number": number(301)}, V.SEX_DIFFERS),
    ({"born": "1991-01-01"}, V.BORN_DIFFERS),
    ({"number": number(302, born=datetime.date(2020, 1, 1)), "sex": ""}, V.TOO_YOUNG),
    ({"number": number(303, born=datetime.date(1910, 1, 1)), "sex": ""}, V.TOO_OLD),
    ({"order": "合计 12 人", "name": "", "number": ""}, V.NOT_A_PERSON),
    ({"name": "姓名", "number": "证件号码"}, V.HEADER_AGAIN),
    ({"name": "张三（示例）"}, V.EXAMPLE),
    ({"name": "=A1"}, V.FORMULA),
    ({"number": "=A1&B1"}, V.FORMULA),
    ({"number": "#N/A"}, V.CELL_ERROR),
    ({"name": "王\ufffd"}, V.SIGNS_BROKEN),
    ({"name": ""}, V.NAME_MISSING),
    ({"name": "王" * 61}, V.NAME_TOO_LONG),
    ({"name": "王伟3"}, V.NAME_SIGNS),
    ({"name": "王"}, V.NAME_SIGNS),
    ({"name": "王伟、李芳"}, V.NAME_OF_TWO),
    ({"number": ""}, V.DOCUMENT_MISSING),
    ({"kind": "学生证"}, V.DOCUMENT_KIND_UNKNOWN),
    ({"number": "12019919900307身份"}, V.DOCUMENT_SIGNS),
    ({"number": "1201991990030"}, V.DOCUMENT_TOO_SHORT),
    ({"number": number(1) + "1"}, V.DOCUMENT_TOO_LONG),
    ({"number": with_check("99019919900307111")}, V.DOCUMENT_REGION),
    ({"number": with_check("12019919901307111")}, V.DOCUMENT_BIRTH_DATE),
    ({"number": with_check("12019920990307111")}, V.DOCUMENT_NOT_BORN_YET),
    ({"number": faulty_digit(304)}, V.DOCUMENT_CHECK_DIGIT),
    ({"number": number(305)[:15] + "000"}, V.DOCUMENT_ROUNDED),
    ({"number": int(number(306)[:17]) * 10}, V.DOCUMENT_DIGITS_LOST),
    ({"number": "1.20199E+17"}, V.DOCUMENT_DIGITS_LOST),
    ({"kind": "港澳通行证", "number": "K0123"}, V.DOCUMENT_PERMIT_FORM),
    ({"kind": "台胞证", "number": "012345"}, V.DOCUMENT_TAIWAN_FORM),
    ({"kind": "护照", "number": "E12"}, V.DOCUMENT_PASSPORT_FORM),
    ({"kind": "外国人永久居留身份证", "number": "AB12"}, V.DOCUMENT_FOREIGN_FORM),
    ({"name": "赵一", "number": number(311)}, V.DOCUMENT_SHARED),
    ({"name": "钱二", "number": number(311)}, V.DOCUMENT_SHARED),
    ({"name": "孙三", "number": number(313), "phone": "10000000313"}, V.NEW),
    ({"name": "孙 三", "number": number(313), "phone": "10000000313"}, V.TWICE),
    ({"name": "周四", "number": number(315), "phone": "10000000315"}, V.PERSON_TWICE),
    ({"name": "周四", "number": "E87654321", "kind": "护照", "phone": "10000000315"}, V.PERSON_TWICE),
    ({"sex": "不详"}, V.SEX_UNREADABLE),
    ({"born": "三月"}, V.BORN_UNREADABLE),
    ({"phone": "1.0E+10"}, V.PHONE_DIGITS_LOST),
    ({"phone": "1000000001"}, V.PHONE_TOO_SHORT),
    ({"phone": "100000000011"}, V.PHONE_TOO_LONG),
    ({"phone": "022-66668888"}, V.PHONE_LANDLINE),
    ({"phone": "1000000O011"}, V.PHONE_SIGNS),
    ({"phone": "10000000011/10000000012"}, V.PHONE_OF_TWO),
    ({"card": "卡号待补"}, V.CARD_SIGNS),
    ({"joined": "很久以前"}, V.JOINED_UNREADABLE),
    ({"joined": "2999-01-01"}, V.JOINED_IN_FUTURE),
    ({"union": ""}, V.UNION_MISSING),
    ({"union": "没有这个工会"}, V.UNION_UNKNOWN),
    ({"union": "外区纺织工会"}, V.UNION_OUTSIDE),
    ({"union": "同名工会"}, V.UNION_AMBIGUOUS),
    ({"name": "吴同", "number": number(401), "phone": "", "card": ""}, V.SAME),
    ({"name": "吴改", "number": number(402), "phone": "", "card": "NEW-1"}, V.CHANGES),
    ({"name": "吴移", "number": number(403), "phone": "", "card": ""}, V.MOVED),
    ({"name": "吴归", "number": number(404), "phone": "", "card": ""}, V.RETURNS),
    ({"name": "吴话", "number": number(405), "phone": "10000000999", "card": ""}, V.PHONE_PROPOSED),
    ({"name": "吴新名", "number": number(406), "phone": "", "card": ""}, V.NAME_DIFFERS),
    ({"name": "吴像", "number": number(407), "phone": "10000000407", "card": ""}, V.LOOKS_KNOWN),
    ({"name": "吴外", "number": number(408), "phone": "", "card": ""}, V.BELONGS_ELSEWHERE),
]  # fmt: skip
FIRST_LINE = 2
#: verdicts of lists that are whole: tests/services/test_roster.py
ELSEWHERE = {V.MISSING}


@pytest.fixture
def office(world: World) -> Office:
    """Two unions of one name, one union of another district, and members for the rows that are about members."""
    other = world.another_union()
    world.do(lambda: [unions.found(name={"zh": "同名工会"}, level=Level.GRASSROOTS, parent=world.town) for _ in "ab"])

    def build() -> None:
        far = unions.found(name={"zh": "外区总工会"}, level=Level.FEDERATION)
        away = unions.found(name={"zh": "外区纺织工会"}, level=Level.GRASSROOTS, parent=far)
        for name, ordinal, home, phone, standing, paper in (
            ("吴同", 401, world.union, None, Standing.ACTIVE, True),
            ("吴改", 402, world.union, None, Standing.ACTIVE, True),
            ("吴移", 403, other, None, Standing.ACTIVE, True),
            ("吴归", 404, away, None, Standing.LEFT, True),
            ("吴话", 405, world.union, "10000000405", Standing.ACTIVE, True),
            ("吴旧名", 406, world.union, None, Standing.ACTIVE, True),
            ("吴像", 407, world.union, "10000000407", Standing.ACTIVE, False),
            ("吴外", 408, away, None, Standing.ACTIVE, True),
        ):  # fmt: skip
            born, text = datetime.date(1990, 3, 7), number(ordinal)
            document = Paper(DocumentType.MAINLAND, text, born, None) if paper else None
            sex = "male" if ordinal % 2 else "female"
            members.enrol_many([
                NewMember(name, home.id, JOINED, phone, standing, document, sex, born)  # type: ignore[arg-type]
            ])  # fmt: skip

    world.do(build)
    return Office(world)


def sheet() -> bytes:
    book = Workbook()
    page = book.active
    page.append(WIDE)
    for ordinal, (over, _) in enumerate(ROWS, start=1):
        cells = row(500 + ordinal, **{"joined": None, "born": None, **over})
        if "number" in over and "sex" not in over:
            cells[2] = None
        page.append(cells)
    return saved(book)


def test_each_row_gets_its_verdict(office: Office) -> None:
    import_id = office.check(sheet())
    seen = [office.row(import_id, line).verdict for line in range(FIRST_LINE, FIRST_LINE + len(ROWS))]
    wanted = [verdict for _, verdict in ROWS]
    assert [
        (ROWS[at][0], one, want) for at, (one, want) in enumerate(zip(seen, wanted, strict=True)) if one != want
    ] == []


def test_every_verdict_is_provoked() -> None:
    assert set(Verdict) - {verdict for _, verdict in ROWS} == ELSEWHERE
    assert len({verdict for verdict in Verdict if verdict.weight is Weight.BAD}) >= 40


def test_good_rows_are_chosen_and_others_are_not(office: Office) -> None:
    import_id = office.check(sheet())
    nothing = (V.SAME, V.PHONE_PROPOSED)
    for at, (_, verdict) in enumerate(ROWS):
        good = verdict.weight is Weight.GOOD and verdict not in nothing
        assert office.row(import_id, FIRST_LINE + at).chosen is good, ROWS[at]


def test_what_is_worth_a_look_is_noted(office: Office) -> None:
    import_id = office.check(sheet())
    noted = {
        note: [ROWS[at][0] for at in range(len(ROWS)) if note in office.row(import_id, FIRST_LINE + at).notes]
        for note in Note
    }
    assert [cells["number"] for cells in noted[Note.FROM_FIFTEEN]] == ["120199900307115"]
    assert [cells["card"] for cells in noted[Note.CARD_LIKE_BANK]] == [luhn()]
    assert {cells["name"] for cells in noted[Note.PHONE_PROPOSED]} == {"吴话"}
    assert {cells["name"] for cells in noted[Note.PHONE_SHARED]} == {"周四"}


def test_applying_writes_the_good_rows_only(office: Office) -> None:
    import_id = office.check(sheet())
    chosen = office.see(import_id).chosen
    done = office.apply(import_id)
    assert sum(done.outcomes.values()) == chosen
    assert set(done.outcomes) == {"applied"}
    assert done.applied_at is not None
    assert done.applied_at <= clock.now()
