"""Verdicts on rows that must be corrected before they are applied, in words: what is wrong, and what to do."""

from typing import NamedTuple

from services.members.roster.types import Verdict


class Verdicts(NamedTuple):
    """A short title for lists and figures, and a sentence for the row."""

    title_zh: str
    title_en: str
    zh: str
    en: str


V = Verdicts
FAULTS: dict[Verdict, Verdicts] = {
    Verdict.FORMULA: V(
        "是公式",
        "A formula",
        "格子里是公式，不能用它的结果。请改成直接填的字。",
        "The cell holds a formula, whose result is not trusted. Type the value itself.",
    ),
    Verdict.CELL_ERROR: V(
        "格子出错",
        "An error in a cell",
        "格子里是 #N/A、#REF! 这样的错误。请填上真正的内容。",
        "The cell shows an error like #N/A or #REF!. Type what belongs there.",
    ),
    Verdict.SIGNS_BROKEN: V(
        "乱码",
        "Broken signs",
        "有乱码或造字，认不出。请照证件重填。",
        "Some signs are broken or private to one machine. Type them again from the document.",
    ),
    Verdict.NAME_MISSING: V("没有姓名", "No name", "请填上姓名。", "Type the name."),
    Verdict.NAME_TOO_LONG: V(
        "姓名太长",
        "Name too long",
        "姓名超过 60 个字，是不是填错了格？",
        "The name has over 60 signs: is it in the wrong cell?",
    ),
    Verdict.NAME_SIGNS: V(
        "姓名里有别的字符",
        "Odd signs in the name",
        "姓名里有数字、问号、括号，或只有一个字。请照证件改好。",
        "The name holds digits, question marks or brackets, or is one sign only. Correct it from the document.",
    ),
    Verdict.NAME_OF_TWO: V(
        "一格里有两个人",
        "Two people in one cell",
        "一行只能写一个人。请分成两行。",
        "One row is one person: make it two rows.",
    ),
    Verdict.DOCUMENT_MISSING: V(
        "没有证件号码", "No document", "没有填证件号码。请照证件填上。", "Type the number from the document."
    ),
    Verdict.DOCUMENT_KIND_UNKNOWN: V(
        "证件类型认不出",
        "Unknown kind of document",
        "请写身份证、港澳通行证、台胞证、护照或外国人永久居留证。",
        "Write mainland ID, Hong Kong/Macao permit, Taiwan permit, passport or foreigner’s permit.",
    ),
    Verdict.DOCUMENT_SIGNS: V(
        "证件号里有别的字符",
        "Odd signs in the number",
        "证件号只有数字和字母（身份证只有最后一位可以是 X）。请照证件重填。",
        "A number has digits and letters only; of an ID card only the last may be X. Type it again.",
    ),
    Verdict.DOCUMENT_TOO_SHORT: V(
        "身份证号少了几位",
        "Number too short",
        "应该是 18 位，最后一位可能是 X。请照证件补上。",
        "An ID number has 18 signs, the last may be X. Complete it from the card.",
    ),
    Verdict.DOCUMENT_TOO_LONG: V(
        "身份证号多了几位",
        "Number too long",
        "应该是 18 位。请照证件重填。",
        "An ID number has 18 signs. Type it again.",
    ),
    Verdict.DOCUMENT_REGION: V(
        "身份证号开头不对",
        "No such region",
        "前两位不是任何省份的代码。请照证件核对。",
        "No province has the first two digits. Compare them with the card.",
    ),
    Verdict.DOCUMENT_BIRTH_DATE: V(
        "身份证号里的生日不对",
        "No such birth date",
        "第 7 到 14 位不是一个日期。请照证件核对。",
        "Digits 7 to 14 are no date. Compare them with the card.",
    ),
    Verdict.DOCUMENT_NOT_BORN_YET: V(
        "身份证号里的生日在以后",
        "Not born yet",
        "按号码算还没出生。请照证件核对第 7 到 14 位。",
        "By the number the person is not born yet. Compare digits 7 to 14 with the card.",
    ),
    Verdict.DOCUMENT_CHECK_DIGIT: V(
        "身份证号校验不对",
        "Check digit does not fit",
        "最后一位对不上，多半有一位打错了。请照证件逐位核对。",
        "The last sign does not fit: one digit is probably mistyped. Compare each with the card.",
    ),
    Verdict.DOCUMENT_ROUNDED: V(
        "身份证号末尾变成 000",
        "Ends in 000",
        "表格软件把后三位改成了 000。请把这一列设成“文本”，照证件重填。",
        "The spreadsheet turned the end into 000. Format the column as text and type the number again.",
    ),
    Verdict.DOCUMENT_DIGITS_LOST: V(
        "身份证号被当成了数字",
        "Number lost digits",
        "表格软件把号码当成数字（像 1.2E+17），后几位丢了。请把这一列设成“文本”，照证件重填。",
        "The spreadsheet took it for a number (1.2E+17) and lost digits. Format the column as text and type it again.",
    ),
    Verdict.DOCUMENT_PERMIT_FORM: V(
        "港澳证件号不对",
        "Not a Hong Kong/Macao permit",
        "通行证应是 H 或 M 加 8 位数字，居住证是 18 位。请照证件核对。",
        "A permit is H or M and 8 digits, a residence permit 18. Compare it with the paper.",
    ),
    Verdict.DOCUMENT_TAIWAN_FORM: V(
        "台胞证号不对",
        "Not a Taiwan permit",
        "台胞证应是 8 位数字，居住证是 18 位。请照证件核对。",
        "A Taiwan permit has 8 digits, a residence permit 18. Compare it with the paper.",
    ),
    Verdict.DOCUMENT_PASSPORT_FORM: V(
        "护照号不对",
        "Not a passport",
        "护照号应是 5 到 17 位字母和数字。请照护照核对。",
        "A passport number has 5 to 17 letters and digits. Compare it with the passport.",
    ),
    Verdict.DOCUMENT_FOREIGN_FORM: V(
        "永久居留证号不对",
        "Not a foreigner’s permit",
        "应是 3 个字母加 12 位数字，新证是 18 位。请照证件核对。",
        "It is 3 letters and 12 digits, a new one 18 digits. Compare it with the card.",
    ),
    Verdict.DOCUMENT_SHARED: V(
        "两个人同一个证件号",
        "Two people, one document",
        "表里有不同姓名的人用了同一个证件号。请照证件核对，改对再入库。",
        "People with different names have one document number. Compare both with their cards and correct one.",
    ),
    Verdict.PERSON_TWICE: V(
        "一个人两个证件号",
        "One person, two documents",
        "姓名和手机号一样，证件号不一样，像是同一个人。留对的一行，另一行改好或删掉。",
        "The same name and phone with two document numbers. Keep the right row; correct or remove the other.",
    ),
    Verdict.SEX_UNREADABLE: V(
        "性别认不出", "Sex unreadable", "请填“男”或“女”，也可以不填。", "Write male or female, or leave it empty."
    ),
    Verdict.BORN_UNREADABLE: V(
        "出生日期认不出",
        "Birth date unreadable",
        "请写成 1990-03-07，也可以不填。",
        "Write it as 1990-03-07, or leave it empty.",
    ),
    Verdict.PHONE_DIGITS_LOST: V(
        "手机号被当成了数字",
        "Phone lost digits",
        "手机号变成了 1.38E+10 这样，后几位丢了。请重填。",
        "The phone became something like 1.38E+10 and lost digits. Type it again.",
    ),
    Verdict.PHONE_TOO_SHORT: V(
        "手机号少了几位",
        "Phone too short",
        "手机号是 11 位。请核对，也可以不填。",
        "A mobile has 11 digits. Correct it, or leave it empty.",
    ),
    Verdict.PHONE_TOO_LONG: V(
        "手机号多了几位",
        "Phone too long",
        "手机号是 11 位，1 开头。请核对，也可以不填。",
        "A mobile has 11 digits and begins with 1. Correct it, or leave it empty.",
    ),
    Verdict.PHONE_LANDLINE: V(
        "是座机号",
        "A landline",
        "座机收不到短信。请填手机号，也可以不填。",
        "A landline gets no text messages. Give a mobile, or leave it empty.",
    ),
    Verdict.PHONE_SIGNS: V(
        "手机号里有别的字符",
        "Odd signs in the phone",
        "手机号只有数字。请看看是不是把 0 打成了字母 O。",
        "A phone has digits only. Was a nought typed as the letter O?",
    ),
    Verdict.PHONE_OF_TWO: V(
        "一格里有两个手机号",
        "Two phones in one cell",
        "请只留一个能收短信的手机号。",
        "Keep one mobile that gets text messages.",
    ),
    Verdict.CARD_SIGNS: V(
        "会员服务卡号认不出",
        "Card number unreadable",
        "卡号只有数字和字母，也可能被表格软件改成了数字。请照卡片重填，也可以不填。",
        "A card number has digits and letters only, or the spreadsheet lost some. Type it again, or leave it empty.",
    ),
    Verdict.JOINED_UNREADABLE: V(
        "入会时间认不出",
        "Joining date unreadable",
        "请写成 2020-05 或 2020-05-01，也可以不填。",
        "Write it as 2020-05 or 2020-05-01, or leave it empty.",
    ),
    Verdict.JOINED_IN_FUTURE: V(
        "入会时间在以后",
        "Joins in the future",
        "入会时间比今天还晚。请核对。",
        "The joining date lies ahead. Correct it.",
    ),
    Verdict.UNION_MISSING: V(
        "没有工会名称", "No union", "请填上工会名称，要和系统里的一样。", "Name the union as the system has it."
    ),
    Verdict.UNION_UNKNOWN: V(
        "没有这个工会",
        "No such union",
        "系统里找不到这个名字。请照工会名录改成全称；新建的工会先到名录里加上。",
        "The system has no such name. Write it in full as in the directory; a new union is added there first.",
    ),
    Verdict.UNION_OUTSIDE: V(
        "工会不在这次范围里",
        "Union outside",
        "这个工会不归您管，或不在这次导入的范围里。请让它的上级来导。",
        "This union is not yours, or not within this import. Its own officers can bring the list in.",
    ),
    Verdict.UNION_AMBIGUOUS: V(
        "工会重名",
        "Two unions of that name",
        "有两个工会叫这个名字。请到其中一个工会单独导入。",
        "Two unions have this name. Choose the one as the union of the import.",
    ),
    Verdict.BELONGS_ELSEWHERE: V(
        "现在是别处的会员",
        "A member elsewhere",
        "这个人现在登记在您管不到的工会。请联系上级工会办理转接。",
        "This person is a member of a union outside yours. Ask the union above for a transfer.",
    ),
}
