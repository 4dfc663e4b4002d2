"""The words of facts: reasons, states, what has changed; and the sample of the preview."""

from services.events.types import Miss, RefusedFor, State

NEUTRAL = {"zh": "您报名的活动", "en": "Your event"}
SAMPLE: dict[str, object] = {
    "signup": "0193a000-0000-7000-8000-000000000001",
    "event": {"zh": "沿河健步走", "en": "River walk"},
    "lock": {"zh": "沿河健步走", "en": "River walk"},
    "place": {"zh": "雍河公园南门", "en": "River Park, south gate"},
    "at": "2026-11-28T01:00:00+00:00",
    "until": "2026-11-26T01:00:00+00:00",
    "order": 3,
    "note": "当天有大风，改期另行通知",
}
REASONS: dict[RefusedFor, dict[str, str]] = {
    RefusedFor.FULL: {"zh": "名额已满", "en": "all places are taken"},
    RefusedFor.CONDITIONS: {"zh": "不符合报名条件", "en": "the conditions are not met"},
    RefusedFor.PAPERS: {"zh": "材料不全", "en": "papers are missing"},
    RefusedFor.TWICE: {"zh": "已参加过同类活动", "en": "a similar event was attended before"},
    RefusedFor.OTHER: {"zh": "其他原因", "en": "another reason"},
}
STANDING: dict[State, dict[str, str]] = {
    State.CONFIRMED: {"zh": "已报上", "en": "you have a place"},
    State.FORMING: {"zh": "等队友确认", "en": "waiting for the team"},
    State.WAITING: {"zh": "候补", "en": "on the waiting list"},
    State.OFFERED: {"zh": "候补到位", "en": "a place is offered"},
    State.ENTERED: {"zh": "等摇号", "en": "in the draw"},
    State.APPLIED: {"zh": "等审核", "en": "waiting for a decision"},
}
CHANGES: dict[str, dict[str, str]] = {
    "starts_at": {"zh": "时间", "en": "time"},
    "ends_at": {"zh": "时间", "en": "time"},
    "slots": {"zh": "时段", "en": "time windows"},
    "place": {"zh": "地点", "en": "place"},
    "point": {"zh": "地点", "en": "place"},
    "closes_at": {"zh": "报名截止和摇号时间", "en": "end of sign-up and day of the draw"},
    "cancel_until": {"zh": "取消期限", "en": "last day to cancel"},
}
"""What of an event has changed."""
OTHER_CHANGE = {"zh": "安排", "en": "terms"}
PASSED = {False: {"zh": "", "en": ""}, True: {"zh": "报名通过了。", "en": "You have been accepted. "}}
"""What comes before the place in the line of an entry that an officer has said yes to."""
DROPPED = {
    False: {"zh": "名单换了人", "en": "somebody else has been named"},
    True: {"zh": "答复的时间过了", "en": "the time to answer is over"},
}
"""Why somebody who was asked is asked no more. True: he is still on the list, as one who did not answer."""
MISSES: dict[Miss, dict[str, str]] = {
    Miss.NO_SHOW: {"zh": "没有签到，也没有提前取消", "en": "You were not checked in and had not cancelled"},
    Miss.LATE_CANCEL: {"zh": "过了取消期限才取消，名额空着", "en": "You cancelled late and the place stayed empty"},
}


def cost(left: int, days: int) -> dict[str, str]:
    """What missing `left` more events of a kind leads to; `days` 0: nothing."""
    if not days:
        return {"zh": "这次只提醒。", "en": "This is a notice only."}
    return {
        "zh": f"这次只提醒；同类活动再有 {left} 次，要停 {days} 天不能报名。",
        "en": f"This is a notice only; {left} more of this kind and you cannot sign up for it for {days} days.",
    }


SAMPLE |= {
    "reason": REASONS[RefusedFor.PAPERS], "standing": STANDING[State.CONFIRMED], "fields": CHANGES["starts_at"],
    "passed": PASSED[False], "why": MISSES[Miss.NO_SHOW], "cost": cost(1, 30),
}  # fmt: skip
