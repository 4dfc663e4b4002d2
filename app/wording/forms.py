"""Codes of forms: what is wrong with an answer, and with a form that an officer builds."""

from app.wording.wording import Wording

_ANSWERS: dict[str, Wording] = {
    "form_answer_missing": Wording("这一项要填。", "Please fill this in."),
    "form_choice_left_open": Wording("这一项要选。", "Please choose."),
    "form_file_missing": Wording("这里要交一个文件。", "Please add a file here."),
    "form_consent_needed": Wording("请看过后勾选同意，才能提交。", "Please read this and tick it: it is needed."),
    "form_answer_malformed": Wording("这一项没有看懂，请重新填。", "This answer cannot be read. Please answer again."),
    "form_question_unknown": Wording(
        "这张表刚才改过了。请重新看一遍再交。",
        "This form has just been changed. Please look at it again and send it then.",
    ),
    "form_signs_unseen": Wording(
        "里面有看不见的符号，可能是粘贴带来的。请删掉后手动输入。",
        "There are signs in it that cannot be seen, perhaps from pasting. Please type it by hand.",
    ),
    "form_text_short": Wording("至少写 {least} 个字。", "Please write at least {least} characters."),
    "form_text_long": Wording("最多写 {most} 个字，请写短些。", "Please write no more than {most} characters."),
    "form_number_malformed": Wording(
        "请只填数字，最多两位小数。比如 3 或 3.5。", "Please write a number with at most two decimals: 3 or 3.5."
    ),
    "form_number_low": Wording("不能小于 {least}。", "It cannot be below {least}."),
    "form_number_high": Wording("不能大于 {most}。", "It cannot be above {most}."),
    "form_date_malformed": Wording("日期请这样写：2026-05-01。", "Please write the date like this: 2026-05-01."),
    "form_date_early": Wording("日期不能早于 {date}。", "The date cannot be before {date}."),
    "form_date_late": Wording("日期不能晚于 {date}。", "The date cannot be after {date}."),
    "form_phone_wrong": Wording(
        "请填 11 位手机号，1 开头。", "Please write a mobile number: 11 digits that begin with 1."
    ),
    "form_choice_unknown": Wording(
        "没有这个选项，可能刚改过。请重新选。", "There is no such option, perhaps not any more. Please choose again."
    ),
    "form_choices_few": Wording("至少选 {least} 项。", "Please choose at least {least}."),
    "form_choices_many": Wording("最多选 {most} 项。", "Please choose no more than {most}."),
    "form_file_kind": Wording(
        "只收图片（JPG、PNG）或 PDF。请换一个文件。", "Only pictures (JPG, PNG) and PDF. Please choose another file."
    ),
    "form_file_large": Wording(
        "文件超过 {most} MB。请拍小一些的照片，或压缩后再交。",
        "The file is larger than {most} MB. Please take a smaller picture or compress it.",
    ),
    "form_picture_broken": Wording(
        "这张图片打不开或太大。请重新拍一张。", "This picture cannot be opened or is too large. Please take it again."
    ),
}
_BUILDING: dict[str, Wording] = {
    "form_malformed": Wording("表单的内容格式不对。", "The form is not written as it should be."),
    "form_keep_days_range": Wording("保存天数写 0 到 {most}。", "Days to keep are a number from 0 to {most}."),
    "form_questions_many": Wording(
        "最多 {most} 个问题。请删掉一些，问得越少填的人越多。",
        "No more than {most} questions. Please remove some: the fewer, the more people answer.",
    ),
    "form_files_many": Wording("要交文件的问题最多 {most} 个。", "No more than {most} questions may ask for a file."),
    "form_key_malformed": Wording(
        "问题或选项的代号不对：问题用小写字母开头，只用字母、数字和下划线，最多 30 个；选项不能为空。",
        "The key of a question begins with a small letter and has no more than 30 letters, digits and underscores; "
        "that of an option is not empty.",
    ),
    "form_key_twice": Wording("这个问题重复了，请删掉一个。", "This question is there twice. Please remove one."),
    "form_label_missing": Wording("这里要写中文。", "Please write this in Chinese."),
    "form_label_long": Wording(
        "最多 {most} 个字，请写短些。", "No more than {most} characters in Chinese. Please shorten it."
    ),
    "form_options_missing": Wording("请写出可以选的，一行一个。", "Please write the options, one a line."),
    "form_options_many": Wording("最多 {most} 个选项。", "No more than {most} options."),
    "form_option_twice": Wording("有两个一样的选项，请删掉一个。", "Two options are the same. Please remove one."),
    "form_bound_malformed": Wording(
        "限制写得不对：字数和选项个数写 1 到 {most} 的整数，数字写数字，日期写 2026-05-01。",
        "This limit is not right: a whole number from 1 to {most} for characters and choices, a number for a number, "
        "2026-05-01 for a date.",
    ),
    "form_bounds_order": Wording("最多要不小于最少。", "The most cannot be below the least."),
    "form_condition_unknown": Wording(
        "“什么时候问”指的问题不在前面。请把那个问题移到前面，或重新选。",
        "The question that decides whether this one is asked does not stand before it. Move it up, or choose another.",
    ),
    "form_condition_kind": Wording(
        "只能按前面的选择题或同意项来决定问不问。", "Only a choice or a consent can decide whether this is asked."
    ),
    "form_condition_answer": Wording(
        "“什么时候问”指的选项已经没有了，请重新选。",
        "The option that decides whether this is asked is gone. Choose again.",
    ),
    "form_condition_hidden": Wording(
        "前面那个问题只有经办人看得到，不能用来决定会员填不填这一项。",
        "Only organisers see that question: it cannot decide what a member is asked.",
    ),
}
CODES: dict[str, Wording] = _ANSWERS | _BUILDING
