"""A worker whose channel takes each message and never answers: `python -m tests.stories.stuck_worker`.

What the channel took is written to the file that TAKEN names, so that a test knows when to kill.
"""

import os
import sys
import time
from pathlib import Path

from app import channels, worker
from services.notifications.ports import Outgoing, Port, Result
from services.notifications.types import Channel
from tests.builders.reach import OA


class Stuck:
    channel = Channel.TEMPLATE
    provider = OA
    repeats_safely = False

    def send(self, outgoing: Outgoing) -> Result:
        with Path(os.environ["TAKEN"]).open("a") as taken:
            taken.write(f"{outgoing.id}\n")
        time.sleep(3600)
        raise AssertionError("nobody lets it live so long")


def ports(*_: object) -> dict[Channel, Port]:
    return {Channel.TEMPLATE: Stuck()}


if __name__ == "__main__":
    channels._ports = ports
    sys.exit(worker.main())
