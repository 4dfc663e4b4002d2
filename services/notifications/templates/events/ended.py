"""Of entries that have ended, or lack somebody."""

from services.notifications.templates.events.shapes import quiet, told
from services.notifications.templates.template import Template
from services.notifications.types import Place

TEMPLATES: dict[str, Template] = {
    "event.declined": quiet(
        ("候补到的名额放弃了", "The place was given up"),
        (
            "“{event}”的名额给了下一位，您不再候补。没截止的话，可以重新报名。",
            (
                "The place at “{event}” goes to the next; you are not waiting any more. You may sign up again "
                "while it is open."
            ),
        ),
    ),
    "event.lapsed": told(
        ("有一份报名没有按时确认", "An entry was not confirmed in time"),
        (
            "“{event}”的报名没有按时确认，已经取消。没截止的话，可以重新报名。",
            (
                "Your entry for “{event}” was not confirmed in time and has ended. You may sign up again "
                "while it is open."
            ),
        ),
        ("过时了", "Over"),
    ),
    "event.no_place": told(
        ("候补到此结束", "The waiting list is closed"),
        (
            "“{event}”快开始了，没有等到空出来的名额，候补到此结束。这不算您爽约。",
            "“{event}” is about to begin and no place has come free: the waiting list is closed.",
        ),
        ("候补结束", "Closed"),
    ),
    "event.mate_declined": told(
        ("有队友不能参加", "Somebody of your team cannot come"),
        (
            "“{event}”：有一位队友回绝了。请到“我的活动”里看，可以换一位，也可以取消。",
            "“{event}”: one of your team has turned it down. Name somebody else or cancel under “My events”.",
        ),
        ("缺队友", "One short"),
        ("请点开换人或取消", "Open to name another"),
    ),
    "event.mate_silent": told(
        ("有队友没有按时答复", "Somebody of your team has not answered"),
        (
            "“{event}”：您后来请的队友没有按时答复，不算在内了，别的人照旧。还有名额的话，可以在“我的活动”里另请一位。",
            (
                "“{event}”: whom you asked in later has not answered in time and is left out. The others keep their "
                "places; while there is room you may name somebody else under “My events”."
            ),
        ),
        ("没答复", "No answer"),
        ("请点开看名单", "Open to see the list"),
    ),
    "event.dropped": quiet(
        ("有一份报名您不用再确认", "An entry needs no answer any more"),
        (
            "同事给您报的“{event}”：{why}，您不用再确认。没截止的话，可以自己报名。",
            (
                "A colleague had entered you for “{event}”: {why}, and there is nothing left to confirm. You may sign "
                "up by yourself while it is open."
            ),
        ),
    ),
    "event.refused": told(
        ("您的报名没有通过", "Your application was not accepted"),
        (
            "“{event}”的报名没有通过，原因：{reason}。说明在“我的活动”里。有疑问请问主办工会。",
            (
                "Your application for “{event}” was not accepted: {reason}. See “My events”. If in doubt, ask the "
                "organiser."
            ),
        ),
        ("没有通过", "Not accepted"),
    ),
    "event.cancelled": quiet(
        ("您的报名取消了", "Your entry is cancelled"),
        (
            "“{event}”的报名取消了。没截止的话，可以重新报名。",
            "Your entry for “{event}” is cancelled. You may sign up again while it is open.",
        ),
    ),
    "event.removed": told(
        ("主办方取消了您的报名", "The organiser has cancelled your entry"),
        (
            "“{event}”的报名由主办工会取消了，原因：{reason}。说明在“我的活动”里。有疑问请问主办工会。",
            (
                "The organiser has cancelled your entry for “{event}”: {reason}. See “My events”. If in doubt, ask the "
                "organiser."
            ),
        ),
        ("报名取消", "Cancelled"),
        sms=(
            "您的一份活动报名由主办方取消了，请到工惠“我的活动”里看原因。",
            "The organiser has cancelled an entry of yours: see My events in Gonghui.",
        ),
    ),
    "event.missed": told(
        ("有一次活动您没有到场", "You missed an event"),
        (
            "“{event}”（{at}）：{why}。{cost}记错了？请告诉主办工会。",
            "“{event}” ({at}): {why}. {cost} A mistake? Tell the organiser.",
        ),
        ("提醒", "Notice"),
        opens=Place.EVENTS,
    ),
    "event.paused": told(
        ("有一次活动您没有到场", "You missed an event"),
        (
            "“{event}”（{at}）：{why}。同类活动在 {until} 之前不能报名，别的活动照常。记错了？请告诉主办工会。",
            (
                "“{event}” ({at}): {why}. You cannot sign up for events of this kind before {until}; others are "
                "open to you. A mistake? Tell the organiser."
            ),
        ),
        ("暂停报名", "Paused"),
        opens=Place.EVENTS,
    ),
}
