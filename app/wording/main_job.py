"""Codes of the till, the card, the offers, and of requests that make no sense."""

from app.wording.wording import Wording

CODES: dict[str, Wording] = {
    # the code that was held out
    "code_malformed": Wording(
        "这不是工会会员码。请顾客打开“工惠”首页，扫页面上的码。",
        "This is not a member code. Ask the customer to open their Gonghui card page and scan that code.",
        "请打开“工惠”首页，出示页面上的码。",
        "Please open your Gonghui card page and show the code there.",
    ),
    "code_forged": Wording(
        "这个码不是工惠发出的，不能用。请顾客打开“工惠”首页，扫新的码。",
        "This code was not issued by Gonghui. Ask the customer to open the card page and scan a fresh code.",
        "这个码不是工惠发出的。请从“工惠”首页出示会员码。",
        "This code was not issued by Gonghui. Please show the code on your card page.",
    ),
    "code_key_unknown": Wording(
        "这个码不是本系统发出的，可能来自别的地区。请顾客打开“工惠”首页再试。",
        "This code comes from another system. Ask the customer to open the card page here.",
        "这个码不是本区工惠发出的。请从“工惠”首页出示会员码。",
        "This code was not issued by your district. Please show the code on your card page.",
    ),
    "code_expired": Wording(
        "这个码已过期（截图或放久了）。请顾客刷新会员码，再扫一次。",
        "This code has expired: a screenshot, or an old page. Ask the customer to refresh it and scan again.",
        "码已过期。会员码每 30 秒换新，截图不能用，请打开首页出示新码。",
        "The code has expired. It changes every 30 seconds and screenshots do not work; please show a fresh one.",
    ),
    "code_used": Wording(
        "这个码{at}已经扫过了，一个码只能扫一次。请顾客刷新会员码，再扫一次。",
        "This code was scanned already{at}; each works once. Ask the customer to refresh it and scan again.",
        "这个码已经扫过了。请等新码出现，再给店员扫。",
        "This code was scanned already. Please wait for the next one and show that.",
    ),
    "digits_incomplete": Wording(
        "数字码要 8 位，现在是 {count} 位。请对一遍再输。",
        "A typed code has 8 digits; these are {count}. Please compare them and type again.",
        "数字码一共 8 位，请再念一遍给店员。",
        "The code has 8 digits. Please read it out once more.",
    ),
    "demo_not_loaded": Wording(
        "演示数据还没有装好。请运行 flask --app wsgi demo。", "There is no demo data yet. Run: flask --app wsgi demo"
    ),
    "typed_code_wrong": Wording(
        "没有这个数字码，请核对 8 位数字。连错 5 次要等 10 分钟。",
        "No such code. Please check the 8 digits; after 5 wrong ones you must wait 10 minutes.",
        "数字码不对。请在首页点“报数字”，把新的 8 位数念给店员。",
        "The digits are not right. Tap “Read out digits” on your card page and read the new ones.",
    ),
    "typing_stopped_clerk": Wording(
        "数字码输错太多，请等 {minutes} 分钟再输。扫二维码照常可用。",
        "Too many wrong codes. Wait {minutes} minutes before typing again; scanning works as usual.",
        "店里暂时不能输数字码，请出示二维码。",
        "This till cannot take typed codes for a while; please show your QR code.",
    ),
    "typing_stopped_branch": Wording(
        "本店今天输错数字码满 20 次，今天不能再输。请扫二维码；有疑问打电话问工会。",
        "20 wrong typed codes at this shop today: no more typing until midnight. Scan, or call the union.",
        "本店今天不能再输数字码，请出示二维码。",
        "This shop cannot take typed codes today; please show your QR code.",
    ),
    # the card and the person
    "card_unknown": Wording(
        "查不到这张卡。请顾客打开“工惠”首页，出示最新的码。",
        "There is no such card. Ask the customer to open the card page and show the current code.",
        "查不到您的卡。请联系您单位的工会办卡。",
        "You have no card yet. Please ask your union for one.",
    ),
    "card_frozen": Wording(
        "这张卡已冻结，现在不能用。顾客可在“工惠”里自己解冻。",
        "This card is frozen. The customer can unfreeze it in Gonghui.",
        "您的卡已冻结。确认安全后，到“我的”里点“解冻”，马上就能用。",
        "Your card is frozen. When all is well, tap “Unfreeze” under “Me” and use it at once.",
    ),
    "card_replaced": Wording(
        "这是旧卡的码，顾客已换新卡。请扫新卡的码。",
        "This code belongs to a card that was replaced. Scan the code of the new card.",
        "您已换新卡，旧卡的码不能用了。请打开首页出示新码。",
        "Your card was replaced; please show the code of the new one.",
    ),
    "member_suspended": Wording(
        "这位会员的优惠暂停了，现在不能用。请顾客问自己单位的工会。",
        "This member’s benefits are suspended. The customer’s own union can help.",
        "您的会员优惠暂停了。请联系您单位的工会，弄清原因后就能恢复。",
        "Your benefits are suspended. Please ask your union why, and have it put right.",
    ),
    "member_unknown": Wording(
        "查不到这位会员。请联系您单位的工会。", "There is no such member. Please ask your union."
    ),
    # the shop
    "agreement_not_started": Wording(
        "本店与工会的合作 {date} 才开始，那天起就能用。",
        "This shop’s agreement with the union begins on {date}.",
    ),
    "agreement_ended": Wording(
        "本店与工会的合作 {date} 已到期。请店主联系工会续签。",
        "This shop’s agreement with the union ended on {date}. The owner can renew it with the union.",
        "这家店的合作已到期，现在没有会员优惠。",
        "This shop’s agreement has ended; there is no member discount now.",
    ),
    "merchant_suspended": Wording(
        "本店的合作暂停了。请店主联系工会。",
        "This shop’s agreement is suspended. The owner should call the union.",
        "这家店的合作暂停了，现在没有会员优惠。",
        "This shop’s agreement is suspended; there is no member discount now.",
    ),
    "branch_closed": Wording(
        "这家门店已停用。请问店主，或请店主联系工会。",
        "This branch is closed in our books. Please ask the owner, who can call the union.",
        "这家门店已停用，请到别的门店。",
        "This branch is closed; please go to another one.",
    ),
    "clerk_unknown": Wording("没有这位店员，请看看名单。", "There is no such clerk. Please look at the list."),
    "clerk_left": Wording(
        "您的店员身份已停用。请店主重新邀请您。",
        "You are no longer a clerk here. The owner can invite you again.",
        "请换一位店员核销。",
        "Please ask another clerk.",
    ),
    # the scan
    "scan_unknown": Wording(
        "没有这次扫码记录。请让顾客出示新码，再扫一次。",
        "There is no such scan. Ask for a fresh code and scan again.",
        "请出示新码，让店员再扫一次。",
        "Please show a fresh code to be scanned again.",
    ),
    "scan_of_another_clerk": Wording(
        "这是另一位店员扫的。请让他来完成，或者扫顾客的新码。",
        "Another clerk made this scan. Let them finish, or scan a fresh code.",
        "请出示新码，让这位店员再扫一次。",
        "Please show a fresh code for this clerk to scan.",
    ),
    "scan_expired": Wording(
        "扫码超过 5 分钟，已失效。请让顾客出示新码，再扫一次。",
        "The scan is more than 5 minutes old. Ask for a fresh code and scan again.",
        "等得有点久，请出示新码再扫一次。",
        "That took a while; please show a fresh code.",
    ),
    "scan_used": Wording(
        "这次扫码已经核销过了。要再用一项，请扫顾客的新码。",
        "This scan has been redeemed. For another offer, scan a fresh code.",
        "刚才那次已经用掉了。再用一项请出示新码。",
        "That scan has been used. Show a fresh code for another offer.",
    ),
    # the offer
    "offer_unknown": Wording(
        "没有这项优惠，可能已经改过。请回到上一页重新选。",
        "There is no such offer; it may have been changed. Go back and choose again.",
    ),
    "offer_of_another_shop": Wording(
        "这项优惠不是本店的。请选本店的优惠。",
        "This offer belongs to another shop. Choose one of this shop’s.",
        "这项优惠要到另一家店用。",
        "This offer is for another shop.",
    ),
    "offer_withdrawn": Wording("这项优惠已停止。请选别的优惠。", "This offer has been withdrawn. Choose another."),
    "offer_not_started": Wording("{date} 才开始，那天起就能用。", "It begins on {date}."),
    "offer_ended": Wording(
        "{date} 已结束。看看本店还有哪些优惠。", "It ended on {date}. See what else this shop offers."
    ),
    "not_for_your_union": Wording(
        "这项只给部分单位的会员，这位会员不在范围内。请选别的优惠。",
        "Only members of certain unions may use it, and this one is not among them. Choose another.",
        "这项只给部分单位的会员，您的单位不在范围内。想了解原因请问您单位的工会。",
        "Only members of certain unions may use it. Your union can tell you why.",
    ),
    "daily_limit": Wording(
        "每人每天限 {limit} 次，今天已用完，明天可再用。",
        "{limit} a day for each member, and today’s are used. Tomorrow there is another.",
    ),
    "total_limit": Wording(
        "每人限 {limit} 次，已用完。请选别的优惠。",
        "{limit} in all for each member, and they are used. Choose another.",
    ),
    "sold_out": Wording("已领完，没有剩余了。请选别的优惠。", "None are left. Choose another."),
    # the amount
    "amount_missing": Wording("请输入消费金额。", "Please type the amount of the bill."),
    "amount_not_asked": Wording(
        "这项优惠不用输金额。请清空金额再核销。",
        "This offer takes no amount. Leave it empty.",
    ),
    "amount_not_whole": Wording(
        "金额要是以分为单位的整数，如 4650 表示 46.50 元。", "The amount must be a whole number of fen: 4650 is ¥46.50."
    ),
    "amount_zero": Wording("金额不能是 0。请输入实际消费金额。", "The amount cannot be 0. Type the real bill."),
    "amount_negative": Wording(
        "金额不能是负数。请输入实际消费金额。",
        "The amount cannot be negative. Type the real bill.",
    ),
    "amount_too_large": Wording(
        "金额超过 100 万元，请检查有没有多输。", "Above ¥1,000,000: please check for a digit too many."
    ),
    "amount_malformed": Wording(
        "金额看不懂。请输入数字，如 46.50。", "This is not an amount. Type a number such as 46.50."
    ),
    "below_threshold": Wording(
        "满 {threshold} 元才能用，还差 {short} 元。",
        "It needs a bill of ¥{threshold}; ¥{short} is missing.",
    ),
    "redemption_unknown": Wording(
        "没有这笔记录。请到“记录”里找，或打电话问工会。",
        "There is no such redemption. Look in your history, or call the union.",
    ),
    # who is calling
    "not_signed_in": Wording("请先登录。", "Please sign in first."),
    "session_ended": Wording("登录已失效，请重新登录。", "Your sign-in has ended. Please sign in again."),
    "not_allowed": Wording(
        "您现在的身份不能做这件事。请换身份登录，或请工会给您权限。",
        "You may not do this as you are signed in. Sign in otherwise, or ask the union for the right.",
    ),
    "page_out_of_date": Wording("页面放久了，请刷新后再试。", "This page is out of date. Reload it and try again."),
    # the request
    "validation_failed": Wording("有几处填得不对，请改正。", "Some fields are not right."),
    "request_malformed": Wording(
        "请求看不懂：内容不是有效的 JSON，或者地址、头部有误。请检查后再发。",
        "This request cannot be read: the body is not valid JSON, or the address or a header is wrong.",
    ),
    "body_too_large": Wording(
        "内容太大了，请缩小后再发。",
        "The request is too large. Please send less.",
    ),
    "cursor_malformed": Wording("页码不对，请回到第一页。", "This is no page of the list. Go back to the first."),
    "not_found": Wording(
        "没有这个页面，地址可能打错了。请回首页再找。",
        "There is no such page; the address may be mistyped. Start again from the home page.",
    ),
    "method_not_allowed": Wording("这个地址不支持这种操作。", "This address does not do that."),
    "not_acceptable": Wording("这种请求方式不支持。", "This kind of request is not supported."),
    "too_many_requests": Wording(
        "操作太快了，请等 {retry_after} 秒再试。", "Too fast. Please try again in {retry_after} seconds."
    ),
    "idempotency_key_missing": Wording(
        "缺少 Idempotency-Key，或格式不对：8 到 80 位字母、数字、- 或 _。",
        "The header Idempotency-Key is missing or malformed: 8 to 80 letters, digits, - or _.",
    ),
    "idempotency_key_taken": Wording(
        "同一请求正在处理，请稍候再试。", "The same request is under way. Please try again shortly."
    ),
    "idempotency_key_reused": Wording(
        "这个 Idempotency-Key 已用于另一个请求。请换一个新的再发。",
        "This Idempotency-Key was used with another request body. Use a new one.",
    ),
    # us
    "busy": Wording(
        "现在人多，请稍等几秒再试，不会重复扣次数。", "Busy. Try again in a few seconds; nothing is counted twice."
    ),
    "database_away": Wording(
        "系统正在恢复，请过几秒再点一次，不会重复。",
        "The service is recovering. Try again in a few seconds; nothing is doubled.",
    ),
    "unexpected": Wording(
        "系统出错了，我们已收到通知。请稍后再试；要问工会，报编号 {request_id}。",
        "Something went wrong and we have been told. Try again later; if you call, quote {request_id}.",
    ),
    "file_unknown": Wording(
        "这个文件已经不在了，可能过了保存期。请重新上传。",
        "The file is gone; its time may be over. Please send it again.",
    ),
    "seal_broken": Wording("这条资料读不出来，请联系工会。", "This record cannot be read. Please call the union."),
    "card_exists": Wording("已经有卡了。", "There is a card already."),
    "digits_taken": Wording("请再点一次“报数字”。", "Please tap “Read out digits” once more."),
    "account_exists": Wording("已经有账号了。", "There is an account already."),
    "role_granted_already": Wording("已经有这个权限了。", "This role has been given already."),
    "union_exists": Wording("已经有这个工会了。", "There is such a union already."),
    "told_already": Wording("已经通知过了。", "This has been told already."),
    "sealed_already": Wording("已经封存过了。", "This has been sealed already."),
}
