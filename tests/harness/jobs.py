"""Runs what stands in the outbox, as the worker would."""

from collections.abc import Callable

import procrastinate
import pytest
from flask import Flask

from app import jobs


@pytest.fixture
def run_jobs(app: Flask) -> Callable[[], None]:
    """Works the queue until it is empty; periodic chores do not run."""

    def run() -> None:
        queue = jobs.build(app)
        queue.periodic_registry.periodic_tasks.clear()
        # By itself four connections are opened each time, and each costs more than most jobs.
        few = procrastinate.PsycopgConnector(conninfo=jobs.conninfo(app), min_size=1, max_size=4)
        with queue.replace_connector(few):
            queue.run_worker(wait=False, install_signal_handlers=False, delete_jobs="successful", listen_notify=False)

    return run
