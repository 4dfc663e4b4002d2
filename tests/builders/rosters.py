"""Sheets as unions send them, and people to put into them."""

import datetime
import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook

from app import roster
from services.core import clock
from services.core.files import files
from services.core.transaction import in_transaction
from services.members.documents import check_digit
from services.members.roster import queries, service
from services.members.roster.types import ImportId, ImportView, Kind, RowView, Verdict
from services.unions.types import UnionView
from tests.builders.world import World

HEADERS = (
    "序号",
    "姓名",
    "性别",
    "民族",
    "证件类型",
    "证件号码",
    "手机号码",
    "工会名称",
    "政治面貌",
    "会员服务卡号",
    "备注",
)
UNION = "恒沛精密工会"
OFFICER = "officer:test"
FIRST, SECOND = "伟芳娜敏静丽强磊军洋", "春夏秋冬梅兰竹菊山水"


def number(ordinal: int = 1, *, born: datetime.date = datetime.date(1990, 3, 7)) -> str:
    """An ID number with the right check digit, of a region that is not given out. Odd ordinals are men."""
    head = f"120199{born:%Y%m%d}{ordinal % 1000:03d}"
    return head + check_digit(head)


def row(ordinal: int = 1, **over: Any) -> list[Any]:
    """One good row in the order of HEADERS; `over` replaces cells by name, or "" empties one."""
    cells: dict[str, Any] = {
        "order": ordinal, "name": "王" + FIRST[ordinal % 10] + SECOND[ordinal // 10 % 10],
        "sex": "男" if ordinal % 2 else "女", "nation": "汉族", "kind": "居民身份证", "number": number(ordinal),
        "phone": f"100{ordinal:08d}", "union": UNION, "party": "群众", "card": f"GH{ordinal:08d}", "remark": "",
    }  # fmt: skip
    return list({**cells, **over}.values())


def xlsx(rows: Iterable[Sequence[Any]], *, headers: Sequence[Any] | None = HEADERS, title: str = "") -> bytes:
    """A workbook with one sheet."""
    book = Workbook()
    sheet = book.active
    for one in ([[title]] if title else []) + ([list(headers)] if headers else []) + [list(row) for row in rows]:
        sheet.append(one)
    return saved(book)


def saved(book: Workbook) -> bytes:
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


class Office:
    """An officer's desk: hands sheets in and sees what came of them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.scopes = (world.federation.path,)

    def hand_in(
        self, data: bytes, *, kind: Kind = Kind.ADDITIONS, union: UnionView | None = None, actor: str = OFFICER
    ) -> ImportId:
        key = files.put(data)
        return self.world.do(
            lambda: service.hand_in(
                union_id=(union or self.world.federation).id, kind=kind, file_name="名单.xlsx", file_key=key, data=data,
                scopes=self.scopes, actor=actor, now=clock.now(), post=False,
            )
        )  # fmt: skip

    def check(self, data: bytes, **options: Any) -> ImportId:
        """Hands in and judges."""
        import_id = self.hand_in(data, **options)
        with self.world.app.app_context():
            roster.check(import_id)
        return import_id

    def apply(self, import_id: ImportId, actor: str = OFFICER) -> ImportView:
        with self.world.app.app_context():
            in_transaction(
                lambda: service.begin_apply(
                    import_id=import_id, scopes=self.scopes, actor=actor, now=clock.now(), post=False
                )
            )
            roster.apply(import_id)
        return self.see(import_id)

    def undo(self, import_id: ImportId, actor: str = OFFICER) -> ImportView:
        with self.world.app.app_context():
            in_transaction(
                lambda: service.begin_undo(
                    import_id=import_id, scopes=self.scopes, actor=actor, now=clock.now(), post=False
                )
            )
            roster.undo(import_id)
        return self.see(import_id)

    def see(self, import_id: ImportId) -> ImportView:
        return self.world.look(lambda: queries.one(import_id, scopes=self.scopes))

    def row(self, import_id: ImportId, line: int) -> RowView:
        return self.world.look(lambda: queries.row(import_id, line))

    def counts(self, import_id: ImportId) -> dict[Verdict, int]:
        return self.see(import_id).counts
