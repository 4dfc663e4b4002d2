"""Codes of events: why not now, why not this person, why not this team; what an officer may get wrong; the door."""

from app.wording.wording import Wording

CODES: dict[str, Wording] = {
    "event_unknown": Wording("没有这个活动，可能已经撤下。", "There is no such event; it may have been withdrawn."),
    "signup_replaced": Wording(
        "名单换了人，您不用再确认。想参加，可以自己报名。",
        "Somebody else has been named: there is nothing left for you to confirm. You may sign up by yourself.",
    ),
    "signup_unknown": Wording("没有找到这份报名。", "There is no such entry."),
    "category_unknown": Wording("请选一个组别。", "Please choose a category."),
    "slot_missing": Wording("请选一个时段。", "Please choose a time."),
    "slot_unknown": Wording("没有这个时段，请重新选。", "There is no such time. Please choose again."),
    "slot_over": Wording("这个时段已经过了，请选别的时段。", "That time has passed. Please choose another."),
    "event_cancelled": Wording(
        "这个活动取消了。可以看看别的活动。", "This event was called off. There are other events."
    ),
    "sign_up_not_open": Wording("报名 {moment} 开始，到时再来。", "Sign-up opens {moment}."),
    "sign_up_over": Wording(
        "报名 {moment} 已截止。可以看看别的活动。", "Sign-up ended {moment}. There are other events."
    ),
    "wave_gone": Wording(
        "这一批名额报满了。下一批 {places} 个，{moment} 放出。",
        "This release is taken. {places} more places come out {moment}.",
    ),
    "event_full": Wording("名额已满。可以看看别的活动。", "All places are taken. There are other events."),
    "quota_full": Wording(
        "您这一类的名额已满。可以看看别的组别、时段或别的活动。",
        "The places for people like you are taken. See other categories, times or events.",
    ),
    "waiting_full": Wording(
        "名额和候补都满了。可以看看别的活动。",
        "All places are taken, and the waiting list is full. There are other events.",
    ),
    "waiting_not_wanted": Wording(
        "名额刚刚满了。要排候补，请再点一次“排候补”。", "The places have just gone. Tap again to wait for one."
    ),
    "already_signed_up": Wording(
        "这位会员已经报过名了。",
        "This member has signed up already.",
        "您已经报过名了，到“我的活动”里看。",
        "You have signed up already: see My events.",
    ),
    "event_not_for_union": Wording(
        "这个活动只面向部分单位，不包括您的单位。单位登记有误，请联系您单位的工会更正。",
        "This event is for other unions. If your record is wrong, ask your union.",
    ),
    "event_not_for_standing": Wording(
        "您现在的会籍状态不能报这个活动。有疑问请问您单位的工会。",
        "Your standing does not allow this event. Ask your union.",
    ),
    "event_not_for_trade": Wording(
        "这个活动只面向部分行业。登记有误，请联系您单位的工会更正。",
        "This event is for other trades. If your record is wrong, ask your union.",
    ),
    "event_not_for_sex": Wording(
        "这一项不收您登记的性别。可以看看别的组别或别的活动。",
        "This is for the other sex. See other categories or other events.",
    ),
    "sex_unknown": Wording(
        "会员资料里没有性别，没法判断能不能报。请到“我的资料”申请补上。",
        "Your record does not say your sex. Ask for a correction under My data.",
    ),
    "too_young": Wording(
        "这一组从 {least} 岁起，登记的年龄是 {age} 岁。", "From {least} years on; the record says {age}."
    ),
    "too_old": Wording("这一组到 {most} 岁为止，登记的年龄是 {age} 岁。", "Up to {most} years; the record says {age}."),
    "birth_unknown": Wording(
        "会员资料里没有出生日期，没法判断能不能报。请到“我的资料”申请补上。",
        "Your record has no birth date. Ask for a correction under My data.",
    ),
    "level_missing": Wording(
        "要先参加过“{series}”第 {level} 级。", "You need to have attended level {level} of {series} first."
    ),
    "sign_up_paused": Wording(
        "报了名没去的次数多了，这类活动暂停报名到 {moment}。有特殊原因，请联系工会取消记录。",
        "You missed several: this kind opens for you again {moment}. If there was a reason, ask the union.",
    ),
    "too_few_mates": Wording(
        "这一组每队至少 {least} 人，现在是 {count} 人。", "At least {least} to an entry; here are {count}."
    ),
    "too_many_mates": Wording(
        "这一组每队最多 {most} 人，现在是 {count} 人。", "At most {most} to an entry; here are {count}."
    ),
    "men_missing": Wording("这一组每队至少要有 {least} 名男会员。", "This category needs {least} men in an entry."),
    "women_missing": Wording("这一组每队至少要有 {least} 名女会员。", "This category needs {least} women in an entry."),
    "too_many_guests": Wording("最多带 {most} 位家属或朋友。", "You may bring {most} guests at most."),
    "too_many_children": Wording("最多带 {most} 名孩子。", "You may bring {most} children at most."),
    "child_birth_missing": Wording("请填孩子的出生日期。", "Please give the child’s birth date."),
    "guardian_missing": Wording(
        "请勾选：孩子由您监护，您同意孩子参加。",
        "Please tick: you are the guardian of the children, and agree that they come.",
    ),
    "child_age": Wording("孩子要在 {least} 到 {most} 岁之间。", "Children are between {least} and {most} years."),
    "companion_name": Wording("请填同行人的姓名，最多 30 个字。", "Please give the name of whom you bring."),
    "mate_unknown": Wording(
        "第 {line} 位的姓名和手机号对不上会员资料。请核对；还没入会的可以作为家属带上。",
        "Name and phone of number {line} fit no member. Please check them.",
    ),
    "mate_twice": Wording("同一个人写了两次，请换一位。", "Somebody stands here twice. Name somebody else."),
    "mate_not_possible": Wording(
        "第 {line} 位现在不能加入。原因请本人打开这个活动看，或请工会帮忙。",
        "Number {line} cannot join now. They can open this event to see why.",
    ),
    "mate_fewer_tickets": Wording(
        "摇号已经结束，换上的人近期落选次数要不少于原来的队伍。请换一位，或者请工会帮忙。",
        "The draw is over: who steps in must have lost as often lately as your team. Name somebody else, or ask your "
        "union.",
    ),
    "mates_too_often": Wording(
        "今天填错队友的次数太多了，请明天再试，或请工会帮您报。",
        "Too many wrong names today. Try tomorrow, or ask your union to enter you.",
    ),
    "not_captain": Wording("这件事要由报名的人来办。", "Only whoever signed up may do this."),
    "not_invited": Wording("没有要您确认的邀请。", "There is no invitation for you to answer."),
    "signup_over": Wording(
        "这份报名已经结束了。想参加，可以看看现在能不能重新报名。",
        "This entry has ended. To come after all, see whether you can sign up again.",
    ),
    "not_offered": Wording(
        "现在没有给您留着的名额。排到哪里了，看“我的活动”。",
        "No place is kept for you now. See My events for where you stand.",
    ),
    "offer_over": Wording(
        "这个名额留到 {moment}，时间过了，已经给了下一位。",
        "The time to say yes ended {moment}: the place has gone to the next.",
    ),
    "not_applied": Wording("这份报名已经审过了。", "This application has been decided already."),
    "event_begun": Wording("活动已经开始了，不能再改报名。", "The event has begun: entries stay as they are."),
    "signup_in_already": Wording(
        "已经签到了，不能再取消。签错了请找现场工作人员。",
        "Somebody of this entry has checked in, so it stays. If that was a mistake, ask the staff at the door.",
    ),
    "signup_moved_on": Wording("情况刚有变化，请刷新看看。", "Things have just changed. Please look again."),
    "event_changed": Wording(
        "别人刚改过这个活动，请看看新的内容再点一次。", "Somebody has just changed this event. Look and try again."
    ),
    "event_published": Wording("这个活动已经发布了。", "This event is published already."),
    "event_not_published": Wording("这个活动还没有发布。", "This event is not published yet."),
    "event_over": Wording("这个活动已经结束了。", "This event is over."),
    "term_fixed": Wording(
        "已经有人报名，这一项不能再改。可以取消活动，另外复制一个。",
        "People have signed up, so this stays. You may call the event off and copy it.",
    ),
    "quota_below_taken": Wording(
        "已经有 {taken} 个名额给出去了，请填大一些。", "{taken} places are taken: please give more."
    ),
    "event_moved_too_late": Wording(
        "时间或地点改了，可最晚取消时间已经过了。请把它改到现在以后，让去不了的人还能取消。",
        "The last moment to cancel has passed. Please move it to later than now, so that whoever cannot come at the "
        "new time or place can still cancel.",
    ),
    "draw_closes_sooner": Wording(
        "摇号活动的报名截止只能往后改；已经截止的不能再改。",
        "The end of sign-up of a draw only moves later, and stays once it has passed.",
    ),
    "draw_quotas_fixed": Wording(
        "报名已经截止，名额到摇号结束前不能再改。",
        "Sign-up is over: places stay as they are until the draw is held.",
    ),
    "answers_forgotten": Wording(
        "报名表的保存期已过，里面的内容都删了，不能再写。",
        "The days of this form are over and what it held is deleted: nothing can be written into it any more.",
    ),
    "not_a_draw": Wording("这个活动不摇号。", "This event has no draw."),
    "draw_too_early": Wording(
        "报名 {moment} 截止，截止后才能摇号。", "Sign-up ends {moment}; the draw comes after it."
    ),
    "drawn_already": Wording("已经摇过号了，结果不能重来。", "The draw has been held and stands."),
    "signup_reason_missing": Wording("请选原因。", "Please choose a reason."),
    "note_length": Wording("请写 2 到 200 个字的说明。", "Please write 2 to 200 characters."),
    "unit_entry_off": Wording(
        "这个活动由会员自己报名，单位不能统一报。",
        "Members sign up for this event by themselves, not through their unit.",
    ),
    "unit_elsewhere": Wording("这位会员不在您管的单位里。", "This member is not of your units."),
    "unit_not_possible": Wording(
        "这位会员现在不能报，原因请本人打开这个活动看。", "This member cannot be entered now; they can see why."
    ),
    "unit_list_empty": Wording(
        "没有读到名单。每行写一位：姓名和手机号。", "No names found. Write one person a line: name and phone."
    ),
    "unit_list_long": Wording(
        "一次最多 {most} 位，这里有 {count} 位，请分几次报。", "At most {most} at once; here are {count}."
    ),
    "event_title_missing": Wording("请写活动名称。", "Please give the event a title."),
    "event_place_missing": Wording("请写地点，让人找得到。", "Please say where it is."),
    "event_words_long": Wording("最多写 {most} 个字，请写短些。", "Please write no more than {most} characters."),
    "event_number_range": Wording("请填 {least} 到 {most} 之间的数。", "Please give a number from {least} to {most}."),
    "event_rows_range": Wording("这里要有 {least} 到 {most} 行。", "There are {least} to {most} rows here."),
    "event_list_malformed": Wording(
        "这张表的编号乱了，请刷新后重填这一部分。", "The rows of this list are mixed up. Please fill it in again."
    ),
    "event_ends_early": Wording("结束时间要晚于开始时间。", "The end has to come after the beginning."),
    "event_closes_early": Wording("报名截止要晚于报名开始。", "Sign-up has to end after it opens."),
    "event_closes_late": Wording("报名截止不能晚于活动结束。", "Sign-up cannot end after the event does."),
    "event_closes_past": Wording(
        "报名截止时间已经过了，请改晚一些。", "The end of sign-up has passed. Please move it."
    ),
    "event_cancel_late": Wording(
        "“最晚取消”不能晚于活动开始。", "The last moment to cancel cannot be after the beginning."
    ),
    "event_union_outside": Wording(
        "请选主办工会自己，或者它下面的工会。", "Please choose the organising union or one below it."
    ),
    "event_ages_order": Wording("起始年龄不能大于截止年龄。", "The lower age cannot be above the upper one."),
    "event_series_missing": Wording("写了级别，也要写是哪个系列。", "A level needs the name of its series."),
    "event_category_unnamed": Wording("请给这一组起个名字。", "Please name this category."),
    "event_entry_size": Wording("最少人数不能多于最多人数。", "The least cannot be more than the most."),
    "event_sexes_many": Wording(
        "男、女最少人数加起来，不能超过每队最多 {most} 人。", "Men and women together cannot be more than {most}."
    ),
    "event_slot_outside": Wording(
        "时段要在活动的开始和结束之间。", "A time lies between beginning and end of the event."
    ),
    "event_capacity_missing": Wording("请填名额。", "Please give the number of places."),
    "event_private_unit_entry": Wording(
        "这类活动只有会员本人知道自己报了，单位不能统一报。请去掉“单位工会可以统一报名”。",
        "Who comes to this kind of event is nobody else’s business: members enter by themselves, not through a unit.",
    ),
    "event_private_draw": Wording(
        "这类活动不公开谁报了名，而摇号要公布号码表。请改成先到先得或审核。",
        "A draw publishes its list, and this kind of event publishes none. Choose first come or approval.",
    ),
    "event_private_teams": Wording(
        "这类活动不能替同事报名，每份报名只能有 1 名会员，可以带家属、孩子。",
        "Nobody enters a colleague for this kind of event: one member an entry, with guests or children if you like.",
    ),
    "event_unit_entry_asks": Wording(
        "报名表有必答题，单位不能替会员回答和同意。请把题改成选答，或者去掉“单位工会可以统一报名”。",
        "A unit cannot answer, or agree, for its people. Make the questions optional, or do without entry by units.",
    ),
    "event_draw_uncounted": Wording("摇号要先定总名额。", "A draw needs the number of places."),
    "event_quota_of_nobody": Wording("请选这个名额算给哪些人。", "Please choose whom these places are for."),
    "event_waves_needless": Wording(
        "分批放名额只用于“先到先得”，请删掉批次。", "Releases are for first come, first served only: remove them."
    ),
    "event_waves_uncounted": Wording("先定总名额，才能分批放。", "Releases need the number of places."),
    "event_waves_order": Wording("各批次的时间要从早到晚。", "Releases stand in the order of their times."),
    "event_waves_outside": Wording(
        "每一批都要在报名开始和截止之间。", "Every release lies between the opening and the end of sign-up."
    ),
    "event_waves_sum": Wording(
        "各批加起来是 {sum} 个，总名额是 {capacity} 个，请改成一样。",
        "The releases make {sum}, the places {capacity}: please make them equal.",
    ),
    "event_opened_already": Wording(
        "报名已经开始了，开始时间不能再改。", "Sign-up has opened: its beginning stays as it is."
    ),
    "event_picture_kind": Wording(
        "只收 JPG、PNG 或 WebP 图片，请换一张。", "Only JPG, PNG and WebP pictures. Please choose another."
    ),
    "door_code_unknown": Wording("这不是活动现场的签到码。", "This is no venue’s code."),
    "door_code_expired": Wording(
        "签到码过期了，请扫现场正在显示的码。", "That code has expired. Scan the one shown now."
    ),
    "door_not_open": Wording("{moment} 起可以签到。", "Check-in begins {moment}."),
    "door_closed": Wording(
        "签到时间过了。人来过的，可以按纸质名单补签。",
        "The time to check in is over. Ticks made on paper can still be typed in.",
        "签到时间过了。您来过却没签上，请找现场工作人员。",
        "The time to check in is over. Ask the staff if you were there.",
    ),
    "door_staff_only": Wording(
        "这个活动由工作人员扫会员码签到。",
        "The staff of this event scan members’ cards.",
        "这个活动不用自己签到：请出示会员码，让工作人员扫。",
        "The staff check you in: show them your card.",
    ),
    "door_stamp_over": Wording("这一页开得太久了，请再扫一次现场的签到码。", "Please scan the venue’s code once more."),
    "door_typed_often": Wording(
        "输入数字的次数太多了，请扫会员码，或者按姓名找。", "Too many digits typed. Scan the card, or search by name."
    ),
    "not_signed_up": Wording(
        "没有报这个活动。",
        "Not signed up for this event.",
        "您没有报这个活动。换过手机或单位的，请找工作人员按姓名查。",
        "You have not signed up for this event. Ask the staff to look for your name.",
    ),
    "no_walk_ins": Wording(
        "这个活动不收现场报名，请看看别的活动。", "This event takes nobody at the door. See other events."
    ),
    "walk_in_often": Wording(
        "今天对不上的姓名和手机号太多了。请扫会员码，或者请他们自己扫现场的码报名。",
        "Too many names and phones fitted nobody today. Scan the cards, or let them scan the venue’s code.",
    ),
    "walk_in_unknown": Wording(
        "姓名和手机号对不上会员资料。请核对，或者请本人出示会员码。",
        "Name and phone fit no member. Check them, or scan the member’s card.",
    ),
    "place_not_confirmed": Wording(
        "这份报名还没有定下名额，不能签到。请主办方在报名名单里处理。",
        "This entry has no place yet. The organiser decides on the list of entries.",
    ),
    "door_forming": Wording(
        "还有队友没确认，名额没定下。请队友在自己手机上确认，再来签到。",
        "Somebody of this entry has not confirmed yet. Ask them to do so on their own phone.",
    ),
    "door_waiting": Wording(
        "还在候补，没有名额。有空位又收现场报名时，请先取消候补再现场报。",
        "Still waiting for a place. If there is room at the door, leave the waiting list first.",
    ),
    "door_offered": Wording(
        "给这份报名留了名额，还没接受。请在手机“我的活动”里点“接受”，再来签到。",
        "A place is offered and not accepted yet. Accept it under My events, then check in.",
    ),
    "door_entry_over": Wording("这份报名已经取消了，没有名额。", "This entry has ended and has no place."),
    "not_in_yet": Wording("这位没有签到，不用撤销。", "This person is not checked in: nothing to take back."),
    "undo_over": Wording("过了活动当天，签到不能再撤销。", "A check-in is taken back on the day of the event only."),
    "tick_time": Wording(
        "签到时间要在开始前一小时和现在之间。", "The time has to be between an hour before the start and now."
    ),
    "miss_unknown": Wording("没有这条记录。", "There is no such record."),
    "miss_cleared": Wording("这条记录已经取消了。", "This record has been cleared already."),
    "pause_range": Wording(
        "次数填 0 到 9；天数填 1 到 1095，暂停可以填 0，但不能比统计的天数长。",
        "Misses 0 to 9; days 1 to 1095; a pause may be 0 and is no longer than the span that is looked at.",
    ),
    "certificate_unknown": Wording("没有这份证明。", "There is no such certificate."),
}
