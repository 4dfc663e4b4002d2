"""A roster sheet of people who do not exist, for the unions that are in the database: to try the import with.

ID numbers have the right check digit under region 120199, which no place has; phones begin with 100, as no mobile does.
The same seed and size give the same sheet.
"""

import datetime
import random
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

from app.demo_data import names
from app.demo_data.progress import Advance
from services.members.documents import Sex, check_digit

HEADERS = (
    "序号", "姓名", "性别", "民族", "证件类型", "证件号码", "手机号码", "工会名称", "政治面貌", "会员服务卡号", "备注",
)  # fmt: skip
TITLE = "工会会员信息采集表"
_FIRST_DAY = datetime.date(1966, 1, 1)
_DAYS = 40 * 365


def write(path: Path, *, rows: int, unions: Sequence[str], seed: int, advance: Advance) -> None:
    """Writes `rows` people, members of these unions in turn, as .xlsx."""
    rng = random.Random(seed)  # noqa: S311 - people who do not exist
    book = Workbook(write_only=True)
    sheet = book.create_sheet("会员名单")
    sheet.append([TITLE])
    sheet.append(HEADERS)
    for ordinal in range(1, rows + 1):
        sheet.append(_person(rng, ordinal, unions[ordinal * len(unions) // (rows + 1)], seed))
        advance(1)
    book.save(path)


def _person(rng: random.Random, ordinal: int, union: str, seed: int) -> list[object]:
    # Seven and the number of days share no factor: a day comes again after all others, with its next number.
    born = _FIRST_DAY + datetime.timedelta(days=(ordinal * 7 + seed) % _DAYS)
    within_day = 1 + (ordinal // _DAYS + seed * 13) % 999
    head = f"120199{born:%Y%m%d}{within_day:03d}"
    phone = f"100{(ordinal * 7_919 + seed * 104_729) % 100_000_000:08d}"
    man = within_day % 2 == 1
    return [
        ordinal, names.draw(rng, Sex.MALE if man else Sex.FEMALE), "男" if man else "女", "汉族", "居民身份证",
        head + check_digit(head),
        phone, union, "群众", f"GH{seed % 100:02d}{ordinal:08d}", None,
    ]  # fmt: skip
