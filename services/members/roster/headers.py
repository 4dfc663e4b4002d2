"""Which column holds what: finds the row of headers below titles, one row high or two, in the words unions use.

Pure. Only the columns of types.Field are ever read; of all others the header alone is looked at.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from services.core.errors import Invalid
from services.members.roster import errors
from services.members.roster.types import Cell, Cells, Field, SheetReport

#: strong names win over weak ones: a sheet may have both 工会名称 and 单位
STRONG: dict[str, Field] = {
    name: field
    for field, names in {
        Field.NAME: "姓名 会员姓名 职工姓名 员工姓名 职工名称 名字 name fullname",
        Field.SEX: "性别 男/女 sex gender",
        Field.KIND: "证件类型 证件类别 证件种类 证件名称 有效证件类型 idtype documenttype",
        Field.NUMBER: "证件号码 证件号 证件编号 有效证件号码 身份证号 身份证号码 身份证 居民身份证号 居民身份证号码 "
        "居民身份证 公民身份号码 公民身份证号 公民身份证号码 身份证件号码 身份证件号 idnumber idno idcard",
        Field.PHONE: "手机号码 手机号 手机 移动电话 本人手机 本人手机号 联系手机 手机电话 mobile mobilephone phone",
        Field.UNION: "工会名称 所在工会 所属工会 基层工会 基层工会名称 所在工会名称 所属工会名称 工会组织名称 工会组织 "
        "工会全称 所属基层工会 union unionname",
        Field.CARD: "会员服务卡号 会员服务卡卡号 会员卡号 服务卡号 工会卡号 工会会员卡号 工会会员服务卡号 会员服务卡 "
        "会员证号 会员编号 cardnumber",
        Field.JOINED: "入会时间 入会日期 入会年月 加入工会时间 加入工会日期 joined joindate",
        Field.BORN: "出生日期 出生年月日 生日 birthday dateofbirth birthdate",
    }.items()
    for name in names.split()
}
WEAK: dict[str, Field] = {
    name: field
    for field, names in {
        Field.PHONE: "联系电话 联系方式 电话 电话号码 联系号码 tel telephone",
        Field.UNION: "单位 单位名称 工作单位 所在单位 企业名称 公司 公司名称 工会 company employer",
    }.items()
    for name in names.split()
}
NUMBERING = frozenset("序号 编号 序列 no no. # 序".split())  # noqa: SIM905
#: Needed for nothing here, so not taken.
NOT_TAKEN = (
    "民族", "政治面貌", "备注", "籍贯", "学历", "文化程度", "户籍", "户口", "住址", "地址", "婚姻", "健康", "宗教",
    "职务", "工种", "技术等级", "党员", "说明", "紧急联系",
)  # fmt: skip
BANK = ("银行", "开户行", "工资卡", "账号", "帐号", "账户", "帐户", "存折", "bankcard", "bankaccount", "bank", "iban")
ROLES = (
    "角色", "权限", "管理员", "用户组", "账号类型", "是否审批", "审批人", "经办人权限", "role", "admin", "permission",
    "privilege",
)  # fmt: skip
LOOK = 30
"""Rows among which the headers must be."""
SAID = 30
"""Signs of a header that are repeated to the officer."""
_ASIDE = re.compile(r"[（(\[【].*?[)）\]】]|[\s*＊:：_]+")
_DATA = re.compile(r"[0-9]{6,}")


@dataclass(frozen=True)
class Layout:
    columns: dict[Field, int]
    #: the last line of the headers; persons come after it
    header_line: int
    report: SheetReport

    def taken(self, cells: Sequence[Cell]) -> Cells:
        """What of a row is read."""
        width = len(cells)
        return {field: cells[column] for field, column in self.columns.items() if column < width and cells[column]}


def plain(text: str) -> str:
    """A header without brackets, stars and spaces."""
    return _ASIDE.sub("", unicodedata.normalize("NFKC", text)).lower()


def is_name_header(text: str) -> bool:
    return STRONG.get(plain(text)) is Field.NAME


def looks_like_headers(rows: Sequence[tuple[int, Sequence[Cell]]]) -> bool:
    """Is there a row among these that names a person's name and number?"""
    return any(_score(_texts(cells)) >= 2 for _, cells in rows[:LOOK])


def find(rows: Sequence[tuple[int, Sequence[Cell]]]) -> Layout:
    """Reads the headers among the first rows. Raises Invalid with a code of errors.SHEET_*."""
    best: tuple[int, int, list[str]] = (0, 0, [])
    for at, (line, cells) in enumerate(rows[:LOOK]):
        texts = _texts(cells)
        score = _score(texts)
        if score > best[0]:
            best = (score, line, texts)
        below = _texts(rows[at + 1][1]) if at + 1 < len(rows) else []
        if score and below and not any(_DATA.search(text) for text in below):
            both = _merged(texts, below)
            # The lower row must say something new; a title row above single headers is no upper half.
            if _score(both) > max(best[0], _score(below)):
                best = (_score(both), rows[at + 1][0], both)
    score, line, texts = best
    if not score:
        raise Invalid(errors.SHEET_NO_HEADER)
    return _layout(texts, line)


def _layout(texts: list[str], line: int) -> Layout:
    columns: dict[Field, int] = {}
    weak: dict[Field, int] = {}
    left: dict[str, list[str]] = {"ignored": [], "bank": [], "not_taken": []}
    for at, text in enumerate(texts):
        word = _harmless(text)
        if field := STRONG.get(word):
            if field in columns:
                raise Invalid(errors.SHEET_COLUMN_TWICE, column=text[:SAID])
            columns[field] = at
        elif (field := WEAK.get(word)) and field not in weak:
            weak[field] = at
        elif word and word not in NUMBERING:
            left[_why_left(word)].append(text[:SAID])
    for field, at in weak.items():
        if columns.setdefault(field, at) != at:
            left["ignored"].append(texts[at][:SAID])
    for needed, code in ((Field.NAME, errors.SHEET_NO_NAME), (Field.NUMBER, errors.SHEET_NO_DOCUMENT)):
        if needed not in columns:
            raise Invalid(code)
    return Layout(columns, line, SheetReport(tuple(left["ignored"]), tuple(left["bank"]), tuple(left["not_taken"])))


def _harmless(text: str) -> str:
    """The header in its plain form; one that would grant something stops the sheet."""
    word = plain(text)
    if _has(word, ROLES):
        raise Invalid(errors.SHEET_GRANTS_ROLE, column=text[:SAID])
    return word


def _why_left(word: str) -> str:
    if _has(word, BANK):
        return "bank"
    return "not_taken" if _has(word, NOT_TAKEN) else "ignored"


def _has(word: str, names: Sequence[str]) -> bool:
    return any(name in word for name in names)


def _merged(upper: list[str], lower: list[str]) -> list[str]:
    """Two rows of headers as one: the lower one where it says something."""
    width = max(len(upper), len(lower))
    upper, lower = upper + [""] * (width - len(upper)), lower + [""] * (width - len(lower))
    return [below or above for above, below in zip(upper, lower, strict=True)]


def _score(texts: list[str]) -> int:
    """How many different fields these headers name."""
    words = [plain(text) for text in texts]
    return len({STRONG.get(word) or WEAK.get(word) for word in words} - {None})


def _texts(cells: Sequence[Cell]) -> list[str]:
    return [cell if isinstance(cell, str) else "" for cell in cells]
