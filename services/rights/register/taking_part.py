"""Events: what they are, who signed up, who came."""

from services.events import forgetting as events
from services.rights.register.entries import Kept, Table, Text, Topic, Viewer, forgotten, nothing

SIGNUPS = Topic(
    Text("活动报名", "Events you signed up for"),
    Text(
        "给您留名额、排候补、签到，公平摇号。报名表里的回答只给主办的工会看，活动结束一段时间后自动删除。"
        "联谊、义诊、体检的报名只有主办方看得到。",
        "To keep your place, your turn and your check-in, and to draw fairly. Your answers are read by the organiser "
        "only and deleted some time after the event. Who comes to socials, clinics and check-ups only the organiser "
        "sees.",
    ),
    (Viewer.SELF, Viewer.UNION, Viewer.FEDERATION),
)
MISSES = Topic(
    Text("报了名没来", "Places you did not use"),
    Text(
        "名额有限：几次没来会暂停报名一阵子，您能先看到次数，也可以请工会取消记录。",
        "Places are few: after several misses sign-up is paused for a while. You see the count before, and may ask "
        "your union to clear it.",
    ),
    (Viewer.SELF, Viewer.FEDERATION),
)
AFTER_EVENT = forgotten(
    events.ENTRIES_KEPT,
    Text(
        "活动结束后（报名表的回答和同行人按报名页写的天数，一般 90 天）",
        "after the event (answers and companions: as many days as the form says, usually 90)",
    ),
    by="entries",
)
AS_LEVEL = Kept(
    Text(
        "您是会员期间一直保存，下一级的报名要看它；离会以后，满 3 年的自动删除",
        "as long as you are a member, for the next level asks for it; once you have left, deleted when 3 years old",
    ),
    purge="entries",
)

TABLES = (
    nothing(
        "events",
        "what unions put on",
        "id union_id kind title text place latitude longitude starts_at ends_at opens_at closes_at cancel_until mode "
        "waves categories slots eligibility once joining waiting_most offer_minutes offers_end_minutes unit_entry "
        "walk_ins door form series level contact picture revision door_serial created_by created_at published_at "
        "cancelled_at cancelled_note drawn_at settled_at forgotten_at",
    ),
    nothing(
        "event_quotas", "places of an event", "event_id ordinal kind unit of name capacity taken revision"
    ),
    Table(
        "signups",
        SIGNUPS,
        AFTER_EVENT,
        {
            "event_id": Text("报了哪个活动、哪一组、哪个时段", "the event, category and slot"),
            "state": Text("报名的状态、候补名次和时间", "how it stands, the place in the queue, times"),
            "answers": Text("报名表里填的（加密）", "what you answered (sealed)"),
            "reason": Text("没通过的原因", "why it was refused"),
            "note": Text("主办方写给您的说明（加密）", "what the organiser wrote to you (sealed)"),
            "entered_by": Text("由单位统一报名的，是哪位经办人", "the officer, if your union entered you"),
        },
        "id number category slot captain_id counts position due_at tickets won entered_union_id late_at refilled "
        "offered_at stood_until guardian_at replaced reminded_at created_at changed_at",
    ),
    Table(
        "signup_people",
        SIGNUPS,
        AFTER_EVENT,
        {
            "member_id": Text("和谁一起报名", "whom you signed up with"),
            "said": Text(
                "带的家属、孩子的姓名和孩子的生日（加密）", "names of guests and children, their birth dates (sealed)"
            ),
            "checked_in_at": Text("是否签到、几时、怎样签的", "whether you checked in, when and how"),
        },
        "signup_id ordinal event_id once_id role presence active checked_in_by checked_in_how ticked_at agreed_at "
        "late_id",
    ),
    nothing(
        "draws",
        "a draw anyone can run again: entry numbers only",
        "event_id commitment seed committed_at drawn_at revealed entries result",
    ),
    Table(
        "event_misses",
        MISSES,
        AFTER_EVENT,
        {
            "because": Text("没来，还是截止后才取消", "not come, or cancelled too late"),
            "cleared_note": Text("工会取消这条记录的说明（加密）", "why your union cleared it (sealed)"),
        },
        "id event_id member_id kind at cleared_at cleared_by",
    ),
    nothing("pause_rules", "after how many misses sign-up is paused", "union_id kind free within_days pause_days"),
    Table(
        "attainments",
        SIGNUPS,
        AS_LEVEL,
        {"level": Text("参加过哪一级培训、比赛", "levels of training or contests you attended")},
        "member_id series event_id at",
    ),
)  # fmt: skip
