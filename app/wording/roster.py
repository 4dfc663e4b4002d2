"""Codes of the roster: files and sheets that cannot be used, acts on an import that come too late."""

from app.wording.wording import Wording

CODES: dict[str, Wording] = {
    # the file
    "roster_file_empty": Wording(
        "这个文件是空的。请打开看看，存好后重新上传。", "This file is empty. Open it, save it, and upload it again."
    ),
    "roster_file_too_large": Wording(
        "文件太大。请删掉图片和别的工作表，或分成几个文件上传。",
        "This file is too large. Remove pictures and other sheets, or split it into several files.",
    ),
    "roster_file_old_excel": Wording(
        "这是旧版 Excel 文件（.xls）。请用 Excel 或 WPS 打开，“另存为”.xlsx 后再上传。",
        "This is an old Excel file (.xls). Open it, choose “Save as” .xlsx, and upload that.",
    ),
    "roster_file_encrypted": Wording(
        "这个文件设了打开密码。请打开后取消密码，另存一份再上传。",
        "This file has a password. Open it, remove the password, save it and upload it again.",
    ),
    "roster_file_numbers": Wording(
        "这是苹果 Numbers 的文件。请选“导出到 Excel”，再上传 .xlsx。",
        "This is an Apple Numbers file. Choose “Export to Excel” and upload the .xlsx.",
    ),
    "roster_file_open_document": Wording(
        "这是 .ods 文件。请“另存为”.xlsx 后再上传。", "This is an .ods file. Choose “Save as” .xlsx and upload that."
    ),
    "roster_file_binary_excel": Wording(
        "这是 .xlsb 文件。请“另存为”.xlsx 后再上传。", "This is an .xlsb file. Choose “Save as” .xlsx and upload that."
    ),
    "roster_file_macros": Wording(
        "这个文件带有宏，不收。请“另存为”.xlsx（不启用宏）后再上传。",
        "This file carries macros and is not taken. Choose “Save as” .xlsx without macros and upload that.",
    ),
    "roster_file_word": Wording(
        "这是 Word 或演示文件。请把名单复制到 Excel 表格里，存成 .xlsx 上传。",
        "This is a Word or slides file. Copy the list into a spreadsheet and upload it as .xlsx.",
    ),
    "roster_file_web_page": Wording(
        "这其实是网页，不是表格（有的系统导出的 .xls 就是这样）。请用 Excel 打开，“另存为”.xlsx 后再上传。",
        "This is a web page with a spreadsheet’s name, as some systems export. Open it in Excel and save it as .xlsx.",
    ),
    "roster_file_pdf": Wording(
        "这是 PDF。请找原来的 Excel 表格上传。", "This is a PDF. Please upload the spreadsheet it was made from."
    ),
    "roster_file_picture": Wording(
        "这是图片。请把名单填进 Excel 表格再上传。",
        "This is a picture. Type the list into a spreadsheet and upload that.",
    ),
    "roster_file_archive": Wording(
        "这是压缩包或不认识的文件。请解压后上传里面的 .xlsx 或 .csv。",
        "This is an archive or an unknown file. Unpack it and upload the .xlsx or .csv inside.",
    ),
    "roster_file_broken": Wording(
        "文件坏了，读不出来。请用 Excel 或 WPS 打开，另存一份再上传。",
        "This file is damaged. Open it in Excel or WPS, save a copy, and upload that.",
    ),
    "roster_file_packed_too_tight": Wording(
        "文件解开后大得不正常，没有读。请把名单复制到一个新表格再上传。",
        "This file would unpack to something far too large and was not read. Copy the list into a new spreadsheet.",
    ),
    "roster_file_too_many_parts": Wording(
        "文件里的部件太多，没有读。请把名单复制到一个新表格再上传。",
        "This file has too many parts and was not read. Copy the list into a new spreadsheet.",
    ),
    "roster_file_unpacks_too_large": Wording(
        "文件解开后太大，没有读。请删掉多余的工作表，或分成几个文件。",
        "This file is too large when unpacked and was not read. Remove other sheets, or split it.",
    ),
    "roster_file_declarations": Wording(
        "文件里有不该有的声明，可能不安全，没有读。请把名单复制到一个新表格再上传。",
        "This file holds declarations that no spreadsheet needs and was not read. Copy the list into a new one.",
    ),
    "roster_file_encoding": Wording(
        "文字编码认不出。请用 Excel 打开，存成 .xlsx，或存成 UTF-8 的 .csv。",
        "The text encoding is unknown. Open it in Excel and save it as .xlsx, or as .csv in UTF-8.",
    ),
    "roster_file_no_table": Wording(
        "文件里没有分栏的表格。请上传 .xlsx，或用逗号分隔的 .csv。",
        "There is no table in this file. Upload an .xlsx, or a .csv with commas.",
    ),
    # the sheet
    "roster_sheet_none": Wording(
        "文件里没有能看见的工作表。请取消隐藏后再上传。", "The file has no visible sheet. Unhide it and upload again."
    ),
    "roster_sheet_several": Wording(
        "文件里有两张名单：“{first}”和“{second}”。请合成一张，或分两个文件上传。",
        "There are two lists in this file: “{first}” and “{second}”. Join them, or upload two files.",
    ),
    "roster_sheet_no_header": Wording(
        "没找到表头。请在名单上面留一行：姓名、证件号码、手机号码、工会名称。",
        "No row of headers was found. Put one above the list: Name, ID number, Phone, Union.",
    ),
    "roster_sheet_no_name": Wording(
        "没有“姓名”这一栏。请补上表头“姓名”。", "There is no column of names. Add the header “Name”."
    ),
    "roster_sheet_no_document": Wording(
        "没有“证件号码”这一栏。请补上表头“证件号码”或“身份证号”。",
        "There is no column of document numbers. Add the header “ID number”.",
    ),
    "roster_sheet_column_twice": Wording(
        "“{column}”这样的栏有两个，不知道该用哪个。请删掉一个。",
        "There are two columns like “{column}”. Remove one of them.",
    ),
    "roster_sheet_grants_role": Wording(
        "“{column}”这一栏像是在给权限。权限不能用表格导入，请删掉这一栏，权限到“干部”里办。",
        "The column “{column}” seems to grant roles. Roles never come from a sheet: remove it.",
    ),
    "roster_sheet_no_rows": Wording(
        "表头下面没有人。请看看是不是传错了文件。", "There is nobody below the headers. Is it the right file?"
    ),
    "roster_sheet_too_many_rows": Wording(
        "超过 {limit} 行。请按单位分成几个文件。", "There are more than {limit} rows. Split the list by union."
    ),
    "roster_sheet_too_many_columns": Wording(
        "超过 100 栏。请只留姓名、证件、手机、工会这些栏。",
        "There are more than 100 columns. Keep names, documents, phones and unions only.",
    ),
    # the import
    "roster_import_unknown": Wording(
        "没有这次导入，或不归您管。", "There is no such import, or it is not yours to see."
    ),
    "roster_row_unknown": Wording("没有这一行。", "There is no such row."),
    "roster_import_moved_on": Wording(
        "这次导入已经往下走了，可能是别的经办人先点了。请刷新看看现在到哪一步。",
        "This import has moved on, perhaps by another officer. Reload to see where it stands.",
    ),
    "roster_nothing_chosen": Wording("一行也没勾，没有要入库的。", "Nothing is ticked, so there is nothing to apply."),
    "roster_second_officer": Wording(
        "名单里少了超过一成的会员，要另一位经办人看过、点“同意”才能入库。",
        "More than a tenth of the members are missing from this list: another officer must look and agree first.",
    ),
    "roster_second_not_needed": Wording("这次导入不用第二个人看。", "This import needs no second officer."),
    "roster_same_officer": Wording(
        "上传的人不能自己同意，请另一位经办人来看。",
        "Whoever handed the list in cannot agree to it. Ask another officer.",
    ),
    "roster_undo_too_late": Wording(
        "入库超过 24 小时，不能整批撤销了。请一个一个改，或再导入一张对的表。",
        "More than 24 hours have passed, so this cannot be undone as a whole. Correct records one by one.",
    ),
    "roster_payload_gone": Wording(
        "这次导入的内容按规定已经删除。请重新上传。", "What this import held has been deleted on time. Upload it again."
    ),
    "roster_no_phone_proposed": Wording(
        "这一行没有要换的手机号，或已经换过了。", "This row proposes no phone, or it was taken already."
    ),
}
