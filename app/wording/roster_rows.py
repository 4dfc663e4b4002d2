"""Every verdict on a row of a roster in words: what it is, and what to do. tests/unit has each in both languages."""

from app.wording.roster_faults import FAULTS, Verdicts
from services.members.roster.types import Note, Verdict

V = Verdicts
VERDICTS: dict[Verdict, Verdicts] = {
    Verdict.NEW: V(
        "新会员", "New member", "花名册里还没有，入库后就有了。", "Not on the roster yet; applying adds them."
    ),
    Verdict.SAME: V("没有变化", "No change", "和花名册一样，不用动。", "The same as the roster; nothing to do."),
    Verdict.CHANGES: V("资料更新", "Changes", "老会员，有几项要更新。", "A member with some fields to renew."),
    Verdict.MOVED: V(
        "换了工会", "Moved", "老会员，所在工会要换成表里这个。", "A member who moves to the union named in the sheet."
    ),
    Verdict.RETURNS: V(
        "重新入会", "Comes back", "以前离会的，入库后恢复会籍。", "Left before; applying makes them a member again."
    ),
    Verdict.PHONE_PROPOSED: V(
        "手机号不一样",
        "Other phone",
        "老会员，表里的手机号和登记的不一样。不会自动换，要您一个一个点“换成这个”。",
        "A member whose phone differs. It is not replaced by itself: take it one by one.",
    ),
    Verdict.NAME_DIFFERS: V(
        "证件一样，姓名不一样",
        "Other name, same document",
        "花名册里这个证件号是另一个名字。改过名就勾上；打错了就改对。",
        "The roster has another name for this document. Tick it if the name changed; correct it if it is a mistake.",
    ),
    Verdict.LOOKS_KNOWN: V(
        "像是老会员",
        "Looks known",
        "有一位没登记证件的会员，姓名和手机号都一样。是同一个人就勾上，证件会补进去。",
        "A member without a document has the same name and phone. Tick it if it is one person; the document is added.",
    ),
    Verdict.SEX_DIFFERS: V(
        "性别和证件对不上",
        "Sex does not fit",
        "表里的性别和身份证号第 17 位不符。核对后改对；号码没错就勾上。",
        "The sex does not fit digit 17 of the ID number. Correct it, or tick it if the number is right.",
    ),
    Verdict.BORN_DIFFERS: V(
        "生日和证件对不上",
        "Birth date does not fit",
        "表里的出生日期和身份证号不符。核对后改对；号码没错就勾上。",
        "The birth date does not fit the ID number. Correct it, or tick it if the number is right.",
    ),
    Verdict.TOO_YOUNG: V(
        "不满 16 岁",
        "Under 16",
        "按证件算不满 16 岁。请核对；没错就勾上。",
        "Under 16 by the document. Check it, and tick it if it is right.",
    ),
    Verdict.TOO_OLD: V(
        "超过 100 岁",
        "Over 100",
        "按证件算超过 100 岁。请核对；没错就勾上。",
        "Over 100 by the document. Check it, and tick it if it is right.",
    ),
    Verdict.MISSING: V(
        "名单里没有",
        "Not in the list",
        "花名册里有，这张全员名单里没有。确实离会的勾上，入库后登记为离会。",
        "On the roster and not in this whole list. Tick those who left; applying records it.",
    ),
    Verdict.NOT_A_PERSON: V(
        "不是人员", "No person", "合计、填表人之类的行，跳过了。", "A sum or a signature: passed over."
    ),
    Verdict.HEADER_AGAIN: V(
        "又一行表头", "Headers again", "中间又出现的表头，跳过了。", "A repeated header: passed over."
    ),
    Verdict.EXAMPLE: V("示例行", "Example", "模板里的示例，跳过了。", "The example of a template: passed over."),
    Verdict.TWICE: V(
        "同一个人重复",
        "The same person again",
        "前面已有一行是同一个人，这一行跳过了。",
        "An earlier row is the same person; this one is passed over.",
    ),
    **FAULTS,
}

NOTES: dict[Note, tuple[str, str]] = {
    Note.FROM_FIFTEEN: (
        "15 位旧号，已换算成 18 位，请核对",
        "An old number of 15 digits, turned into 18: please check",
    ),
    Note.PHONE_PROPOSED: ("手机号和登记的不一样", "The phone differs from the record"),
    Note.PHONE_SHARED: ("这个手机号表里有几个人用", "Several people of the sheet have this phone"),
    Note.CARD_LIKE_BANK: ("卡号像银行卡号，没有保存", "The card number looks like a bank card and was not kept"),
    Note.SUSPENDED: ("会籍暂停中，保持暂停", "Suspended, and stays so"),
}


def verdict_title(verdict: Verdict, language: str) -> str:
    return VERDICTS[verdict].title_zh if language == "zh" else VERDICTS[verdict].title_en


def verdict_words(verdict: Verdict, language: str) -> str:
    return VERDICTS[verdict].zh if language == "zh" else VERDICTS[verdict].en


def note_words(note: Note, language: str) -> str:
    return NOTES[note][0 if language == "zh" else 1]
