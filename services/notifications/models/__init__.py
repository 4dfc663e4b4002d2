"""Tables by subject: inboxes and deliveries, the ways to somebody, what comes from outside, notices of officers."""

from services.notifications.models.inbox import Delivery, InboxMessage, Told
from services.notifications.models.notices import MassSend, OfficerNotice
from services.notifications.models.outside import Callback, CallbackNonce, LocalMessage, Pause, SendingHour
from services.notifications.models.ways import Block, ChannelTemplate, Credit, Follower, FollowScene, Spoken, Wish

__all__ = [
    "Block",
    "Callback",
    "CallbackNonce",
    "ChannelTemplate",
    "Credit",
    "Delivery",
    "FollowScene",
    "Follower",
    "InboxMessage",
    "LocalMessage",
    "MassSend",
    "OfficerNotice",
    "Pause",
    "SendingHour",
    "Spoken",
    "Told",
    "Wish",
]
