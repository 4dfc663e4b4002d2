"""A worker that does nothing but plan and send, batch after batch: `python -m tests.stories.sweeping_worker`.

As the worker's `sweep`, round after round without the minute between them, so that a kill always meets sends.
"""

import time

from app import jobs
from app.factory import create_app


def main() -> None:
    app = create_app()
    while True:
        with app.app_context():
            jobs.sweep(0)
        time.sleep(0.05)


if __name__ == "__main__":
    main()
