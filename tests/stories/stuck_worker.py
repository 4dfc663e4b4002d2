"""A worker whose channel takes each message and never answers: `python -m tests.stories.stuck_worker`.

What the channel took is written to the file that TAKEN names, so that a test knows when to kill.
"""

import os
import sys
import time
from pathlib import Path

from app import jobs, worker
from services.notifications.ports import Outgoing


class Stuck:
    name = "console"
    repeats_safely = False

    def send(self, outgoing: Outgoing) -> None:
        with Path(os.environ["TAKEN"]).open("a") as taken:
            taken.write(f"{outgoing.id}\n")
        time.sleep(3600)


if __name__ == "__main__":
    jobs.port = Stuck()
    sys.exit(worker.main())
