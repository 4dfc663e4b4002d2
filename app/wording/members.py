"""People: standing, identity documents."""

from app.wording.wording import Wording

CODES: dict[str, Wording] = {
    "member_left": Wording(
        "这位顾客已经离会，会员优惠不能用了。请顾客问自己单位的工会。",
        "This customer has left the union; member benefits have ended. Their own union can help.",
        "工会登记您已经离会，会员优惠停了。不对的话，请联系您单位的工会更正。",
        "The union has you down as having left, so benefits have ended. If that is wrong, ask your union.",
    ),
    "document_taken": Wording(
        "这个证件号已经登记在另一个人名下。请核对证件，或联系上级工会。",
        "This document belongs to somebody else on the roster. Check the paper, or ask the union above.",
    ),
    "document_missing": Wording(
        "没有填证件号码。请照证件填上。", "The document number is missing. Type it as on the paper."
    ),
    "document_kind_unknown": Wording(
        "证件类型认不出。请写身份证、港澳通行证、台胞证、护照或外国人永久居留证。",
        "This kind of document is unknown. Write mainland ID, Hong Kong/Macao permit, Taiwan permit or passport.",
    ),
    "document_signs": Wording(
        "证件号码里有不该有的字。请照证件重填，只用数字和字母。",
        "The number holds signs that no document has. Type it again: digits and letters only.",
    ),
    "document_too_short": Wording(
        "身份证号少了几位，应该是 18 位（最后一位可能是 X）。请照证件补上。",
        "The ID number is too short: it has 18 signs, the last may be X. Complete it from the card.",
    ),
    "document_too_long": Wording(
        "身份证号多了几位，应该是 18 位。请照证件重填。", "The ID number is too long: it has 18 signs. Type it again."
    ),
    "document_region": Wording(
        "身份证号前两位不是任何省份的代码。请照证件核对开头几位。",
        "No province has the first two digits of this ID number. Compare its beginning with the card.",
    ),
    "document_birth_date": Wording(
        "身份证号第 7 到 14 位不是一个日期。请照证件核对出生年月日。",
        "Digits 7 to 14 of the ID number are no date. Compare the birth date with the card.",
    ),
    "document_not_born_yet": Wording(
        "按身份证号算，这个人还没出生。请照证件核对第 7 到 14 位。",
        "By this ID number the person is not born yet. Compare digits 7 to 14 with the card.",
    ),
    "document_check_digit": Wording(
        "身份证号的最后一位对不上，多半有一位打错了。请照证件逐位核对。",
        "The last sign of the ID number does not fit: one digit is probably mistyped. Compare each with the card.",
    ),
    "document_rounded": Wording(
        "身份证号末尾被表格软件改成了 000。请把这一列设成“文本”，照证件重填。",
        "The spreadsheet turned the end of the ID number into 000. Format the column as text and type it again.",
    ),
    "document_permit_form": Wording(
        "港澳通行证应是 H 或 M 加 8 位数字，居住证是 18 位。请照证件核对。",
        "A Hong Kong/Macao permit is H or M and 8 digits, a residence permit 18. Compare it with the paper.",
    ),
    "document_taiwan_form": Wording(
        "台胞证应是 8 位数字，居住证是 18 位。请照证件核对。",
        "A Taiwan permit has 8 digits, a residence permit 18. Compare it with the paper.",
    ),
    "document_passport_form": Wording(
        "护照号应是 5 到 17 位字母和数字。请照护照核对。",
        "A passport number has 5 to 17 letters and digits. Compare it with the passport.",
    ),
    "document_foreign_form": Wording(
        "外国人永久居留证应是 3 个字母加 12 位数字，新证是 18 位。请照证件核对。",
        "A foreigner’s permit is 3 letters and 12 digits, a new one 18 digits. Compare it with the card.",
    ),
}
