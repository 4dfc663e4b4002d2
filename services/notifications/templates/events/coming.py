"""Of those who have a place."""

from services.notifications.templates.events.shapes import Words, quiet, told, urgent
from services.notifications.templates.template import Template
from services.notifications.types import Group

_THERE: Words = (
    "{at}，{place}。到时带会员码签到。{until} 之后取消算一次爽约，来不了请早点在“我的活动”里取消。",
    (
        "{at}, {place}. Bring your member code. Cancelling after {until} counts as a miss: if you cannot come, cancel "
        "under “My events”."
    ),
)
_CHANGED = told(
    ("您报名的活动有变动", "Your event has changed"),
    (
        "“{event}”的{fields}变了，现在是：{at}，{place}。来不了，请到“我的活动”里取消。",
        "“{event}” has another {fields}. It is now {at}, {place}. If you cannot come, cancel under “My events”.",
    ),
    ("有变动", "Changed"),
    ("请点开看新的安排", "See the new plan"),
    when="{at}",
    sms=("您报名的活动有变动，请到工惠“我的活动”里看新的安排。", "Your event has changed: see My events in Gonghui."),
)
_CALLED_OFF = told(
    ("您报名的活动取消了", "Your event is off"),
    (
        "“{event}”（原定 {at}）取消了。主办工会的说明：{note}。您不用再做什么，也不算爽约。",
        (
            "“{event}” ({at}) will not take place. The organiser says: {note}. There is nothing left to do; it "
            "does not count as a miss."
        ),
    ),
    ("活动取消", "Off"),
    ("不用前往", "No need to come"),
    when="{at}",
    sms=("您报名的活动取消了，原定 {at}，不用前往。", "Your event of {at} is off. No need to come."),
)

TEMPLATES: dict[str, Template] = {
    "event.confirmed": told(
        ("报名成功", "You have a place"),
        ("“{event}”报上了：" + _THERE[0], "You have a place at “{event}”: " + _THERE[1]),
        ("已报上", "In"),
        when="{at}",
    ),
    "event.approved": told(
        ("您的报名通过了", "You have been accepted"),
        ("“{event}”的报名审核通过：" + _THERE[0], "You have been accepted for “{event}”: " + _THERE[1]),
        ("已通过", "Accepted"),
        when="{at}",
    ),
    "event.won": told(
        ("摇号结果：您有名额", "The draw: you have a place"),
        ("“{event}”摇中了：" + _THERE[0], "You were drawn for “{event}”: " + _THERE[1]),
        ("摇中了", "Drawn"),
        when="{at}",
        sms=("您报名的活动摇中了，{at}。来不了请早点取消。", "You were drawn for the event of {at}."),
    ),
    "event.by_unit": quiet(
        ("单位给您报了名", "Your union has entered you"),
        (
            "单位工会给您报了“{event}”：{at}，{place}。现在：{standing}。去不了，请在 {until} 前到“我的活动”里退出。",
            (
                "Your union has entered you for “{event}”: {at}, {place}. Now: {standing}. If you cannot come, "
                "withdraw under “My events” before {until}."
            ),
        ),
        sms=(
            "单位给您报了一个活动，{at}。去不了，请在 {until} 前到工惠“我的活动”里退出。",
            "Your union has entered you for an event on {at}. If you cannot come, withdraw in Gonghui before {until}.",
        ),
    ),
    "event.reminder": told(
        ("您报名的活动快到了", "Your event is near"),
        (
            "“{event}” {at} 开始，{place}。带会员码签到。来不了请现在就取消，{until} 之后取消算一次爽约。",
            (
                "“{event}” begins {at}, {place}. Bring your member code. If you cannot come, cancel now under "
                "“My events”; after {until} it counts as a miss."
            ),
        ),
        ("快到了", "Soon"),
        ("带会员码签到", "Bring your code"),
        when="{at}",
        group=Group.EVENTS,
    ),
    "event.changed": _CHANGED,
    "event.changed_soon": urgent(_CHANGED),
    "event.called_off": _CALLED_OFF,
    "event.called_off_soon": urgent(_CALLED_OFF),
}
