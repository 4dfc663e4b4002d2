"""Of those who wait: for an answer, for others, for a draw, for a place."""

from services.notifications.templates.events.shapes import quiet, told, urgent
from services.notifications.templates.template import Sms, Template

_OFFERED = told(
    ("您候补到一个名额", "A place is kept for you"),
    (
        "“{event}”（{at}，{place}）有名额了。请在 {until} 前到“我的活动”里确认，过时给下一位。",
        (
            "There is a place at “{event}” ({at}, {place}). Take it under “My events” before {until}; then it "
            "goes to the next."
        ),
    ),
    ("请您确认", "Yours to take"),
    ("过时给下一位，请点开确认", "Open to take it"),
    when="{until}",
    sms=(
        "您报名的活动有名额了。请在 {until} 前到工惠“我的活动”里确认，过时给下一位。",
        "There is a place for you. Take it in Gonghui before {until}; then it goes to the next.",
    ),
)
TEMPLATES: dict[str, Template] = {
    "event.forming": quiet(
        ("您的报名等队友确认", "Your team is asked to confirm"),
        (
            "“{event}”的名额先给您留着。队友在 {until} 前都确认了，才算报上。",
            "Your places at “{event}” are kept. All of your team must confirm before {until}.",
        ),
    ),
    "event.invited": quiet(
        ("有一份报名等您确认", "An entry waits for your answer"),
        (
            "同事给您报了“{event}”：{at}，{place}。请在 {until} 前到“我的活动”里确认或者回绝，过时就不算您了。",
            (
                "A colleague has entered you for “{event}”: {at}, {place}. Confirm or turn down under “My "
                "events” before {until}; no answer is a no."
            ),
        ),
        sms=(
            "同事给您报了一个活动。请在 {until} 前到工惠“我的活动”里确认或者回绝。",
            "A colleague has entered you for an event. Answer in Gonghui before {until}.",
        ),
        rule=Sms.URGENT,
    ),
    "event.waiting": told(
        ("您在候补", "You are on the waiting list"),
        (
            (
                "{passed}“{event}”没有名额了，您是候补第 {order} 位。有人退出，按先后通知您，限时确认。"
                "不想等了，随时可以退出。"
            ),
            (
                "{passed}“{event}” is full; you are number {order} on the waiting list. Places that come free are "
                "offered in order, for a limited time. You may leave the list at any time."
            ),
        ),
        ("候补", "Waiting"),
    ),
    "event.waiting_few": told(
        ("您在候补", "You are on the waiting list"),
        (
            (
                "{passed}“{event}”没有名额了，您在候补，前面不到 5 份。有人退出，按先后通知您，限时确认。"
                "不想等了，随时可以退出。"
            ),
            (
                "{passed}“{event}” is full; you are on the waiting list, with fewer than five before you. Places "
                "that come free are offered in order, for a limited time. You may leave the list at any time."
            ),
        ),
        ("候补", "Waiting"),
    ),
    "event.entered": told(
        ("您已参加摇号", "You are in the draw"),
        (
            "“{event}”报名到 {until} 截止，之后摇号，结果会告诉您。",
            "Entries for “{event}” close {until}. The draw follows, and you will be told.",
        ),
        ("等摇号", "In the draw"),
        when="{until}",
    ),
    "event.applied": told(
        ("您的报名等审核", "Your application is in"),
        (
            "“{event}”的报名交给主办工会审核了，结果会告诉您。",
            "The organiser decides on your application for “{event}”; you will be told.",
        ),
        ("等审核", "Open"),
    ),
    "event.offered": _OFFERED,
    "event.offered_soon": urgent(_OFFERED),
    "event.lost": told(
        ("摇号结果出来了", "The draw is done"),
        (
            "“{event}”这次没有摇中，您是候补第 {order} 位。有人退出，按先后通知您。怎么摇的，活动页上谁都能验算。",
            (
                "You were not drawn for “{event}”; you are number {order} on the waiting list. Anyone can check "
                "the draw on the event’s page."
            ),
        ),
        ("候补", "Waiting"),
    ),
}
