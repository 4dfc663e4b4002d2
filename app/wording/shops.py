"""Codes of shops and their clerks."""

from app.wording.wording import Wording

CODES: dict[str, Wording] = {
    "owner_only": Wording(
        "店员名单由店主管。请让店主打开这一页。", "The list of clerks is the owner’s. Please ask the owner of the shop."
    ),
    "join_code_wrong": Wording(
        "这 6 位数不对，或已过 10 分钟。请让店主再生成一个。",
        "These digits are not right, or their ten minutes are over. Ask the owner for new ones.",
    ),
    "join_too_often": Wording(
        "输错太多次，请过一会儿再试。", "Too many wrong tries. Please wait a while and try again."
    ),
    "join_codes_busy": Wording("请再点一次。", "Please tap once more."),
}
