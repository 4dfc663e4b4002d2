"""Codes of offers that are being written, of shops that are looked after, and of complaints."""

from app.wording.wording import Wording

CODES: dict[str, Wording] = {
    "title_missing": Wording("请写优惠的名称。", "Please name the offer."),
    "text_too_long": Wording("太长了，最多 {limit} 个字。", "Too long: {limit} characters at most."),
    "percent_range": Wording("折扣请填 1 到 99 之间的数。", "A percentage is between 1 and 99."),
    "most_off_range": Wording("最多优惠的金额不对。", "The most that comes off is not an amount."),
    "threshold_range": Wording("请填满多少元可用。", "Please say from which bill on."),
    "off_range": Wording("请填减多少元。", "Please say how much comes off."),
    "off_above_threshold": Wording("减的钱不能比满的钱多。", "What comes off cannot be more than the bill."),
    "price_range": Wording("请填会员付多少元。", "Please say what a member pays."),
    "list_price_range": Wording("原价要比会员价高。", "The usual price has to be above the member’s."),
    "gift_missing": Wording("请写送什么。", "Please say what is given."),
    "amount_policy_wrong": Wording("会员价不用输金额。", "A member price needs no amount typed."),
    "year_range": Wording("年份请填 2000 到 2099。", "The year is between 2000 and 2099."),
    "dates_order": Wording("结束日期早于开始日期。", "The last day is before the first."),
    "weekdays_wrong": Wording("请重新选星期。", "Please choose the weekdays again."),
    "hours_wrong": Wording(
        "时段不对，请按 11:00 到 14:00 这样选。", "These hours make no sense: give two times of the day."
    ),
    "limit_range": Wording("次数请填 1 到 {limit}。", "A limit is between 1 and {limit}."),
    "limits_order": Wording(
        "每天的次数不能比每周多，每周不能比每月多，每月不能比一共多。",
        "A day’s limit cannot be above a week’s, a week’s not above a month’s, a month’s not above the total.",
    ),
    "stock_range": Wording("份数请填 0 到 {limit}。", "A stock is between 0 and {limit}."),
    "stock_below_taken": Wording("已经用掉的比这个数多，请填大一些。", "More than this has been taken already."),
    "budget_range": Wording("补贴总额不对。", "This budget is not an amount."),
    "budget_needs_amount": Wording(
        "有补贴总额的优惠，要让店员输金额，否则算不出用了多少。",
        "An offer with a budget needs the amount typed, or nobody knows what is left.",
    ),
    "budget_for_gift": Wording(
        "赠品不算金额，补贴总额管不住它。请改填份数。",
        "A gift takes nothing off, so a budget would never end. Give it a stock instead.",
    ),
    "budget_below_spent": Wording("已经补贴的比这个数多，请填大一些。", "More than this has been spent already."),
    "branch_of_another_shop": Wording(
        "这家门店不是本店的，请重新选。", "That branch is another shop’s. Please choose again."
    ),
    "audience_of_another_federation": Wording(
        "这家单位不归本区总工会，请选本区的单位。", "That union is another federation’s. Please choose one of yours."
    ),
    "last_day_past": Wording("最后一天已经过了，请改日期。", "The last day has passed. Please change the dates."),
    "branch_twice": Wording("同一家门店选了两次。", "One branch stands here twice."),
    "nothing_to_publish": Wording("没有要发布的草稿。", "There is no draft to publish."),
    "draft_changed": Wording(
        "别人刚改过这份草稿，请看看新的内容再点一次。",
        "Somebody has just changed this draft. Look at it and try again.",
    ),
    "draft_open": Wording("别人正在写这项优惠的新条款。", "Somebody else is writing new terms for this offer."),
    "paused_by_union": Wording(
        "这项优惠是工会暂停的，要由工会恢复。请联系工会。",
        "The union paused this offer and has to let it go. Please ask the union.",
    ),
    "held_too_often": Wording(
        "这项优惠今天暂停和恢复已满 {limit} 次，请明天再改。急事请打电话给工会。",
        "Paused and resumed {limit} times today. Come back tomorrow, or call the union if it cannot wait.",
    ),
    "proposals_open": Wording(
        "已有 {limit} 项优惠在等工会处理。请等答复，或先收回几项。",
        "{limit} offers are waiting for the union. Wait for its answer, or take some back.",
    ),
    "merchant_unknown": Wording("没有这家商户。", "There is no such shop."),
    "branch_unknown": Wording("没有这家门店。", "There is no such branch."),
    "trade_unknown": Wording("没有这个行业。", "There is no such trade."),
    "plaque_taken": Wording("这个牌匾编号已经给了别的商户。", "Another shop has this plaque number."),
    "complaint_unknown": Wording("没有这条反馈。", "There is no such report."),
    "complaint_made": Wording("您今天已经反馈过这项优惠了。", "You have reported this offer today."),
    "complaint_answered": Wording("这条反馈已经答复过了。", "This report has been answered."),
}
