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
    # an officer looks after a shop
    "agreement_unknown": Wording("没有这份协议。", "There is no such agreement."),
    "agreement_dates": Wording("结束日期早于开始日期，请改一下。", "The last day is before the first."),
    "agreement_too_long": Wording(
        "协议超过 10 年了，请看看年份有没有写错。", "This agreement is longer than ten years. Is the year right?"
    ),
    "agreement_gap": Wording(
        "现在的协议还没到期，新协议要接上：最晚从 {date} 开始。",
        "The running agreement has not ended: the new one has to begin on {date} at the latest.",
    ),
    "agreement_no_longer": Wording(
        "现在的协议到 {date}，新协议要比它晚结束。",
        "The running agreement ends on {date}; the new one has to end later.",
    ),
    "signed_later": Wording("签署日期不能晚于今天。", "It cannot have been signed after today."),
    "signer_missing": Wording("请写商户这边谁签的字。", "Please say who signed for the shop."),
    "shop_name_missing": Wording("请写商户名称。", "Please name the shop."),
    "branch_name_missing": Wording("请写门店名称，如“总店”。", "Please name the branch, such as “Main”."),
    "address_missing": Wording("请写门店地址，会员要找得到。", "Please give the address, so that members find it."),
    "shop_text_too_long": Wording("太长了，最多 {limit} 个字。", "Too long: {limit} characters at most."),
    "open_hours_malformed": Wording(
        "营业时间看不懂，请写成 9:00-21:30，中间休息就写两段：9:00-12:00 13:30-21:30。",
        "These are no hours. Write 9:00-21:30, or two spans: 9:00-12:00 13:30-21:30.",
    ),
    "open_hours_overlap": Wording(
        "同一天的两段时间撞在一起了，请改一下。", "Two spans of a day run into each other. Please change one."
    ),
    "reason_missing": Wording("请写原因，会告诉商户。", "Please give the reason: the shop is told."),
    "day_past": Wording("日期已经过了，请选今天或以后。", "That day has passed. Choose today or later."),
    "suspended_already": Wording(
        "这家商户已经定了从 {date} 起暂停。要改，先撤回暂停。",
        "This shop is suspended from {date} on. To change that, take it back first.",
    ),
    "partnership_ended": Wording(
        "和这家商户的合作到 {date} 结束了。要再合作，请登记新协议。",
        "The partnership ended on {date}. To go on, record a new agreement.",
    ),
    "paper_kind": Wording(
        "协议扫描件要是 PDF 或照片（JPG、PNG）。", "The signed paper has to be a PDF or a photo (JPG or PNG)."
    ),
    "paper_too_large": Wording(
        "文件太大，最多 8 MB。请拍小一点，或分开扫描。", "This file is too large: 8 MB at most. Take a smaller photo."
    ),
    "paper_kept": Wording("这份协议已经有扫描件了。", "This agreement has its paper already."),
    "paper_missing": Wording("请选协议的扫描件或照片。", "Please choose the scan or photo."),
    "date_malformed": Wording("日期看不懂，请重新选。", "This is not a day. Please choose it again."),
}
