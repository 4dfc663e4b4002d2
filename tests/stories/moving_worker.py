"""A worker that does nothing but move waiting lines up, remind and tell: `python -m tests.stories.moving_worker`.

As the worker's chores and its queue, round after round without the minutes between them, so that a kill always meets
something. Jobs stay when they are done: the test counts what was posted.
"""

import contextlib
import time

from procrastinate.exceptions import AlreadyEnqueued

from app import jobs
from app.factory import create_app


def main() -> None:
    app = create_app()
    while True:
        with app.app_context():
            jobs.waiting_lines(0)
            jobs.reminders(0)
        queue = jobs.build(app)
        queue.periodic_registry.periodic_tasks.clear()
        with queue.open():
            with contextlib.suppress(AlreadyEnqueued):
                queue.configure_task("chores.revive").defer(timestamp=0)
            queue.run_worker(wait=False, install_signal_handlers=False, delete_jobs="never", listen_notify=False)
        time.sleep(0.02)


if __name__ == "__main__":
    main()
