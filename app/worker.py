"""The background process: `python -m app.worker`. Ends on SIGTERM or SIGINT; jobs under way get ten seconds."""

import sys
import time

import procrastinate.exceptions
import psycopg
import structlog
from flask import Flask

from app import jobs
from app.factory import create_app
from app.settings import Settings, SettingsError

log = structlog.get_logger("gonghui.worker")
HEARTBEAT = 5.0
PAUSE = 2.0
AWAY = (psycopg.OperationalError, procrastinate.exceptions.ConnectorException)


def main() -> int:
    """Runs until it is told to stop; a database that is away is waited for."""
    try:
        app = create_app()
    except SettingsError as error:
        sys.stderr.write(f"gonghui: {error}\n")
        return 2
    while True:
        try:
            _run(app)
        except AWAY as error:
            log.warning("database away", error=type(error).__name__)
            time.sleep(PAUSE)
        else:
            return 0


def _run(app: Flask) -> None:
    settings: Settings = app.config["SETTINGS"]
    queue = jobs.build(app)
    with queue.open():
        queue.run_worker(
            concurrency=settings.worker_concurrency,
            delete_jobs="successful",
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=jobs.DEAD_AFTER,
            shutdown_graceful_timeout=10,
            fetch_job_polling_interval=1.0,
        )


if __name__ == "__main__":
    sys.exit(main())
