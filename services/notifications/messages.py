"""What this package itself tells somebody."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FollowerLinked:
    """A WeChat that scanned the follow code of this member's page gets the member's notices from now on."""

    topic: ClassVar[str] = "notifications.linked"
    member_id: uuid.UUID
