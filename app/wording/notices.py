"""Codes of officers' notices."""

from app.wording.wording import Wording

CODES: dict[str, Wording] = {
    "notice_unknown": Wording(
        "没有这条通知，它可能是别的工会的。", "There is no such notice, or it is another union’s."
    ),
    "notice_title_length": Wording("标题要写，最多 {most} 个字。", "Write a title of no more than {most} characters."),
    "notice_body_length": Wording("正文要写，最多 {most} 个字。", "Write a text of no more than {most} characters."),
    "notice_title_private": Wording(
        "标题会显示在锁屏上，别人也看得到。里面的“{word}”可能说出困难、病情或金额，请换个说法，细节写在正文里。"
        "比如：“工会有一条和您有关的通知”。",
        "A lock screen shows the title to anybody. “{word}” may tell of hardship, illness or a sum: say it another way "
        "and put the details into the text. For example: “Your union has something to tell you”.",
    ),
    "notice_title_sms": Wording(
        "短信公司不发标题里有网址或电话号码的短信。请把“{piece}”写进正文，标题里去掉，或不发短信。",
        "SMS providers refuse a title with a link or a phone number. Put “{piece}” into the text instead of the title, "
        "or do without SMS.",
    ),
    "notice_title_sms_length": Wording(
        "要发短信，标题最多 {most} 个字。请写短些，细节写在正文里，或不发短信。",
        "By SMS a title has no more than {most} characters. Shorten it and put the details into the text, "
        "or do without SMS.",
    ),
    "notice_standing_unknown": Wording(
        "没有这种会籍状态，请重新选。", "There is no such standing. Please choose again."
    ),
    "notice_days_wrong": Wording("天数写 1 到 {most}。", "Days are a number from 1 to {most}."),
    "notice_shop_unknown": Wording(
        "没有找到这家商户，或不止一家。请写一家您管的商户的全称。",
        "No shop of yours has that name, or several do. Write its whole name.",
    ),
    "notice_event_unknown": Wording(
        "没有找到这个活动。请选一个您管的活动。", "This event is not one of yours. Choose one of your own."
    ),
    "notice_one_way": Wording(
        "发给“用过某家店”“报名了某个活动”的会员的通知走微信服务通知，不能再发短信或群发。请去掉这两项，或改发给整个工会。",
        "A notice to people who used a shop goes by WeChat’s service messages: no SMS, no mass message. "
        "Leave them out, or send it to a whole union.",
    ),
    "notice_time_wrong": Wording(
        "发送时间要晚于现在，最远 {most} 天。留空就是放行后马上发。",
        "The time to send is later than now, within {most} days. Leave it empty to send as soon as it is released.",
    ),
    "notice_union_unknown": Wording(
        "没有找到这个工会，或不止一个。请写一个您管的工会的全称。",
        "No union of yours has that name, or several do. Write its whole name.",
    ),
    "notice_changed": Wording(
        "刚才有人改过这条通知，下面是最新的内容。请看过再操作。",
        "Somebody has just changed this notice: the newest text is below. Read it, then decide.",
    ),
    "notice_moved_on": Wording(
        "这条通知的状态已经变了，下面是现在的情况。", "This notice has moved on meanwhile: see below how it stands."
    ),
    "notice_nobody": Wording(
        "按现在的条件，一个人也没有。请把对象放宽一些。", "Nobody fits these conditions now. Please widen them."
    ),
    "notice_own": Wording(
        "对象超过 {above} 人（一天里自己放行的加在一起算），要由没有写过这条通知的另一位经办人看过再放行。"
        "请把页面地址发给他。",
        "More than {above} people (what you released alone within a day counts together): another officer, who wrote "
        "none of it, has to read and release it. Send him this page’s address.",
    ),
    "notice_needs_releaser": Wording(
        "对象超过 {above} 人，要由区总工会经办人放行。",
        "More than {above} people: an officer of the federation has to release it.",
    ),
    "notice_mass_used_up": Wording(
        "这个月的公众号群发已经用完（每人每月 {most} 次）。请去掉“公众号群发”，或下个月再发。",
        "This month’s mass messages are used up ({most} a month for each follower). Leave it out, or send next month.",
    ),
}
